# Server roles and features, and the state of those that Sysprep supports under a condition only.

@{
    installed_roles = Get-FactList {
        if ((Get-CimInstance -ClassName Win32_OperatingSystem).ProductType -eq 1) { return $Absent }
        Get-WindowsFeature | Where-Object { $_.InstallState.ToString() -eq 'Installed' } | ForEach-Object { [string] $_.Name }
    }
    virtual_switches = Get-Fact {
        if (-not (Get-Command -Name Get-VMSwitch -ErrorAction SilentlyContinue)) { return $Absent }
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
