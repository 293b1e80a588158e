# What a machine made from the image needs at its first start on Azure, and services that Sysprep leans on.
# Start of a service: 0 boot, 1 system, 2 automatic, 3 manual, 4 disabled.

$services = 'HKLM:\SYSTEM\CurrentControlSet\Services'

@{
    cdrom_start = Get-Fact { Get-RegistryNumber "$services\cdrom" 'Start' }
    # The class of CD and DVD drives is {53f56308-b6bf-11d0-94f2-00a0c91efb8b}.
    removable_storage_denials = Get-FactList {
        $policy = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\RemovableStorageDevices'
        $all = Get-RegistryNumber $policy 'Deny_All'
        if ($all -is [int] -and $all -ne 0) { 'Deny_All' }
        $read = Get-RegistryNumber "$policy\{53f56308-b6bf-11d0-94f2-00a0c91efb8b}" 'Deny_Read'
        if ($read -is [int] -and $read -ne 0) { 'Deny_Read' }
    }
    # The primary adapter is the one that leads out; one without a gateway may be a switch of Hyper-V.
    primary_adapter_dhcp = Get-Fact {
        $adapters = @(Get-CimInstance -ClassName Win32_NetworkAdapterConfiguration -Filter 'IPEnabled=TRUE')
        if ($adapters.Count -eq 0) { return $Absent }
        $leading = @($adapters | Where-Object { $_.DefaultIPGateway })
        if ($leading.Count -gt 0) { $adapters = $leading }
        [bool] ($adapters | Sort-Object -Property IPConnectionMetric | Select-Object -First 1).DHCPEnabled
    }
    push_service_start = Get-Fact { Get-RegistryNumber "$services\dmwappushservice" 'Start' }
    secondary_logon_start = Get-Fact { Get-RegistryNumber "$services\seclogon" 'Start' }
    # %SystemRoot%\System32\Winevt\Logs\Application.evtx; at most 20 names are sent
    logs_without_folder = Get-FactList {
        $roots = "$services\EventLog", 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels'
        $lost = @(foreach ($log in Get-ChildItem -LiteralPath $roots) {
            $file = [Environment]::ExpandEnvironmentVariables([string] $log.GetValue('File'))
            if ($file -and -not [IO.Directory]::Exists([IO.Path]::GetDirectoryName($file))) { $log.PSChildName }
        })
        $lost | Sort-Object -Unique | Select-Object -First 20
    }
}
