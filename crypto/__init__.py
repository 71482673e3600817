"""The protocol of a secret confidence vote: pure functions over bytes (docs/protocol.md).

Read it in the order of a session; docs/architecture.md walks a credential through the files.

    trustees           who holds the key of the session, and the proof that they hold it properly
    ceremony           how n trustees make it so that any t of them can use their part, and no t − 1
    ceremony_messages  the files that they hand to each other for that
    keyfile            what one of them keeps, sealed: seed, share, which tally was opened
    committee          its keys and salts in the definition, its quorum, the codes people compare
    session            election.json, whose hash φ is the session's identity; officials and policy
    lifecycle          the states of a session and what leads from one to the next
    blind, token       RFC 9474; one blind signature for each person on the roster
    ballot             encrypt and sign; decode and check: one decision for box, trustees, auditor
    tally              the product of the ballots, shares of its decryption, the totals
    archive            the .bel container of all this, byte for byte as Belenios writes it
    note, checkpoint   what the parties sign on the way: states, promises, changes of the roster
    audit/             the numbered checks that anyone can make afterwards

They stand on encoding (one spelling for every value; `Fields` reads an object and names what is
wrong), group (Ed25519), sigma (proofs), elgamal, dlog and shamir. errors.py is every way to say
no. Nothing here reads a file, a clock or a network.

To vote call `ballot.prepare`; to decide about a ballot `ballot.decode` and `ballot.check`; to
audit `audit.archive.audit_archive` and `audit.evidence.check_evidence`.
"""
