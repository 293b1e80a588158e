# Server roles and features, the state of those that Sysprep supports under a condition only, and products with a rule
# of their own.

@{
    # Only Available and Removed are not installed. InstallPending and UninstallPending wait for a restart, and a name
    # that is new to us is no reason to call a feature absent.
    installed_roles = Get-FactList {
        if ((Get-ProductType) -eq 1) { return $Absent }
        $aside = 'Get-WindowsFeature | Select-Object "Name", "InstallState"'
        Get-Aside $aside 90 | Where-Object { @('Available', 'Removed') -notcontains $_.InstallState.ToString() } | ForEach-Object { [string] $_.Name }
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
    # 4 and 5: domain controllers, also where their features can't be listed.
    domain_role = Get-Fact {
        $role = (Get-CimInstance -ClassName Win32_ComputerSystem).DomainRole
        if ($null -eq $role) { return $Absent }
        [int] $role
    }
    # Client editions have no Get-WindowsFeature. InstallState 1 is enabled.
    client_features = Get-FactList {
        if ((Get-ProductType) -ne 1) { return $Absent }
        $names = "Name='Microsoft-Hyper-V' OR Name='IIS-WebServer'"
        Get-CimInstance -ClassName Win32_OptionalFeature -Filter "InstallState=1 AND ($names)" | ForEach-Object { [string] $_.Name }
    }
    # MSSQLSERVER = MSSQL16.MSSQLSERVER. An instance gets its name only when its installation is completed.
    sql_instances = Get-FactList {
        $names = 'HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names\SQL'
        if (-not (Test-Path -LiteralPath $names)) { return $Absent }
        (Get-Item -LiteralPath $names).GetValueNames() | Where-Object { $_ }
    }
}
