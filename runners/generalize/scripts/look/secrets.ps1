# Files that hold secrets: their paths, and whether there is a secret in them, never the secret.

$roaming, $local = 'Users\*\AppData\Roaming', 'Users\*\AppData\Local'
$history = 'Microsoft\Windows\PowerShell\PSReadLine\*_history.txt'

function Get-AnswerFiles {
    $patterns = @(
        'unattend.xml',
        'autounattend.xml',
        'Windows\Panther\unattend.xml',
        'Windows\Panther\autounattend.xml',
        'Windows\Panther\Unattend\*.xml',
        'Windows\System32\Sysprep\unattend.xml',
        'Windows\System32\Sysprep\Panther\unattend.xml',
        'Windows\Temp\*unattend*.xml'
    )
    # The one that Setup was told to use, where it is on this drive
    $named = [string] (Get-Value 'SYSTEM\Setup' 'UnattendFile')
    if ($named -like "$Drive*" -and -not $named.Contains('*')) { $patterns += $named.Substring($Drive.Length) }
    Get-Paths $patterns
}

# A password, as the reader of the stopped disk knows it. Setup writes *SENSITIVE*DATA*DELETED* over what it has used.
# <AdministratorPassword><Value>cABhAHMAcwA=</Value><PlainText>false</PlainText></AdministratorPassword>
$password = '<(?:\w+:)?\w*Password\b[^<>]*(?<!/)>(?:[^<]*(?:<(?!/(?:\w+:)?\w*Password\s*>)[^<]*){0,16}?<(?:\w+:)?Value\b[^<>]*(?<!/)>)?(?:\s|<!--(?:(?!-->)[\s\S]){0,512}-->)*(?!\*SENSITIVE)(?:[^<\s]|<!\[CDATA\[(?!\]))'

@{
    answer_files = Get-FactList { Get-AnswerFiles }
    # UTF-16 without its mark is legible once its zeros are gone.
    answer_files_with_password = Get-FactList {
        Get-AnswerFiles | Where-Object { ((Read-Whole $_) -replace '\0') -match $password }
    }
    custom_data = Get-FactList { Get-Paths @('AzureData\CustomData.bin') }
    # "protectedSettings": "MIIB..."
    protected_settings = Get-FactList {
        Get-Paths @('Packages\Plugins\*\*\RuntimeSettings\*.settings') |
            Where-Object { $_ -notlike '*\microsoft.cplat.core.runcommand*' } |
            Where-Object { (Read-Whole $_) -cmatch '"protectedSettings"\s*:\s*"[^"]' }
    }
    shell_histories = Get-FactList {
        Get-FilledPaths @(
            "$roaming\$history",
            "Windows\System32\config\systemprofile\AppData\Roaming\$history",
            'Users\*\Documents\PowerShell_transcript*.txt',
            'Users\*\Documents\*\PowerShell_transcript*.txt'
        )
    }
    tool_credentials = Get-FactList {
        Get-FilledPaths @(
            'Users\*\.azure',
            'Users\*\.aws',
            'Users\*\.ssh',
            'Users\*\.kube',
            'Users\*\.docker\config.json',
            'Users\*\.git-credentials',
            'Users\*\.config\gcloud'
        )
    }
    # Windows makes the last one by itself in every profile.
    stored_credentials = Get-FactList {
        Get-Paths @(
            "$roaming\Microsoft\Credentials\*",
            "$local\Microsoft\Credentials\*",
            "$roaming\Microsoft\Vault\*\*.vcrd",
            "$local\Microsoft\Vault\*\*.vcrd",
            "$roaming\Microsoft\Crypto\RSA\S-1-5-21-*\*",
            "$roaming\Microsoft\Crypto\Keys\*"
        ) | Where-Object { $_ -notlike '*DFBE70A7E5CC19A398EBF1B96859CE5D' }
    }
    ssh_host_keys = Get-FactList { Get-Paths @('ProgramData\ssh\ssh_host_*') }
    ssh_authorized_keys = Get-FactList {
        Get-FilledPaths @('ProgramData\ssh\administrators_authorized_keys', 'Users\*\.ssh\authorized_keys')
    }
}
