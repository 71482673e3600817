"""Vectors of ballots, of what the box accepts, and of opened test ballots."""

import json
from collections.abc import Iterator
from crypto.encoding import b64_sha256, canonical
from crypto.group import G, Q
from tests.vectors.own.maker import (
    BALLOT,
    Json,
    Maker,
    Vector,
    X,
    changed,
    number,
    put,
    resigned,
    reverse,
    signed_bytes,
    vector,
    with_torsion,
)


def ballots() -> Iterator[Vector]:
    def given(raw: bytes, election: str = "line") -> Json:
        return {"election": election, "ballot": raw.decode()}

    def ok(name: str, comment: str, raw: bytes, election: str = "line") -> Vector:
        return vector(name, comment, given(raw, election), output=b64_sha256(raw))

    accept = Maker().make()
    zero_response = Maker(simulated=(number("c"), 0)).make()
    full = Maker(BALLOT, values=((1, 0), (0, 1))).make()
    first = ("answers", 0, "choices", 0)
    pair = ("answers", 0, "individual_proofs", 0)
    another = number("another s")

    yield ok("accept", "first level for the first official, the second line blank", accept)
    yield ok("accept_blank", "every line blank", Maker(values=((0, 0), (0, 0))).make())
    yield ok("accept_full", "no line may be blank and none is", full, "ballot")
    yield ok("accept_credential_g", "s = 1: the credential is g itself", Maker(secret=1).make())
    yield ok("accept_credential_inverse", "s = q − 1", Maker(secret=Q - 1).make())
    yield ok("accept_alpha_g", "r = 1: alpha is g", Maker(r={(0, 0): 1}).make())
    yield ok("accept_largest_r", "r = q − 1", Maker(r={(0, 0): Q - 1}).make())
    yield ok(
        "accept_identity_commitment",
        "w = 0: honest commitments are the identity",
        Maker(w=0).make(),
    )
    yield ok("accept_identity_signature", "w = 0 in the signature", Maker(sign_w=0).make())
    yield ok(
        "accept_zero_challenge",
        "simulated challenges are 0",
        Maker(simulated=(0, number("z"))).make(),
    )
    yield ok("accept_zero_response", "simulated responses are 0", zero_response)
    yield ok(
        "accept_zero_branch",
        "simulated challenges and responses are 0: those commitments are the identity",
        Maker(simulated=(0, 0)).make(),
    )
    yield ok(
        "accept_largest_scalars",
        "simulated challenges and responses are q − 1",
        Maker(simulated=(Q - 1, Q - 1)).make(),
    )

    def no(
        name: str,
        comment: str,
        raw: bytes,
        expect: str,
        base: str = "accept",
        election: str = "line",
    ) -> Vector:
        return vector(name, comment, given(raw, election), expect, base)

    yield no(
        "uuid",
        "for another session",
        resigned(accept, put("VectorsPhieuKin2", "election_uuid")),
        "bad_ballot",
    )
    yield no(
        "phi",
        "for another definition of the session",
        resigned(accept, put(BALLOT.phi, "election_hash")),
        "bad_ballot",
    )
    yield no(
        "credential_exchanged",
        "another credential put in: the signature no longer fits",
        changed(accept, put((G**another).hex, "credential")),
        "bad_signature",
    )
    yield no(
        "signed_by_another",
        "the signature is another credential's",
        Maker(signer=another).make(),
        "bad_signature",
    )
    yield no(
        "copied",
        "another's ciphertexts and proofs, signed by a credential of one's own",
        resigned(accept, put((G**another).hex, "credential"), another),
        "bad_proof",
    )
    yield no(
        "hash",
        "the hash in the signature is another ballot's",
        changed(accept, put(b64_sha256(b""), "signature", "hash")),
        "bad_signature",
    )
    hashed = json.loads(accept)["signature"]["hash"]
    loose = hashed[:-1] + chr(ord(hashed[-1]) + 1)
    yield no(
        "hash_loose_bits",
        "the last character of the hash has bits that no SHA-256 has",
        changed(accept, put(loose, "signature", "hash")),
        "malformed",
    )
    yield no(
        "two_marks",
        "both levels marked: the sum is 2",
        Maker(values=((1, 1), (0, 0))).make(),
        "bad_proof",
    )
    yield no("two", "a choice is 2", Maker(values=((2, 0), (0, 0))).make(), "bad_proof")
    yield no(
        "minus_one",
        "a choice is −1, to take a mark away",
        Maker(values=((-1, 0), (0, 0))).make(),
        "bad_proof",
    )
    yield no(
        "hidden_minus_one",
        "2 and −1: their sum is legal",
        Maker(values=((2, -1), (0, 0))).make(),
        "bad_proof",
    )
    yield no(
        "blank_forbidden",
        "a blank line where none is allowed",
        Maker(BALLOT, values=((1, 0), (0, 0))).make(),
        "bad_proof",
        "accept_full",
        "ballot",
    )
    yield no(
        "branches_exchanged",
        "the branches for 0 and 1 in the other order",
        resigned(accept, reverse(*pair)),
        "bad_proof",
    )
    yield no(
        "choices_exchanged",
        "the levels of a line in the other order, proofs as before",
        resigned(accept, reverse(*first[:-1])),
        "bad_proof",
    )
    yield no(
        "repeated_ciphertext",
        "the same ciphertext twice",
        Maker(values=((0, 0), (0, 0)), r={(0, 0): 5, (0, 1): 5}).make(),
        "repeated_ciphertext",
        "accept_blank",
    )
    yield no("alpha_identity", "r = 0: nothing is hidden", Maker(r={(0, 0): 0}).make(), "malformed")
    yield no(
        "beta_identity",
        "r = −1/x: beta is the identity",
        Maker(r={(0, 0): -pow(X, -1, Q) % Q}).make(),
        "malformed",
    )
    torsion = with_torsion(json.loads(accept)["answers"][0]["choices"][0]["alpha"])
    yield no(
        "alpha_torsion",
        "alpha times an element of order 8",
        resigned(accept, put(torsion, *first, "alpha")),
        "malformed",
    )
    yield no(
        "alpha_upper_case",
        "an upper-case digit",
        resigned(
            accept,
            put(json.loads(accept)["answers"][0]["choices"][0]["alpha"].upper(), *first, "alpha"),
        ),
        "malformed",
    )
    yield no(
        "alpha_not_a_point",
        "2 is no y coordinate of the curve",
        resigned(accept, put(f"{2:064x}", *first, "alpha")),
        "malformed",
    )
    yield no(
        "credential_identity",
        "C is the identity, s = 0: anybody can sign for it",
        Maker(secret=0).make(),
        "malformed",
    )
    place = next(
        i
        for i in (0, 1)
        if json.loads(zero_response)["answers"][0]["individual_proofs"][0][i]["response"] == "0"
    )
    for name, changes in {
        "q": str(Q),
        "leading_zero": "00",
        "sign": "-0",
        "plus": "+0",
        "empty": "",
        "space": " 0",
        "letter": "0x0",
        "fullwidth": "０",
    }.items():
        raw = resigned(zero_response, put(changes, *pair, place, "response"))
        yield no(
            f"response_{name}",
            f"{changes!r} is no spelling of 0",
            raw,
            "malformed",
            "accept_zero_response",
        )
    raw = resigned(zero_response, put(0, *pair, place, "response"))
    yield no("response_number", "a JSON number", raw, "malformed", "accept_zero_response")
    yield no(
        "response_one_more",
        "one more",
        resigned(zero_response, put("1", *pair, place, "response")),
        "bad_proof",
        "accept_zero_response",
    )
    yield no(
        "third_branch",
        "an individual proof with three branches",
        resigned(
            accept,
            lambda b: b["answers"][0]["individual_proofs"][0].append(
                {"challenge": "0", "response": "0"}
            ),
        ),
        "malformed",
    )
    yield no(
        "line_missing",
        "one answer for two officials",
        resigned(accept, lambda b: b["answers"].pop()),
        "malformed",
    )
    yield no(
        "level_missing",
        "one choice for two levels",
        resigned(accept, lambda b: b["answers"][0]["choices"].pop()),
        "malformed",
    )
    yield no("field_added", "an unknown field", resigned(accept, put("", "note")), "malformed")
    yield no(
        "fields_reordered",
        "beta before alpha",
        resigned(
            accept,
            put(dict(reversed(json.loads(accept)["answers"][0]["choices"][0].items())), *first),
        ),
        "malformed",
    )
    yield no(
        "space",
        "a space after a colon, signed with it: other bytes, another tracker",
        signed_bytes(accept.replace(b'"answers":', b'"answers": ')),
        "malformed",
    )
    yield no("newline", "a newline at the end", accept + b"\n", "malformed")
    yield no(
        "field_twice",
        "a field that stands twice",
        accept.replace(b'{"election_uuid"', b'{"election_uuid":"","election_uuid"', 1),
        "malformed",
    )
    yield no(
        "escaped",
        "an escaped letter in a name",
        accept.replace(b'"credential"', b'"\\u0063redential"'),
        "malformed",
    )
    yield no("not_json", "cut off", accept[:-1], "malformed")


