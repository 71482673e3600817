"""What the phone page and the command line make passes in the other; what is wrong, in neither."""

import base64
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin.client.voter import Secrets
from admin.voting import codes
from crypto import ballot, blind, checkpoint, encoding, note, token
from crypto.audit import evidence
from crypto.errors import BadCheckpoint, ProtocolError
from crypto.group import G, random_scalar
from crypto.lifecycle import State
from crypto.session import Election, Parameters
from tests import testkit
from tests.crypto import room
from tests.interop.page import PAGE, SECONDS, VITEST, Page, Refused, node

pytestmark = pytest.mark.slow

Json = Any
KINDS = [(2, "line"), (2, "ballot"), (3, "line"), (3, "ballot")]
BACKUP, OTHER_BACKUP = "RSTVWXYZ23456789", "TSTVWXYZ23456789"
FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=3)


@cache
def session(levels: int = 3, invalid: str = "line") -> testkit.Session:
    return testkit.seal(officials=4, levels=levels, invalid=invalid)


def text_of(election: Election) -> str:
    return election.raw.decode()


def parameters(election: Election) -> Parameters:
    assert election.parameters is not None
    return election.parameters


def choices_of(election: Election) -> st.SearchStrategy[list[int | None]]:
    """Any choices that are allowed."""
    levels = [[*range(len(q.answers)), *([None] if q.low == 0 else [])] for q in election.questions]
    return st.tuples(*(st.sampled_from(line) for line in levels)).map(list)


def code_of(error: pytest.ExceptionInfo[ProtocolError]) -> str:
    return error.value.code


# --- Its own tests ------------------------------------------------------------------------


