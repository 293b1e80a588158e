# What Microsoft's list for a Windows image that is uploaded asks of a guest. Sent only where the fleet file says
# `profile: vhd-upload`. Settings are sent as they stand; one that is not set is left out of its list.

$services = 'HKLM:\SYSTEM\CurrentControlSet\Services'
$control = 'HKLM:\SYSTEM\CurrentControlSet\Control'
$policies = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services'

# Get-Setting KEY PREFIX NAME, ...: an item for each value that is there, texts with their %variables%.
function Get-Setting([string] $Key, [string] $Prefix, [string[]] $Names) {
    if (-not (Test-Path -LiteralPath $Key)) { return }
    $item = Get-Item -LiteralPath $Key
    foreach ($name in $Names) {
        $value = $item.GetValue($name, $null, 'DoNotExpandEnvironmentNames')
        if ($null -ne $value) { @{ name = "$Prefix$name"; value = [string] $value } }
    }
}

@{
    rdp_settings = Get-FactList {
        Get-Setting "$control\Terminal Server" '' 'fDenyTSConnections'
        Get-Setting $policies 'Policies ' 'fDenyTSConnections', 'KeepAliveEnable', 'KeepAliveInterval', 'fDisableAutoReconnect'
        Get-Setting "$control\Terminal Server\WinStations\RDP-Tcp" 'RDP-Tcp ' @(
            'PortNumber', 'LanAdapter', 'UserAuthentication', 'KeepAliveTimeout', 'fInheritReconnectSame', 'fReconnectSame',
            'MaxInstanceCount'
        )
        # Of a certificate only that one is set: its fingerprint is of no use here.
        if (Get-Setting "$control\Terminal Server\WinStations\RDP-Tcp" '' 'SSLCertificateSHA1Hash') {
            @{ name = 'RDP-Tcp SSLCertificateSHA1Hash'; value = 'set' }
        }
    }
    rdp_port_strangers = Get-FactList {
        $own = (Get-CimInstance -ClassName Win32_Service -Filter "Name='TermService'").ProcessId
        Get-NetTCPConnection -State Listen | Where-Object { $_.LocalPort -eq 3389 -and $_.OwningProcess -ne $own } |
            ForEach-Object { [string] (Get-Process -Id $_.OwningProcess).ProcessName } | Sort-Object -Unique
    }
    service_starts = Get-FactList {
        $names = 'BFE', 'Dhcp', 'Dnscache', 'IKEEXT', 'iphlpsvc', 'nsi', 'mpssvc', 'RemoteRegistry', 'W32Time', 'WinRM', 'sacsvr',
            'Netlogon', 'Netman', 'TermService', 'WerSvc'
        foreach ($name in $names) {
            $start = Get-Setting "$services\$name" '' 'Start'
            if ($start) { @{ name = $name; value = $start.value } }
        }
    }
    # The active store has what local rules and policies make together.
    firewall_profiles_off = Get-FactList {
        Get-NetFirewallProfile -PolicyStore ActiveStore | Where-Object { [string] $_.Enabled -ne 'True' } | ForEach-Object { [string] $_.Name }
    }
    firewall_rules_on = Get-FactList {
        $names = 'RemoteDesktop-UserMode-In-TCP', 'RemoteDesktop-UserMode-In-UDP', 'FPS-ICMP4-ERQ-In'
        Get-NetFirewallRule | Where-Object { $names -contains $_.Name -and [string] $_.Enabled -eq 'True' } | ForEach-Object { [string] $_.Name }
    }
    azure_platform_rules = Get-FactList {
        $rules = @(Get-NetFirewallRule | Where-Object {
            $_.DisplayName -eq 'AzurePlatform' -and [string] $_.Enabled -eq 'True' -and [string] $_.Action -eq 'Allow'
        })
        foreach ($rule in $rules) {
            if (@((Get-NetFirewallAddressFilter -AssociatedNetFirewallRule $rule).RemoteAddress) -contains '168.63.129.16') {
                [string] $rule.Direction
            }
        }
    }
    # Names and values are the same in every language (recalled, not read in a document); titles are not:
    # displaybootmenu         Yes
    boot_settings = Get-FactList {
        $names = 'displaybootmenu|timeout|bootems|integrityservices|recoveryenabled|bootstatuspolicy|ems|emsport|emsbaudrate'
        foreach ($object in '{bootmgr}', '{current}', '{emssettings}') {
            $lines = & (Join-Path $System32 'bcdedit.exe') /enum $object
            if ($LASTEXITCODE -ne 0) { throw "bcdedit /enum $object exited with $LASTEXITCODE" }
            foreach ($line in $lines) {
                if ($line -match "^($names)\s+(\S+)\s*$") { @{ name = "$object $($Matches[1])"; value = $Matches[2] } }
            }
        }
    }
    persistent_routes = Get-Fact {
        $key = "$services\Tcpip\Parameters\PersistentRoutes"
        if (-not (Test-Path -LiteralPath $key)) { return 0 }
        [int] (Get-Item -LiteralPath $key).ValueCount
    }
    # Four bytes each: version, counter, flags (2: there is a proxy); then the texts of proxy and bypass list. Recalled,
    # not read in a document.
    winhttp_proxy = Get-Fact {
        $key = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections'
        if (-not (Test-Path -LiteralPath $key)) { return 'direct' }
        $bytes = [byte[]] (Get-Item -LiteralPath $key).GetValue('WinHttpSettings')
        if ($null -eq $bytes) { return 'direct' }
        if ($bytes.Length -lt 12) { throw 'WinHttpSettings is shorter than what it must hold' }
        if (($bytes[8] -band 2) -eq 0) { return 'direct' }
        if ([Text.Encoding]::ASCII.GetString($bytes).Contains('168.63.129.16')) { return 'bypassed' }
        'proxy'
    }
    # Power Scheme GUID: 8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c  (High performance)
    power_plan = Get-Fact {
        $text = & (Join-Path $System32 'powercfg.exe') /getactivescheme | Out-String
        if ($text -notmatch '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}') { throw 'powercfg /getactivescheme named no scheme' }
        $Matches[0].ToLowerInvariant()
    }
    system_settings = Get-FactList {
        Get-Setting "$services\partmgr\Parameters" '' 'SanPolicy'
        Get-Setting "$control\TimeZoneInformation" '' 'RealTimeIsUniversal'
        Get-Setting "$control\Session Manager\Environment" '' 'TEMP', 'TMP'
        Get-Setting "$control\CrashControl" '' 'CrashDumpEnabled', 'DumpFile', 'NMICrashDump'
        Get-Setting 'HKLM:\SOFTWARE\Microsoft\Windows\Windows Error Reporting\LocalDumps' '' 'DumpFolder', 'DumpType', 'DumpCount'
    }
    hypervisor_tools = Get-FactList {
        $names = 'VMTools', 'VBoxService', 'QEMU-GA', 'xenagent', 'prl_tools_service'
        Get-CimInstance -ClassName Win32_Service | Where-Object { $names -contains $_.Name } | ForEach-Object { [string] $_.Name }
    }
}
