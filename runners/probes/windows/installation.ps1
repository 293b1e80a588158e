# How this Windows was installed and what it belongs to, and the rights that our script has in it.

$setup = 'HKLM:\SYSTEM\Setup'
$sysprep = "$setup\Status\SysprepStatus"

@{
    # [State]
    # ImageState=IMAGE_STATE_COMPLETE
    image_state_file = Get-Fact {
        $file = Join-Path $env:windir 'Setup\State\State.ini'
        if (-not (Test-Path -LiteralPath $file -PathType Leaf)) { return $Absent }
        $found = [regex]::Match([IO.File]::ReadAllText($file), '(?m)^\s*ImageState\s*=\s*(\S+)')
        if (-not $found.Success) { return $Absent }
        $found.Groups[1].Value
    }
    generalization_state = Get-Fact { Get-RegistryNumber $sysprep 'GeneralizationState' }
    cleanup_state = Get-Fact { Get-RegistryNumber $sysprep 'CleanupState' }
    setup_in_progress = Get-Fact { Get-RegistryNumber $setup 'SystemSetupInProgress' }
    oobe_in_progress = Get-Fact { Get-RegistryNumber $setup 'OOBEInProgress' }
    setup_type = Get-Fact { Get-RegistryNumber $setup 'SetupType' }
    # Source OS (Updated on 3/14/2026 09:26:53)
    source_systems = Get-FactList {
        Get-ChildItem -LiteralPath $setup | ForEach-Object { $_.PSChildName } | Where-Object { $_ -like 'Source OS*' }
    }
    windows_old = Get-Fact { Test-Path -LiteralPath "$env:SystemDrive\Windows.old" -PathType Container }
    domain_joined = Get-Fact {
        $joined = (Get-CimInstance -ClassName Win32_ComputerSystem).PartOfDomain
        if ($null -eq $joined) { throw 'Win32_ComputerSystem says nothing of PartOfDomain' }
        [bool] $joined
    }
    # One subkey for each Entra tenant that the device is joined to.
    entra_joined = Get-Fact {
        $joins = 'HKLM:\SYSTEM\CurrentControlSet\Control\CloudDomainJoin\JoinInfo'
        (Test-Path -LiteralPath $joins) -and @(Get-ChildItem -LiteralPath $joins).Count -gt 0
    }
    # MS DM Server (Intune). WMI_Bridge_Server is Windows' own.
    mdm_providers = Get-FactList {
        $enrollments = 'HKLM:\SOFTWARE\Microsoft\Enrollments'
        if (-not (Test-Path -LiteralPath $enrollments)) { return }
        Get-ChildItem -LiteralPath $enrollments | ForEach-Object { [string] $_.GetValue('ProviderID') } |
            Where-Object { $_ -and $_ -ne 'WMI_Bridge_Server' } |
            Sort-Object -Unique
    }
    # 4 (disabled) until the server joins a cluster; absent without the feature
    cluster_start = Get-Fact { Get-RegistryNumber 'HKLM:\SYSTEM\CurrentControlSet\Services\ClusSvc' 'Start' }
    # Not the build that Windows says of itself: 19045 has the files of 19041.
    sysprep_build = Get-Fact {
        $file = Join-Path $System32 'Sysprep\sysprep.exe'
        if (-not (Test-Path -LiteralPath $file -PathType Leaf)) { return $Absent }
        [Diagnostics.FileVersionInfo]::GetVersionInfo($file).FileBuildPart
    }
    system_build = Get-Fact { [Diagnostics.FileVersionInfo]::GetVersionInfo((Join-Path $System32 'kernel32.dll')).FileBuildPart }
    # Windows Boot Loader
    # -------------------
    # identifier              {current}
    # device                  partition=C:
    # path                    \Windows\system32\winload.efi
    # The recovery environment is a loader too: its device is ramdisk=[...]. Only the titles are translated.
    system_loaders = Get-Fact {
        $text = & (Join-Path $System32 'bcdedit.exe') /enum osloader | Out-String
        if ($LASTEXITCODE -ne 0) { throw "bcdedit /enum osloader exited with $LASTEXITCODE" }
        $loaders = @($text -split '(?m)^-{3,}\s*$' | Where-Object { $_ -match '\\winload\.' -and $_ -notmatch 'ramdisk=' })
        if ($loaders.Count -eq 0) { throw 'no loader of Windows was found in what bcdedit /enum osloader printed' }
        $loaders.Count
    }
    free_megabytes = Get-Fact { [long] [Math]::Floor((New-Object System.IO.DriveInfo $env:SystemDrive).AvailableFreeSpace / 1MB) }
    # Beside drive C and what starts and mends it: EFI, Microsoft reserved, recovery (by their types), System Reserved.
    other_volumes = Get-FactList {
        $own = @('{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}', '{e3c9e316-0b5c-4db8-817d-f92df00215ae}', '{de94bba4-06d1-4d4d-a16a-bfd50179d6ac}')
        $system = Get-Partition -DriveLetter $env:SystemDrive.Substring(0, 1)
        Get-Partition -DiskNumber $system.DiskNumber | Where-Object {
            $_.PartitionNumber -ne $system.PartitionNumber -and -not $_.IsSystem -and
            $own -notcontains "$($_.GptType)" -and @(39, 239) -notcontains $_.MbrType
        } | ForEach-Object { ("partition $($_.PartitionNumber) $($_.DriveLetter)" -replace '\0').Trim() }
    }
    write_filter = Get-Fact {
        try {
            $filter = @(Get-CimInstance -Namespace 'root\standardcimv2\embedded' -ClassName UWF_Filter)
        } catch [Microsoft.Management.Infrastructure.CimException] {
            # The Unified Write Filter is an optional feature of some client editions.
            if (@('InvalidNamespace', 'InvalidClass') -contains $_.Exception.NativeErrorCode.ToString()) { return $Absent }
            throw
        }
        if ($filter.Count -eq 0) { return $Absent }
        [bool] $filter[0].CurrentEnabled
    }
    elevated = Get-Fact {
        $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
        $principal = New-Object Security.Principal.WindowsPrincipal $identity
        $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
    }
    process_64_bit = Get-Fact { [Environment]::Is64BitProcess }
}
