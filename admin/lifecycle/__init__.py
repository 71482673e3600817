"""What is done to a session, from seal to record; steps may be repeated after a crash."""
