"""The pages over real HTTP: whole, unchanged, and with the headers that keep them to themselves."""

import base64
import hashlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno

from admin.session import page
from bot.app import Options
from bot.web.page import load
from tests.built import COMMITTEE_POLICY, FILES, build
from tests.worlds import hall
from tests.worlds.hall import Client, code

UUID = "VectorsPhieuKin1"
HTML = {
    "/": "home.html",
    f"/s/{UUID}": "home.html",
    f"/v/{UUID}": "voter.html",
    f"/hall/{UUID}": "hall.html",
    "/committee": "ban-kiem-phieu.html",
}
ASSET = "/assets/voter-B_x-1.js"
EVERYTHING = (*HTML, ASSET, f"/hall/{UUID}/qr.svg", "/page.sha256")
PUBLIC = "https://vote.example"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server that gives out the small build."""
    folder = tmp_path_factory.mktemp("pages")
    where = hall.datadir(folder, f'public_url = "{PUBLIC}"')
    with hall.serving(where, Options(("registrar",), page=build(folder / "dist"))) as url:
        yield Client(url)


@pytest.mark.parametrize("address", HTML)
def test_an_address_gives_its_page(pages: Client, address: str):
    """The bytes of the build; asked for again each time."""
    answer = pages.call("GET", address)

    assert (answer.status_code, answer.content) == (200, FILES[HTML[address]])
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "uuid",
    ["1" * 13, "1" * 33, f"{UUID}0", f"{UUID}l", f"{UUID}%20", f"{UUID}%0A", f"{UUID}/x"],
)
@pytest.mark.parametrize("before", ["/s/", "/v/", "/hall/"])
def test_what_is_no_uuid_is_nowhere(pages: Client, before: str, uuid: str):
    """Unknown is for the page to tell, impossible is told here."""
    assert code(pages.call("GET", before + uuid)) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "location"),
    [
        (f"/v/{UUID}/", f"/v/{UUID}"),
        (f"//v/{UUID}", f"/v/{UUID}"),
        (f"/V/{UUID}?utm_source=zalo&fbclid=1", f"/v/{UUID}?utm_source=zalo&fbclid=1"),
        (f"/Hall//{UUID}/", f"/hall/{UUID}"),
        (f"/v/{UUID}%23c=7KQ2-M4XW-9RTB-0VJN&f=AAAA", f"/v/{UUID}#c=7KQ2-M4XW-9RTB-0VJN&f=AAAA"),
        ("/page.sha256/", "/page.sha256"),
        ("/Committee/", "/committee"),
        ("//example.org/", "/example.org"),
        (f"/s/{UUID}%0D%0AX:y/", f"/s/{UUID}%0D%0AX%3Ay"),
    ],
)
def test_an_address_as_people_write_it(pages: Client, path: str, location: str):
    """A slash too many, capitals, a quoted #: led on, within this host, and no loop."""
    answer = pages.call("GET", path)
    assert (answer.status_code, answer.headers["location"]) == (308, location)
    assert pages.call("GET", location.partition("#")[0]).status_code in {200, 404}


@pytest.mark.parametrize("address", [*EVERYTHING, "/healthz", f"/v/{UUID}/"])
def test_head_is_get_without_a_body(pages: Client, address: str):
    """Monitors and chat programs ask so."""
    full, head = pages.call("GET", address), pages.call("HEAD", address)
    assert (head.status_code, head.content) == (full.status_code, b"")
    assert head.headers.get("content-length") == full.headers.get("content-length")


@pytest.mark.parametrize("path", [f"/v/{UUID}.", f"/v/{UUID})", "/v/", "/admin", "/favicon.ico"])
def test_a_browser_that_is_lost_gets_a_page(pages: Client, path: str):
    """People are shown the way in, programs a problem document; the interface is for programs."""
    accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = pages.call("GET", path, headers=accept)
    if answer.status_code == 308:
        answer = pages.call("GET", answer.headers["location"], headers=accept)
    assert (answer.status_code, answer.content) == (404, FILES["home.html"])
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert code(pages.call("GET", path.rstrip("/"))) == (404, "not_found")
    assert code(pages.call("GET", "/api/v1/nothing", headers=accept)) == (404, "not_found")


