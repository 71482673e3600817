"""Whatever an honest session looks like, its record passes the audit of this program."""

import asyncio
import secrets
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from admin.lifecycle import amend, seal, steps
from admin.prepare.draft import Draft
from admin.prepare.roster import RosterRow
from admin.prepare.session_form import Form
from admin.record.audit import AuditOptions, audit_file, rewinding
from admin.record.opening import audit_closed
from admin.record.session_file import TIERS, Block, Excluded, SessionFile
from admin.rules import regime
from admin.rules.regime import Regime
from admin.session.books import Books, opened
from admin.voting import box
from crypto import ballot, blind, token
from crypto.audit.ballots import check_here
from crypto.audit.report import Report
from crypto.checkpoint import MAX_REASON
from crypto.committee import Moment, quorum
from crypto.encoding import to_base64
from crypto.group import G, random_scalar
from crypto.lifecycle import State
from crypto.session import MIN_BALLOTS_FLOOR, Official, new_uuid
from crypto.tally import decrypt
from storage.rows import PAPER
from tests import testkit
from tests.admin.record.test_levels import own
from tests.crypto.room import Room, hold
from tests.verdicts import checked, remembered
from tests.worlds import committee, hall

pytestmark = pytest.mark.slow

# What is hard to write and to read back: escapes, long texts of wide letters, a lone mark.
TEXTS = ("Hội nghị", "“A” \\ 'B' / <c> & \"d\"", "Ộ" * 300, "\U00020000 x̣̂", "a - b – c")
COMMITTEES = ((2, 2), (3, 2), (5, 3))  # size and threshold


@cache
def room(size: int, threshold: int) -> Room:
    return hold(size, threshold)


def rulesets() -> list[Regime]:
    """Every regime of ours, one of a body's own, and one by which a blank line counts as no."""
    rules = own().rules
    assert rules is not None
    builtin = [regime.load(name) for name in regime.builtin_ids()]
    two = regime.load("two-level")
    blank = two.blank.model_copy(update={"policy": "counts_as_no"})
    return [*builtin, rules, two.model_copy(update={"id": "blank-is-no", "blank": blank})]


@dataclass(frozen=True)
class Change:
    """An amendment: who comes, and how many of those who have no ballot go."""

    names: tuple[str, ...]
    gone: int
    reason: str


@dataclass(frozen=True)
class Shape:
    """A legal session: the draft, and what its people do. At least five of eight vote."""

    draft: Draft
    changes: tuple[Change, ...]
    paper: int
    absent: int
    silent: int
    signers: tuple[int, ...]
    """The trustees in the order in which they come; no more sign or open than must."""
    choices: int
    """A seed: of each ballot the marks follow from it."""


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    rules, size = draw(st.sampled_from(rulesets())), draw(st.integers(8, 9))
    trustees, threshold = draw(st.sampled_from(COMMITTEES))
    text = st.sampled_from(TEXTS)
    officials = draw(st.integers(1, 4))
    paper = draw(st.integers(0, 1))
    blocks = _blocks(draw, officials)
    form = Form(
        uuid=new_uuid(),
        body=draw(text),
        title=draw(text),
        date="2026-12-07",
        place=draw(st.sampled_from(("", *TEXTS))),
        delegates=draw(st.sampled_from((None, size, size + 30))),
        regime=rules,
        quorum=(1, 9),
        min_ballots=MIN_BALLOTS_FLOOR,
        invalid=draw(st.sampled_from(("line", "ballot"))),
        channels=("browser", "cli", *([PAPER] if paper else [])),
        trustees=trustees,
        threshold=threshold,
        publication=draw(st.sampled_from(("public", "members"))),
        recovery=draw(st.sampled_from(("phone", "none"))),
        rehearsal=draw(st.booleans()),
        guidance=draw(st.sampled_from(((), TEXTS[:2]))),
        after=draw(st.sampled_from(("", new_uuid()))),
        tier=draw(st.sampled_from(("", *TIERS))),
        checkin=None,
        open=None,
        close=None,
    )
    draft = Draft(
        form,
        tuple(Official(f"Ông {i} {draw(text)}"[:200], draw(text)) for i in range(officials)),
        tuple(RosterRow(f"Bà {i}") for i in range(size)),
        draw(st.sampled_from(((), (Excluded("Ông X", "", TEXTS[1]),)))),
        blocks,
        draw(st.sampled_from(((), (TEXTS[0], *[""] * (officials - 1))))),
    )
    changes = draw(st.lists(_changes(), max_size=2))
    return Shape(
        draft,
        tuple(replace(change, names=tuple(f"{n} {i}" for n in change.names))
              for i, change in enumerate(changes)),
        paper,
        absent=draw(st.integers(0, 1)),
        silent=draw(st.integers(0, 1)),
        signers=tuple(draw(st.permutations(range(1, trustees + 1)))),
        choices=draw(st.integers(0, 1 << 16)),
    )  # fmt: skip


def _blocks(draw: st.DrawFn, officials: int) -> tuple[Block, ...]:
    if officials == 1 or not draw(st.booleans()):
        return ()
    first = draw(st.integers(1, officials - 1))
    return (Block("Khối 1", first), Block(TEXTS[1], officials - first))


def _changes() -> st.SearchStrategy[Change]:
    names = st.lists(st.sampled_from(("Đỗ Thị Mới", "Vũ Văn Đến")), max_size=2, unique=True)
    reasons = st.sampled_from(("x", "Ộ" * MAX_REASON, "“bầu” bổ sung\\"))
    made = st.builds(Change, names.map(tuple), st.integers(0, 1), reasons)
    return made.filter(lambda change: bool(change.names) or change.gone > 0)


