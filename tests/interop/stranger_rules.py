"""A stranger's reading of §12, §13 and §16 of docs/protocol-results.md: regimes and session.json.

For `stranger.py`, with Python's library, without a look at our code.
"""

import itertools
import json
import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

from tests.interop.stranger_formats import (
    DIGEST,
    UUID,
    flag,
    matches,
    need,
    number,
    read_json,
    sha256,
    spell,
    text,
)

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/protocol-results.md"
PUBLISHED = r"published as JSON in `([^`]+)`"
TABLE = r"(?m)^\| `([a-z0-9-]+)` \|.*\| `([0-9a-f]{64})` \|$"

LETTERS = "[A-Za-z0-9,/()À-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9-]+"
PHRASE = matches("[^\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]{1,600}")
LABEL = matches(f"(?=.{{1,60}}$){LETTERS}( {LETTERS})*")
BOTH = {"vi": PHRASE, "en": PHRASE}
SOURCE = {"rule": PHRASE, "verified": flag}
FINDING = {
    "code": matches("low_over_half|low_two_thirds|no_confidence_over_half"), "level": PHRASE,
    "threshold": (number(), number(1)), "strict": flag, "text": BOTH,
} | SOURCE  # fmt: skip
REGIME = {
    "id": matches("(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*"), "kind": matches("party|state"),
    "instrument": PHRASE, "title": BOTH,
    "levels": [{"key": PHRASE, "label": {"vi": LABEL, "en": LABEL}}],
    "denominator": {"kind": matches("delegates|collected")} | SOURCE,
    "blank": {"policy": matches("invalid_line|counts_as_no")} | SOURCE,
    "invalid": {"scope": matches("line|ballot"), "one_name?": "line"} | SOURCE,
    "findings": [FINDING],
    "eligibility?": [{
        "kind": matches("retirement_notice|in_post_this_year|months_in_post|illness_months"),
        "least?": number(1, 120), "text": BOTH,
    } | SOURCE],
    "quorum?": {"part": (number(1, 999),) * 2, "base": matches("summoned|delegates")} | SOURCE,
    "may_sign?": True,
}  # fmt: skip


def outline(name: str) -> str:
    """§12.1: what is left of a label to a reader in a hurry."""
    bare = unicodedata.normalize("NFD", name.lower()).replace("đ", "d")
    bare = "".join(c for c in bare if c.isascii() and c.isalnum())
    for look, alike in (("rn", "m"), ("vv", "w"), ("l", "i"), ("1", "i"), ("0", "o")):
        bare = bare.replace(look, alike)
    return bare


def check_regime(regime: Any, built_in: Any) -> None:
    """§12.1: a regime of session.json, what its shape does not say."""
    keys = [level["key"] for level in regime["levels"]]
    need(keys in (["high", "medium", "low"], ["confidence", "no_confidence"]), "keys of levels")
    need(regime["id"] not in {*built_in, "two-level"}, "the id of a built-in regime")
    need(regime["blank"]["policy"] == "invalid_line" or len(keys) == 2, "counts_as_no of 3 levels")
    for language in BOTH:
        names = {level["key"]: level["label"][language] for level in regime["levels"]}
        need(len({*map(outline, names.values())}) == len(names), "two labels look alike")
        for other in built_in.values():
            for level in other["levels"]:
                for key, name in names.items():
                    alike = outline(name) == outline(level["label"][language])
                    same = (key, name) == (level["key"], level["label"][language])
                    need(not alike or same, f"{name} looks like {level['label'][language]}")
    ratios = [each["threshold"] for each in regime["findings"]]
    codes = [each["code"] for each in regime["findings"]]
    need(all(each["level"] in keys for each in regime["findings"]), "a finding of no level")
    need(all(a <= b for a, b in ratios) and len({*codes}) == len(codes), "findings")
    need(all(a * d <= c * b for (a, b), (c, d) in itertools.pairwise(ratios)), "order")
    kinds = [each["kind"] for each in regime.get("eligibility", ())]
    need("eligibility" not in regime or 0 < len(kinds) == len({*kinds}), "eligibility")
    for each in regime.get("eligibility", ()):
        need(("least" in each) == (each["kind"] in ("months_in_post", "illness_months")), "least")
    need(
        "quorum" not in regime or regime["quorum"]["part"][0] <= regime["quorum"]["part"][1],
        "quorum",
    )


def day(value: Any) -> bool:
    """§16: of the Gregorian calendar."""
    return matches("[0-9]{4}-[0-9]{2}-[0-9]{2}")(value) and bool(date.fromisoformat(value))


