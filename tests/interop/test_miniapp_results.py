"""Results, rules and session.json: the committee's page and the command line say the same."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin.record import results
from admin.record.session_file import Block, Excluded, SessionFile
from admin.rules import regime
from admin.rules.compute import OfficialCounts, Turnout, tabulate
from admin.rules.regime import Regime
from crypto.encoding import canonical
from crypto.errors import ProtocolError
from tests import testkit
from tests.admin.rules.test_published import VOTES, read
from tests.interop.page import Page

pytestmark = pytest.mark.slow

Json = Any
MANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
OWN = "tin-nhiem-rieng"


def told(page: Page, rules: str, officials: list[OfficialCounts], turnout: Turnout) -> str:
    """What the page makes of counts."""
    counts = [
        {"name": o.name, "position": o.position, "levels": o.levels, "blank": o.blank}
        for o in officials
    ]
    numbers = {"delegates": turnout.delegates, "collected": turnout.collected}
    answer = page.ask(
        "tabulate", regime=rules, officials=json.dumps(counts), turnout=json.dumps(numbers)
    )
    text: str = answer["results"]
    return text


@pytest.mark.parametrize(("name", "rules", "turnout", "printed"), VOTES)
def test_published_results(page: Page, name: str, rules: str, turnout: Turnout, printed: int):
    officials = [*read(name, rules).officials]
    document = tabulate(regime.load(rules), officials, turnout)
    assert told(page, rules, officials, turnout) == results.encode(document).decode()
    assert printed > 0


def own_rules(name: str = "two-level-nq96", **parts: Json) -> Regime:
    """Rules of a body's own, which differ from one of ours in these parts."""
    value = {**regime.to_json(regime.load(name)), "id": OWN, **parts}
    return regime.from_json(value, "rules")


COUNTS_AS_NO = own_rules(blank={"policy": "counts_as_no", "rule": "Điều 1", "verified": False})
REGIMES = [regime.load(name) for name in regime.builtin_ids()] + [COUNTS_AS_NO]


@MANY
@given(st.data())
def test_any_counts_by_any_regime(page: Page, data: st.DataObject):
    """Also of a sum just at, under and over a half and two thirds."""
    rules = data.draw(st.sampled_from(REGIMES))
    collected = data.draw(st.one_of(st.integers(0, 12), st.integers(0, 10**6)))
    whole = data.draw(st.integers(collected, 2 * collected + 3))
    near = [n for part in (collected // 2, 2 * collected // 3) for n in (part, part + 1)]
    last = data.draw(st.one_of(st.sampled_from(near), st.integers(0, collected)))
    last = min(last, collected)
    first = data.draw(st.integers(0, collected - last))
    marks = [first, *([0] if len(rules.levels) > 2 else []), last]
    unknown = data.draw(st.booleans())
    levels = tuple(None if unknown and i == 0 else count for i, count in enumerate(marks))
    officials = [OfficialCounts("Nguyễn Văn A", "", levels)]
    turnout = Turnout(delegates=whole, collected=collected)
    expected = results.encode(tabulate(rules, officials, turnout)).decode()
    sent = rules.id if rules.id != OWN else canonical(regime.to_json(rules)).decode()
    assert told(page, sent, officials, turnout) == expected


RULES = regime.to_json(own_rules("nq96-2023"))


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ("two-level", ("id",)),
        ("nq96-2023", ("id",)),
        ("Tin", ("id",)),
        ("other", ("kind",)),
        ("", ("instrument",)),
        ("a\u202eb", ("title", "en")),
        ("medium", ("levels", 0, "key")),
        ("Tín nhiệm", ("levels", 0, "label", "vi")),
        ("valid", ("denominator", "kind")),
        ("counts_as_no", ("blank", "policy")),
        (1, ("blank", "verified")),
        ("ballot", ("invalid", "one_name")),
        ([3, 2], ("quorum", "part")),
        ([0, 2], ("quorum", "part")),
        ("present", ("quorum", "base")),
        (False, ("may_sign",)),
        (6, ("eligibility", 0, "least")),
        (121, ("eligibility", 2, "least")),
        ("in_post_this_year", ("eligibility", 0, "kind")),
        ([], ("eligibility",)),
        ([2, 3], ("findings", 0, "threshold")),
        ("low_two_thirds", ("findings", 0, "code")),
        ("confidence", ("findings", 0, "level")),
        ("yes", ("findings", 0, "strict")),
        ("x", ("findings", 0, "more")),
        ([], ("findings",)),
        ("summoned", ("quorum", "base")),
        (True, ("may_sign",)),
    ],
)
def test_rules_are_refused_alike(page: Page, parts: Json, path: tuple[str | int, ...]):
    value = json.loads(json.dumps(RULES))
    place = value
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = parts
    try:
        own = regime.from_json(value, "rules")
        refused = regime.is_builtin(own.id)
        regime.check_own(own, "rules")
    except ProtocolError:
        refused = True
    raw = canonical(value).decode()
    if refused:
        page.refuses("malformed", "rules", regime=raw)
    else:
        assert page.ask("rules", regime=raw) == {"id": OWN}


