"""A stranger's reading of §3.2, §5.1 and §5.2 of docs/protocol.md: definition, committee, tokens.

For `stranger.py`, with Python's library and PyNaCl, without a look at our code.
"""

import hashlib
import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.interop.stranger_formats import (
    DIGEST,
    ONE,
    PROOF,
    UUID,
    G,
    Party,
    Q,
    element,
    flag,
    key32,
    matches,
    need,
    number,
    power,
    proves,
    raw,
    read_json,
    sha256,
    shape,
    signs,
    spell,
    text,
    times,
    unbase64,
)

CHANNELS = ("miniapp", "browser", "chat", "cli", "paper")
POLICY = {
    "levels": [{"key": matches("(?!blank$)[a-z][a-z_]{0,31}"), "label": text()}],
    "channels": [matches("|".join(CHANNELS))], "min_ballots": number(5),
    "regime": matches("[a-z0-9][a-z0-9-]{0,31}"), "invalid": matches("line|ballot"),
    "publication": matches("public|members"), "recovery": matches("phone|none"),
    "rehearsal": flag, "check_seconds": number(0, 3600),
}  # fmt: skip
DEFINITION = {
    "version": 1, "description": text(0), "name": text(), "group": "Ed25519", "public_key": element,
    "questions": [{"answers": [text()], "min": number(0, 1), "max": 1, "question": text()}],
    "uuid": UUID,
    "phieukin": {
        "version": 2, "trustees": DIGEST,
        "committee": {"threshold": number(1), "members": [{"key": key32, "salts": (DIGEST,) * 3}]},
        "session": DIGEST, "issuer": lambda value: unbase64(value, 422),
        "registrar": key32, "box": key32, "chair": key32,
        "roster": {"size": number(1), "mac": DIGEST},
        "officials": [{"name": text(), "position": text(0)}], "policy": POLICY,
    },
}  # fmt: skip
SIGNED = {"message": matches("(?s).*"), "signature": PROOF}
KEY = {"pok": PROOF, "public_key": element}
PEDERSEN = {
    "threshold": number(1), "certs": [SIGNED], "coefexps": [SIGNED], "signatures": [PROOF],
    "verification_keys": [KEY | {"signature": PROOF}],
}  # fmt: skip
# §3.2: DER around the 384 bytes of a modulus.
SPKI = bytes.fromhex("308201a2300d06092a864886f70d01010105000382018f003082018a0282018100")
EXPONENT = bytes.fromhex("0203010001")


@dataclass(frozen=True)
class Item:
    """§5.1: as written, how many open it, its key, each owner's certificate key and share key."""

    written: Any
    needed: int
    key: bytes
    owners: list[tuple[bytes, bytes]]


def read_item(item: Any) -> Item:
    """§5.1: an item of trustees.json with the messages inside; nothing is proved yet."""
    need(type(item) is list and len(item) == 2, "an item of trustees.json")
    if item[0] == "Single":
        shape(item, ("Single", KEY), "a Single")
        key = raw(item[1]["public_key"])
        return Item(item[1], 1, key, [(key, key)])
    shape(item, ("Pedersen", PEDERSEN), "a Pedersen")
    certs, coefexps, _, keys = lists = [item[1][name] for name in list(PEDERSEN)[1:]]
    n, needed = len(certs), item[1]["threshold"]
    need({len(each) for each in lists} == {n} and needed <= n, "the lists of a Pedersen")
    owners, zeroth = [], []
    for i in range(n):
        context = {"group": "Ed25519", "size": n, "threshold": needed, "index": i + 1}
        inside = {"context": context, "verification": element, "encryption": element}
        cert = read_json(certs[i]["message"].encode(), inside, f"certificate {i + 1}")
        powers = {"coefexps": (element,) * needed}
        zeroth.append(read_json(coefexps[i]["message"].encode(), powers, "powers")["coefexps"][0])
        owners.append((raw(cert["verification"]), raw(keys[i]["public_key"])))
    return Item(item[1], needed, times(map(raw, zeroth)), owners)


