# What activation has left: each generalization takes one rearm of the licence.

@{
    rearms_left = Get-Fact {
        $query = 'SELECT RemainingWindowsReArmCount FROM SoftwareLicensingService'
        $count = (Get-CimInstance -Query $query -OperationTimeoutSec 45).RemainingWindowsReArmCount
        if ($null -eq $count) { throw 'SoftwareLicensingService says nothing of RemainingWindowsReArmCount' }
        [long] $count
    }
    skip_rearm = Get-Fact {
        Get-RegistryNumber 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform' 'SkipRearm'
    }
    # ServerDatacenter, ServerStandardEval, Enterprise
    edition = Get-Fact { Get-RegistryValue 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'EditionID' }
}
