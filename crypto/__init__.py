"""The protocol of a secret confidence vote: pure functions over bytes.

Read it in the order of a session (docs/protocol.md):

    trustees, ceremony   the key of which any t of n trustees can use their part
    session              election.json, whose fingerprint φ is the session's identity
    blind, token         one blind signature for each person on the roster
    ballot               encrypt and sign; decode and check: one decision for box and audit
    tally                the product of the ballots, shares of its decryption, the totals
    archive              the .bel container, byte for byte
    note, checkpoint     what the parties sign on the way
    audit/               the numbered checks that anyone can make afterwards

over encoding (one spelling for every value), group (Ed25519), sigma (proofs), elgamal, dlog
and shamir. Nothing here reads a file, a clock or a network; errors.py is every way to say no.
To vote call `ballot.prepare`; to decide about a ballot `ballot.decode` and `ballot.check`; to
audit `audit.archive.audit_archive` and `audit.evidence.check_evidence`.
"""
