# What programs have registered with Sysprep: functions of DLLs, and which of them Sysprep can't load.

$external = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\SysPrepExternal'

@{
    # C:\Windows\System32\VMAgentDisabler.dll,Generalize    DscCore.dll,SysPrep_Cleanup
    broken_providers = Get-FactList {
        foreach ($pass in 'Cleanup', 'Generalize', 'Specialize') {
            $key = "$external\$pass"
            if (-not (Test-Path -LiteralPath $key)) { continue }
            $values = Get-Item -LiteralPath $key
            foreach ($name in $values.GetValueNames()) {
                $provider = [Environment]::ExpandEnvironmentVariables([string] $values.GetValue($name)).Trim()
                $state = ''
                $comma = $provider.LastIndexOf(',')
                if ($comma -lt 1) {
                    $state = 'malformed'
                } else {
                    $file = $provider.Substring(0, $comma).Trim().Trim('"')
                    if (-not [IO.Path]::IsPathRooted($file)) { $file = Join-Path $System32 $file }
                    if (-not [IO.File]::Exists($file)) {
                        $state = 'missing'
                    } elseif ([IO.File]::GetAttributes($file) -band [IO.FileAttributes]::Hidden) {
                        $state = 'hidden'
                    }
                }
                if ($state) { @{ phase = $pass; provider = $provider; state = $state } }
            }
        }
    }
}
