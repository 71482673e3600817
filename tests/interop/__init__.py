"""Programs we did not write, against which we are compared."""
