"""Writes the vectors of this folder: an honest maker, told to make exactly one mistake.

    python -m tests.vectors.own.generate

Every file has a comment and `vectors`; each vector has

    name     unique in its file
    comment  why it must be accepted or refused
    base     the accepted vector it was made from by one change, or null
    input    what the function under test is given
    expect   "ok", or the code of the error (crypto/errors.py)
    output   what the function gives, where it gives something
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.vectors.own.maker import ELECTIONS, Json, Vector
from tests.vectors.own.ballots import ballots, box, openings
from tests.vectors.own.values import (
    definitions,
    elements,
    hashes,
    promises,
    scalars,
    tokens,
)
from tests.vectors.own.signing import checkpoints, codes, committees, salts, singles, step1s
from tests.vectors.own.committee import keyfiles, keys, shares, statements, transport, x25519

HERE = Path(__file__).parent

FILES: dict[str, tuple[str, Callable[[], Iterator[Vector]]]] = {
    "ballot": (
        "docs/protocol.md §5.3: ballot.decode, then ballot.check; output: the tracker",
        ballots,
    ),
    "box": ("docs/protocol.md §5.3: each ballot alone, then audit.ballots.Register", box),
    "checkpoint": (
        "docs/protocol.md §6: the text of a checkpoint, its signatures; output: its code",
        checkpoints,
    ),
    "code": ("docs/protocol.md §6.4: the codes, and what a person types", codes),
    "committee": (
        "docs/protocol.md §3.2: election.json and trustees.json; output: n, t, quorum",
        committees,
    ),
    "definition": ("docs/protocol.md §3: election.json; output: φ", definitions),
    "element": ("docs/protocol.md §2.3: decoding of elements", elements),
    "hash": ("docs/protocol.md §2.4: the hash to a scalar", hashes),
    "key": ("docs/protocol.md §5.1: what derives from a trustee's seed", keys),
    "keyfile": ("docs/protocol.md §5.1: the key file; output: its contents", keyfiles),
    "opening": ("docs/protocol.md §5.4: the opening of a ballot (Benaloh)", openings),
    "promise": ("docs/protocol.md §6.3: the promise of the box", promises),
    "salt": ("docs/protocol.md §6.4: the commitment to a salt", salts),
    "scalar": ("docs/protocol.md §2.3: decoding of scalars", scalars),
    "share": ("docs/protocol.md §7.2: a trustee's share file", shares),
    "single": ("docs/protocol.md §5.1: the message of a single trustee", singles),
    "statements": ("docs/protocol.md §8.2: shares.json beside an archive's shares", statements),
    "step1": ("docs/protocol.md §5.1: everyone's step 1, as trustee 1 reads it", step1s),
    "token": ("docs/protocol.md §5.2: the token", tokens),
    "transport": ("docs/protocol.md §5.1: the sealed share of step 2", transport),
    "x25519": ("docs/protocol.md §5.1: X25519 private keys of exponents", x25519),
}


def build(name: str) -> str:
    """The text of one file."""
    comment, make = FILES[name]
    head: Json = {"comment": comment}
    vectors = list(make())
    if any(
        isinstance(v["input"], dict) and v["input"].get("election") in ELECTIONS for v in vectors
    ):
        head["elections"] = {key: election.raw.decode() for key, election in ELECTIONS.items()}
    return json.dumps({**head, "vectors": vectors}, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for name in FILES:
        (HERE / f"{name}.json").write_text(build(name), "utf-8")
