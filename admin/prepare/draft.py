"""A draft: a folder with session.toml, officials.xlsx and roster.xlsx (or .csv), read whole.

Reading finds everything that is wrong at once. What is only doubtful is a warning: the session
can be sealed, but somebody should look.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final, TypeVar

from admin.prepare import eligible, people, roster, session_form
from admin.prepare.eligible import Division
from admin.prepare.people import OfficialRow
from admin.prepare.roster import RosterRow
from admin.prepare.session_form import Form
from admin.record.count import Cadre
from admin.record.session_file import Block, Excluded, SessionFile
from admin.rules import cells, regime, sheet
from admin.rules.cells import BadDraft, Fault, Problem
from admin.rules.regime import Regime
from admin.session.channels import most_officials
from admin.session.terms import Terms
from admin.words import Language, language
from crypto.committee import quorum
from crypto.errors import Malformed
from crypto.session import Level, Official, Policy

OFFICIALS: Final = "officials"
ROSTER: Final = "roster"

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Draft:
    """A session that could be sealed as it is.

    Attributes:
        excluded: officials of the list who are not rated, each with a reason.
        blocks, managed, honorifics: as in session.json.
        cadres: for each official of the ballot what tells them from a namesake.
        rows: the list of officials as it is, those who are not rated included.
    """

    form: Form
    officials: tuple[Official, ...]
    roster: tuple[RosterRow, ...]
    excluded: tuple[Excluded, ...] = ()
    blocks: tuple[Block, ...] = ()
    managed: tuple[str, ...] = ()
    cadres: tuple[Cadre, ...] = ()
    rows: tuple[OfficialRow, ...] = ()
    honorifics: tuple[str, ...] = ()

    @property
    def uuid(self) -> str:
        return self.form.uuid

    @property
    def regime(self) -> Regime:
        return self.form.regime

    @property
    def on_paper(self) -> bool:
        return self.form.on_paper

    @property
    def trustees(self) -> int:
        return 0 if self.on_paper else self.form.trustees

    @property
    def threshold(self) -> int:
        return 0 if self.on_paper else self.form.threshold

    @property
    def quorum(self) -> tuple[int, int]:
        return self.form.quorum

    @property
    def quorum_number(self) -> int:
        """The fewest who must be present."""
        part, whole = self.form.quorum
        return -(-self.quorum_of * part // whole)

    @property
    def quorum_of(self) -> int:
        """Of how many people the quorum is a part."""
        return self.regime.quorum_of(len(self.roster), self.delegates)

    @property
    def delegates(self) -> int:
        """The number of members of the body, absent ones included."""
        return self.form.delegates or len(self.roster)

    @property
    def terms(self) -> Terms:
        """Trustees, threshold, quorum and times: kept by the registrar beside the definition."""
        form = self.form
        return Terms(self.trustees, self.threshold, *form.quorum, form.open, form.close)

    @property
    def human(self) -> SessionFile:
        """session.json."""
        form = self.form
        return SessionFile(
            form.uuid,
            form.body,
            form.title,
            form.date,
            form.place,
            self.delegates,
            excluded=self.excluded,
            blocks=self.blocks,
            guidance=form.guidance,
            managed=self.managed,
            after=form.after,
            tier=form.tier,
            zone=form.zone,
            convocation=form.convocation,
            term=form.term,
            sitting=form.sitting,
            honorifics=self.honorifics,
            rules=None if regime.is_builtin(form.regime.id) else form.regime,
        )

    @property
    def policy(self) -> Policy:
        """The rules that go into election.json."""
        form = self.form
        return Policy(
            levels=tuple(Level(level.key, level.label.vi) for level in form.regime.levels),
            channels=form.channels,
            min_ballots=form.min_ballots,
            regime=form.regime.id,
            invalid=form.invalid,
            publication=form.publication,
            recovery=form.recovery,
            rehearsal=form.rehearsal,
            check_seconds=form.check_seconds,
        )

    @property
    def roster_bytes(self) -> bytes:
        """The roster file, whose HMAC goes into election.json."""
        return roster.encode(self.uuid, self.roster)


@dataclass(frozen=True, slots=True)
class Examined:
    """A folder as it was read; the draft is None if there are problems."""

    draft: Draft | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def read(folder: Path) -> Draft:
    """The draft in a folder.

    Raises:
        BadDraft: with every problem, one on a line.
        OSError: a file is missing or cannot be read.
    """
    examined = examine(folder)
    if examined.draft is None:
        raise refusal(examined.problems, language())
    return examined.draft


def refusal(problems: Sequence[Problem], lang: Language) -> BadDraft:
    """The error that lists all problems, one on a line."""
    return BadDraft(cells.listed(problems, lang))


def examine(folder: Path) -> Examined:
    """The draft in a folder, with its problems and warnings.

    Raises:
        OSError: a file is missing or cannot be read.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    form = session_form.read(folder / session_form.FILE, problems)
    officials = _people(folder, OFFICIALS, people.read_officials, problems, warnings)
    until = None if form is None else date.fromisoformat(form.date)
    voters = _people(folder, ROSTER, partial(people.read_roster, until=until), problems, warnings)
    if form is None or problems:
        return Examined(None, tuple(problems), tuple(warnings))
    decided = eligible.decide(officials, form.regime, date.fromisoformat(form.date))
    warnings += [Problem(OFFICIALS, doubt.row, None, doubt.fault) for doubt in decided.doubts]
    draft = _made(form, officials, decided, voters)
    if not draft.officials:
        problems.append(Problem(OFFICIALS, None, None, Fault("all_excluded")))
    problems += [Problem(session_form.FILE, None, None, fault) for fault in _contradictions(draft)]
    warnings += [Problem(session_form.FILE, None, None, fault) for fault in _doubts(draft)]
    return Examined(None if problems else draft, tuple(problems), tuple(warnings))


