# What Windows says of its sealing: ImageState, what the next start does, the success tag, the end of the error log.

$setup = 'SYSTEM\Setup'
$status = "$setup\Status\SysprepStatus"

@{
    image_state = Get-Fact { Get-Text 'SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State' 'ImageState' }
    # [State]
    # ImageState=IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE
    image_state_file = Get-Fact {
        $path = 'Windows\Setup\State\State.ini'
        if ((Get-Kind $path) -ne 'file') { return $Absent }
        $state = [regex]::Match((Read-End $path 65536), '(?im)^\s*ImageState\s*=\s*(\S+)\s*$')
        if (-not $state.Success) { throw "$path names no ImageState" }
        $state.Groups[1].Value
    }
    setup_type = Get-Fact { Get-Number $setup 'SetupType' }
    setup_command = Get-Fact { Get-Text $setup 'CmdLine' }
    setup_in_progress = Get-Fact { Get-Number $setup 'SystemSetupInProgress' }
    oobe_in_progress = Get-Fact { Get-Number $setup 'OOBEInProgress' }
    generalization_state = Get-Fact { Get-Number $status 'GeneralizationState' }
    cleanup_state = Get-Fact { Get-Number $status 'CleanupState' }
    success_tag = Get-Fact {
        $path = 'Windows\System32\Sysprep\Sysprep_succeeded.tag'
        if ((Get-Kind $path) -ne 'file') { return $Absent }
        # Not by the guest's own culture, whose calendar may be another one.
        $written = [IO.File]::GetLastWriteTimeUtc((Get-Place $path))
        $written.ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
    }
    error_lines = Get-FactList {
        if ((Get-Kind "$SysprepLogs\setuperr.log") -ne 'file') { return $Absent }
        Read-ErrorLines | Select-Object -Last $MostLines | ForEach-Object { Get-Line $_ }
    }
}
