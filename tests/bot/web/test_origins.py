"""Only a page opened as a file may ask from elsewhere, and only for what trustees need."""

import pytest

from bot.app import Options
from tests.worlds import hall
from tests.worlds.hall import Client

UUID = "VectorsPhieuKin1"
TRUSTEES = (
    ("GET", f"/api/v1/committee/{UUID}"),
    ("GET", f"/api/v1/committee/{UUID}/step1"),
    ("PUT", f"/api/v1/committee/{UUID}/opening"),
    ("GET", f"/api/v1/committee/{UUID}/record"),
    ("POST", "/api/v1/registrar/login"),
    ("GET", f"/api/v1/registrar/about/{UUID}"),
    ("GET", f"/api/v1/sessions/{UUID}"),
    ("GET", f"/api/v1/box/{UUID}/checkpoints"),
)
OTHERS = (
    ("POST", "/api/v1/registrar/token"),
    ("PUT", "/api/v1/registrar/recovery"),
    ("GET", "/api/v1/registrar/papers"),
    ("POST", "/api/v1/registrar/questions"),
    ("POST", f"/api/v1/box/{UUID}/ballots"),
    ("POST", f"/api/v1/box/{UUID}/credentials"),
    ("GET", f"/api/v1/box/{UUID}/record"),
    ("GET", f"/api/v1/sessions/{UUID}/events"),
    ("GET", f"/api/v1/committee/{UUID}/step1/x"),
    ("GET", "/committee"),
    ("GET", "/metrics"),
)
FILE = {"Origin": "null"}
PREFLIGHT = {
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    with hall.serving(hall.datadir(tmp_path_factory.mktemp("origins")), Options()) as url:
        yield Client(url)


def allowed(headers) -> dict[str, str]:
    return {name: text for name, text in headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize(("method", "path"), TRUSTEES)
def test_a_trustees_page_that_was_opened_as_a_file_is_answered(
    server: Client, method: str, path: str
):
    """Refusals, too: it must be able to read why. Never with credentials."""
    answer = server.call(method, path, headers=FILE)
    asked = server.call("OPTIONS", path, headers=FILE | PREFLIGHT)

    assert allowed(answer.headers) == {"access-control-allow-origin": "null"}
    assert "Origin" in answer.headers["vary"]
    assert asked.status_code == 204
    assert allowed(asked.headers) == {
        "access-control-allow-origin": "null",
        "access-control-allow-methods": "GET, POST, PUT",
        "access-control-allow-headers": "authorization, content-type",
        "access-control-max-age": "600",
    }
    assert "set-cookie" not in answer.headers


def test_the_list_that_a_trustee_seals_can_be_read_and_no_more(server: Client):
    """Without a bearer, so that no browser asks before it."""
    path = f"/api/v1/box/{UUID}/credentials"
    answer = server.call("GET", path, headers=FILE)
    assert allowed(answer.headers) == {"access-control-allow-origin": "null"}
    assert allowed(server.call("OPTIONS", path, headers=FILE | PREFLIGHT).headers) == {}


@pytest.mark.parametrize(("method", "path"), OTHERS)
def test_no_other_route_answers_a_page_from_elsewhere(server: Client, method: str, path: str):
    assert allowed(server.call(method, path, headers=FILE).headers) == {}
    asked = server.call("OPTIONS", path, headers=FILE | PREFLIGHT)
    assert (allowed(asked.headers), asked.status_code) in [({}, 404), ({}, 405)]


@pytest.mark.parametrize("origin", ["https://example.org", "http://127.0.0.1:1", "file://", "NULL"])
def test_a_site_is_no_file(server: Client, origin: str):
    """Whoever serves a page of its own under another name gets nothing."""
    for method, path in TRUSTEES:
        assert allowed(server.call(method, path, headers={"Origin": origin}).headers) == {}
