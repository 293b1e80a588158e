# What the files beside this one may use to look at a sealed Windows as the reader of its stopped disk does: the same
# places, the same limits. Only read. A path has no drive; in a pattern * stands for any part of one name.

$Drive = "$env:SystemDrive\"
$Hives = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
$SysprepLogs = 'Windows\System32\Sysprep\Panther'
$LongestText, $LongestLine, $MostLines = 500, 300, 20

# --- files: what is not there gives nothing, and whatever else keeps from looking throws ---

function Get-Place([string] $Path) {
    if ($Path -like 'Windows\System32\*') { return "$System32\$($Path.Substring(17))" }
    return "$Drive$Path"
}

# 'file', 'folder', or '' where there is none. Test-Path and Exists() say no as well where they may not look.
function Get-Kind([string] $Path) {
    $attributes = 0
    try {
        $attributes = [IO.File]::GetAttributes((Get-Place $Path))
    } catch [IO.FileNotFoundException] {
        return ''
    } catch [IO.DirectoryNotFoundException] {
        return ''
    }
    if ($attributes -band [IO.FileAttributes]::Directory) { return 'folder' }
    return 'file'
}

# The names in a folder, hidden ones too; none where there is no such folder.
function Get-Names([string] $Path) {
    if ((Get-Kind $Path) -ne 'folder') { return }
    [IO.Directory]::GetFileSystemEntries((Get-Place $Path)) | ForEach-Object { [IO.Path]::GetFileName($_) }
}

# The same of a folder that every Windows has.
function Get-RequiredNames([string] $Path) {
    if ((Get-Kind $Path) -ne 'folder') { throw "there is no $Drive$Path, which every Windows has" }
    Get-Names $Path
}

# Names of the folders of profiles, those of Windows itself too, but for the two links that every Windows has.
function Get-HomeNames {
    Get-RequiredNames 'Users' |
        Where-Object { @('All Users', 'Default User') -notcontains $_ -and (Get-Kind "Users\$_") -eq 'folder' }
}

function Get-Size([string] $Path) { return (New-Object IO.FileInfo -ArgumentList (Get-Place $Path)).Length }

# What matches one pattern, as paths without the drive. Users\* are the profiles.
function Get-Matching([string] $Pattern) {
    $bases = @('')
    $parts = $Pattern.Split('\')
    for ($at = 0; $at -lt $parts.Count; $at++) {
        $part = $parts[$at]
        $last = $at -eq $parts.Count - 1
        $next = @()
        foreach ($base in $bases) {
            $below = ''
            if ($base -ne '') { $below = "$base\" }
            $names = @()
            if ($base -eq 'Users' -and $part -eq '*') {
                $names = @(Get-HomeNames)
            } elseif ($part.Contains('*')) {
                $names = @(Get-Names $base | Where-Object { $_ -like $part })
            } else {
                $kind = Get-Kind "$below$part"
                # A file, where a folder is looked for, is as good as nothing.
                if ($kind -eq 'folder' -or ($last -and $kind -ne '')) { $names = @($part) }
            }
            foreach ($name in $names) { $next += "$below$name" }
        }
        $bases = $next
    }
    return $bases
}

# What matches any of the patterns, as whole paths.
function Get-Paths([string[]] $Patterns) {
    $Patterns | ForEach-Object { Get-Matching $_ } | Sort-Object -Unique | ForEach-Object { "$Drive$_" }
}

# Of those, the files that are not empty, and the folders that hold anything.
function Get-FilledPaths([string[]] $Patterns) {
    Get-Paths $Patterns | Where-Object {
        $path = $_.Substring($Drive.Length)
        if ((Get-Kind $path) -eq 'folder') { @(Get-Names $path).Count -gt 0 } else { (Get-Size $path) -gt 0 }
    }
}

# The text at the end of a file. Others may write to it meanwhile: Sysprep holds its logs open.
function Read-End([string] $Path, [long] $Bytes) {
    $file = [IO.File]::Open((Get-Place $Path), 'Open', 'Read', 'ReadWrite, Delete')
    try {
        [void] $file.Seek([Math]::Max([long] 0, $file.Length - $Bytes), 'Begin')
        return (New-Object IO.StreamReader -ArgumentList $file).ReadToEnd()
    } finally { $file.Close() }
}

# The text of a file, given by its whole path; one of more than 1 MiB is not searched.
function Read-Whole([string] $Path) {
    $inner = $Path.Substring($Drive.Length)
    if ((Get-Size $inner) -gt 1MB) { throw "$Path is larger than what is searched" }
    Read-End $inner 1MB
}

# --- Sysprep's logs ---

# A line as it may leave the guest: cut, and without names of users.
function Get-Line([string] $Text) {
    $line = $Text.Trim() -replace '(?i)(\\(?:Users|Documents and Settings)\\)[^\\]+(?=\\)', '$1...'
    return $line.Substring(0, [Math]::Min($LongestLine, $line.Length))
}

# The lines of setuperr.log, whole. Call it where the file is known to be there.
function Read-ErrorLines { (Read-End "$SysprepLogs\setuperr.log" 262144) -split "`r?`n" | Where-Object { $_.Trim() -ne '' } }

# --- the registry: a key that may not be opened throws ---

# A value below HKEY_LOCAL_MACHINE, or $null where there is no such key or value. Bytes come back as one array.
function Get-Value([string] $Key, [string] $Name) {
    $found = $Hives.OpenSubKey($Key)
    if ($null -eq $found) { return $null }
    return , $found.GetValue($Name, $null, 'DoNotExpandEnvironmentNames')
}

function Get-Text([string] $Key, [string] $Name) {
    $value = Get-Value $Key $Name
    if ($null -eq $value) { return $Absent }
    if ($value -isnot [string]) { throw "$Key, ${Name}: this is no text" }
    return $value.Substring(0, [Math]::Min($LongestText, $value.Length))
}

function Get-Number([string] $Key, [string] $Name) {
    $value = Get-Value $Key $Name
    if ($null -eq $value) { return $Absent }
    if ($value -isnot [int] -and $value -isnot [long]) { throw "$Key, ${Name}: this is no number" }
    return $value
}

# A switch: a number, or text of digits as Winlogon has it; 0 where there is none.
function Get-Switch([string] $Key, [string] $Name) {
    $value = Get-Value $Key $Name
    if ($value -is [int] -or $value -is [long]) { return [long] $value }
    if ($value -is [string] -and $value -match '^\s*([0-9]{1,9})\s*$') { return [long] $Matches[1] }
    return [long] 0
}

function Test-Key([string] $Key) { return $null -ne $Hives.OpenSubKey($Key) }

# Names of the keys in a key; none where there is no such key.
function Get-KeyNames([string] $Key) {
    $found = $Hives.OpenSubKey($Key)
    if ($null -ne $found) { $found.GetSubKeyNames() }
}

# Names of the values in a key; none where there is no such key.
function Get-ValueNames([string] $Key) {
    $found = $Hives.OpenSubKey($Key)
    if ($null -ne $found) { $found.GetValueNames() }
}
