"""The record of a session: its files, its bundle, and the audit over them.

stored.py   the byte-reproducible zip
bundle.py   the files of a record and their signed manifest
results.py  from totals to the results document
pool.py     worker processes for the checks of ballots
audit.py    the full check, as `phieukin audit` makes it
opening.py  shares onto an archive: what trustees and `tally combine` do
belenios.py the stock tool as a second opinion
files.py    whole files or none
"""
