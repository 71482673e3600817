"""One person with many devices at once, over HTTP: one token, one ballot, and nothing copied.

The same at the books, with more at once: tests/storage/test_races.py. Single refusals by name:
tests/bot/web/test_refusals.py.
"""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from admin.session.datadir import DataDir
from crypto import ballot
from crypto.encoding import b64_sha256, canonical, to_base64
from crypto.group import G, random_scalar
from crypto.lifecycle import Step
from crypto.sigma import prove_log
from tests.attacks.relay import Relay
from tests.worlds import hall
from tests.worlds.hall import Client, Sealed

pytestmark = pytest.mark.slow

AT_ONCE, BUSY = 12, 503


def at_once(call: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    """The answers to all; who is told that the server is busy asks again, as programs do."""

    def patient(number: int) -> httpx.Response:
        while (answer := call(number)).status_code == BUSY:
            time.sleep(0.1)
        return answer

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(patient, range(AT_ONCE)))


def said(answers: list[httpx.Response]) -> Counter[str]:
    """How often which status, with the code of a refusal."""
    return Counter(f"{a.status_code} {a.json().get('code', '')}".strip() for a in answers)


@pytest.fixture
def client(relay: Relay) -> Client:
    return Client(relay.url)


@pytest.fixture
def session(where: DataDir) -> Sealed:
    return hall.sealed(where, Step.CHECK_IN)


def test_many_devices_with_one_letter(client: Client, session: Sealed):
    """Each asks for a token of its own credential: one gets it."""
    bearer = client.bearer(session, session.voters[0])
    asked = [session.blinded(G ** random_scalar()).blinded_message for _ in range(AT_ONCE)]

    answers = at_once(
        lambda i: client.call(
            "POST",
            "/api/v1/registrar/token",
            json={"blinded": to_base64(asked[i])},
            headers=bearer,
        )
    )

    assert said(answers) == {"200": 1, "409 token_already_issued": AT_ONCE - 1}


def test_many_ballots_of_one_credential(client: Client, session: Sealed):
    """Different ones: the first stands. The same one: one promise, as often as it is asked for."""
    first, second = session.register(2)
    session.move(Step.OPEN)
    different = [session.vote(first) for _ in range(AT_ONCE)]
    same = session.vote(second)

    assert said(at_once(lambda i: client.cast(session, different[i]))) == {
        "201": 1,
        "409 second_ballot": AT_ONCE - 1,
    }
    answers = at_once(lambda _: client.cast(session, same))
    assert said(answers) == {"201": AT_ONCE}
    assert len({answer.json()["promise"] for answer in answers}) == 1
    assert session.counts() == {"registered": 2, "cast": 2}


def test_the_copy_of_a_ballot(client: Client, session: Sealed):
    """Under another credential, unsigned or signed by it: nobody votes as somebody else did."""
    victim, copier = session.register(2)
    session.move(Step.OPEN)
    raw = session.vote(victim)
    assert client.cast(session, raw).status_code == 201
    renamed = raw.replace((G**victim).hex.encode(), (G**copier).hex.encode())
    election = session.insider.election
    copied = replace(ballot.decode(raw, election), credential=G**copier)
    signed_hash = b64_sha256(canonical(ballot._unsigned_json(copied)))
    signature = prove_log(ballot._signature_prefix(signed_hash), copier)
    stolen = ballot.encode(replace(copied, signed_hash=signed_hash, signature=signature))

    answers = [client.cast(session, each) for each in (renamed, stolen)]

    assert [hall.code(answer) for answer in answers] == [
        (422, "bad_signature"),
        (422, "bad_proof"),
    ]
    assert session.counts()["cast"] == 1
