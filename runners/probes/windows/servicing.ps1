# Whether Windows waits for a restart or is servicing itself, and whether its servicing works.

$cbs = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing'
$update = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update'
$names = 'HKLM:\SYSTEM\CurrentControlSet\Control\ComputerName'

@{
    # Keys that are there only while a restart is pending.
    restart_signs = Get-FactList {
        "$cbs\RebootPending", "$cbs\PackagesPending", "$update\RebootRequired" |
            Where-Object { Test-Path -LiteralPath $_ } |
            ForEach-Object { ($_ -split '\\')[-1] }
    }
    # Pairs of texts: what is renamed, and the new name, which is empty for what is deleted.
    pending_renames = Get-Fact {
        $pairs = @(Get-RegistryValue 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager' 'PendingFileRenameOperations')
        if ($pairs.Count -eq 1 -and $pairs[0] -ceq $Absent) { return $Absent }
        [int] [Math]::Ceiling($pairs.Count / 2)
    }
    computer_rename_pending = Get-Fact {
        $active = Get-RegistryValue "$names\ActiveComputerName" 'ComputerName'
        $next = Get-RegistryValue "$names\ComputerName" 'ComputerName'
        if ($active -ceq $Absent -or $next -ceq $Absent) { return $Absent }
        $active -ne $next
    }
    # Our own questions start the servicing processes too: those that are younger than this script do not count.
    busy_processes = Get-FactList {
        $started = [Diagnostics.Process]::GetCurrentProcess().StartTime
        $ours = 'TiWorker.exe', 'TrustedInstaller.exe'
        $watched = $ours + 'MoUsoCoreWorker.exe', 'SetupHost.exe', 'sysprep.exe', 'msiexec.exe'
        $filter = ($watched | ForEach-Object { "Name='$_'" }) -join ' OR '
        Get-CimInstance -ClassName Win32_Process -Filter $filter |
            Where-Object { $_.Name -ne 'msiexec.exe' -or $_.SessionId -eq 0 } |
            Where-Object { $ours -notcontains $_.Name -or $_.CreationDate -lt $started } |
            ForEach-Object { $_.Name -replace '\.exe$', '' } |
            Sort-Object -Unique
    }
    # 2 automatic, 3 manual, 4 disabled
    installer_start = Get-Fact { Get-RegistryNumber 'HKLM:\SYSTEM\CurrentControlSet\Services\TrustedInstaller' 'Start' }
    reserve_scenario = Get-Fact {
        Get-RegistryNumber 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\ReserveManager' 'ActiveScenario'
    }
    # CheckHealth only reads what an earlier operation noted: Healthy, Repairable or NonRepairable. DISM waits for
    # whoever services Windows now, so it is asked aside and given up.
    component_store = Get-Fact {
        if (-not (Get-Command -Name Repair-WindowsImage -ErrorAction SilentlyContinue)) {
            throw 'there is no Repair-WindowsImage (module Dism) to ask'
        }
        $aside = 'Repair-WindowsImage -Online -CheckHealth | ForEach-Object { [string] $_.ImageHealthState }'
        Get-Aside $aside 45 | ForEach-Object { "$_" }
    }
}
