# What BitLocker says of each volume. Only the conversion status counts: ProtectionStatus 0 is also what a suspended,
# still encrypted volume reports.

$namespace = 'root\CIMV2\Security\MicrosoftVolumeEncryption'

@{
    volumes = Get-FactList {
        try {
            $volumes = @(Get-CimInstance -Namespace $namespace -ClassName Win32_EncryptableVolume)
        } catch [Microsoft.Management.Infrastructure.CimException] {
            # BitLocker is an optional feature: without it there is no such namespace, or no such class in it.
            if (@('InvalidNamespace', 'InvalidClass') -contains $_.Exception.NativeErrorCode.ToString()) { return $Absent }
            throw
        }
        foreach ($volume in $volumes) {
            $answer = Invoke-CimMethod -InputObject $volume -MethodName GetConversionStatus
            $mount = [string] $volume.DriveLetter
            if (-not $mount) { $mount = [string] $volume.DeviceID }
            if ($null -eq $answer.ReturnValue -or $answer.ReturnValue -ne 0) { throw "GetConversionStatus of $mount returned $($answer.ReturnValue)" }
            # [int] of nothing is 0, which would say: fully decrypted
            if ($null -eq $answer.ConversionStatus) { throw "GetConversionStatus of $mount gave no status" }
            if ($null -eq $volume.ProtectionStatus) { throw "there is no ProtectionStatus of $mount" }
            @{
                mount = $mount
                conversion_status = [int] $answer.ConversionStatus
                protection_status = [int] $volume.ProtectionStatus
            }
        }
    }
}
