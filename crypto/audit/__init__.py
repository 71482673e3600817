"""The audit: the numbered checks of docs/protocol.md §9.1, each marked `# (n)` where it is made.

     0 container    the zip of a record, and its names                        admin/record/audit.py
     1 archive      the .bel container, its names, the chain and order of events        archive.py
     2 definition   election.json, and that it belongs to trustees.json
     3 trustees     every certificate, signature, verification key and proof of possession
     4 credentials  group elements, distinct, in order
     5 ballots      each: bytes, session, signature, proofs; one per credential;        ballots.py
                    no ciphertext twice in the session; in the order of their trackers
     6 tally        recomputed from the ballots and equal                               archive.py
     7 enough       at least the least number of ballots that may be opened
     8 shares       each of Belenios' decryption proofs; exactly the needed trustees
    18 statements   of a record: each share's one proof over all of its factors
     9 result       recomputed from the shares and equal
     c promises     no ballot that the box has promised is missing            admin/record/audit.py
     b belenios     a stock belenios-tool accepts the archive
     0 manifest     every file as listed, signed by the chair
    10 session      session.json is the one whose hash is in election.json             evidence.py
    11 tokens       every registered credential has a valid token, and no other has
    12 ceremony     the trustees committed to their parts before they saw the others'
    13 counts       roster ≥ present ≥ issued ≥ registered ≥ cast = tallied; paper
    14 checkpoints  sealed, open, closed, tallied: each says what the record says and is
                    signed by registrar, box and chair
    15 definition_signed  by every trustee, who revealed the salt it had committed to
    16 opening_signed     by a quorum of them
    17 closing_signed     by a quorum of them
     a fingerprint  the session code, or φ, is what the auditor was shown     admin/record/audit.py
    19 levels       keys, labels and order of the levels are the regime's
    20 results      results.json is what the totals and the regime give
    21 auditor      the auditors' bundle, if there is one, fits the record

The checks are made in this order and the first that fails ends the audit: each may rely on all
before it. A failed check raises the error of its kind (crypto/errors.py); report.py keeps what
was checked and found. A stock definition (one without our parameters) lists its credentials and
ballots in any order.
"""
