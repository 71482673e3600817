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
HALF, OTHER_HALF = "RSTVWXYZ23456789", "01ABCDEFGHJKMNPQ"
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
    for said in (election.spoken_phi.lower().replace("-", " "), f" {election.phi}\n"):
        assert page.ask("same_fingerprint", phi=election.phi, said=said)["same"]
    assert not page.ask("same_fingerprint", phi=election.phi, said="0" * 20)["same"]


# --- Ballots ------------------------------------------------------------------------------


@pytest.mark.parametrize(("levels", "invalid"), KINDS)
@FEW
@given(data=st.data())
def test_ballots_of_the_page(page: Page, levels: int, invalid: str, data: st.DataObject):
    """The box accepts them, and they hold what was chosen."""
    election = session(levels, invalid).election
    secret, choices = random_scalar(), data.draw(choices_of(election))
    made = page.ask(
        "make_ballot",
        election=text_of(election),
        secret=str(secret),
        choices=json.dumps(choices),
    )
    raw = made["ballot"].encode()
    decoded = ballot.decode(raw, election)
    ballot.check(decoded, election)
    assert (decoded.credential, decoded.tracker) == (G**secret, made["tracker"])
    opening = ballot.Opening.decode(made["opening"].encode())
    ballot.check_opening(raw, election, opening)
    assert list(opening.choices) == choices


@pytest.mark.parametrize(("levels", "invalid"), KINDS)
@FEW
@given(data=st.data())
def test_ballots_of_the_command_line(page: Page, levels: int, invalid: str, data: st.DataObject):
    election = session(levels, invalid).election
    secret, choices = random_scalar(), data.draw(choices_of(election))
    raw, opening = ballot.prepare(election, secret, choices)
    told = {"election": text_of(election), "ballot": raw.decode()}
    assert page.ask("check_ballot", **told) == {
        "tracker": opening.tracker,
        "credential": (G**secret).hex,
    }
    said = encoding.canonical(opening.to_json()).decode()
    assert page.ask("check_opening", **told, opening=said) == {"choices": choices}


def test_choices_that_are_not_allowed(page: Page):
    for choices in ([0, 0, 0, None], [0, 0, 0], [0, 0, 0, 2], [0, 0, 0, -1]):
        election = session(2, "ballot").election
        told = {"secret": "5", "choices": json.dumps(choices)}
        page.refuses("bad_ballot", "make_ballot", election=text_of(election), **told)


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
        said = encoding.canonical(lie)
        with pytest.raises(ProtocolError) as caught:
            ballot.check_opening(raw, election, ballot.Opening.decode(said))
        told = {"election": text_of(election), "ballot": raw.decode(), "opening": said.decode()}
        page.refuses(code_of(caught), "check_opening", **told)


# --- Tokens, secrets, codes ---------------------------------------------------------------


def test_tokens_of_the_page(page: Page):
    """Asked for there, signed here, received there, accepted here."""
    made = session()
    issuer, phi, election = made.issuer.public, made.phi, text_of(made.election)
    for _ in range(3):
        credential = G ** random_scalar()
        asked = page.ask("request_token", election=election, credential=credential.hex)
        answer = blind.blind_sign(made.issuer, base64.b64decode(asked["blinded"]))
        told = {"election": election, "credential": credential.hex, "inverse": asked["inverse"]}
        got = page.ask("receive_token", **told, answer=encoding.to_base64(answer))
        token.check_token(issuer, phi, credential, base64.b64decode(got["token"]))
        false = {**told, "credential": G.hex}
        page.refuses("bad_token", "receive_token", **false, answer=encoding.to_base64(answer))
        for code, wrong in [
            ("bad_token", bytes([0, *answer[1:]])),
            ("malformed", answer[1:]),
            ("malformed", b"\xff" * len(answer)),
        ]:
            page.refuses(code, "receive_token", **told, answer=encoding.to_base64(wrong))


def test_tokens_of_the_command_line(page: Page):
    made = session()
    credential, election = G ** random_scalar(), text_of(made.election)
    told = {"token": encoding.to_base64(made.token(credential)), "election": election}
    page.ask("check_token", **told, credential=credential.hex)
    page.refuses("bad_token", "check_token", **told, credential=G.hex)
    other = {**told, "election": text_of(session(2, "line").election)}
    page.refuses("bad_token", "check_token", **other, credential=credential.hex)


def test_secrets_of_the_page_go_on_here(page: Page):
    """Kept by a phone, they give its token to the command line."""
    made = session()
    uuid, phi, issuer = made.election.uuid, made.phi, made.issuer.public
    said = page.ask("make_secrets", election=text_of(made.election))
    sealed = page.ask("seal", half=HALF, uuid=uuid, secret=said["secrets"])["sealed"]
    key = codes.recovery_key(HALF, uuid)
    raw = codes.unseal(key, uuid, base64.b64decode(sealed))
    mine = Secrets.decode(raw, phi, issuer)
    assert (mine.credential.hex, mine.encode(phi)) == (said["credential"], raw)
    answer = blind.blind_sign(made.issuer, mine.request.blinded_message)
    got = token.receive_token(issuer, phi, mine.credential, answer, mine.request)
    token.check_token(issuer, phi, mine.credential, got)


