# What kind of Windows this is, whether it is in a state that Sysprep accepts, and which answer files it would find.
# Paths, and whether a password stands in the file: the password itself stays in the guest.

$setup = 'HKLM:\SYSTEM\Setup'
$state = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State'
$version = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'

function Find-AnswerFile {
    $panther = Join-Path $env:windir 'Panther'
    $candidates = @(
        (Join-Path $panther 'unattend.xml'),
        (Join-Path $System32 'Sysprep\unattend.xml'),
        "$env:SystemDrive\unattend.xml",
        "$env:SystemDrive\autounattend.xml"
    )
    $candidates | Where-Object { Test-Path -LiteralPath $_ -PathType Leaf }
    $folder = Join-Path $panther 'Unattend'
    if (Test-Path -LiteralPath $folder -PathType Container) {
        Get-ChildItem -LiteralPath $folder -Filter '*.xml' -Force | ForEach-Object { $_.FullName }
    }
    $named = (Get-ItemProperty -LiteralPath $setup).UnattendFile
    if ($named) { [string] $named }
}

@{
    product_type = Get-Fact { Get-ProductType }
    build = Get-Fact {
        $values = Get-ItemProperty -LiteralPath $version
        "$($values.CurrentBuildNumber).$($values.UBR)"
    }
    image_state = Get-Fact {
        if (-not (Test-Path -LiteralPath $state)) { return $Absent }
        $value = (Get-ItemProperty -LiteralPath $state).ImageState
        if ($null -eq $value) { return $Absent }
        [string] $value
    }
    panther_folder = Get-Fact { Test-Path -LiteralPath (Join-Path $env:windir 'Panther') -PathType Container }
    answer_files = Get-FactList { Find-AnswerFile }
    # Of those, the ones with a password in them; Setup itself writes *SENSITIVE*DATA*DELETED* over what it has used.
    # <AdministratorPassword><Value>cABhAHMAcwA=</Value>
    answer_files_with_password = Get-FactList {
        Find-AnswerFile | Where-Object { Test-Path -LiteralPath $_ -PathType Leaf } | Where-Object {
            [IO.File]::ReadAllText($_) -match '<(\w+:)?(Administrator)?Password\b[^>]*>\s*<(\w+:)?Value\b[^>]*>\s*(?!\*SENSITIVE)[^<\s]'
        }
    }
    # Of the machine's firmware: 8D3F0C52-4C1E-4B57-9A26-5F6F5A1C1002
    system_uuid = Get-Fact {
        $value = (Get-CimInstance -ClassName Win32_ComputerSystemProduct).UUID
        if (-not $value) { return $Absent }
        [string] $value
    }
    # Windows translates the name of its own account: AUTORIDADE NT\SISTEMA
    launched_as = Get-Fact {
        $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
        if ($identity.IsSystem) { 'NT AUTHORITY\SYSTEM' } else { $identity.Name }
    }
}
