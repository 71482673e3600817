"""session.json as it was sealed, for everybody or for members."""

import json

from admin.record.session_file import Block
from admin.session.datadir import DataDir
from crypto.encoding import sha256
from crypto.lifecycle import Step
from tests.worlds import hall
from tests.worlds.hall import Client

BLOCKS = (Block("Khối Đảng", 1), Block("Khối Nhà nước", 2))


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_everybody_gets_what_was_sealed(where: DataDir, client: Client):
    """The bytes whose hash stands in the definition."""
    session = hall.sealed(where, Step.CHECK_IN, blocks=BLOCKS)
    answer = client.call("GET", f"/api/v1/registrar/about/{session.uuid}")

    assert sha256(answer.content) == session.insider.parameters.session
    assert [block["heading"] for block in json.loads(answer.content)["blocks"]] == [
        "Khối Đảng",
        "Khối Nhà nước",
    ]


def test_what_is_for_members_needs_a_bearer_of_this_session(where: DataDir, client: Client):
    """Why somebody is not rated may be nobody else's business."""
    session = hall.sealed(where, Step.CHECK_IN, publication="members")
    second = hall.sealed(where, Step.CHECK_IN)
    path = f"/api/v1/registrar/about/{session.uuid}"
    page = client.call("GET", path, headers=client.bearer(session, session.voters[0]))
    theirs = client.call("GET", path, headers=client.bearer(second, second.voters[0]))

    assert sha256(page.content) == session.insider.parameters.session
    assert code(client.call("GET", path)) == (401, "bad_code")
    assert code(theirs) == (401, "bad_code")


def test_a_session_that_is_not_sealed_says_nothing(client: Client):
    assert client.call("GET", "/api/v1/registrar/about/Phieu1Kin2Test3A").status_code == 404
