"""Measurements: each module prints a table and asserts nothing. Run all with `make bench`."""
