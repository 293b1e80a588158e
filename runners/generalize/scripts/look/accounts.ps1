# Who is at home in this Windows: its accounts, profiles and saved logons. Names and kinds, never a password.

$version = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$winlogon = "$version\Winlogon"
$secrets = 'SECURITY\Policy\Secrets'
$domain = 'SAM\SAM\Domains\Account'

# Whether LSA keeps a secret: its key has CurrVal, whose unnamed value is encrypted, and is not looked into.
function Test-Secret([string] $Name) {
    if (-not (Test-Key $secrets)) { throw "there is no $secrets, which every Windows has" }
    if (@(Get-ValueNames "$secrets\$Name\CurrVal") -notcontains '') { return $false }
    $value = Get-Value "$secrets\$Name\CurrVal" ''
    return $null -eq $value -or $value.Length -gt 0
}

@{
    # S-1-5-21-1-2-3-500: the last part is its RID
    local_accounts = Get-FactList {
        $known = @(Get-CimInstance -ClassName Win32_UserAccount -Filter 'LocalAccount = TRUE' -OperationTimeoutSec 60)
        if (@($known | Where-Object { $_.SID -match '-500$' }).Count -ne 1) { throw 'no built-in administrator is listed' }
        $known | ForEach-Object {
            $state = 'enabled'
            if ($_.Disabled) { $state = 'disabled' }
            $name = [string] $_.Name
            @{ rid = [long] $_.SID.Split('-')[-1]; name = $name.Substring(0, [Math]::Min(64, $name.Length)); state = $state }
        }
    }
    # S-1-5-21-...: an account of this machine or of a domain; S-1-12-1-...: one of Entra.
    profiles = Get-FactList {
        if (-not (Test-Key "$version\ProfileList")) { throw "there is no $version\ProfileList, which every Windows has" }
        Get-KeyNames "$version\ProfileList" | Where-Object { $_ -match '^S-1-(5-21|12-1)-[\d-]+' } | ForEach-Object {
            @{ sid = $_; folder = [string] (Get-Value "$version\ProfileList\$_" 'ProfileImagePath') }
        }
    }
    profile_folders = Get-FactList { Get-HomeNames | Where-Object { @('Public', 'Default') -notcontains $_ } }
    computer_name = Get-Fact { Get-Text 'SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName' 'ComputerName' }
    machine_sid = Get-Fact {
        $value = Get-Value $domain 'V'
        if ($value -isnot [byte[]] -or $value.Length -lt 12) { throw 'the SID of this machine can not be read' }
        $parts = 12, 8, 4 | ForEach-Object { [BitConverter]::ToUInt32($value, $value.Length - $_) }
        "S-1-5-21-$($parts -join '-')"
    }
    # A fingerprint of it
    machine_guid = Get-Fact {
        $value = Get-Value 'SOFTWARE\Microsoft\Cryptography' 'MachineGuid'
        if ($null -eq $value) { return $Absent }
        $digest = [Security.Cryptography.SHA256]::Create().ComputeHash([Text.Encoding]::UTF8.GetBytes([string] $value))
        ([BitConverter]::ToString($digest) -replace '-', '').Substring(0, 16).ToLowerInvariant()
    }
    automatic_logon = Get-Fact {
        (Get-Switch $winlogon 'AutoAdminLogon') -ne 0 -or (Get-Switch $winlogon 'AutoLogonCount') -ne 0
    }
    logon_password = Get-Fact { "$(Get-Value $winlogon 'DefaultPassword')".Trim([char] 0) -ne '' }
    logon_secret = Get-Fact { Test-Secret 'DefaultPassword' }
    # NL$1, NL$2, ...: a slot that is all zeros is empty
    cached_logons = Get-Fact {
        $slots = @(Get-ValueNames 'SECURITY\Cache' | Where-Object { $_ -match '^NL\$\d+$' })
        @($slots | Where-Object { @((Get-Value 'SECURITY\Cache' $_) | Where-Object { $_ -ne 0 }).Count -gt 0 }).Count
    }
    machine_account = Get-Fact { Test-Secret '$MACHINE.ACC' }
}
