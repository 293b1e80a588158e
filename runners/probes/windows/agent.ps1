# The services of the Azure guest agent. Those that do not exist are left out.

@{
    agent_services = Get-FactList {
        Get-CimInstance -ClassName Win32_Service -Filter "Name='RdAgent' OR Name='WindowsAzureGuestAgent'" |
            ForEach-Object { @{ name = [string] $_.Name; status = [string] $_.State } }
    }
}
