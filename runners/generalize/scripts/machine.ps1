# This channel leads to a host by its name: act on the machine that was consented to, or not at all.
$seen = [string] (Get-CimInstance -ClassName Win32_ComputerSystemProduct).UUID
if (@(@MACHINES@) -notcontains $seen) { throw "this machine has system UUID $seen, and the VM to act on is another one" }
