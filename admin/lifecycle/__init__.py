"""What is done to a session, from seal to record; steps may be repeated after a crash.

steps.py        the one table of steps: when, what stands against each, what it does
electronic.py   what a step does in an electronic vote
on_paper.py     what it does in a vote on paper only
counted.py      what a session counted, for its minutes and its result file
seal.py         from a draft and the trustees' messages to a definition that everyone has signed
amend.py        a numbered change of the sealed roster
venues.py       at most two venues for one person
"""
