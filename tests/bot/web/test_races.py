"""Many at once: what may happen once happens once, and everyone gets the answer due to them."""

import asyncio
from collections import Counter

import httpx

from admin.session.datadir import DataDir
from crypto.encoding import canonical, to_base64
from crypto.group import G
from crypto.lifecycle import Step
from tests.worlds import hall
from tests.worlds.hall import Client
from tests.worlds.quick import PLAIN


async def all_at_once(
    client: Client, path: str, bodies: list[bytes], headers: dict[str, str] | None = None
) -> list[httpx.Response]:
    """One POST for each body, each with a connection of its own, all under way together."""
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(verify=PLAIN, limits=limits, timeout=60, trust_env=False) as http:
        posts = [http.post(client.url + path, content=body, headers=headers) for body in bodies]
        return await asyncio.gather(*posts)


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


async def test_one_voter_gets_one_token(where: DataDir, client: Client):
    """Of twelve different requests at once exactly one is signed."""
    session = hall.sealed(where, Step.CHECK_IN)
    bearer = client.bearer(session, session.voters[0])
    request = [to_base64(session.blinded(G**i).blinded_message) for i in range(2, 14)]
    bodies = [canonical({"blinded": blinded}) for blinded in request]
    answers = await all_at_once(client, "/api/v1/registrar/token", bodies, bearer)

    assert statuses(answers) == {200: 1, 409: 11}
    issued = hall.with_books(where, lambda books: books.registrar.issued(session.uuid))
    assert issued == {"browser": 1}


async def test_one_credential_casts_one_ballot(where: DataDir, client: Client):
    """Of twelve different ballots at once exactly one is stored; its own promise is repeated.

    The others are refused, or told to come back while it is checked: a credential has one place
    in the queue.
    """
    session = hall.sealed(where, Step.CHECK_IN)
    (secret,) = session.register(1)
    session.move(Step.OPEN)
    ballots = [session.vote(secret) for _ in range(12)]
    path = f"/api/v1/box/{session.uuid}/ballots"
    answers = await all_at_once(client, path, ballots)
    again = await all_at_once(client, path, ballots)
    (won,) = [i for i, answer in enumerate(answers) if answer.status_code == 201]

    assert {answer.status_code for i, answer in enumerate(answers) if i != won} <= {409, 503}
    assert statuses(again) == {201: 1, 409: 11}
    assert again[won].content == answers[won].content
    assert session.counts() == {"registered": 1, "cast": 1}


async def test_the_same_ballot_many_times_is_one_ballot(where: DataDir, client: Client):
    """A client that is not sure and sends again gets the same promise each time."""
    session = hall.sealed(where, Step.CHECK_IN)
    (secret,) = session.register(1)
    session.move(Step.OPEN)
    raw = session.vote(secret)
    answers = await all_at_once(client, f"/api/v1/box/{session.uuid}/ballots", [raw] * 12)

    assert statuses(answers) == {201: 12}
    assert len({answer.content for answer in answers}) == 1
    assert session.counts() == {"registered": 1, "cast": 1}


async def test_twelve_voters_at_once(where: DataDir, client: Client):
    """All are registered and all are cast."""
    session = hall.sealed(where, Step.CHECK_IN)
    signed = [canonical(session.signed(G**i)) for i in range(2, 14)]
    path = f"/api/v1/box/{session.uuid}"
    registered = await all_at_once(client, f"{path}/credentials", signed)
    session.move(Step.OPEN)
    cast = await all_at_once(client, f"{path}/ballots", [session.vote(i) for i in range(2, 14)])

    assert statuses(registered) == statuses(cast) == {201: 12}
    assert session.counts() == {"registered": 12, "cast": 12}