def test_telegram_may_frame_the_voters_page_and_nobody_another(pages: Client):
    """An old browser's header would forbid it to Telegram too."""
    voter = pages.call("GET", f"/v/{UUID}").headers
    headers = [
        pages.call("GET", address).headers for address in EVERYTHING if address != f"/v/{UUID}"
    ]

    assert "x-frame-options" not in voter
    assert voter["content-security-policy"].endswith(
        "frame-ancestors https://web.telegram.org https://*.telegram.org"
    )
    assert {page["x-frame-options"] for page in headers} == {"DENY"}
    assert all("frame-ancestors 'none'" in page["content-security-policy"] for page in headers)


@pytest.mark.parametrize("address", [each for each in EVERYTHING if each != "/committee"])
def test_a_page_runs_its_own_scripts_only(pages: Client, address: str):
    """A part obeys the same policy: a worker has none but that of its script."""
    headers = pages.call("GET", address).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))

    assert policy | {"frame-ancestors": ""} == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "",
    }
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["permissions-policy"] == "camera=(), geolocation=(), microphone=()"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


def test_the_committees_page_runs_what_stands_in_it(pages: Client):
    """Its policy travels in the file; here it comes twice, and whom it may ask is this server."""
    headers = pages.call("GET", "/committee").headers

    own = COMMITTEE_POLICY.replace("connect-src 'self' https:", "connect-src 'self'")
    assert own != COMMITTEE_POLICY
    assert headers["content-security-policy"] == f"{own}; frame-ancestors 'none'"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("voter-B_x-1.js", "text/javascript; charset=utf-8"),
        ("voter-C.css", "text/css; charset=utf-8"),
        ("font-1.woff2", "font/woff2"),
    ],
)
def test_a_part_is_kept_for_ever(pages: Client, name: str, kind: str):
    """Its name changes with its content."""
    answer = pages.call("GET", f"/assets/{name}")

    assert (answer.content, answer.headers["content-type"]) == (FILES[f"assets/{name}"], kind)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["none.js", "..%2Fvoter.html", "%2e%2e%2fvoter.html", "x/y"])
def test_only_parts_of_the_build_are_there(pages: Client, name: str):
    """No path leads out of it, and a refusal is not kept."""
    answer = pages.call("GET", f"/assets/{name}")

    assert code(answer) == (404, "not_found")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("br;q=1.0, GZIP; q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("br", False),
        ("identity", False),
    ],
)
def test_a_page_is_packed_for_who_takes_it(pages: Client, accepted: str, packed: bool):
    """The content is the same, and so is its tag."""
    answer = pages.call("GET", ASSET, headers={"Accept-Encoding": accepted})
    plain = pages.call("GET", ASSET, headers={"Accept-Encoding": "identity"})

    assert (answer.headers.get("content-encoding") == "gzip") is packed
    assert answer.content == plain.content == FILES[ASSET[1:]]
    assert answer.headers["etag"] == plain.headers["etag"]
    assert answer.headers["vary"] == "Accept-Encoding"
    assert (int(answer.headers["content-length"]) < len(plain.content)) is packed