def test_the_tests_of_the_page():
    """Vectors, figures of the RFCs, mutations: bot/miniapp/test."""
    environment = {**os.environ, "NO_COLOR": "1"}
    run = subprocess.run(
        [node(), str(VITEST), "run"],
        cwd=PAGE, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


# --- Definition ---------------------------------------------------------------------------


@pytest.mark.parametrize(("levels", "invalid"), KINDS)
def test_a_definition_is_read_alike(page: Page, levels: int, invalid: str):
    election = session(levels, invalid).election
    read = page.ask("session", election=text_of(election))
    policy = parameters(election).policy

    assert (read["uuid"], read["name"]) == (election.uuid, election.name)
    assert read["phi"] == election.phi
    assert read["committee"] == parameters(election).committee.to_json()
    assert read["publicKey"] == election.public_key.hex
    assert [q["question"] for q in read["questions"]] == [q.question for q in election.questions]
    assert [level["label"] for level in read["policy"]["levels"]] == [
        level.label for level in policy.levels
    ]
    assert read["policy"]["fewest"] == policy.fewest
    assert read["policy"]["checkSeconds"] == policy.check_seconds


def _no_majority(committee: Json) -> None:
    committee["threshold"] = 1


def _more_than_all(committee: Json) -> None:
    committee["threshold"] = 4


def _one_key_twice(committee: Json) -> None:
    committee["members"][1]["key"] = committee["members"][0]["key"]


def _one_salt_twice(committee: Json) -> None:
    committee["members"][1]["salts"][2] = committee["members"][0]["salts"][0]


def _two_salts(committee: Json) -> None:
    committee["members"][2]["salts"].pop()


def _nobody(committee: Json) -> None:
    committee["members"] = []


def _no_key(committee: Json) -> None:
    committee["members"][0]["key"] = encoding.to_base64(b"\xff" * 32)


@pytest.mark.parametrize(
    "alter",
    [
        _no_majority, _more_than_all, _one_key_twice, _one_salt_twice,
        _two_salts, _nobody, _no_key,
    ],
)  # fmt: skip
def test_a_committee_that_protects_nobody_is_refused_alike(
    page: Page, alter: Callable[[Json], None]
):
    value = json.loads(session().election.raw)
    alter(value["phieukin"]["committee"])
    raw = encoding.canonical(value)
    with pytest.raises(ProtocolError) as caught:
        Election.decode(raw)
    assert caught.value.code == "malformed"
    page.refuses("malformed", "session", election=raw.decode())


def test_a_key_of_the_server_is_no_trustees(page: Page):
    """Nor may the time for the phones' check be shorter than half a minute, but in a rehearsal."""
    value = json.loads(session().election.raw)
    ours = value["phieukin"]
    for change in (
        {"chair": ours["committee"]["members"][0]["key"]},
        {"version": 1},
        {"policy": {**ours["policy"], "rehearsal": False, "check_seconds": 29}},
        {"policy": {**ours["policy"], "check_seconds": 3601}},
    ):
        raw = encoding.canonical({**value, "phieukin": {**ours, **change}})
        with pytest.raises(ProtocolError) as caught:
            Election.decode(raw)
        page.refuses(code_of(caught), "session", election=raw.decode())


@pytest.mark.parametrize(
    "typed",
    [
        "7kq2",
        "7KQ2",
        " 7-K q2\n",
        "7kQZ",
        "",
        "7KQ2X",
        "ſKQ2",
        "7K\u2011Q2.",
        "\u200b7\u2013K\xa0Q2\u201d",
        "\uff17KQ2",
        "φ 7KQ2",
        "7KQ2-0IO1-7KQ2-7KQ2-7kq2.",
        "7KQ2-7KQ2-7KQ2-7KQ2-7KQ",
        "7KQ2-7KQ2-7KQ2-7KQ2-7KQU",
    ],
)
def test_a_code_is_typed_alike(page: Page, typed: str):
    for code in ("7KQ2", "5KQ2", "0I1O".replace("I", "1").replace("O", "0")):
        same = encoding.same_code(code, typed)
        answer = {"same": same, "shaped": encoding.is_code(typed)}
        assert page.ask("same_code", code=code, typed=typed) == answer


# --- Ballots ------------------------------------------------------------------------------


@pytest.mark.parametrize(("levels", "invalid"), KINDS)
@FEW
@given(data=st.data())
def test_ballots_of_the_page(page: Page, levels: int, invalid: str, data: st.DataObject):
    """The box accepts them, and they hold what was chosen."""
    election = session(levels, invalid).election
    secret, choices = random_scalar(), data.draw(choices_of(election))
    prepared = page.ask(
        "make_ballot", election=text_of(election), secret=str(secret), choices=json.dumps(choices)
    )
    raw = prepared["ballot"].encode()
    decoded = ballot.decode(raw, election)
    ballot.check(decoded, election)
    assert (decoded.credential, decoded.tracker) == (G**secret, prepared["tracker"])
    opening = ballot.Opening.decode(prepared["opening"].encode())
    ballot.check_opening(raw, election, opening)
    assert list(opening.choices) == choices


@pytest.mark.parametrize(("levels", "invalid"), KINDS)
@FEW
@given(data=st.data())
def test_ballots_of_the_command_line(page: Page, levels: int, invalid: str, data: st.DataObject):
    election = session(levels, invalid).election
    secret, choices = random_scalar(), data.draw(choices_of(election))
    raw, opening = ballot.prepare(election, secret, choices)
    inputs = {"election": text_of(election), "ballot": raw.decode()}
    assert page.ask("check_ballot", **inputs) == {
        "tracker": opening.tracker,
        "credential": (G**secret).hex,
    }
    opening_json = encoding.canonical(opening.to_json()).decode()
    assert page.ask("check_opening", **inputs, opening=opening_json) == {"choices": choices}


def test_choices_that_are_not_allowed(page: Page):
    for choices in ([0, 0, 0, None], [0, 0, 0], [0, 0, 0, 2], [0, 0, 0, -1]):
        election = session(2, "ballot").election
        inputs = {"secret": "5", "choices": json.dumps(choices)}
        page.refuses("bad_ballot", "make_ballot", election=text_of(election), **inputs)


def test_an_opening_that_lies_is_refused_alike(page: Page):
    election = session(3, "line").election
    raw, opening = ballot.prepare(election, random_scalar(), [0, 1, None, 2])
    honest = opening.to_json()
    first = honest["randomness"][0]
    lies: list[Json] = [
        {**honest, "choices": [0, 1, 0, 2]},
        {**honest, "choices": [0, 1, None, 3]},
        {**honest, "choices": [0, 1, None]},
        {**honest, "tracker": election.phi},
        {**honest, "randomness": [first[:2], *honest["randomness"][1:]]},
        {**honest, "randomness": [[*first[:2], "7"], *honest["randomness"][1:]]},
        {**honest, "schema": "phieukin.opening/2"},
    ]
    for lie in lies:
        lie_json = encoding.canonical(lie)
        with pytest.raises(ProtocolError) as caught:
            ballot.check_opening(raw, election, ballot.Opening.decode(lie_json))
        inputs = {
            "election": text_of(election),
            "ballot": raw.decode(),
            "opening": lie_json.decode(),
        }
        page.refuses(code_of(caught), "check_opening", **inputs)


# --- Tokens, secrets, codes ---------------------------------------------------------------


def test_tokens_of_the_page(page: Page):
    """Asked for there, signed here, received there, accepted here."""
    sealed = session()
    issuer, phi, election = sealed.issuer.public, sealed.phi, text_of(sealed.election)
    for _ in range(3):
        credential = G ** random_scalar()
        request = page.ask("request_token", election=election, credential=credential.hex)
        answer = blind.blind_sign(sealed.issuer, base64.b64decode(request["blinded"]))
        inputs = {"election": election, "credential": credential.hex, "inverse": request["inverse"]}
        received = page.ask("receive_token", **inputs, answer=encoding.to_base64(answer))
        token.check_token(issuer, phi, credential, base64.b64decode(received["token"]))
        false = {**inputs, "credential": G.hex}
        page.refuses("bad_token", "receive_token", **false, answer=encoding.to_base64(answer))
        for code, wrong in [
            ("bad_token", bytes([*answer[:-1], answer[-1] ^ 1])),
            ("malformed", answer[1:]),
            ("malformed", b"\xff" * len(answer)),
        ]:
            page.refuses(code, "receive_token", **inputs, answer=encoding.to_base64(wrong))


def test_tokens_of_the_command_line(page: Page):
    sealed = session()
    credential, election = G ** random_scalar(), text_of(sealed.election)
    inputs = {"token": encoding.to_base64(sealed.token(credential)), "election": election}
    page.ask("check_token", **inputs, credential=credential.hex)
    page.refuses("bad_token", "check_token", **inputs, credential=G.hex)
    elsewhere = {**inputs, "election": text_of(session(2, "line").election)}
    page.refuses("bad_token", "check_token", **elsewhere, credential=credential.hex)


def test_secrets_of_the_page_go_on_here(page: Page):
    """Kept by a phone, they give its token to the command line."""
    honest = session()
    uuid, phi, issuer = (honest.election.uuid, honest.phi, honest.issuer.public)
    answer_of_page = page.ask("make_secrets", election=text_of(honest.election))
    sealed = page.ask("seal", backup=BACKUP, uuid=uuid, secret=answer_of_page["secrets"])["sealed"]
    key = codes.recovery_key(BACKUP, uuid)
    raw = codes.unseal(key, uuid, base64.b64decode(sealed))
    secrets = Secrets.decode(raw, phi, issuer)
    assert (secrets.credential.hex, secrets.encode(phi)) == (answer_of_page["credential"], raw)
    answer = blind.blind_sign(honest.issuer, secrets.request.blinded_message)
    signature = token.receive_token(issuer, phi, secrets.credential, answer, secrets.request)
    token.check_token(issuer, phi, secrets.credential, signature)


def test_secrets_of_the_command_line_go_on_there(page: Page):
    honest = session()
    uuid, phi, election = (honest.election.uuid, honest.phi, text_of(honest.election))
    secrets = Secrets.make(honest.issuer.public, phi)
    sealed = codes.seal(codes.recovery_key(BACKUP, uuid), uuid, secrets.encode(phi))
    recovery = {"uuid": uuid, "sealed": encoding.to_base64(sealed)}
    opened = page.ask("unseal", backup=BACKUP, **recovery)["secret"]
    assert opened.encode() == secrets.encode(phi)
    read = page.ask("read_secrets", election=election, secrets=opened)
    assert (read["secret"], read["credential"]) == (str(secrets.secret), secrets.credential.hex)
    answer = blind.blind_sign(honest.issuer, base64.b64decode(read["blinded"]))
    inputs = {"credential": read["credential"], "inverse": read["inverse"]}
    received = page.ask(
        "receive_token", election=election, **inputs, answer=encoding.to_base64(answer)
    )
    token.check_token(
        honest.issuer.public, phi, secrets.credential, base64.b64decode(received["token"])
    )

    page.refuses("bad_code", "unseal", backup=OTHER_BACKUP, **recovery)
    page.refuses("bad_code", "unseal", backup=BACKUP, **{**recovery, "uuid": "Phieu1Kin2Test3B"})
    elsewhere = text_of(session(2, "line").election)
    page.refuses("bad_definition", "read_secrets", election=elsewhere, secrets=opened)


def test_altered_secrets_are_refused_alike(page: Page):
    honest = session()
    issuer = honest.issuer.public
    value = json.loads(Secrets.make(issuer, honest.phi).encode(honest.phi))
    reordered = {name: value[name] for name in reversed(value)}
    changes: list[Json] = [
        {"secret": "0"}, {"secret": "00"}, {"secret": 5}, {"blinded": value["blinded"][4:]},
        {"inverse": ""}, {"inverse": value["inverse"][:-2]}, {"phi": session(2).phi},
        {"phi": "x"}, {"schema": "phieukin.voter/2"}, {"more": 1},
    ]  # fmt: skip
    for altered in [reordered, *({**value, **change} for change in changes)]:
        raw = encoding.canonical(altered)
        with pytest.raises(ProtocolError) as caught:
            Secrets.decode(raw, honest.phi, issuer)
        inputs = {"election": text_of(honest.election), "secrets": raw.decode()}
        page.refuses(code_of(caught), "read_secrets", **inputs)


# --- Notes --------------------------------------------------------------------------------


def test_promises_of_the_box(page: Page):
    sealed = session()
    election, phi, uuid = text_of(sealed.election), sealed.phi, sealed.election.uuid
    tracker = encoding.b64_sha256(b"a ballot")
    body = checkpoint.promise_body(uuid, phi, tracker)
    promise = note.sign(body, [sealed.box]).encode().decode()
    inputs = {"election": election, "tracker": tracker}
    assert page.ask("check_promise", promise=promise, **inputs) == {"tracker": tracker}

    of_the_chair = note.sign(body, [sealed.chair]).encode().decode()
    page.refuses("bad_checkpoint", "check_promise", promise=of_the_chair, **inputs)
    page.refuses("bad_checkpoint", "check_promise", promise=promise, election=election, tracker=phi)
    page.refuses("malformed", "check_promise", promise=promise[:-1], **inputs)
    elsewhere = {**inputs, "election": text_of(session(2).election)}
    page.refuses("bad_checkpoint", "check_promise", promise=promise, **elsewhere)


@cache
def notes_of(owners: tuple[int, ...] = (1, 2, 3)) -> dict[State, bytes]:
    """The four checkpoints of a session, and what they say; these trustees signed them."""
    sealed, listed = testkit.session(), testkit.honest()
    return {s: sealed.note(fixed, owners) for s, fixed in sealed.checkpoints(listed).items()}


def told(notes: dict[State, bytes], state: State) -> dict[str, str]:
    """What the page is asked with about the note of a state."""
    file = encoding.to_base64(checkpoint.join(list(notes.values())))
    return {"election": text_of(testkit.session().election), "checkpoints": file, "state": state}


def lists() -> dict[State, bytes]:
    parts = testkit.honest()
    trackers = evidence.encode_trackers([encoding.b64_sha256(raw) for raw in parts.ballots])
    final = (parts.trustees, parts.credentials, trackers, parts.result)
    return dict(zip(checkpoint.COUNTS, final, strict=True))


def test_checkpoints_of_a_session(page: Page):
    """All four, by what a voter knows of them."""
    fixed = testkit.session().checkpoints(testkit.honest())
    for state, listed in lists().items():
        inputs = {**told(notes_of(), state), "listed": listed.decode()}
        made, names = fixed[state], checkpoint.COUNTS[state]
        counted = json.dumps(dict(zip(names, made.counts, strict=True)))
        for known in (counted, "{}"):
            read = page.ask("check_state", **inputs, known=known)
            expected = {"counts": list(made.counts), "opening": made.opening, "body": made.body}
            assert read == expected
        page.refuses("bad_checkpoint", "check_state", **{**inputs, "listed": "[]"}, known="{}")
        wrong = json.dumps({names[-1]: 99})
        page.refuses("bad_checkpoint", "check_state", **inputs, known=wrong)


@pytest.mark.parametrize("party", ["registrar", "box", "chair"])
def test_a_closing_without_a_party_of_the_server(page: Page, party: str):
    """The registrar, too, signs the close: it says how many there were on paper."""
    sealed = testkit.session()
    fixed = sealed.checkpoints(testkit.honest())[State.CLOSED]
    others = [s for s in sealed.signers(State.CLOSED) if not s.key.name.endswith(party)]
    notes = {**notes_of(), State.CLOSED: note.sign(fixed.body, others).encode()}
    inputs = {**told(notes, State.CLOSED), "listed": lists()[State.CLOSED].decode()}
    page.refuses("bad_checkpoint", "check_state", **inputs, known="{}")


# --- The committee ------------------------------------------------------------------------


def test_codes_of_the_committee(page: Page):
    """From everyone's signatures the same three codes; while one is missing, none."""
    sealed = testkit.session()
    for state in checkpoint.MOMENT_OF:
        signed = note.parse(notes_of()[state])
        code = checkpoint.check_committee(signed, sealed.election, sealed.parameters)
        answer = page.ask("committee_code", **told(notes_of(), state))
        assert answer == {"code": code, "signers": [1, 2, 3]}
        for owners in ((), (2,), (1, 3)):
            answer = page.ask("committee_code", **told(notes_of(owners), state))
            assert answer == {"code": None, "signers": list(owners)}
    page.refuses("bad_checkpoint", "committee_code", **told(notes_of(), State.TALLIED))


Lie = Callable[[note.TrusteeSigner], note.TrusteeSigner]


@pytest.mark.parametrize(
    "lie",
    [
        lambda signer: replace(signer, salt=bytes(32)),
        lambda signer: replace(signer, salt=signer.salt[:-1]),
        lambda signer: replace(signer, secret=signer.secret + 1),
    ],
    ids=["another_salt", "short_salt", "another_signature"],
)
@pytest.mark.parametrize("state", [State.SEALED, State.OPEN, State.CLOSED])
def test_a_trustees_lie_is_found_alike(page: Page, state: State, lie: Lie):
    """Another salt, one that is too short, another's signature: also where others are missing."""
    sealed = testkit.session()
    body = note.parse(notes_of()[state]).text
    moment = checkpoint.MOMENT_OF[state]
    for owners in ((1, 2, 3), (2,)):
        trustees = [sealed.trustee_signer(owner, moment) for owner in owners]
        keys = {signer.key.name: signer.key for signer in trustees}
        lines = [_under(keys, lie(s), body) if s.name.endswith("2") else _line(s, body)
                 for s in trustees]  # fmt: skip
        server = note.sign(body, sealed.signers(state, ()))
        raw = note.Note(body, (*server.signatures, *lines)).encode()
        with pytest.raises(BadCheckpoint):
            checkpoint.check_trustee(note.parse(raw), sealed.election, sealed.parameters, 2)
        notes = {**notes_of(), state: raw}
        page.refuses("bad_checkpoint", "committee_code", **told(notes, state))


def _line(signer: note.TrusteeSigner, body: str) -> note.Signature:
    return note.sign(body, [signer]).signatures[0]


def _under(keys: dict[str, note.NoteKey], signer: note.TrusteeSigner, body: str) -> note.Signature:
    """What somebody signs, under the key that is expected."""
    key = keys[signer.name]
    return note.Signature(key.name, key.key_id, signer.sign(body.encode()))


def test_another_sessions_signatures_give_no_code(page: Page):
    """The same committee in another definition: its opening and closing are not this one's."""
    other = testkit.seal(description="another")
    notes = notes_of()
    for state in checkpoint.MOMENT_OF:
        inputs = {**told(notes, state), "election": text_of(other.election)}
        with pytest.raises(BadCheckpoint):
            checkpoint.check_committee(note.parse(notes[state]), other.election, other.parameters)
        page.refuses("bad_checkpoint", "committee_code", **inputs)


def test_exactly_a_quorum_signs(page: Page, monkeypatch: pytest.MonkeyPatch):
    """Any four of five where four must; with a fifth line another code could be shown as well."""
    with monkeypatch.context() as patched:
        patched.setattr(testkit, "committee", lambda: room.hold(5, 3))
        five = testkit.seal()
    fixed = checkpoint.make(five.election, State.OPEN, (13, 12, 11, 10, 0), b"[]")

    def ask(owners: tuple[int, ...]) -> Json:
        notes = {State.SEALED: b"x\n\ny\n", State.OPEN: five.note(fixed, owners)}
        return page.ask(
            "committee_code", **{**told(notes, State.OPEN), "election": text_of(five.election)}
        )

    codes_shown = set()
    for owners in ((1, 2, 3, 4), (1, 2, 4, 5)):
        code = ask(owners)["code"]
        signed = note.parse(five.note(fixed, owners))
        assert code == checkpoint.check_committee(signed, five.election, five.parameters)
        codes_shown.add(code)
    assert len(codes_shown) == 2
    assert ask((1, 2, 5))["code"] is None
    with pytest.raises(Refused, match="bad_checkpoint"):
        ask((1, 2, 3, 4, 5))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "phieukin/x\nclosed\n",
        "cast 05",
        "no opening",
        "opening twice",
        "an opening",
        "a digest",
    ],
)
def test_texts_that_are_no_checkpoints_are_refused_alike(page: Page, text: str):
    closing = note.parse(notes_of()[State.CLOSED]).text
    opening = note.parse(notes_of()[State.OPEN]).text
    line = next(line for line in closing.split("\n") if line.startswith("opening "))
    altered = {
        "cast 05": closing.replace("cast ", "cast 0"),
        "no opening": closing.replace(line + "\n", ""),
        "opening twice": closing.replace(line, f"{line}\n{line}"),
        "an opening": opening.replace("list ", f"{line}\nlist "),
        "a digest": closing.replace("list ", "list x"),
    }.get(text, text)
    with pytest.raises(BadCheckpoint):
        checkpoint.Checkpoint.from_body(altered)
    page.refuses("bad_checkpoint", "checkpoint", text=altered)
    for honest in (opening, closing):
        assert page.ask("checkpoint", text=honest) == {"body": honest}
