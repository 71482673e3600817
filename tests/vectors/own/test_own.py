"""Every vector of this folder gives what it says, and is what `generate.py` writes."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto import ballot, blind, ceremony, checkpoint, committee, keyfile, note, tally, token
from crypto.audit.archive import check_statements
from crypto.audit.ballots import Register, check_batch
from crypto.audit.report import Cast, Setup
from crypto.blind import IssuerKey
from crypto.ceremony_messages import SingleKey, Step1, Step2, open_share
from crypto.checkpoint import MOMENT_OF
from crypto.committee import Moment
from crypto.encoding import b64_sha256, same_code, to_base64
from crypto.errors import BadDefinition, ProtocolError
from crypto.group import G, element, montgomery, montgomery_secret, scalar
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State
from crypto.note import NoteKey
from crypto.session import Election
from crypto.sigma import Proof, hash_to_scalar
from crypto.tally import PartialDecryption, Share, Tally
from crypto.trustees import SignedMessage, Trustees
from tests.crypto.naive import belenios_hash, decode
from tests.vectors.own import generate, maker

HERE = Path(__file__).parent
Json = Any
FILES = {name: json.loads((HERE / f"{name}.json").read_text("utf-8")) for name in generate.FILES}
VECTORS = [(name, vector) for name, file in FILES.items() for vector in file["vectors"]]


def election(name: str) -> Election:
    """One of the definitions that the vectors share."""
    return Election.decode(maker.ELECTIONS[name].raw)


def run_ballot(inputs: Json) -> Json:
    decoded = ballot.decode(inputs["ballot"].encode(), election(inputs["election"]))
    ballot.check(decoded, election(inputs["election"]))
    assert ballot.encode(decoded) == decoded.raw
    return decoded.tracker


def run_box(inputs: Json) -> None:
    members = [element(c, "credential") for c in inputs["credentials"]]
    register, raw = Register(members, ordered=True), election(inputs["election"]).raw
    for number, document in enumerate(inputs["ballots"], start=1):
        register.add(check_batch(raw, number, [document.encode()]))


def run_checkpoint(inputs: Json) -> Json:
    definition, state, counts = election(inputs["election"]), inputs["state"], inputs["counts"]
    parameters = definition.parameters
    assert parameters is not None
    listed, opening = inputs["listed"].encode(), inputs["opening"]
    issuance = inputs["issuance"].encode()
    fixed = checkpoint.make(
        definition, State(state), counts, listed, opening=opening, issuance=issuance
    )
    keys = checkpoint.party_keys(definition, parameters, State(state))
    signed = note.parse(inputs["note"].encode())
    checkpoint.check(signed, fixed, keys)
    owners, code = checkpoint.signers(signed, definition, parameters), None
    if state in MOMENT_OF:
        code = checkpoint.check_committee(signed, definition, parameters)
    assert checkpoint.Checkpoint.from_body(fixed.body) == fixed
    keys += [checkpoint.trustee_key(definition, parameters, owner) for owner in owners]
    assert [NoteKey.from_vkey(key.vkey) for key in keys] == keys
    vkeys = [key.vkey for key in keys]
    return {"body": fixed.body, "keys": vkeys, "signers": owners, "code": code}


def run_code(inputs: Json) -> Json:
    salts = [bytes.fromhex(salt) for salt in inputs["salts"]]
    code = committee.code(Moment(inputs["moment"]), bytes.fromhex(inputs["digest"]), salts)
    if not same_code(code, inputs["typed"]):
        raise BadDefinition("as `phieukin audit --fingerprint` says")
    return code


def run_committee(inputs: Json) -> Json:
    definition = Election.decode(inputs["election"].encode())
    trustees = Trustees.decode(inputs["trustees"].encode())
    trustees.check()
    definition.check_trustees(trustees)
    assert definition.parameters is not None
    ours = definition.parameters.committee
    return [ours.size, ours.threshold, ours.quorum]


def run_definition(inputs: Json) -> Json:
    decoded = Election.decode(inputs.encode())
    if decoded.parameters is not None:
        IssuerKey.from_spki(decoded.parameters.issuer)
    return decoded.phi


def run_element(inputs: Json) -> None:
    member = element(inputs["element"], "element", identity=inputs["identity"])
    assert member.hex == inputs["element"]


def run_hash(inputs: Json) -> Json:
    members = [element(e, "element", identity=True) for e in inputs["elements"]]
    points = [point for e in members if (point := decode(e.raw)) is not None]
    challenge = hash_to_scalar(inputs["prefix"], members)
    assert challenge == belenios_hash(inputs["prefix"], points)
    return str(challenge)


def run_key(inputs: Json) -> Json:
    state = TrusteeState(inputs["seed"], inputs["index"], inputs["size"], inputs["threshold"])
    signing = keyfile.signing_scalar(state.seed)
    decryption = keyfile.decryption_scalar(state.seed)
    assert state.signing_secret == signing
    return {
        "signing": str(signing),
        "decryption": str(decryption),
        "verification": (G**signing).hex,
        "encryption": (G**decryption).hex,
        "coefficients": [str(a) for a in state.polynomial],
        "salts": [state.salt(moment).hex() for moment in Moment],
        "commitments": list(state.salt_commitments),
    }


def run_keyfile(inputs: Json) -> Json:
    state = keyfile.unseal(inputs["file"].encode(), inputs["passphrase"], "key file")
    return json.dumps(state.to_json(), separators=(",", ":"))


def run_opening(inputs: Json) -> None:
    opening = ballot.Opening.decode(inputs["opening"].encode())
    ballot.check_opening(inputs["ballot"].encode(), election(inputs["election"]), opening)


def run_promise(inputs: Json) -> None:
    definition = election(inputs["election"])
    assert definition.parameters is not None
    promise = note.parse(inputs["promise"].encode())
    checkpoint.check_promise(promise, definition, definition.parameters, inputs["tracker"])


def run_salt(inputs: Json) -> Json:
    key, salt = bytes.fromhex(inputs["key"]), bytes.fromhex(inputs["salt"])
    return committee.salt_commitment(Moment(inputs["moment"]), key, salt)


def run_scalar(inputs: Json) -> None:
    assert str(scalar(inputs, "scalar")) == inputs


def run_share(inputs: Json) -> None:
    definition = election(inputs["election"])
    trustees = Trustees.decode(inputs["trustees"].encode())
    total = Tally.decode(inputs["tally"].encode(), definition)
    share = Share.decode_file(inputs["share"].encode(), "share", definition)
    tally.check_share(definition, trustees, total, share)
    assert share.encode_file(definition.phi) == inputs["share"].encode()


def run_single(inputs: Json) -> Json:
    message = SingleKey.decode(inputs.encode(), "single")
    message.item.check("single")
    return {"key": to_base64(message.item.public_key.raw), "salts": list(message.salts)}


def run_statements(inputs: Json) -> None:
    definition = election(inputs["election"])
    trustees = Trustees.decode(inputs["trustees"].encode())
    total = Tally.decode(inputs["tally"].encode(), definition)
    shares = [
        PartialDecryption.decode(member["share"].encode(), member["owner"], definition)
        for member in inputs["shares"]
    ]
    setup, cast = Setup(definition, trustees, [], b""), Cast([], total, ended=True)
    check_statements(inputs["statements"].encode(), setup, cast, shares)


def run_step1(inputs: Json) -> Json:
    own = inputs["step1s"][inputs["index"] - 1]
    state = TrusteeState(
        inputs["seed"], inputs["index"], inputs["size"], inputs["threshold"], (own,)
    )
    step1s = [
        Step1.decode(text.encode(), f"step 1 of trustee {i}")
        for i, text in enumerate(inputs["step1s"], start=1)
    ]
    assert [step1.encode().decode() for step1 in step1s] == inputs["step1s"]
    ceremony.step2(state, step1s)
    return {
        "agreement": ceremony.agreement_code(step1s),
        "committee": ceremony.committee_of(inputs["threshold"], step1s).to_json(),
        "statement": step1s[1].statement,
    }


def run_token(inputs: Json) -> Json:
    key = IssuerKey.from_spki(base64.b64decode(inputs["issuer"]))
    credential = element(inputs["credential"], "credential")
    signature = base64.b64decode(inputs["token"])
    token.check_token(key, inputs["phi"], credential, signature)
    output = FILES["token"]["vectors"][0]["output"]
    salt, blinding = bytes.fromhex(output["salt"]), bytes.fromhex(output["blinding"])
    blinded = token.request_token_from(key, inputs["phi"], credential, salt, blinding)
    answer = blind.blind_sign(maker.ISSUER, blinded.blinded_message)
    assert token.receive_token(key, inputs["phi"], credential, answer, blinded) == signature
    return {
        "message": token.token_message(inputs["phi"], credential).decode(),
        "salt": salt.hex(),
        "blinding": blinding.hex(),
        "blinded_message": blinded.blinded_message.hex(),
        "blind_signature": answer.hex(),
    }


def run_transport(inputs: Json) -> Json:
    nothing = Proof(0, 0)
    shares = (base64.b64decode(inputs["sealed"]),) * 2
    message = Step2(
        inputs["sender"], inputs["agreed"], SignedMessage("", nothing), nothing, shares, nothing
    )
    secret = keyfile.decryption_scalar(inputs["seed"])
    share = open_share(message, inputs["agreed"], inputs["receiver"], secret)
    info = f"phieukin share v1\n{inputs['agreed']}\n{inputs['sender']}\n{inputs['receiver']}\n"
    return {"share": str(share), "info": info}


def run_x25519(inputs: Json) -> Json:
    exponent = scalar(inputs, "exponent")
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
