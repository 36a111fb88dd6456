"""Real servers for tests: started on free ports of loopback, ended by the process that was started."""
