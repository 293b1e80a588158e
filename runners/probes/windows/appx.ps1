# Store packages that a user has otherwise than they are provisioned for all users. Only what differs is told: at most
# 40 names of each kind, and how many there are.

$limit = 40
$failure = ''
$missing = $false
$unprovisioned = @()
$newer = @()

# Name -> the highest version that some user has, without the packages that Windows keeps for itself.
function Get-UserVersion($Packages) {
    $versions = @{}
    foreach ($package in $Packages) {
        if ($package.IsFramework -or $package.IsResourcePackage -or $package.NonRemovable) { continue }
        if ("$($package.SignatureKind)" -eq 'System') { continue }
        # Of PackageUserInformation: {S-1-5-21-...-1001 [GOLDEN\ann]: Installed}. Others are Staged or NotInstalled.
        $users = @($package.PackageUserInformation | Where-Object { "$($_.InstallState)" -eq 'Installed' })
        if ($users.Count -eq 0) { continue }
        $version = [version] "$($package.Version)"
        if ($null -eq $versions[$package.Name] -or $versions[$package.Name] -lt $version) { $versions[$package.Name] = $version }
    }
    return $versions
}

try {
    if (-not (Get-Command -Name Get-AppxPackage -ErrorAction SilentlyContinue)) {
        $missing = $true
    } else {
        $provisioned = @{}
        $aside = 'Get-AppxProvisionedPackage -Online | Select-Object "DisplayName", "PackageName", "Version"'
        foreach ($package in @(Get-Aside $aside 90)) { $provisioned[$package.DisplayName] = $package }
        $single = Get-UserVersion @(Get-AppxPackage -AllUsers)
        $bundled = Get-UserVersion @(Get-AppxPackage -AllUsers -PackageTypeFilter Bundle)
        $unprovisioned = @($single.Keys | Where-Object { -not $provisioned.ContainsKey($_) } | Sort-Object | ForEach-Object {
            @{ name = $_; installed = "$($single[$_])"; provisioned = '' }
        })
        # A bundle counts its versions otherwise than the packages in it. Provisioned as one, its name has a ~:
        # Microsoft.WindowsCalculator_2020.1906.55.0_neutral_~_8wekyb3d8bbwe holds ..._10.1906.55.0_x64__8wekyb3d8bbwe
        $newer = @($provisioned.Keys | Sort-Object | ForEach-Object {
            $versions = $single
            if ("$($provisioned[$_].PackageName)".Contains('_~_')) { $versions = $bundled }
            $version = [version] "$($provisioned[$_].Version)"
            if ($null -ne $versions[$_] -and $versions[$_] -gt $version) {
                @{ name = $_; installed = "$($versions[$_])"; provisioned = "$version" }
            }
        })
    }
} catch {
    $failure = "the packages of all users could not be compared: $($_.Exception.Message)"
}

@{
    unprovisioned_packages = Get-FactList {
        if ($failure) { throw $failure }
        if ($missing) { return $Absent }
        $unprovisioned | Select-Object -First $limit
    }
    unprovisioned_packages_total = Get-Fact {
        if ($failure) { throw $failure }
        if ($missing) { return $Absent }
        $unprovisioned.Count
    }
    newer_packages = Get-FactList {
        if ($failure) { throw $failure }
        if ($missing) { return $Absent }
        $newer | Select-Object -First $limit
    }
    newer_packages_total = Get-Fact {
        if ($failure) { throw $failure }
        if ($missing) { return $Absent }
        $newer.Count
    }
    store_auto_download = Get-Fact {
        $policy = 'HKLM:\SOFTWARE\Policies\Microsoft\WindowsStore'
        if (-not (Test-Path -LiteralPath $policy)) { return $Absent }
        $value = (Get-ItemProperty -LiteralPath $policy).AutoDownload
        if ($null -eq $value) { return $Absent }
        [int] $value
    }
}
