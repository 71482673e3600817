"""Every vector of this folder gives what it says, and is what `generate.py` writes."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto import ballot, blind, checkpoint, keyfile, note, tally, token
from crypto.audit.ballots import Register, check_batch
from crypto.blind import IssuerKey
from crypto.ceremony_messages import Step2, open_share
from crypto.encoding import b64_sha256
from crypto.errors import BadDefinition, ProtocolError
from crypto.group import G, element, montgomery, montgomery_secret, scalar
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State
from crypto.note import NoteKey
from crypto.session import Election, same_fingerprint
from crypto.sigma import Proof, hash_to_scalar
from crypto.tally import Share, Tally
from crypto.trustees import SignedMessage, Trustees
from tests.crypto.naive import belenios_hash, decode
from tests.vectors.own import generate

HERE = Path(__file__).parent
Json = Any
FILES = {name: json.loads((HERE / f"{name}.json").read_text("utf-8")) for name in generate.FILES}
VECTORS = [(name, vector) for name, file in FILES.items() for vector in file["vectors"]]


def election(name: str) -> Election:
    """One of the two definitions that the vectors share."""
    return Election.decode(generate.ELECTIONS[name].raw)


def run_ballot(given: Json) -> Json:
    decoded = ballot.decode(given["ballot"].encode(), election(given["election"]))
    ballot.check(decoded, election(given["election"]))
    assert ballot.encode(decoded) == decoded.raw
    return decoded.tracker


def run_box(given: Json) -> None:
    members = [element(c, "credential") for c in given["credentials"]]
    register, raw = Register(members, ordered=True), election(given["election"]).raw
    for number, one in enumerate(given["ballots"], start=1):
        register.add(check_batch(raw, number, [one.encode()]))


def run_checkpoint(given: Json) -> Json:
    counts = tuple(given["counts"])
    definition = election("line")
    assert (definition.uuid, definition.phi) == (given["uuid"], given["phi"])
    listed = given["listed"].encode()
    made = checkpoint.make(definition, State(given["state"]), counts, listed)
    keys = [NoteKey.from_vkey(key) for key in given["keys"]]
    checkpoint.check(note.parse(given["note"].encode()), made, keys)
    return {"body": made.body, "short_code": made.short_code}


def run_definition(given: Json) -> Json:
    decoded = Election.decode(given.encode())
    if decoded.parameters is not None:
        IssuerKey.from_spki(decoded.parameters.issuer)
    return decoded.phi


def run_element(given: Json) -> None:
    found = element(given["element"], "element", identity=given["identity"])
    assert found.hex == given["element"]


def run_fingerprint(given: Json) -> Json:
    definition = Election.decode(given["election"].encode())
    if not same_fingerprint(definition.phi, given["said"]):
        raise BadDefinition("as `phieukin audit --fingerprint` says")
    return {"phi": definition.phi, "display": definition.spoken_phi}


def run_hash(given: Json) -> Json:
    members = [element(e, "element", identity=True) for e in given["elements"]]
    points = [point for e in members if (point := decode(e.raw)) is not None]
    found = hash_to_scalar(given["prefix"], members)
    assert found == belenios_hash(given["prefix"], points)
    return str(found)


def run_key(given: Json) -> Json:
    state = TrusteeState(given["seed"], given["index"], given["size"], given["threshold"])
    signing = keyfile.signing_scalar(state.seed)
    decryption = keyfile.decryption_scalar(state.seed)
    assert state.signing_secret == signing
    return {
        "signing": str(signing),
        "decryption": str(decryption),
        "verification": (G**signing).hex,
        "encryption": (G**decryption).hex,
        "coefficients": [str(a) for a in state.polynomial],
    }


def run_keyfile(given: Json) -> Json:
    state = keyfile.unseal(given["file"].encode(), given["passphrase"], "key file")
    return json.dumps(state.to_json(), separators=(",", ":"))


def run_opening(given: Json) -> None:
    opening = ballot.Opening.decode(given["opening"].encode())
    ballot.check_opening(given["ballot"].encode(), election(given["election"]), opening)


def run_promise(given: Json) -> None:
    definition = election(given["election"])
    assert definition.parameters is not None
    promise = note.parse(given["promise"].encode())
    checkpoint.check_promise(promise, definition, definition.parameters, given["tracker"])


def run_scalar(given: Json) -> None:
    assert str(scalar(given, "scalar")) == given


def run_share(given: Json) -> None:
    definition = election(given["election"])
    trustees = Trustees.decode(given["trustees"].encode())
    total = Tally.decode(given["tally"].encode(), definition)
    share = Share.decode_file(given["share"].encode(), "share", definition)
    tally.check_share(definition, trustees, total, share)
    assert share.encode_file(definition.phi) == given["share"].encode()


def run_token(given: Json) -> Json:
    key = IssuerKey.from_spki(base64.b64decode(given["issuer"]))
    credential = element(given["credential"], "credential")
    made = base64.b64decode(given["token"])
    token.check_token(key, given["phi"], credential, made)
    output = FILES["token"]["vectors"][0]["output"]
    salt, blinding = bytes.fromhex(output["salt"]), bytes.fromhex(output["blinding"])
    blinded = token.request_token_from(key, given["phi"], credential, salt, blinding)
    answer = blind.blind_sign(generate.ISSUER, blinded.blinded_message)
    assert token.receive_token(key, given["phi"], credential, answer, blinded) == made
    return {
        "message": token.token_message(given["phi"], credential).decode(),
        "salt": salt.hex(),
        "blinding": blinding.hex(),
        "blinded_message": blinded.blinded_message.hex(),
        "blind_signature": answer.hex(),
    }


def run_transport(given: Json) -> Json:
    nothing = Proof(0, 0)
    shares = (base64.b64decode(given["sealed"]),) * 2
    message = Step2(
        given["sender"], given["agreed"], SignedMessage("", nothing), nothing, shares, nothing
    )
    secret = keyfile.decryption_scalar(given["seed"])
    share = open_share(message, given["agreed"], given["receiver"], secret)
    info = f"phieukin share v1\n{given['agreed']}\n{given['sender']}\n{given['receiver']}\n"
    return {"share": str(share), "info": info}


def run_x25519(given: Json) -> Json:
    exponent = scalar(given, "exponent")
    private = montgomery_secret(exponent)
    return {"private": private.hex(), "public": montgomery(G**exponent).hex()}


RUN: dict[str, Callable[[Json], Json]] = {
    name.removeprefix("run_"): function
    for name, function in list(globals().items())
    if name.startswith("run_")
}


@pytest.mark.parametrize(
    ("file", "vector"), [pytest.param(f, v, id=f"{f}-{v['name']}") for f, v in VECTORS]
)
def test_vector(file: str, vector: Json):
    """Accepted with its output, or refused with its error code."""
    try:
        output = RUN[file](vector["input"])
    except ProtocolError as error:
        assert error.code == vector["expect"], str(error)
    else:
        assert vector["expect"] == "ok"
        if output is not None:
            assert output == vector["output"]


@pytest.mark.parametrize("name", generate.FILES)
def test_file_is_what_its_generator_writes(name: str):
    """`python -m tests.vectors.own.generate` changes nothing."""
    assert (HERE / f"{name}.json").read_text("utf-8") == generate.build(name)


@pytest.mark.parametrize("name", generate.FILES)
def test_every_refusal_names_an_accepted_base(name: str):
    """A program that refuses everything fails: each defect stands beside what is right."""
    vectors = FILES[name]["vectors"]
    accepted = {v["name"] for v in vectors if v["expect"] == "ok"}

    assert len({v["name"] for v in vectors}) == len(vectors)
    assert all(v["base"] in accepted for v in vectors if v["expect"] != "ok")
    assert all(
        list(v)[:5] == ["name", "comment", "base", "input", "expect"] and v["comment"]
        for v in vectors
    )


def test_shared_definitions_are_in_the_files():
    """Another program finds the definitions beside the vectors that name them."""
    for file in FILES.values():
        for name, text in file.get("elections", {}).items():
            assert text.encode() == election(name).raw
            assert b64_sha256(text.encode()) == election(name).phi
