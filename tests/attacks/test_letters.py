"""Whoever prints the letters and runs the server votes for nobody who has collected a ballot.

A real session over HTTP. The operator has every letter, both books, the keys on the machine and
every byte that came to the server. Seven voters have made backup codes themselves; the eighth is
the control: its phone, against the protocol, seals under the code of the letter, and the same
attack opens it, votes with it and links it.

What this does not show: that the operator cannot take the place of somebody who has not collected
yet. That is bounded by the head count, and ends with the opening.
"""

import itertools
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin.client import session_view, voter
from admin.client.server import Registrar
from admin.client.session_view import SessionView
from admin.client.voter import Secrets
from admin.voting import codes
from crypto.encoding import CROCKFORD
from crypto.errors import BadCode, RecoveryTaken, Refused, RegistrationEnded, TokenAlreadyIssued
from tests.attacks.relay import relaying
from tests.attacks.sitting import Sitting, Voter

pytestmark = pytest.mark.slow

VOTERS, CAST = 8, 4  # and one more, who has a letter and does not come
CARELESS, ABSENT = VOTERS - 1, VOTERS
_LIKE_CODES = re.compile(f"[{CROCKFORD}]{{{codes.LENGTH},}}")


@dataclass(frozen=True)
class Operator:
    """The machine that makes the letters and runs the server.

    Attributes:
        seen: every byte that came to the server until some had voted.
        books: both of them, copied while votes were cast.
        refused: how a second phone with each letter was refused, when it asked for a token and
            when it wanted to leave something.
    """

    sitting: Sitting
    seen: bytes
    books: Path
    refused: list[tuple[type[Refused], type[Refused]]]

    def left(self) -> dict[bytes, bytes]:
        """What each person's phone has left with the registrar."""
        return dict(_rows(self.books / "registrar.db", "SELECT person, sealed FROM recovery"))

    def opened(self, letter: Voter, session: SessionView) -> Secrets | None:
        """The secrets of a voter's phone, by whatever the operator has; None if nothing opens."""
        uuid, sealed = session.election.uuid, self.left()[letter.person]
        for guess in self._guesses(letter):
            try:
                raw = codes.unseal(codes.recovery_key(guess, uuid), uuid, sealed)
            except BadCode:
                continue
            return Secrets.decode(raw, session.election.phi, session.issuer)
        return None

    def _guesses(self, letter: Voter) -> Iterator[str]:
        """Everything on the letter, in pieces and joined; everything like a code ever seen."""
        code, uuid, link = letter.code, self.sitting.uuid, letter.link
        fragment = link.partition("#")[2]
        hashed = codes.code_hash(uuid, code).hex()
        parts = [code, codes.grouped(code), code[:8], code[8:], code[::-1], uuid, hashed, link]
        parts += [fragment, fragment.rpartition("=")[2], letter.name, letter.person.hex()]
        yield from parts
        yield from (first + second for first, second in itertools.permutations(parts, 2))
        files = (path.read_bytes() for path in self.books.glob("*.db*"))
        for raw in (self.seen, *files):
            text = raw.decode("latin-1").replace("-", "").upper()
            for run in _LIKE_CODES.findall(text):
                yield from (run[i : i + codes.LENGTH] for i in range(len(run) - codes.LENGTH + 1))


def _rows(path: Path, query: str) -> list[tuple[bytes, bytes]]:
    with closing(sqlite3.connect(path)) as book:
        return book.execute(query).fetchall()


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """In the middle of the vote: all have collected, some have cast; the server runs on."""
    folder = tmp_path_factory.mktemp("letters")
    sitting = Sitting(folder, VOTERS + 1).prepare()
    sitting.voters[CARELESS].backup_code = sitting.voters[CARELESS].code
    with sitting.serving(), relaying(sitting.url) as relay:
        sitting.url = relay.url
        sitting.check_in(list(range(VOTERS)))
        refused = [_second_phone(sitting, letter) for letter in sitting.voters[:VOTERS]]
        sitting.register(list(range(VOTERS)))
        sitting.open()
        sitting.cast(list(range(CAST)))
        shutil.copytree(sitting.data, folder / "copy")
        seen = b"".join(request.head + request.body for request in relay.seen)
        yield Operator(sitting, seen, folder / "copy", refused)


def _second_phone(sitting: Sitting, letter: Voter) -> tuple[type[Refused], type[Refused]]:
    session = session_view.look(sitting.box)
    registrar = Registrar.login(sitting.server, sitting.uuid, letter.code)
    secrets = Secrets.make(session.issuer, session.election.phi)
    with pytest.raises(Refused) as token:
        voter.fetch_token(registrar, session, secrets)
    with pytest.raises(Refused) as left:
        voter.back_up(registrar, session, secrets, codes.parse_backup(codes.new_backup_code()))
    return token.type, left.type


def test_a_letter_gets_no_second_token_and_replaces_nothing(operator: Operator):
    """Once its owner has collected; and none at all, whoever has it, after the opening."""
    assert operator.refused == [(TokenAlreadyIssued, RecoveryTaken)] * VOTERS
    sitting = operator.sitting
    session, absent = session_view.look(sitting.box), sitting.voters[ABSENT]
    registrar = Registrar.login(sitting.server, sitting.uuid, absent.code)
    with pytest.raises(RegistrationEnded):
        voter.fetch_token(registrar, session, Secrets.make(session.issuer, session.election.phi))
    assert sitting.box.session()["counts"]["issued"] == VOTERS


def test_nobody_who_has_collected_is_linked(operator: Operator):
    """Books, letters and traffic together name no credential of anybody but the control's."""
    session = session_view.look(operator.sitting.box)
    assert len(operator.left()) == VOTERS
    linked = {
        number
        for number, letter in enumerate(operator.sitting.voters[:VOTERS])
        if (secrets := operator.opened(letter, session)) is not None
        and secrets.credential.raw == letter.credential
    }

    assert linked == {CARELESS}


def test_nobody_who_has_collected_is_voted_for(operator: Operator):
    """The control's vote is taken; everybody else's is as they cast it."""
    sitting = operator.sitting
    session = session_view.look(sitting.box)
    taken = []
    for number, letter in enumerate(sitting.voters[CAST:VOTERS], CAST):
        secrets = operator.opened(letter, session)
        if secrets is not None:
            choices: list[int | None] = [2] * len(session.election.questions)
            voter.cast(sitting.box, session, voter.prepare(session, secrets, choices))
            taken.append(number)
    assert taken == [CARELESS]

    sitting.cast(list(range(CAST, CARELESS)))
    counts = sitting.box.session()["counts"]
    assert (counts["cast"], counts["registered"], counts["issued"]) == (VOTERS, VOTERS, VOTERS)