def test_what_packing_makes_no_smaller_goes_as_it_is(pages: Client):
    """A few bytes grow."""
    answer = pages.call("GET", "/assets/voter-C.css", headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("address", EVERYTHING)
def test_who_has_it_does_not_get_it_again(pages: Client, address: str):
    """By the hash of the content; another hash gets all of it."""
    first = pages.call("GET", address)
    tag = first.headers["etag"]
    again = [
        pages.call("GET", address, headers={"If-None-Match": said})
        for said in (tag, tag.removeprefix("W/"), f'"other", {tag}', f'W/"{"0" * 64}"')
    ]

    assert [answer.status_code for answer in again] == [304, 304, 304, 200]
    assert again[0].content == b""
    assert again[3].content == first.content
    assert again[0].headers["cache-control"] == first.headers["cache-control"]


def test_the_list_is_what_sha256sum_checks(pages: Client, tmp_path: Path):
    """Every file of the build, by name, each as it is served."""
    answer = pages.call("GET", "/page.sha256")
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        path = next((address for address, html in HTML.items() if html == name), f"/{name}")
        (tmp_path / name).write_bytes(pages.call("GET", path).content)
    command = ["sha256sum", "--strict", "-c"]
    checked = subprocess.run(
        command, input=answer.content, cwd=tmp_path, capture_output=True, check=True
    )

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert [line.split()[1] for line in answer.text.splitlines()] == sorted(FILES)
    assert checked.stdout.decode().splitlines() == [f"{name}: OK" for name in sorted(FILES)]


def modules(svg: str, border: int = 4) -> list[list[int]]:
    """The dark and light squares of a drawn QR code."""
    side = int(re.findall(r'viewBox="0 0 (\d+) \1"', svg)[0])
    rows = [[0] * side for _ in range(side)]
    column = row = 0.0
    for command, x, y in re.findall(r"([Mmh])(-?[\d.]+) ?(-?[\d.]+)?", svg.split('stroke="')[1]):
        if command == "h":
            rows[int(row)][int(column) : int(column) + int(x)] = [1] * int(x)
            column += int(x)
        else:
            column, row = (
                (float(x), float(y)) if command == "M" else (column + float(x), row + float(y))
            )
    return [line[border:-border] for line in rows[border:-border]]


def test_the_qr_code_leads_to_the_voters_page(pages: Client):
    """Of this session at the public address."""
    answer = pages.call("GET", f"/hall/{UUID}/qr.svg")
    matrix = segno.make(f"{PUBLIC}/v/{UUID}", error="m", micro=False).matrix

    assert answer.headers["content-type"] == "image/svg+xml"
    assert modules(answer.text) == [list(row) for row in matrix]
    assert pages.call("GET", f"/hall/{UUID}1/qr.svg").content != answer.content
    assert code(pages.call("GET", "/hall/0/qr.svg")) == (404, "not_found")


@pytest.mark.parametrize("without", [page.PAGES, ("hall.html",)])
def test_without_the_pages_everything_else_goes_on(tmp_path: Path, without: tuple[str, ...]):
    """Each of their addresses says what to do; half a build is none."""
    folder = build(tmp_path / "dist", *without)
    with hall.serving(hall.datadir(tmp_path), Options(("registrar",), page=folder)) as url:
        client = Client(url)
        answers = [client.call("GET", address) for address in EVERYTHING]
        assert client.call("GET", "/readyz").status_code == 200

    assert {code(answer) for answer in answers} == {(503, "page_not_built")}
    assert {"make page" in answer.json()["detail"] for answer in answers} == {True}


def test_the_real_pages_fit_their_policy():
    """All of the build is served, as something known; no script and no style stands in a page."""
    built, loaded = page.read(), load(None, PUBLIC)
    if built is None or loaded is None:
        pytest.skip("the page is not built: run make page")
    inside = [path for path in page.FOLDER.rglob("*") if path.is_file()]
    served = [name for name in page.PAGES if name != page.COMMITTEE]
    pages = "".join(built.files[name].decode() for name in served)
    tags = re.findall(r"<(?:script|style)\b[^>]*>", pages)

    assert sorted(str(path.relative_to(page.FOLDER)) for path in inside) == sorted(built.files)
    assert [name for name, file in loaded.files.items() if "octet-stream" in file.kind] == []
    assert [tag for tag in tags if not re.search(r' src="/assets/', tag)] == []
    assert not re.search(r"""\s(?:style|on[a-z]+)=["']""", pages)
    assert "https://" not in re.sub(r"<!--.*?-->", "", pages)


def test_the_committees_page_is_one_file():
    """What stands in it has the hash that its policy allows; it refers to nothing outside.

    Whom it may ask is narrowed to one server before it asks (tests/browser/test_trustee.py).
    """
    built = page.read()
    if built is None:
        pytest.skip("the page is not built: run make page")
    html = built.files[page.COMMITTEE].decode()
    (rules,) = re.findall(r'content="(default[^"]+)', html)
    policy = dict(rule.split(" ", 1) for rule in rules.split("; "))
    (script,), (style,) = (
        re.findall(f"<{tag}[^>]*>(.*?)</{tag}>", html, re.DOTALL) for tag in ("script", "style")
    )

    assert policy == {
        "default-src": "'none'",
        "script-src": f"'sha256-{hashed(script)}'",
        "style-src": f"'sha256-{hashed(style)}'",
        "img-src": "data:",
        "worker-src": "blob:",
        "connect-src": "'self' https: http://localhost:* http://127.0.0.1:*",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    outside = html.replace(script, "").replace(style, "")
    assert re.findall(r"""(?:src|href)=["'](?!data:)[^"']*""", outside) == []
    assert not re.search(r"""\s(?:style|on[a-z]+)=["']""", outside)


def hashed(text: str) -> str:
    """As a policy writes it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