def box() -> Iterator[Vector]:
    """What ballots must be to each other."""
    first, two = Maker(), Maker(secret=number("s2"), label="2")
    same = Maker(secret=number("s3"), label="3", r={(1, 0): first.randomness(1, 0)})
    again = Maker(label="again")
    stored = sorted([first.make(), two.make()], key=b64_sha256)

    def given(raws: list[bytes], *makers: Maker) -> Json:
        credentials = sorted((G**maker.secret).hex for maker in makers)
        return {
            "election": "line",
            "credentials": credentials,
            "ballots": [raw.decode() for raw in raws],
        }

    def by_tracker(*makers: Maker) -> list[bytes]:
        return sorted((maker.make() for maker in makers), key=b64_sha256)

    yield vector("accept", "two ballots in the order of their trackers", given(stored, first, two))
    yield vector(
        "accept_abstention", "a credential that did not vote", given([first.make()], first, two)
    )
    yield vector(
        "reversed",
        "not in the order of their trackers",
        given(stored[::-1], first, two),
        "bad_ballot",
        "accept",
    )
    yield vector(
        "unknown",
        "a credential that was never registered",
        given(stored, first),
        "unknown_credential",
        "accept",
    )
    yield vector(
        "again",
        "the same ballot again",
        given([stored[0], stored[0]], first, two),
        "second_ballot",
        "accept",
    )
    yield vector(
        "second",
        "another ballot of the same credential",
        given(by_tracker(first, again), first, two),
        "second_ballot",
        "accept",
    )
    yield vector(
        "ciphertext",
        "a ciphertext of another ballot, honestly proved by one who knows its randomness",
        given(by_tracker(first, same), first, same),
        "repeated_ciphertext",
        "accept",
    )