def check_pedersen(pedersen: Any, owners: Sequence[tuple[bytes, bytes]]) -> None:
    """§5.1: certificates, powers, transcripts and share keys of all members."""
    messages = [json.loads(each["message"])["coefexps"] for each in pedersen["coefexps"]]
    for i, (public, share) in enumerate(owners):
        for signed in (pedersen["certs"][i], pedersen["coefexps"][i]):
            need(signs(public, signed["message"], signed["signature"]), f"a message of {i + 1}")
        transcript = spell({"certs": pedersen["certs"], "coefexps": messages[i]}).decode()
        holds = signs(public, "certs_sig|" + transcript, pedersen["signatures"][i])
        need(holds, f"the transcript of {i + 1}")
        powers = (power(raw(A), (i + 1) ** k) for each in messages for k, A in enumerate(each))
        need(share == times(powers), f"the share key of {i + 1} is not made of the powers")
        key = pedersen["verification_keys"][i]
        need(signs(public, key["public_key"], key["signature"]), f"a signature of {i + 1}")


def read_trustees(data: bytes, election: Any) -> list[Item]:
    """§5.1, and §3.2 about them: committee and public_key are those of the items."""
    entries = read_json(data, [lambda item: type(item) is list], "trustees.json")
    need(1 <= len(entries) <= 32, "trustees.json has not 1 to 32 items")
    items, committee = [read_item(entry) for entry in entries], election["phieukin"]["committee"]
    members = [unbase64(member["key"], 32) for member in committee["members"]]
    need(members == [key for item in items for key, _ in item.owners], "the committee's keys")
    need(committee["threshold"] == sum(item.needed for item in items), "the committee's threshold")
    need(ONE not in (item.key for item in items), "the key of an item is the identity")
    need(times(item.key for item in items) == raw(election["public_key"]), "public_key")
    return items


def check_trustees(items: list[Item]) -> None:
    """§5.1: what members signed, and possession of every share key."""
    for item in items:
        keys = [item.written]
        if "certs" in item.written:
            check_pedersen(item.written, item.owners)
            keys = item.written["verification_keys"]
        for key in keys:
            prefix = f"pok|Ed25519|{key['public_key']}|"
            need(proves(prefix, [(G, raw(key["public_key"]))], key["pok"]), "possession of a key")


def check_ceremony(data: bytes, items: list[Item], members: list[Party]) -> None:
    """§5.1: what ceremony.json says of each member of a Pedersen, item by item."""
    each = {"commitment": DIGEST, "committed": PROOF, "shares": DIGEST, "sent": PROOF}
    pattern = {"schema": "phieukin.ceremony/1", "trustees": [each]}
    public, first = read_json(data, pattern, "ceremony.json")["trustees"], 0
    for item in items:
        n, here = len(item.owners), members[first:]
        if "certs" in item.written:
            need(len(public) >= n, "ceremony.json has too few trustees")
            check_steps(item.written, public[:n], here[:n])
            public = public[n:]
        first += n
    need(not public, "ceremony.json has too many trustees")


def check_steps(pedersen: Any, public: Any, members: list[Party]) -> None:
    """§5.1: steps 1 and 2: committed before anyone revealed, and what was revealed later."""
    step1s = []
    for i, (said, member) in enumerate(zip(public, members, strict=True)):
        cert, revealed = pedersen["certs"][i], pedersen["coefexps"][i]["message"]
        commitment = sha256(spell(["phieukin commitment v1", cert, revealed]))
        need(said["commitment"] == commitment, f"{member.name} revealed something else")
        step1 = {"schema": "phieukin.step1/2", "certificate": cert, "commitment": commitment}
        step1s.append(spell(step1 | {"salts": member.salts, "signature": said["committed"]}))
        words = f"phieukin step1|{cert['message']}|{commitment}|{','.join(member.salts)}"
        need(signs(member.key, words, said["committed"]), f"step 1 of {member.name}")
    agreed = sha256(b"\n".join(step1s))
    for said, member in zip(public, members, strict=True):
        words = f"phieukin step2|{agreed}|{said['shares']}"
        need(signs(member.key, words, said["sent"]), f"step 2 of {member.name}")


