"""The record of a session: its files, its bundle, the audit over them (docs/protocol.md §8, §9).

session_file.py  session.json, what people call the session (§3.4)
results.py       from totals to results.json (§7.4)
stored.py        the zip with one spelling
bundle.py        the files of a record and their signed manifest (§8.2)
audit.py         the full check, as `phieukin audit` makes it (§9.1)
opening.py       shares onto an archive: what trustees and `tally combine` do (§7.2, §7.3)
pool.py          worker processes for the checks of ballots
belenios.py      the stock tool as a second opinion (§8.3)
files.py         whole files or none

Beside the record: auditor.py (the auditors' bundle, never public), scan.py (signed minutes, the
scan). Over many records: consolidate.py side by side, venues.py who is rated at which venues.
"""
