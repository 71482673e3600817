"""docs/openapi.json is what the app says of itself."""

import json
from pathlib import Path

from bot import app

FILE = Path(__file__).parents[3] / "docs" / "openapi.json"

# DESIGN's routes, and those of the committee, of recovery and of the pages' parts.
ROUTES = """\
GET /api/v1/sessions/{uuid}
GET /api/v1/sessions/{uuid}/events
POST /api/v1/registrar/login
POST /api/v1/registrar/token
GET /api/v1/registrar/recovery
PUT /api/v1/registrar/recovery
GET /api/v1/registrar/about/{uuid}
GET /api/v1/registrar/papers
GET /api/v1/registrar/papers/{name}
GET /api/v1/registrar/questions
POST /api/v1/registrar/questions
GET /api/v1/committee/{uuid}
GET /api/v1/committee/{uuid}/record
GET /api/v1/committee/{uuid}/{kind}
PUT /api/v1/committee/{uuid}/checked
PUT /api/v1/committee/{uuid}/{kind}
POST /api/v1/box/{uuid}/credentials
GET /api/v1/box/{uuid}/credentials
POST /api/v1/box/{uuid}/ballots
GET /api/v1/box/{uuid}/trackers
GET /api/v1/box/{uuid}/checkpoints
GET /api/v1/box/{uuid}/record
GET /api/v1/box/{uuid}/results
POST /telegram/{secret}
GET /
GET /s/{uuid}
GET /v/{uuid}
GET /hall/{uuid}
GET /committee
GET /hall/{uuid}/qr.svg
GET /assets/{name}
GET /page.sha256
GET /healthz
GET /readyz
GET /metrics
""".splitlines()


def test_the_document_is_the_apps():
    """Made anew with: python -m bot.app > docs/openapi.json."""
    assert FILE.read_bytes() == app.described()


def test_the_routes_are_those_that_were_promised():
    """None is missing and none is more."""
    paths = json.loads(FILE.read_bytes())["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}

    assert routes == set(ROUTES)


def test_each_role_has_its_own_routes():
    """A registrar has no box, a box no registrar; both tell what is public."""
    paths = {role: set(app.routes((role,)).openapi()["paths"]) for role in app.ROLES}

    assert not [path for path in paths["registrar"] if "/box/" in path]
    assert not [path for path in paths["box"] if "/registrar/" in path or "/committee/" in path]
    assert not [path for path in paths["bot"] if "/box/" in path or "/registrar/" in path]
    everywhere = paths["registrar"] & paths["box"] & paths["bot"]
    assert {"/api/v1/sessions/{uuid}/events", "/v/{uuid}", "/page.sha256"} <= everywhere