def openings() -> Iterator[Vector]:
    maker = Maker()
    raw = maker.make()
    value = {
        "schema": "phieukin.opening/1",
        "tracker": b64_sha256(raw),
        "choices": [0, None],
        "randomness": [[str(maker.randomness(i, j)) for j in (0, 1)] for i in (0, 1)],
    }

    def given(opening: Json) -> Json:
        return {"election": "line", "ballot": raw.decode(), "opening": canonical(opening).decode()}

    def no(name: str, comment: str, change: Json, expect: str) -> Vector:
        return vector(name, comment, given({**value, **change}), expect, "accept")

    another = Maker(label="other")
    yield vector("accept", "first level, then blank", given(value))
    yield no("choice", "the device claims another choice", {"choices": [1, None]}, "bad_ballot")
    yield no("blank", "the device claims a blank line", {"choices": [None, None]}, "bad_ballot")
    yield no(
        "randomness",
        "randomness of another ballot",
        {"randomness": [[str(another.randomness(i, j)) for j in (0, 1)] for i in (0, 1)]},
        "bad_ballot",
    )
    yield no(
        "tracker",
        "the opening of another ballot",
        {"tracker": b64_sha256(another.make())},
        "bad_ballot",
    )
    yield no("no_such_level", "a level that does not exist", {"choices": [2, None]}, "bad_ballot")
    yield no("negative", "a negative level", {"choices": [-1, None]}, "malformed")
    yield no("true", "true is not 1", {"choices": [True, None]}, "malformed")
    yield no(
        "line_missing",
        "randomness for one line",
        {"randomness": value["randomness"][:1]},
        "malformed",
    )