def _made(
    form: Form,
    listed: tuple[OfficialRow, ...],
    decided: Division,
    voters: tuple[RosterRow, ...],
) -> Draft:
    runs = groupby(decided.rated, key=attrgetter("block"))
    managed = tuple(row.managed for row in decided.rated)
    honorifics = tuple(row.honorific for row in decided.rated)
    return Draft(
        form,
        tuple(Official(row.name, row.position) for row in decided.rated),
        voters,
        decided.excluded,
        tuple(Block(heading, len(list(run))) for heading, run in runs if heading),
        managed if any(managed) else (),
        tuple(row.cadre for row in decided.rated),
        listed,
        honorifics if any(honorifics) else (),
    )


def spreadsheet(folder: Path, stem: str) -> Path:
    """The spreadsheet with this name, whichever kind it is.

    Raises:
        Fault: there is none, or there are two.
    """
    paths = [path for suffix in sheet.SUFFIXES if (path := folder / f"{stem}{suffix}").exists()]
    if len(paths) == 1:
        return paths[0]
    if paths:
        raise Fault("two_files", names=" / ".join(path.name for path in paths))
    raise Fault("no_file", names=" / ".join(f"{stem}{suffix}" for suffix in (".xlsx", ".csv")))


def _people(
    folder: Path,
    stem: str,
    reader: Callable[[Path, list[Problem], list[Problem]], tuple[_Row, ...]],
    problems: list[Problem],
    warnings: list[Problem],
) -> tuple[_Row, ...]:
    try:
        path = spreadsheet(folder, stem)
    except Fault as fault:
        problems.append(Problem(stem, None, None, fault))
        return ()
    return reader(path, problems, warnings)


def _unwritable(draft: Draft) -> list[Fault]:
    """What no record could hold: texts that its decoders refuse, or too much of them."""
    try:
        SessionFile.decode(draft.human.encode())
        Policy.from_json(draft.policy.to_json(), "policy")
        for place, official in enumerate(draft.officials):
            Official.from_json(asdict(official), f"officials[{place}]")
    except Malformed as error:
        return [Fault("unwritable", reason=error)]
    return []


def _contradictions(draft: Draft) -> list[Fault]:
    voters, faults = len(draft.roster), _unwritable(draft)
    if draft.delegates < voters:
        faults.append(Fault("fewer_delegates", delegates=draft.delegates, roster=voters))
    if draft.form.min_ballots > voters:
        fault = Fault("fewer_voters", least=draft.form.min_ballots, roster=voters)
        faults.append(fault)
    if "chat" in draft.form.channels:
        most = most_officials(len(draft.form.regime.level_keys))
        if (officials := len(draft.officials)) > most:
            faults.append(Fault("chat_too_long", officials=officials, most=most))
    return faults


def _doubts(draft: Draft) -> list[Fault]:
    faults = []
    if not draft.on_paper and not draft.form.rehearsal:
        faults.append(Fault("electronic_rules"))
        if {"chat", "miniapp"} & set(draft.form.channels):
            faults.append(Fault("telegram_may_fail"))
    if "chat" in draft.form.channels:
        faults.append(Fault("chat_is_weaker"))
    if draft.on_paper and draft.form.trustees:
        faults.append(Fault("paper_no_trustees"))
    if draft.trustees == 1:
        faults.append(Fault("one_trustee"))
    elif draft.threshold == draft.trustees and not draft.on_paper:
        faults.append(Fault("threshold_all", trustees=draft.trustees))
    elif quorum(draft.trustees, draft.threshold) == draft.trustees and not draft.on_paper:
        faults.append(Fault("quorum_all", trustees=draft.trustees))
    return faults
