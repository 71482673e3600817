"""What the phone page and the command line make passes in the other; what is wrong, in neither."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin.client.voter import Secrets
from admin.voting import codes
from crypto import ballot, blind, checkpoint, encoding, note, token
from crypto.errors import ProtocolError
from crypto.group import G, random_scalar
from crypto.lifecycle import State
from crypto.session import Election, Parameters
from tests import testkit
from tests.interop.page import PAGE, SECONDS, VITEST, Page, node, started

pytestmark = pytest.mark.slow

Json = Any
KINDS = [(2, "line"), (2, "ballot"), (3, "line"), (3, "ballot")]
BACKUP, OTHER_BACKUP = "RSTVWXYZ23456789", "TSTVWXYZ23456789"
FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=3)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with started(tmp_path_factory.mktemp("exchange")) as page:
        yield page


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
    assert (read["phi"], read["spokenPhi"]) == (election.phi, election.spoken_phi)
    assert read["publicKey"] == election.public_key.hex
    assert [q["question"] for q in read["questions"]] == [q.question for q in election.questions]
    assert [level["label"] for level in read["policy"]["levels"]] == [
        level.label for level in policy.levels
    ]
    assert read["policy"]["fewest"] == policy.fewest
    for typed in (election.spoken_phi.lower().replace("-", " "), f" {election.phi}\n"):
        assert page.ask("same_fingerprint", phi=election.phi, said=typed)["same"]
    assert not page.ask("same_fingerprint", phi=election.phi, said="0" * 20)["same"]


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
            ("bad_token", bytes([0, *answer[1:]])),
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


def test_checkpoints_of_a_session(page: Page):
    """All four, by what a voter knows of them."""
    sealed = session()
    counts_of: dict[State, list[int]] = {
        State.SEALED: [sealed.parameters.roster_size],
        State.OPEN: [13, 12, 11, 10],
        State.CLOSED: [10, 9],
        State.TALLIED: [9, 9],
    }
    notes = [sealed.note(state, counts, state.encode()) for state, counts in counts_of.items()]
    file = encoding.to_base64(checkpoint.join(notes))
    for (state, counts), signed in zip(counts_of.items(), notes, strict=True):
        inputs = {"election": text_of(sealed.election), "checkpoints": file, "state": str(state)}
        known_counts = json.dumps(dict(zip(checkpoint.COUNTS[state], counts, strict=True)))
        for counted in (known_counts, "{}"):
            read = page.ask("check_state", **inputs, listed=str(state), known=counted)
            text = note.parse(signed).text
            code = checkpoint.short_code(text)
            assert read == {"counts": counts, "code": code, "body": text}
        page.refuses("bad_checkpoint", "check_state", **inputs, listed="other", known="{}")
        wrong = json.dumps({checkpoint.COUNTS[state][-1]: 99})
        page.refuses("bad_checkpoint", "check_state", **inputs, listed=str(state), known=wrong)
    seal = checkpoint.make(sealed.election, State.SEALED, counts_of[State.SEALED], b"sealed").body
    lacking = encoding.to_base64(note.sign(seal, [sealed.registrar]).encode())
    first = {"checkpoints": lacking, "state": "sealed", "listed": "sealed", "known": "{}"}
    page.refuses("bad_checkpoint", "check_state", election=text_of(sealed.election), **first)
