"""Each refusal has its status and code, in both languages, and tells nothing from inside."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from admin.session.datadir import DataDir
from admin.words import Language, words
from crypto.encoding import to_base64
from crypto.group import G
from crypto.lifecycle import Step
from tests.worlds import hall
from tests.worlds.hall import Client, Sealed, code
from tests.worlds.quick import PLAIN

Case = Callable[[Client, DataDir], httpx.Response]


def sealed(where: DataDir, *steps: Step, **policy: Any) -> Sealed:
    return hall.sealed(where, *steps, **policy)


def ask_token(client: Client, session: Sealed, voter: int = 0, exponent: int = 7) -> httpx.Response:
    bearer = client.bearer(session, session.voters[voter])
    request = {"blinded": to_base64(session.blinded(G**exponent).blinded_message)}
    return client.call("POST", "/api/v1/registrar/token", json=request, headers=bearer)


def register(client: Client, session: Sealed, body: dict[str, str]) -> httpx.Response:
    return client.call("POST", f"/api/v1/box/{session.uuid}/credentials", json=body)


def unknown_session(client: Client, _: DataDir) -> httpx.Response:
    return client.call("GET", "/api/v1/sessions/NoSuchSession1234")


def unknown_at_login(client: Client, _: DataDir) -> httpx.Response:
    login = {"uuid": "NoSuchSession1234", "code": hall.letters()}
    return client.call("POST", "/api/v1/registrar/login", json=login)


def unknown_at_the_box(client: Client, _: DataDir) -> httpx.Response:
    return client.call("POST", "/api/v1/box/NoSuchSession1234/ballots", content=b"{}")


def wrong_code(client: Client, where: DataDir) -> httpx.Response:
    login = {"uuid": sealed(where).uuid, "code": hall.letters()}
    return client.call("POST", "/api/v1/registrar/login", json=login)


def code_of_another_session(client: Client, where: DataDir) -> httpx.Response:
    login = {"uuid": sealed(where).uuid, "code": sealed(where).voters[0]}
    return client.call("POST", "/api/v1/registrar/login", json=login)


def no_bearer(client: Client, _: DataDir) -> httpx.Response:
    return client.call("POST", "/api/v1/registrar/token", json={"blinded": ""})


def wrong_bearer(client: Client, _: DataDir) -> httpx.Response:
    headers = {"Authorization": "Bearer nobody"}
    return client.call("GET", "/api/v1/registrar/recovery", headers=headers)


def second_token(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN)
    assert ask_token(client, session).status_code == 200
    return ask_token(client, session, exponent=8)


def early_token(client: Client, where: DataDir) -> httpx.Response:
    return ask_token(client, sealed(where))


def late_token(client: Client, where: DataDir) -> httpx.Response:
    return ask_token(client, sealed(where, Step.CHECK_IN, Step.OPEN))


def token_of_a_trustee(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN)
    session.voters[0] = session.trustees[0]
    return ask_token(client, session)


def closed_channel(client: Client, where: DataDir) -> httpx.Response:
    return ask_token(client, sealed(where, Step.CHECK_IN, channels=("miniapp",)))


def short_blinded(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN)
    bearer = client.bearer(session, session.voters[0])
    return client.call("POST", "/api/v1/registrar/token", json={"blinded": "AAAA"}, headers=bearer)


def voter_in_the_committee(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where)
    bearer = client.bearer(session, session.voters[0])
    return client.call("GET", f"/api/v1/committee/{session.uuid}", headers=bearer)


def trustee_of_another_session(client: Client, where: DataDir) -> httpx.Response:
    bearer = client.bearer((session := sealed(where)), session.trustees[0])
    return client.call("GET", f"/api/v1/committee/{sealed(where).uuid}", headers=bearer)


def unknown_kind(client: Client, where: DataDir) -> httpx.Response:
    bearer = client.bearer((session := sealed(where)), session.trustees[0])
    return client.call("GET", f"/api/v1/committee/{session.uuid}/step9", headers=bearer)


def wrong_token(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN)
    return register(client, session, {**session.signed(G**7), "credential": (G**8).hex})


def token_of_another_session(client: Client, where: DataDir) -> httpx.Response:
    return register(client, sealed(where, Step.CHECK_IN), sealed(where).signed(G**7))


def bad_credential(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN)
    return register(client, session, {**session.signed(G**7), "credential": "0" * 64})


def late_credential(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN, Step.OPEN)
    return register(client, session, session.signed(G**7))


def early_ballot(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN)
    (secret,) = session.register(1)
    return client.cast(session, session.vote(secret))


def late_ballot(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN)
    (secret,) = session.register(1)
    session.move(Step.OPEN, Step.CLOSE)
    return client.cast(session, session.vote(secret))


def second_ballot(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN)
    (secret,) = session.register(1)
    session.move(Step.OPEN)
    assert client.cast(session, session.vote(secret)).status_code == 201
    return client.cast(session, session.vote(secret))


def unregistered(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN, Step.OPEN)
    return client.cast(session, session.vote(99))


def foreign_ballot(client: Client, where: DataDir) -> httpx.Response:
    return client.cast(sealed(where, Step.CHECK_IN, Step.OPEN), sealed(where).vote(99))


def altered(client: Client, where: DataDir, before: bytes, after: bytes) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN)
    (secret,) = session.register(1)
    session.move(Step.OPEN)
    raw = session.vote(secret)
    at = raw.rindex(before) + len(before)
    digit = b"2" if raw[at : at + 1] == b"1" else b"1"
    return client.cast(session, raw[:at] + (after or digit) + raw[at + 1 :])


def altered_signature(client: Client, where: DataDir) -> httpx.Response:
    return altered(client, where, b'"response":"', b"")


def ballot_with_a_space(client: Client, where: DataDir) -> httpx.Response:
    session = sealed(where, Step.CHECK_IN, Step.OPEN)
    return client.cast(session, b" " + session.vote(99))


def early_trackers(client: Client, where: DataDir) -> httpx.Response:
    return client.call("GET", f"/api/v1/box/{sealed(where).uuid}/trackers")


def wrong_method(client: Client, where: DataDir) -> httpx.Response:
    return client.call("DELETE", f"/api/v1/box/{sealed(where).uuid}/ballots")


def nowhere(client: Client, _: DataDir) -> httpx.Response:
    return client.call("GET", "/api/v1/box")


CASES: list[tuple[Case, int, str]] = [
    (unknown_session, 404, "unknown_session"),
    (unknown_at_login, 404, "unknown_session"),
    (unknown_at_the_box, 404, "unknown_session"),
    (wrong_code, 401, "bad_code"),
    (code_of_another_session, 401, "bad_code"),
    (no_bearer, 401, "bad_code"),
    (wrong_bearer, 401, "bad_code"),
    (second_token, 409, "token_already_issued"),
    (early_token, 409, "wrong_state"),
    (late_token, 409, "registration_ended"),
    (token_of_a_trustee, 403, "refused"),
    (closed_channel, 403, "refused"),
    (short_blinded, 400, "malformed"),
    (voter_in_the_committee, 403, "refused"),
    (trustee_of_another_session, 403, "refused"),
    (unknown_kind, 404, "not_found"),
    (wrong_token, 422, "bad_token"),
    (token_of_another_session, 422, "bad_token"),
    (bad_credential, 400, "malformed"),
    (late_credential, 409, "registration_ended"),
    (early_ballot, 409, "not_open"),
    (late_ballot, 409, "closed"),
    (second_ballot, 409, "second_ballot"),
    (unregistered, 422, "unknown_credential"),
    (foreign_ballot, 422, "bad_ballot"),
    (altered_signature, 422, "bad_signature"),
    (ballot_with_a_space, 400, "malformed"),
    (early_trackers, 409, "wrong_state"),
    (wrong_method, 405, "method_not_allowed"),
    (nowhere, 404, "not_found"),
]


@pytest.mark.parametrize(
    ("case", "status", "expected"), [pytest.param(*one, id=one[0].__name__) for one in CASES]
)
def test_refusal(where: DataDir, client: Client, case: Case, status: int, expected: str):
    """The right status and code; title and advice are the catalogue's, and nothing else is said.

    The same request again is refused in the same way, in the other language.
    """
    section = "http" if expected in {"malformed", "method_not_allowed", "not_found"} else "errors"
    first = case(client, where)
    request = first.request
    request.headers["Accept-Language"] = "vi"
    with httpx.Client(verify=PLAIN, trust_env=False) as http:
        second = http.send(request)

    languages: tuple[Language, ...] = ("en", "vi")
    for answer, language in zip((first, second), languages, strict=True):
        assert code(answer) == (status, expected)
        assert answer.json()["title"] == words(f"{section}.{expected}.title", language)
        assert answer.json()["detail"] == words(f"{section}.{expected}.hint", language)
        assert set(answer.json()) == {"type", "title", "status", "code", "detail"}


def test_a_wrong_method_names_the_right_one(where: DataDir, client: Client):
    """As HTTP wants it."""
    answer = wrong_method(client, where)

    assert answer.headers["allow"] == "POST"


def test_a_bearer_is_asked_for(client: Client):
    """As HTTP wants it."""
    assert no_bearer(client, None).headers["www-authenticate"] == "Bearer"  # type: ignore[arg-type]


def test_wrong_codes_are_slowed_down_and_right_ones_are_not(where: DataDir, client: Client):
    """Strangers who try codes are told to wait; they lock out neither voters nor sessions."""
    session, second = sealed(where, Step.CHECK_IN), sealed(where)
    login = {"uuid": session.uuid, "code": hall.letters()}
    answers = [client.call("POST", "/api/v1/registrar/login", json=login) for _ in range(31)]

    assert [code(answer) for answer in answers] == [
        *[(401, "bad_code")] * 30,
        (429, "too_many_attempts"),
    ]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert client.bearer(session, session.voters[0])
    elsewhere = {"uuid": second.uuid, "code": hall.letters()}
    assert code(client.call("POST", "/api/v1/registrar/login", json=elsewhere))[0] == 401
