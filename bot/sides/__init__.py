"""The registrar's side, the box's side and the public facts, which `web` and `chat` both ask.

    registrar    who somebody is; one token for each. Knows no credential, ballot or tracker.
    box          credentials and ballots. Knows no name, code or bearer.
    board        definition, state and counts of a session, once or followed
    checking     the processes that check and encrypt ballots
    closing      ends the vote at the announced time
    problem      refusals that no rule of the protocol makes

`registrar` and `box` know nothing of each other (import-linter).
"""