# --- session.json, and the results of a session -------------------------------------------------


def session_file(uuid: str, **parts: Json) -> SessionFile:
    honest = replace(testkit.HUMAN, uuid=uuid, delegates=9)
    return replace(honest, **parts)


FULL: dict[str, Json] = {
    "excluded": (Excluded("Bà B", "", "Nghỉ hưu"), Excluded("Ông C", "Phó", "Bệnh", "Ông")),
    "blocks": (Block("Khối 1", 1), Block("Khối 2", 3)),
    "guidance": ("Một.", "Hai."),
    "managed": ("Tỉnh ủy", "", "", ""),
    "after": "123456789ABCDEFG",
    "tier": "province",
    "zone": "Europe/Paris",
    "convocation": "XVIII",
    "term": "2026 - 2031",
    "sitting": "3",
    "honorifics": ("Bà", "", "", ""),
    "page": (("assets/voter.js", "0" * 64), ("voter.html", "1" * 64)),
}


@pytest.mark.parametrize("delegates", [3, 9, 40])
@pytest.mark.parametrize("roster", [8, 11])
def test_results_of_a_session(page: Page, delegates: int, roster: int):
    """By the roster where the body was said to be smaller; a contradiction is refused by both."""
    sealed = testkit.seal(officials=4, levels=3)
    parameters = sealed.election.parameters
    assert parameters is not None
    totals = [[5, 1, 3], [2, 2, 5], [0, 2, 6], [9, 0, 0]]
    session = session_file(sealed.election.uuid, delegates=delegates, **FULL)
    sent = {
        "election": sealed.election.raw.decode(),
        "session": session.encode().decode(),
        "totals": json.dumps(totals),
        "cast": "9",
        "roster": str(roster),
    }
    try:
        document = results.document(parameters, totals, cast=9, session_file=session, roster=roster)
    except ProtocolError as error:
        page.refuses(error.code, "results", **sent)
    else:
        assert page.ask("results", **sent)["results"] == results.encode(document).decode()
        bare = {name: value for name, value in sent.items() if name != "session"}
        document = results.document(parameters, totals, cast=9)
        assert page.ask("results", **bare)["results"] == results.encode(document).decode()


@pytest.mark.parametrize(
    "parts",
    [
        {"blocks": (Block("Khối 1", 5),)},
        {"managed": ("Tỉnh ủy",)},
        {"honorifics": ("Bà",) * 5},
        {"uuid": "123456789ABCDEFG"},
        {"title": "Bỏ phiếu tín nhiệm"},
        {"body": "Đảng bộ"},
        {"excluded": (Excluded(testkit.NAMES[0], "Ủy viên", "Bệnh"),)},
    ],
)
def test_another_ballots_session_json_is_refused(page: Page, parts: dict[str, Json]):
    election = testkit.seal(officials=4, levels=3).election
    session = replace(session_file(election.uuid), **parts)
    numbers = {"totals": json.dumps([[5, 1, 3]] * 4), "cast": "9", "roster": "9"}
    sent = {"election": election.raw.decode(), "session": session.encode().decode(), **numbers}
    page.refuses("bad_record", "results", **sent)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema", "phieukin.session/2"),
        ("date", "2026-02-29"),
        ("date", "2028-02-29"),
        ("date", "0000-01-01"),
        ("delegates", 0),
        ("excluded", []),
        ("blocks", [{"heading": "Khối", "officials": 0}]),
        ("guidance", ["a" * 1000, "b" * 1001]),
        ("guidance", ["ạ" * 1000, "b" * 1000]),
        ("managed", ["", ""]),
        ("after", "x"),
        ("after", testkit.UUID),
        ("place", " "),
        ("tier", "county"),
        ("zone", "Asia/Ho_Chi_Minh"),
        ("zone", "Mars/Phobos"),
        ("honorifics", []),
        ("page", {}),
        ("page", {"b.js": "0" * 64, "a.js": "0" * 64}),
        ("page", {"a/b/c.js": "0" * 64}),
        ("page", {".a": "0" * 64}),
        ("place", None),
    ],
)
def test_session_json_is_refused_alike(page: Page, field: str, value: Json):
    honest = json.loads(session_file("123456789ABCDEFG", **FULL).encode())
    raw = canonical({**honest, field: value})
    try:
        decoded = SessionFile.decode(raw)
    except ProtocolError as error:
        page.refuses(error.code, "session_file", session=raw.decode())
    else:
        answer = page.ask("session_file", session=raw.decode())
        assert answer == {"uuid": decoded.uuid, "delegates": decoded.delegates}
