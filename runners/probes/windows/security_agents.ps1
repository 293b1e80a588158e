# Programs that protect or enrol this very machine. Names only: what identifies the machine stays in the guest.

# Services that protect Windows, by the product's name.
$protectors = @{
    CSFalconService = 'CrowdStrike Falcon'
    SentinelAgent = 'SentinelOne'
    CbDefense = 'Carbon Black Cloud'
    CylanceSvc = 'Cylance'
    cyserver = 'Cortex XDR'
    ekrn = 'ESET'
    'Sophos Endpoint Defense Service' = 'Sophos'
    SepMasterService = 'Symantec Endpoint Protection'
    mfemms = 'Trellix'
    ds_agent = 'Trend Micro Deep Security'
    ntrtscan = 'Trend Micro Apex One'
    AVP = 'Kaspersky'
    EPSecurityService = 'Bitdefender'
}

# Files and keys in which an agent keeps an identity, by the agent's name.
$identities = @{
    "$env:windir\SMSCFG.ini" = 'Configuration Manager'
    "$env:ProgramData\AzureConnectedMachineAgent\Config\agentconfig.json" = 'Azure Arc'
    "$env:ProgramData\PuppetLabs\puppet\etc\ssl" = 'Puppet'
    "$env:SystemDrive\chef\client.pem" = 'Chef'
    "$env:SystemDrive\salt\conf\pki\minion\minion.pem" = 'Salt'
    "$env:ProgramData\Salt Project\Salt\conf\pki\minion\minion.pem" = 'Salt'
}
$workspaces = 'HKLM:\SYSTEM\CurrentControlSet\Services\HealthService\Parameters\Service Connector Services'

@{
    # 1 onboarded
    defender_onboarding = Get-Fact {
        Get-RegistryNumber 'HKLM:\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status' 'OnboardingState'
    }
    # 1 and 5 on, 0 and 4 off
    tamper_protection = Get-Fact { Get-RegistryNumber 'HKLM:\SOFTWARE\Microsoft\Windows Defender\Features' 'TamperProtection' }
    # Microsoft's own Defender is left out: it is a part of Windows. Servers have no Security Center.
    antivirus_products = Get-FactList {
        $listed = @()
        try {
            $listed = @(Get-CimInstance -Namespace 'root\SecurityCenter2' -ClassName AntiVirusProduct)
        } catch [Microsoft.Management.Infrastructure.CimException] {
            if (@('InvalidNamespace', 'InvalidClass') -notcontains $_.Exception.NativeErrorCode.ToString()) { throw }
        }
        $names = @($listed | ForEach-Object { [string] $_.displayName } | Where-Object { $_ -and $_ -notlike '*Defender*' })
        $services = 'HKLM:\SYSTEM\CurrentControlSet\Services'
        $names += @($protectors.Keys | Where-Object { Test-Path -LiteralPath "$services\$_" } | ForEach-Object { $protectors[$_] })
        $names | Sort-Object -Unique
    }
    virtual_desktop_agents = Get-FactList {
        if (Test-Path -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Services\RDAgentBootLoader') { 'RDAgentBootLoader' }
        if (Test-Path -LiteralPath 'HKLM:\SOFTWARE\Microsoft\RDInfraAgent') { 'RDInfraAgent' }
    }
    agents_with_identity = Get-FactList {
        $found = @($identities.Keys | Where-Object { Test-Path -LiteralPath $_ } | ForEach-Object { $identities[$_] })
        if ((Test-Path -LiteralPath $workspaces) -and @(Get-ChildItem -LiteralPath $workspaces).Count -gt 0) {
            $found += 'Log Analytics agent'
        }
        $found | Sort-Object -Unique
    }
}
