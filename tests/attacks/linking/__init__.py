"""How well somebody who has every byte on the disk can tell whose ballot is whose, in numbers.

matching.py   the attack: whatever orders people is laid beside whatever orders ballots
interval.py   what a number of hits says
__main__.py   the long run over many sessions: `make attacks`

attacks/disk.py, which this builds on, says yes or no to each single trace; this says how much.
"""
