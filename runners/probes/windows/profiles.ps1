# Profiles of people. Accounts of services have others (S-1-5-80-..., S-1-5-82-...), and no Store packages.

$limit = 40

function Get-ExtraProfile {
    # S-1-5-21-...: an account of this machine or of a domain; S-1-12-1-...: one of Entra. -500 is the built-in
    # administrator, which is the account that Azure makes with the VM.
    Get-CimInstance -ClassName Win32_UserProfile -Filter 'Special = FALSE' |
        Where-Object { $_.SID -match '^S-1-(5-21|12-1)-' -and $_.SID -notmatch '-500$' } |
        ForEach-Object { [string] $_.LocalPath } |
        Sort-Object
}

@{
    extra_profiles = Get-FactList { Get-ExtraProfile | Select-Object -First $limit }
    extra_profiles_total = Get-Fact { @(Get-ExtraProfile).Count }
}
