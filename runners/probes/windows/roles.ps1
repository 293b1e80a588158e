# Server roles and features, and the state of those that Sysprep supports under a condition only.

@{
    # Only Available and Removed are not installed. InstallPending and UninstallPending wait for a restart, and a name
    # that is new to us is no reason to call a feature absent.
    installed_roles = Get-FactList {
        if ((Get-CimInstance -ClassName Win32_OperatingSystem).ProductType -eq 1) { return $Absent }
        Get-WindowsFeature | Where-Object { @('Available', 'Removed') -notcontains $_.InstallState.ToString() } | ForEach-Object { [string] $_.Name }
    }
    # The role may be there without its PowerShell module: only without its service there is nothing to ask.
    virtual_switches = Get-Fact {
        if (@(Get-CimInstance -ClassName Win32_Service -Filter "Name='vmms'").Count -eq 0) { return $Absent }
        if (-not (Get-Command -Name Get-VMSwitch -ErrorAction SilentlyContinue)) {
            throw 'Hyper-V is installed (service vmms) without its PowerShell module, so its switches cannot be listed'
        }
        @(Get-VMSwitch).Count
    }
    # Initializing the server sets its image folder and shares it as REMINST. Recalled, not read in a document.
    deployment_services_initialized = Get-Fact {
        $service = 'HKLM:\SYSTEM\CurrentControlSet\Services\WDSServer'
        if (-not (Test-Path -LiteralPath $service)) { return $Absent }
        $tftp = Join-Path $service 'Providers\WDSTFTP'
        $folder = $null
        if (Test-Path -LiteralPath $tftp) { $folder = (Get-ItemProperty -LiteralPath $tftp).RootFolder }
        $shares = @(Get-CimInstance -ClassName Win32_Share -Filter "Name='REMINST'")
        [bool] ($folder -or $shares.Count -gt 0)
    }
    # An encrypted value looks like: password="[enc:IISWASOnlyAesProvider:57686f...:enc]"
    encrypted_iis_settings = Get-Fact {
        $file = Join-Path $System32 'inetsrv\config\applicationHost.config'
        if (-not (Test-Path -LiteralPath $file -PathType Leaf)) { return $Absent }
        [regex]::Matches([IO.File]::ReadAllText($file), '=\s*["'']\[enc:').Count
    }
}