# ---- the session


async def play(books: Books, shape: Shape) -> Path:
    """From the draft to the record, by the steps of the house."""
    uuid, members = shape.draft.uuid, room(shape.draft.trustees, shape.draft.threshold)
    needed = quorum(shape.draft.trustees, shape.draft.threshold)
    signing = [members.states[owner - 1] for owner in shape.signers[:needed]]
    await _seal(books, shape.draft, members)
    await steps.check_in(books, uuid)
    for change in shape.changes:
        people = await books.registrar.roster(uuid)
        gone = [person.place for person in people[-change.gone :]] if change.gone else []
        session = await books.session(uuid)
        await amend.amend(
            books.registrar, books.datadir, session, change.names, gone, change.reason, []
        )
    voters = await _check_in(books, shape)
    await steps.open_voting(books, uuid)
    await committee.sign(books, uuid, Moment.OPENING, signing)
    await _cast(books, shape, voters)
    await steps.close(books, uuid)
    await committee.sign(books, uuid, Moment.CLOSING, signing[::-1])
    await _share(books, shape, members)
    return await steps.publish(books, uuid, lambda: nullcontext(check_here))


async def _seal(books: Books, draft: Draft, members: Room) -> None:
    uuid, book = draft.uuid, books.registrar
    folder = books.datadir.keys(uuid)
    folder.mkdir(parents=True)
    (folder / "issuer.pkcs8").write_bytes(testkit.issuer_pkcs8())  # a new one takes seconds
    await book.add_session(uuid, draft.human.encode())
    await book.update_draft(uuid, draft.terms.encode(), draft.human.encode())
    rounds: dict[str, list[Any]] = {
        "step1": members.ones, "step2": members.twos, "step3": members.threes,
    }  # fmt: skip
    for kind, messages in rounds.items():
        for owner, message in enumerate(messages, start=1):
            raw = message.encode()
            await book.put_message(uuid, kind, owner, raw, during=State.DRAFT)
    await seal.propose(books, draft)
    await committee.sign(books, uuid, Moment.DEFINITION, members.states)
    await seal.seal(books, uuid)


async def _check_in(books: Books, shape: Shape) -> list[int]:
    """Who is there gets a token and registers, or gets paper; returns the secrets."""
    electronic = (await books.session(shape.draft.uuid)).electronic
    election, uuid = electronic.election, shape.draft.uuid
    issuer = testkit.issuer_secret()
    people = [person.person for person in await books.registrar.roster(uuid)]
    there = people[: len(people) - shape.absent]
    voters, on_paper = there[: len(there) - shape.paper], there[len(there) - shape.paper :]
    exponents = [random_scalar() for _ in voters]
    for number, (person, secret) in enumerate(zip(voters, exponents, strict=True)):
        request = token.request_token(issuer.public, election.phi, G**secret)
        answer = blind.blind_sign(issuer, request.blinded_message)
        channel = ("browser", "cli")[number % 2]
        await books.registrar.issue(uuid, person, secrets.token_bytes(32), answer, channel)
        made = token.receive_token(issuer.public, election.phi, G**secret, answer, request)
        credential = (G**secret).hex
        await box.register(books.box, election, electronic.parameters, credential, to_base64(made))
    if on_paper:
        await books.registrar.paper.issue(uuid, on_paper, late=False)
    await steps.set_present(books, uuid, len(there))
    return exponents


async def _cast(books: Books, shape: Shape, voters: list[int]) -> None:
    election = (await books.session(shape.draft.uuid)).electronic.election
    policy = shape.draft.policy
    options: list[int | None] = [*range(len(policy.levels)), *([] if policy.fewest else [None])]
    for place, secret in enumerate(voters[shape.silent :]):
        marks = [
            options[(shape.choices + place * line) % len(options)]
            for line in range(1, len(election.questions) + 1)
        ]
        raw, _ = ballot.prepare(election, secret, marks)
        assert await box.admit(books.box, election, raw)
        await box.store(books.box, election, raw, checked(election.raw, raw))


async def _share(books: Books, shape: Shape, members: Room) -> None:
    """As many trustees as open the totals, and no more."""
    uuid = shape.draft.uuid
    with books.datadir.archive(uuid).open("rb") as file:
        closed = audit_closed(rewinding(file), Report(), remembered)
    election, total = closed.setup.election, closed.cast.tally
    for owner in shape.signers[: shape.draft.threshold]:
        share = decrypt(election, total, owner, members.states[owner - 1].secret)
        raw = share.encode_file(election.phi)
        await books.registrar.put_message(uuid, "share", owner, raw, during=State.CLOSED)


@given(shapes())
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a session takes a second to shrink
)
def test_the_record_of_an_honest_session_passes(shape: Shape):
    """Amended or not, with khối, paper beside, absent and silent people, fewer trustees than hold
    keys, blank lines, rules of every kind: published, and audited once more by itself."""
    with TemporaryDirectory(prefix="phieukin-") as folder:
        where = hall.datadir(Path(folder))

        async def whole() -> Path:
            async with opened(where) as books:
                return await play(books, shape)

        outcome = audit_file(asyncio.run(whole()), AuditOptions(run=remembered))

    assert outcome.error is None, outcome.error
    assert outcome.counts is not None
    assert outcome.counts.roster == len(shape.draft.roster) + sum(
        len(change.names) - change.gone for change in shape.changes
    )
    assert SessionFile.decode(shape.draft.human.encode()) == shape.draft.human
