# What acts by itself on machines made from this Windows: agents, scheduled tasks, programs of a start.

$services = 'SYSTEM\CurrentControlSet\Services'
$once = 'SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce'
$sense = 'SOFTWARE\Microsoft\Windows Advanced Threat Protection'
$tasks = 'Windows\System32\Tasks'
$identities = @{
    'Configuration Manager' = @('Windows\SMSCFG.ini')
    'Azure Arc' = @('ProgramData\AzureConnectedMachineAgent\Config\agentconfig.json')
    'Puppet' = @('ProgramData\PuppetLabs\puppet\etc\ssl\private_keys\*', 'ProgramData\PuppetLabs\puppet\etc\ssl\certs\*')
    'Chef' = @('chef\client.pem')
    'Salt' = @('salt\conf\pki\minion\minion.pem', 'ProgramData\Salt Project\Salt\conf\pki\minion\minion.pem')
}

@{
    agent_services = Get-FactList { 'RdAgent', 'WindowsAzureGuestAgent' | Where-Object { Test-Key "$services\$_" } }
    virtual_desktop_agents = Get-FactList {
        if (Test-Key "$services\RDAgentBootLoader") { 'RDAgentBootLoader' }
        if (Test-Key 'SOFTWARE\Microsoft\RDInfraAgent') { 'RDInfraAgent' }
    }
    agents_with_identity = Get-FactList {
        $identities.Keys | Where-Object { @(Get-Paths $identities[$_]).Count -gt 0 } | Sort-Object
        if (@(Get-KeyNames "$services\HealthService\Parameters\Service Connector Services").Count -gt 0) { 'Log Analytics agent' }
        if (@(Get-ValueNames $sense) -contains 'senseGuid') { 'Defender for Endpoint' }
    }
    # Windows and its browser make tasks for themselves outside of the folder Microsoft.
    scheduled_tasks = Get-FactList {
        if ((Get-Kind $tasks) -ne 'folder') { throw "there is no $Drive$tasks, which every Windows has" }
        Get-Paths @('Windows\System32\Tasks\*', 'Windows\System32\Tasks\*\*') |
            ForEach-Object { $_.Substring("$Drive$tasks".Length) } |
            Where-Object { $_ -notlike '\Microsoft\*' } |
            Where-Object { $_ -notmatch '^\\(MicrosoftEdgeUpdate.*|MicrosoftEdgeShadowStack.*|CreateExplorerShellUnelevatedTask)$' } |
            Where-Object { (Get-Kind "$tasks$_") -eq 'file' }
    }
    startup_programs = Get-FactList {
        Get-ValueNames $once | ForEach-Object { "RunOnce, $($_.Substring(0, [Math]::Min(128, $_.Length)))" }
        Get-Paths @('ProgramData\Microsoft\Windows\Start Menu\Programs\StartUp\*') | Where-Object { $_ -notlike '*\desktop.ini' }
    }
    # Azure's own SetupComplete.cmd is in the folder OEM too, and runs SetupComplete2.cmd where there is one.
    setup_scripts = Get-FactList { Get-Paths @('Windows\Setup\Scripts\*', 'Windows\OEM\SetupComplete2.cmd') }
}