def page(value: Any) -> bool:
    """§3.4: SHA-256 by name, names ascending."""
    part = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}"
    named = type(value) is dict and all(map(matches(f"{part}(/{part})?"), value))
    return (
        bool(value) and named and list(value) == sorted(value) and all(map(DIGEST, value.values()))
    )


SESSION = {
    "schema": "phieukin.session/1", "uuid": UUID, "body": text(), "title": text(), "date": day,
    "place": text(0), "delegates": number(1),
    "excluded?": [{"name": text(), "position": text(0), "reason": text(), "honorific?": text()}],
    "blocks?": [{"heading": text(), "officials": number(1)}], "guidance?": [text()],
    "managed?": [text(0)], "after?": UUID, "rules?": REGIME,
    "tier?": matches("central|province|district|commune|unit"),
    "zone?": matches("(?!Asia/Ho_Chi_Minh$)[A-Za-z0-9_+/-]+"), "convocation?": text(),
    "term?": text(),
    "sitting?": text(), "honorifics?": [text(0)], "page?": page,
}  # fmt: skip


def read_session(data: bytes, policy: Any, regimes: Any) -> Any:
    """§3.4, §16: session.json; a regime of its own is put to the others."""
    session = read_json(data, SESSION, "session.json")
    if "rules" in session:
        check_regime(session["rules"], regimes)
        need(session["rules"]["id"] == policy["regime"], "rules that are not of policy.regime")
        regimes[policy["regime"]] = session["rules"]
    return session


def check_session(session: Any, election: Any) -> None:
    """§3.1, §16: it agrees with the definition, and nothing in it is empty."""
    officials, name = election["phieukin"]["officials"], f"{session['title']} – {session['body']}"
    need((session["uuid"], name) == (election["uuid"], election["name"]), "uuid, title or body")
    need(all(value not in ([], "") for name, value in session.items() if name != "place"), "empty")
    for name in ("managed", "honorifics"):
        values = session.get(name, [])
        need(name not in session or (len(values) == len(officials) and any(values)), name)
    rated = [(each["name"], each["position"]) for each in officials]
    for each in session.get("excluded", ()):
        need((each["name"], each["position"]) not in rated, "who is not rated stands on the ballot")
    blocks = [block["officials"] for block in session.get("blocks", ())]
    need(not blocks or sum(blocks) == len(officials), "the blocks are not the ballot's")
    need(sum(map(len, session.get("guidance", ()))) <= 2000, "the guidance is too long")


def rate(regime: Any, totals: list[int], n: int, divisor: int) -> dict[str, Any]:
    """§13: counts, percentages and finding of an official."""
    counts = {level["key"]: total for level, total in zip(regime["levels"], totals, strict=True)}
    blank = n - sum(totals)
    if regime["blank"]["policy"] == "counts_as_no":
        counts[regime["levels"][-1]["key"]] += blank
        blank = 0
    percent, finding = {}, None
    for key, count in counts.items():
        whole, hundredths = divmod((20000 * count + divisor) // (2 * divisor), 100)
        percent[key] = f"{whole},{hundredths:02}".rstrip("0").rstrip(",")
    for rule in regime["findings"]:
        (a, b), count = rule["threshold"], counts[rule["level"]]
        if b * count > a * divisor or (b * count == a * divisor and not rule["strict"]):
            finding = {"code": rule["code"], "text": rule["text"]["vi"], "rule": rule["rule"]}
    return {"counts": counts | {"blank": blank}, "percent": percent, "finding": finding}


def read_rules() -> Any:
    """§12.2: the built-in regimes, each of the SHA-256 that the table there has."""
    document = DOCUMENT.read_text("utf-8")
    table = dict(re.findall(TABLE, document))
    rules = json.loads((ROOT / re.findall(PUBLISHED, document)[0]).read_text("utf-8"))
    hashes = {name: sha256(spell(rule)) for name, rule in rules.items()}
    need(table and hashes == table, "the built-in regimes are not those of the table in §12.2")
    return rules


def results_json(regime: Any, officials: Any, counted: Any, n: int, members: int) -> bytes:
    """§7.4, §13."""
    kind = regime["denominator"]["kind"]
    divisor = n if kind == "collected" else members
    rows = zip(officials, counted, strict=True)
    rated = [official | rate(regime, line, n, divisor) for official, line in rows]
    head = {"schema": "phieukin.results/1", "regime": regime["id"]}
    return spell(head | {"denominator": {"kind": kind, "value": divisor}, "officials": rated})
