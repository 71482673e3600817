"""The modules whose checks are weakened, and the tests that must notice, the quickest first."""

from typing import Final

_CRYPTO: Final = "tests/crypto/test_"
# crypto/x.py is judged by tests/crypto/test_x*.py; beside them or in their place:
OTHERS: Final[dict[str, tuple[str, ...]]] = {
    "crypto/archive.py": ("archive", "archive_bytes"),
    "crypto/audit/archive.py": ("audit", "audit_ballots"),
    "crypto/audit/ballots.py": ("audit_ballots", "audit"),
    "crypto/audit/evidence.py": ("evidence", "evidence_checkpoints", "amendment"),
    "crypto/ballot.py": ("ballot", "ballot_bytes", "ballot_opening", "audit_ballots"),
    "crypto/blind.py": ("blind", "blind_keys", "rfc9474"),
    "crypto/ceremony.py": ("ceremony", "ceremony_faults"),
    "crypto/ceremony_messages.py": ("ceremony", "ceremony_faults"),
    "crypto/checkpoint.py": ("checkpoint", "amendment", "evidence_checkpoints"),
    "crypto/committee.py": ("committee",),
    "crypto/encoding.py": ("encoding", "encoding_values"),
    "crypto/group.py": ("group", "elgamal"),
    "crypto/keyfile.py": ("keyfile",),
    "crypto/note.py": ("note", "note_spelling"),
    "crypto/session.py": ("session", "audit"),
    "crypto/shamir.py": ("shamir",),
    "crypto/sigma.py": ("sigma", "interval"),
    "crypto/tally.py": ("tally",),
    "crypto/token.py": ("token",),
    "crypto/trustees.py": ("trustees", "audit"),
}
_RECORD: Final = "tests/admin/record/test_"
RECORD: Final[dict[str, tuple[str, ...]]] = {
    "admin/record/audit.py": ("audit", "levels"),
    "admin/record/bundle.py": ("bundle", "audit"),
    "admin/record/levels.py": ("levels",),
    "admin/record/stored.py": ("stored",),
}
TESTS: Final[dict[str, list[str]]] = {
    module: [f"{folder}{name}.py" for name in names]
    for folder, modules in ((_CRYPTO, OTHERS), (_RECORD, RECORD))
    for module, names in modules.items()
}
