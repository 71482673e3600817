"""What a session is: one value, read from the registrar's book once and handed on.

How a session votes is asked here and nowhere else: electronically, on paper beside that (mixed),
or on paper only. What is *done* to a session is in admin/lifecycle.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from admin.record.paper_definition import OnPaper, PaperDefinition
from admin.record.session_file import SessionFile
from admin.rules import zones
from admin.rules.regime import Regime
from admin.session.definition import Definition, sealed
from admin.session.terms import Terms
from crypto import checkpoint, note
from crypto.errors import Incomplete, WrongState
from crypto.lifecycle import State
from crypto.session import Official, Policy
from storage.registrar.book import RegistrarBook
from storage.rows import PAPER, SessionRow

_session_file = lru_cache(maxsize=32)(SessionFile.decode)


@lru_cache(maxsize=32)
def _session_code(election_json: bytes, seal: bytes) -> str:
    return checkpoint.check_committee(note.parse(seal), *sealed(election_json))


@dataclass(frozen=True, slots=True)
class Session:
    """A session at the moment of loading; a step reads the state again where it matters.

    Attributes:
        session_file: session.json; of a draft as it was registered or proposed.
        terms: committee, quorum and planned times; None until the session is registered.
        present: the committee's head count, once entered.
        definition: what was sealed, None before: of an electronic vote, or of one on paper only.
        code: the session code that people compare; empty before the seal, and on paper only.
    """

    uuid: str
    state: State
    session_file: SessionFile
    terms: Terms | None
    present: int | None
    definition: Definition | PaperDefinition | None
    code: str = ""

    @classmethod
    async def load(cls, book: RegistrarBook, uuid: str) -> "Session":
        """Raises UnknownSession."""
        return cls.of_row(await book.session(uuid))

    @classmethod
    async def load_all(cls, book: RegistrarBook) -> list["Session"]:
        """Every session, in the order of the uuids."""
        return [cls.of_row(row) for row in await book.sessions()]

    @classmethod
    def of_row(cls, row: SessionRow) -> "Session":
        """Decodes what the book has; the same bytes are decoded once."""
        definition: Definition | PaperDefinition | None = None
        code = ""
        if row.paper is not None:
            definition = PaperDefinition.decode(row.paper)
        elif row.election is not None and row.trustees is not None:
            definition = Definition.decode(row.election, row.trustees)
            code = "" if row.seal is None else _session_code(row.election, row.seal)
        return cls(
            row.uuid,
            row.state,
            _session_file(row.session_json),
            None if row.terms is None else Terms.decode(row.terms),
            row.present,
            definition,
            code,
        )

    def today(self, now: float) -> date:
        """The day where the body meets, at a moment in Unix seconds."""
        return zones.today(now, self.session_file.zone)

    @property
    def on_paper(self) -> bool:
        """Whether paper is the only way of voting: no key, no φ, no box."""
        return isinstance(self.definition, PaperDefinition)

    @property
    def takes_paper(self) -> bool:
        """Whether paper ballots are given out: on paper only, or beside the electronic ones."""
        return self.definition is not None and PAPER in self.policy.channels

    @property
    def electronic(self) -> Definition:
        """The sealed definition of an electronic vote.

        Raises:
            OnPaper: the session votes on paper only.
            WrongState: it has not been sealed.
        """
        definition = self._sealed
        if isinstance(definition, PaperDefinition):
            raise OnPaper(f"session {self.uuid} votes on paper only")
        return definition

    @property
    def officials(self) -> tuple[Official, ...]:
        """Who is rated, in the order of the ballot. Raises WrongState before the seal."""
        definition = self._sealed
        if isinstance(definition, Definition):
            return definition.parameters.officials
        return definition.officials

    @property
    def policy(self) -> Policy:
        """The sealed rules. Raises WrongState before the seal."""
        definition = self._sealed
        if isinstance(definition, Definition):
            return definition.parameters.policy
        return definition.policy

    @property
    def regime(self) -> Regime:
        """The regulation, or the body's own rules. Raises WrongState before the seal."""
        return self.session_file.regime(self.policy.regime)

    @property
    def settled_terms(self) -> Terms:
        """The terms. Raises Incomplete before the session is registered."""
        if self.terms is None:
            raise Incomplete("the committee is not settled yet")
        return self.terms

    @property
    def _sealed(self) -> Definition | PaperDefinition:
        if self.definition is None:
            raise WrongState(f"session {self.uuid} has not been sealed")
        return self.definition
