# What kind of Windows this is, whether it is in a state that Sysprep accepts, and which answer files it would find.
# Paths, and whether a password stands in the file: the password itself stays in the guest.

$setup = 'HKLM:\SYSTEM\Setup'
$state = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State'
$version = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'

# Where answer files lie, as the look at the stopped disk has it: where Sysprep and Setup look for one, and where it is
# only left over.
$searched = @(
    @("$env:SystemDrive\", 'unattend.xml'),
    @("$env:SystemDrive\", 'autounattend.xml'),
    @("$env:windir\Panther", 'unattend.xml'),
    @("$env:windir\Panther", 'autounattend.xml'),
    @("$env:windir\Panther\Unattend", '*.xml'),
    @("$System32\Sysprep", 'unattend.xml')
)
$elsewhere = @(
    @("$System32\Sysprep\Panther", 'unattend.xml'),
    @("$env:windir\Temp", '*unattend*.xml')
)
# A password, as the look at the stopped disk knows it. Setup writes *SENSITIVE*DATA*DELETED* over what it has used.
# <AdministratorPassword><Value>cABhAHMAcwA=</Value><PlainText>false</PlainText></AdministratorPassword>
$password = '<(?:\w+:)?\w*Password\b[^<>]*(?<!/)>(?:[^<]*(?:<(?!/(?:\w+:)?\w*Password\s*>)[^<]*){0,16}?<(?:\w+:)?Value\b[^<>]*(?<!/)>)?(?:\s|<!--(?:(?!-->)[\s\S]){0,512}-->)*(?!\*SENSITIVE)(?:[^<\s]|<!\[CDATA\[(?!\]))'

function Find-AnswerFile([object[]] $Places) {
    foreach ($place in $Places) {
        if (Test-Path -LiteralPath $place[0] -PathType Container) {
            Get-ChildItem -LiteralPath $place[0] -Filter $place[1] -File -Force | ForEach-Object { $_.FullName }
        }
    }
}

# The file that Setup was told to use, there or not
function Get-NamedAnswerFile {
    $named = (Get-ItemProperty -LiteralPath $setup).UnattendFile
    if ($named) { [string] $named }
}

# UTF-16 without its mark is legible once its zeros are gone.
function Get-AnswerText([string] $File) {
    if ((Get-Item -LiteralPath $File -Force).Length -gt 1MB) { throw "$File is longer than 1 MiB, which no answer file is" }
    [IO.File]::ReadAllText($File) -replace '\0'
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
    answer_files = Get-FactList { @(Find-AnswerFile $searched) + @(Get-NamedAnswerFile) | Sort-Object -Unique }
    answer_files_with_password = Get-FactList {
        @(Find-AnswerFile ($searched + $elsewhere)) + @(Get-NamedAnswerFile) | Sort-Object -Unique |
            Where-Object { (Test-Path -LiteralPath $_ -PathType Leaf) -and (Get-AnswerText $_) -match $password }
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
