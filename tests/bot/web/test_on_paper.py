"""A session that votes on paper only breaks nothing that serves: its state is told, no token."""

import secrets
from dataclasses import replace

from admin.session.books import Books
from admin.session.datadir import DataDir
from admin.voting.codes import code_hash
from crypto.encoding import to_base64
from crypto.lifecycle import Step
from crypto.session import Official, new_uuid
from storage.rows import Code, Person
from tests import testkit
from tests.worlds import hall
from tests.worlds.hall import FAR, Client
from tests.worlds.paper import definition

POLICY = replace(testkit.session().parameters.policy, channels=("paper",))
STEPS = (Step.SEAL, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, Step.CLOSE, Step.TALLY, Step.PUBLISH)
STATES = ("sealed", "checkin", "checkin", "open", "closed", "tallied", "published")


def on_paper(where: DataDir) -> tuple[str, str]:
    """A draft's uuid, ready to be sealed, and a code that a voter got too early."""
    uuid, code = new_uuid(), hall.letters()
    person = secrets.token_bytes(16)

    async def work(books: Books) -> None:
        book = books.registrar
        session_json = replace(testkit.HUMAN, uuid=uuid).encode()
        await book.add_session(uuid, session_json)
        await book.put_roster(uuid, [Person(person, 1, "Nguyễn Văn An", {})])
        await book.replace_codes([Code(code_hash(uuid, code), uuid, "voter", person, None, FAR)])
        paper = definition([Official("Trần Thị Bình", "Chủ tịch")], POLICY, roster=1)
        await book.propose_on_paper(uuid, session_json, paper.encode())

    hall.with_books(where, work)
    return uuid, code


def move(where: DataDir, uuid: str, *steps: Step) -> None:
    async def work(books: Books) -> None:
        for step in steps:
            await books.registrar.move(uuid, step)

    hall.with_books(where, work)


def test_every_state_is_told_though_nothing_is_signed(where: DataDir, client: Client):
    """With the roster and the paper ballots that are out; there is no definition."""
    uuid, _ = on_paper(where)
    states = []
    for step in STEPS:
        move(where, uuid, step)
        public = client.call("GET", f"/api/v1/sessions/{uuid}").json()
        states.append(public["state"])
        assert (public["election"], public["on_paper"]) == (None, True)
        assert (public["counts"]["roster"], public["counts"]["registered"]) == (1, None)

    assert states == list(STATES)


def test_other_sessions_are_not_on_paper(where: DataDir, client: Client):
    session = hall.sealed(where, Step.CHECK_IN)
    assert client.call("GET", f"/api/v1/sessions/{session.uuid}").json()["on_paper"] is False


def test_it_gives_no_token(where: DataDir, client: Client):
    """Refused in words of its own, also to somebody with a code."""
    uuid, code = on_paper(where)
    move(where, uuid, *STEPS[:2])
    login = client.call("POST", "/api/v1/registrar/login", json={"uuid": uuid, "code": code})
    headers = {"Authorization": f"Bearer {login.json()['bearer']}"}
    request = {"blinded": to_base64(b"\x01" * 384)}
    answer = client.call("POST", "/api/v1/registrar/token", json=request, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "on_paper")
    assert "on paper" in answer.json()["title"]


def test_its_parts_of_the_record_are_refused_and_nothing_breaks(where: DataDir, client: Client):
    """No answer of these is a fault of the server."""
    uuid, _ = on_paper(where)
    move(where, uuid, *STEPS)
    for part in ("credentials", "trackers", "checkpoints", "record", "results"):
        answer = client.call("GET", f"/api/v1/box/{uuid}/{part}")
        assert 400 <= answer.status_code < 500, part
    assert client.call("GET", "/metrics").status_code == 200


def test_somebody_with_paper_gets_no_token(where: DataDir, client: Client):
    """In a session that has both, with a status and words of its own."""
    session = hall.sealed(where, Step.CHECK_IN)

    async def paper(books: Books) -> None:
        roster = await books.registrar.roster(session.uuid)
        await books.registrar.paper.issue(
            session.uuid, [voter.person for voter in roster], late=False
        )

    hall.with_books(where, paper)
    asked = {"uuid": session.uuid, "code": session.voters[0]}
    login = client.call("POST", "/api/v1/registrar/login", json=asked)
    headers = {"Authorization": f"Bearer {login.json()['bearer']}"}
    blinded = {"blinded": to_base64(b"\x01" * 384)}
    answer = client.call("POST", "/api/v1/registrar/token", json=blinded, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "paper_issued")
    public = client.call("GET", f"/api/v1/sessions/{session.uuid}").json()
    assert public["counts"]["issued"] == 0
