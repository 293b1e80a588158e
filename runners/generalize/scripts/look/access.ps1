# Ways into machines made from this Windows: Remote Desktop, WinRM, and the certificates that machines are known by.

$stores = 'SOFTWARE\Microsoft\SystemCertificates'
$wsman = 'SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN'
$rules = 'SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules'

function Get-Thumbprints([string] $Store) {
    Get-KeyNames "$stores\$Store\Certificates" | ForEach-Object { $_.ToUpperInvariant() } | Sort-Object
}

# v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Public|LPort=5985|RA4=LocalSubnet|App=System|Name=WinRM|
# A rule without Profile holds in all networks, one without RA4 and RA6 for every address.
function Test-OpensWinRM([string] $Rule) {
    if ($Rule -notmatch '\|LPort=598[56](\||$)') { return $false }
    $pairs = @($Rule.Split('|'))
    $names = @($pairs | Where-Object { $_.Contains('=') } | ForEach-Object { $_.Split('=')[0] })
    foreach ($wanted in 'Action=Allow', 'Active=TRUE', 'Dir=In') {
        if ($pairs -notcontains $wanted) { return $false }
    }
    if ($names -contains 'Profile' -and $pairs -notcontains 'Profile=Public') { return $false }
    return $names -notcontains 'RA4' -and $names -notcontains 'RA6'
}

@{
    rdp_certificate = Get-Fact {
        $value = Get-Value 'SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp' 'SSLCertificateSHA1Hash'
        if ($null -eq $value) { return $Absent }
        if ($value -isnot [byte[]]) { throw 'SSLCertificateSHA1Hash is no hash' }
        [BitConverter]::ToString($value, 0, [Math]::Min(32, $value.Length)) -replace '-', ''
    }
    rdp_store = Get-FactList { Get-Thumbprints 'Remote Desktop' }
    winrm_https = Get-FactList { Get-KeyNames "$wsman\Listener" | Where-Object { $_ -like '*HTTPS*' } | Sort-Object }
    winrm_basic = Get-Fact { Get-Switch "$wsman\Service" 'auth_basic' }
    winrm_unencrypted = Get-Fact { Get-Switch "$wsman\Service" 'allow_unencrypted' }
    winrm_rules = Get-FactList {
        Get-ValueNames $rules | Where-Object { Test-OpensWinRM ([string] (Get-Value $rules $_)) } | Sort-Object
    }
    # The issuer of the certificate by which the guest agent decrypts settings: it makes one on every machine.
    certificates = Get-FactList {
        Get-Thumbprints 'MY' | ForEach-Object {
            $blob = Get-Value "$stores\MY\Certificates\$_" 'Blob'
            if ($blob -isnot [byte[]]) { throw "the certificate $_ in the store MY can not be read" }
            $maker = 'other'
            if ([Text.Encoding]::ASCII.GetString($blob).Contains('Windows Azure CRP Certificate Generator')) { $maker = 'azure' }
            @{ thumbprint = $_; made_by = $maker }
        }
    }
    machine_keys = Get-Fact { @(Get-Names 'ProgramData\Microsoft\Crypto\RSA\MachineKeys').Count }
}
