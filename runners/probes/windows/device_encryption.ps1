# Whether Windows could begin to encrypt its volumes by itself: it needs a TPM, and a value of the registry forbids it.

@{
    tpm_present = Get-Fact {
        try {
            @(Get-CimInstance -Namespace 'root\CIMV2\Security\MicrosoftTpm' -ClassName Win32_Tpm).Count -gt 0
        } catch [Microsoft.Management.Infrastructure.CimException] {
            if (@('InvalidNamespace', 'InvalidClass') -contains $_.Exception.NativeErrorCode.ToString()) { return $Absent }
            throw
        }
    }
    device_encryption_prevented = Get-Fact {
        $control = 'HKLM:\SYSTEM\CurrentControlSet\Control\BitLocker'
        if (-not (Test-Path -LiteralPath $control)) { return $Absent }
        $value = (Get-ItemProperty -LiteralPath $control).PreventDeviceEncryption
        if ($null -eq $value) { return $Absent }
        [int] $value
    }
}