def openers(items: list[Item], owners: Iterable[int]) -> list[tuple[int, list[int]]]:
    """§7.3: the owner before each item, and who opens it: of a Single it, of a Pedersen T."""
    first, chosen, numbers = 0, [], set(owners)
    for item in items:
        members = [k for k in range(1, len(item.owners) + 1) if first + k in numbers]
        need(len(members) == item.needed, "not exactly the shares that are needed")
        chosen.append((first, members))
        first += len(item.owners)
    return chosen


def combine(items: list[Item], factors: dict[int, list[bytes]]) -> list[bytes]:
    """§7.3: the factors of all items, of each by Lagrange's formula."""
    total = [ONE] * len(next(iter(factors.values())))
    for first, members in openers(items, factors):
        for i in members:
            weight = 1
            for k in members:
                weight = weight * (k * pow(k - i, -1, Q) if k != i else 1) % Q
            terms = (power(factor, weight) for factor in factors[first + i])
            total = [times(pair) for pair in zip(total, terms, strict=True)]
    return total


def pss_verifies(n: int, message: bytes, signature: bytes) -> bool:
    """RFC 8017 §8.1.2, §9.1.2 with SHA-384, a salt of 48 bytes and emBits 3071."""
    s = int.from_bytes(signature, "big")
    if s >= n:
        return False
    encoded = pow(s, 65537, n).to_bytes(384, "big")
    masked, h = encoded[:335], encoded[335:383]
    mask = b"".join(hashlib.sha384(h + struct.pack(">I", i)).digest() for i in range(7))
    db = bytes(a ^ b for a, b in zip(masked, mask, strict=False))
    digest = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + db[-48:]).digest()
    return (masked[0] < 128 and bytes([db[0] & 127]) + db[1:-48] == bytes(286) + b"\1"
        and encoded[383] == 0xBC and digest == h)  # fmt: skip


def check_policy(policy: Any) -> None:
    """§3.2."""
    levels, channels = policy["levels"], policy["channels"]
    need(2 <= len(levels) <= 5, "the number of levels")
    for name in ("key", "label"):
        need(len({level[name] for level in levels}) == len(levels), f"a {name} stands twice")
    order = [name for name in CHANNELS if name in channels]
    need(channels and channels == order, "the channels")
    need(policy["rehearsal"] or policy["check_seconds"] >= 30, "check_seconds")


def check_questions(questions: Any, policy: Any, officials: Any) -> None:
    """§3.1: one about each official, and at most 200."""
    need(len({spell(each) for each in officials}) == len(officials), "two officials are alike")
    least, labels = int(policy["invalid"] == "ballot"), [each["label"] for each in policy["levels"]]
    names = [" – ".join(filter(None, (each["name"], each["position"]))) for each in officials]
    expected = [{"answers": labels, "min": least, "max": 1, "question": name} for name in names]
    need(questions == expected and 1 <= len(names) <= 200, "the questions")


def read_issuer(value: str) -> int:
    """§3.2: the modulus of the token key: 3072 bits, odd, with e = 65537."""
    der = unbase64(value, 422)
    need(der[33] >= 128 and der[416] % 2, "the issuer's modulus")
    need(der.startswith(SPKI) and der.endswith(EXPONENT), "the issuer's key is written otherwise")
    return int.from_bytes(der[33:417], "big")


def read_members(election: Any) -> tuple[dict[str, Party], list[Party]]:
    """§3.2, §6.2: who signs notes; all keys and all salts differ."""
    own, uuid = election["phieukin"], election["uuid"]
    committee = own["committee"]
    need(committee["threshold"] <= len(committee["members"]) < 2 * committee["threshold"], "2t > n")
    parties = {
        name: Party(f"phieukin/{uuid}/{name}", unbase64(own[name], 32))
        for name in ("registrar", "box", "chair")
    }
    members = [
        Party(f"phieukin/{uuid}/trustee-{k}", unbase64(member["key"], 32), member["salts"])
        for k, member in enumerate(committee["members"], 1)
    ]
    keys = {party.key for party in (*parties.values(), *members)}
    need(len(keys) == 3 + len(members), "two parties have one key")
    salts = {salt for member in members for salt in member.salts}
    need(len(salts) == 3 * len(members), "two salts are alike")
    return parties, members
