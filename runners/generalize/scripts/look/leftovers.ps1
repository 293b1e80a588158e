# What else is left: logs, images of memory, caches, traces of agents. Paths and counts.

$logs = 'Windows\System32\winevt\Logs'
# Bytes of an event log that was just cleared: its header, and one chunk of 64 KiB.
$empty_log = 69632

@{
    event_logs = Get-FactList {
        Get-RequiredNames $logs | Where-Object { $_ -like '*.evtx' } | ForEach-Object {
            $size = Get-Size "$logs\$_"
            if ($size -gt $empty_log) { @{ name = $_.Substring(0, $_.Length - 5); size = [long] $size } }
        }
    }
    memory_files = Get-FactList {
        Get-FilledPaths @(
            'pagefile.sys',
            'swapfile.sys',
            'hiberfil.sys',
            'Windows\MEMORY.DMP',
            'Windows\Minidump\*',
            'Windows\LiveKernelReports\*.dmp',
            'CrashDumps\*',
            'Users\*\AppData\Local\CrashDumps\*'
        )
    }
    panther_files = Get-Fact { @(Get-Names 'Windows\Panther').Count }
    # {a5c2...}{3808876b-c176-4e48-b7ae-04046e6cc752}: what a shadow copy keeps
    shadow_copies = Get-Fact {
        @(Get-RequiredNames 'System Volume Information' | Where-Object { $_ -like '*{3808876b-c176-4e48-b7ae-04046e6cc752}' }).Count
    }
    # $R...: what was deleted; $I...: from where. desktop.ini is Windows' own.
    recycled = Get-Fact { @(Get-Paths @('$Recycle.Bin\*\$R*')).Count }
    old_windows = Get-FactList { Get-Paths @('Windows.old', 'Windows.old.*', '$Windows.~BT', '$Windows.~WS') }
    downloaded_updates = Get-Fact { @(Get-Names 'Windows\SoftwareDistribution\Download').Count }
    temporary_files = Get-Fact {
        $folders = @('Windows\Temp') + @(Get-HomeNames | ForEach-Object { "Users\$_\AppData\Local\Temp" })
        @($folders | ForEach-Object { Get-Names $_ }).Count
    }
    agent_logs = Get-FactList { Get-FilledPaths @('WindowsAzure\Logs', 'WindowsAzure\CollectGuestLogsTemp') }
    run_command_files = Get-FactList {
        Get-Paths @(
            'Packages\Plugins\Microsoft.CPlat.Core.RunCommand*\*\Downloads\*',
            'Packages\Plugins\Microsoft.CPlat.Core.RunCommand*\*\RuntimeSettings\*',
            'Packages\Plugins\Microsoft.CPlat.Core.RunCommand*\*\Status\*'
        )
    }
    build_scripts = Get-FactList { Get-Paths @('DeprovisioningScript.ps1') }
}
