"""An embedded Azure on loopback, with guests: the default place to run, and the test bed."""