def test_secrets_of_the_command_line_go_on_there(page: Page):
    made = session()
    uuid, phi, election = made.election.uuid, made.phi, text_of(made.election)
    mine = Secrets.make(made.issuer.public, phi)
    sealed = codes.seal(codes.recovery_key(HALF, uuid), uuid, mine.encode(phi))
    kept = {"uuid": uuid, "sealed": encoding.to_base64(sealed)}
    opened = page.ask("unseal", half=HALF, **kept)["secret"]
    assert opened.encode() == mine.encode(phi)
    read = page.ask("read_secrets", election=election, secrets=opened)
    assert (read["secret"], read["credential"]) == (str(mine.secret), mine.credential.hex)
    answer = blind.blind_sign(made.issuer, base64.b64decode(read["blinded"]))
    told = {"credential": read["credential"], "inverse": read["inverse"]}
    got = page.ask("receive_token", election=election, **told, answer=encoding.to_base64(answer))
    token.check_token(made.issuer.public, phi, mine.credential, base64.b64decode(got["token"]))

    page.refuses("bad_code", "unseal", half=OTHER_HALF, **kept)
    page.refuses("bad_code", "unseal", half=HALF, **{**kept, "uuid": "Phieu1Kin2Test3B"})
    other = text_of(session(2, "line").election)
    page.refuses("bad_definition", "read_secrets", election=other, secrets=opened)


def test_altered_secrets_are_refused_alike(page: Page):
    made = session()
    issuer = made.issuer.public
    value = json.loads(Secrets.make(issuer, made.phi).encode(made.phi))
    reordered = {name: value[name] for name in reversed(value)}
    changes: list[Json] = [
        {"secret": "0"}, {"secret": "00"}, {"secret": 5}, {"blinded": value["blinded"][4:]},
        {"inverse": ""}, {"inverse": value["inverse"][:-2]}, {"phi": session(2).phi},
        {"phi": "x"}, {"schema": "phieukin.voter/2"}, {"more": 1},
    ]  # fmt: skip
    for altered in [reordered, *({**value, **change} for change in changes)]:
        raw = encoding.canonical(altered)
        with pytest.raises(ProtocolError) as caught:
            Secrets.decode(raw, made.phi, issuer)
        told = {"election": text_of(made.election), "secrets": raw.decode()}
        page.refuses(code_of(caught), "read_secrets", **told)


# --- Notes --------------------------------------------------------------------------------


def test_promises_of_the_box(page: Page):
    made = session()
    election, phi, uuid = text_of(made.election), made.phi, made.election.uuid
    tracker = encoding.b64_sha256(b"a ballot")
    body = checkpoint.promise_body(uuid, phi, tracker)
    promise = note.sign(body, [made.box]).encode().decode()
    told = {"election": election, "tracker": tracker}
    assert page.ask("check_promise", promise=promise, **told) == {"tracker": tracker}

    other = note.sign(body, [made.chair]).encode().decode()
    page.refuses("bad_checkpoint", "check_promise", promise=other, **told)
    page.refuses("bad_checkpoint", "check_promise", promise=promise, election=election, tracker=phi)
    page.refuses("malformed", "check_promise", promise=promise[:-1], **told)
    elsewhere = {**told, "election": text_of(session(2).election)}
    page.refuses("bad_checkpoint", "check_promise", promise=promise, **elsewhere)


def test_checkpoints_of_a_session(page: Page):
    """All four, by what a voter knows of them."""
    made = session()
    said: dict[State, list[int]] = {
        State.SEALED: [made.parameters.roster_size],
        State.OPEN: [13, 12, 11, 10],
        State.CLOSED: [10, 9],
        State.TALLIED: [9, 9],
    }
    notes = [made.note(state, counts, state.encode()) for state, counts in said.items()]
    file = encoding.to_base64(checkpoint.join(notes))
    for (state, counts), signed in zip(said.items(), notes, strict=True):
        told = {"election": text_of(made.election), "checkpoints": file, "state": str(state)}
        known = json.dumps(dict(zip(checkpoint.COUNTS[state], counts, strict=True)))
        for counted in (known, "{}"):
            read = page.ask("check_state", **told, listed=str(state), known=counted)
            text = note.parse(signed).text
            code = checkpoint.short_code(text)
            assert read == {"counts": counts, "code": code, "body": text}
        page.refuses("bad_checkpoint", "check_state", **told, listed="other", known="{}")
        wrong = json.dumps({checkpoint.COUNTS[state][-1]: 99})
        page.refuses("bad_checkpoint", "check_state", **told, listed=str(state), known=wrong)
        lone = made.chair if state == State.OPEN else made.registrar
        body = checkpoint.make(made.election, state, counts, state.encode()).body
        lacking = encoding.to_base64(note.sign(body, [lone]).encode())
        first = {**told, "checkpoints": lacking, "listed": str(state), "known": "{}"}
        if state == State.SEALED:
            page.refuses("bad_checkpoint", "check_state", **first)
