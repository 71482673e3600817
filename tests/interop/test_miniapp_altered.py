"""Any deviation in what trustees send: the page and the command line have one verdict on each."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from crypto import ceremony, tally
from crypto.ceremony_messages import Step1, Step2
from crypto.encoding import canonical
from crypto.errors import ProtocolError
from crypto.tally import Share
from crypto.trustees import Trustees
from tests.crypto import room
from tests.interop.mixed import Mixed, Signing, text_of, texts
from tests.interop.page import Page, Refused

pytestmark = pytest.mark.slow

Json = Any


@pytest.fixture(scope="module")
def mixed(page: Page) -> Mixed:
    return Mixed(page)


def verdict(read: Callable[[], object]) -> str:
    try:
        read()
    except ProtocolError as error:
        return error.code
    return "ok"


def told(page: Page, what: str, given: dict[str, str]) -> str:
    try:
        page.ask(what, **given)
    except Refused as refused:
        return str(refused)
    return "ok"


def judged_alike(
    page: Page,
    what: str,
    given: dict[str, str],
    field: str,
    read: Callable[[bytes], object],
    every: int = 1,
) -> None:
    """Each mutation of a file has one verdict; `every` leaves out most of very many."""
    seen: set[str] = set()
    for place, (name, mutated) in enumerate(room.mutations(json.loads(given[field]))):
        if place % every:
            continue
        raw = canonical(mutated)
        expected = verdict(lambda raw=raw: read(raw))  # type: ignore[misc]
        seen.add(expected)
        assert (name, told(page, what, {**given, field: raw.decode()})) == (name, expected)
    assert len(seen) > 1, "every mutation has the same verdict"


def test_altered_trustees(page: Page, mixed: Mixed):
    def read(raw: bytes) -> None:
        Trustees.decode(raw).check()

    given = {"trustees": mixed.held.trustees.encode().decode()}
    judged_alike(page, "trustees", given, "trustees", read, every=11)


def test_altered_traces_of_a_ceremony(page: Page, mixed: Mixed):
    def read(raw: bytes) -> None:
        ceremony.check_transcript(raw, mixed.held.trustees, mixed.held.committee)

    trace = canonical(ceremony.transcript(mixed.held.ones, mixed.held.twos)).decode()
    given = {**Signing(mixed).known, "ceremony": trace}
    judged_alike(page, "ceremony", given, "ceremony", read, every=7)


def test_altered_shares(page: Page, mixed: Mixed):
    election, trustees = mixed.session.election, mixed.session.trustees

    def read(raw: bytes) -> None:
        share = Share.decode_file(raw, "share", election)
        tally.check_share(election, trustees, mixed.opened, share)

    share = mixed.session.share(2, mixed.opened).encode_file(election.phi).decode()
    given = {**Signing(mixed).known, "tally": mixed.opened.encode().decode(), "share": share}
    judged_alike(page, "check_share", given, "share", read, every=7)


def test_altered_step_messages(page: Page, mixed: Mixed):
    held = mixed.held
    ones = [one.encode() for one in held.ones]
    twos = [two.encode() for two in held.twos]

    def first(raw: bytes) -> None:
        ceremony.step2(held.fresh[0], room.but(held.ones, 2, Step1.decode(raw, "step 1")))

    def second(raw: bytes) -> None:
        ceremony.step3(held.waiting[0], room.but(held.twos, 2, Step2.decode(raw, "step 2")))

    for what, state, files, read in (
        ("step2", held.fresh[0], ones, first),
        ("step3", held.waiting[0], twos, second),
    ):
        for name, mutated in [*room.mutations(json.loads(files[1]))][::3]:
            raw = canonical(mutated)
            expected = verdict(lambda raw=raw, read=read: read(raw))  # type: ignore[misc]
            given = {"state": text_of(state), "files": texts(room.but(files, 2, raw))}
            assert (name, told(page, what, given)) == (name, expected)
