"""Who is not let in, and what a voter is left with when the box refuses: by the real command.

Refusals by HTTP are in tests/bot/web/test_refusals.py, what a lying server shows in
tests/admin/client/test_lies.py.
"""

import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from admin.cli import main
from admin.lifecycle import steps
from admin.session.books import Books
from admin.session.datadir import DataDir
from admin.voting import codes
from admin.voting.codes import code_hash
from admin.words import Language, words
from crypto.committee import Moment
from crypto.encoding import to_base64
from crypto.group import G
from crypto.lifecycle import Step
from storage.rows import Code
from tests.attacks.relay import Relay, Request, honest
from tests.worlds import committee, hall
from tests.worlds.hall import Client, Sealed

pytestmark = pytest.mark.slow

PRESENT = 10


def opened(session: Sealed, present: int = PRESENT) -> None:
    """The vote is opened by the ordinary step, and the committee seals the box."""

    async def work(books: Books) -> None:
        await books.registrar.set_present(session.uuid, present)
        await steps.open_voting(books, session.uuid)
        states = session.insider.room.states
        await committee.sign(books, session.uuid, Moment.OPENING, states)

    hall.with_books(session.where, work)


class Phone:
    """One voter and the real command, through the relay."""

    def __init__(self, relay: Relay, session: Sealed, folder: Path) -> None:
        self._relay, self._made, self._folder = relay, session, folder
        self._devices = 0
        (folder / "choices").write_text('["high", null, "low"]')
        self.letter = session.voters[0]

    def lose(self) -> None:
        """From here on it is another device, which has nothing of the first."""
        self._devices += 1
        self._folder = self._folder / f"device{self._devices}"
        self._folder.mkdir()
        (self._folder / "choices").write_text('["high", null, "low"]')

    def vote(self, *, code: str | None = None, lang: str = "en") -> tuple[int, str, str]:
        """Exit status, what was done or the code of the refusal, and the words for people."""
        code = code or self.letter
        (self._folder / "code").write_text(code)
        args = ["vote", "--server", self._relay.url, "--uuid", self._made.uuid]
        args += ["--code-file", str(self._folder / "code"), "--keep", str(self._folder)]
        args += ["--choices", str(self._folder / "choices")]
        args += ["--mask", "0", "--no-wait", "--json"]
        stdout, err = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout), redirect_stderr(err):
            patch.setenv("PHIEUKIN_LANG", lang)
            status = main.run(args)
        document = json.loads(stdout.getvalue())
        return (
            status,
            str(document.get("done") or document["code"]),
            stdout.getvalue() + err.getvalue(),
        )


@pytest.fixture
def session(where: DataDir) -> Sealed:
    return hall.sealed(where, Step.CHECK_IN, recovery="phone")


@pytest.fixture
def phone(relay: Relay, session: Sealed, tmp_path: Path) -> Phone:
    return Phone(relay, session, tmp_path)


def test_a_box_that_refuses_gives_no_promise(
    relay: Relay, phone: Phone, session: Sealed, tmp_path: Path
):
    """The voter knows before the close that nothing was recorded; the same ballot goes again.

    Whether a box refuses or a line is cut cannot be told apart, and no one can prove it.
    """
    assert phone.vote()[:2] == (0, "registered")
    opened(session)

    def refusing(request: Request, answer: bytes) -> bytes:
        return b'{"tracker":"","promise":""}' if request.path.endswith("/ballots") else answer

    relay.lie = refusing
    assert phone.vote()[0] == 3
    assert list(tmp_path.glob("*.promise")) == []
    sent = next(request.body for request in relay.seen if request.path.endswith("/ballots")).rstrip(
        b" "
    )
    assert [path.read_bytes() for path in tmp_path.glob("*.ballot")] == [sent]

    relay.lie = honest
    assert phone.vote()[:2] == (0, "cast")
    assert session.counts() == {"registered": 1, "cast": 1}


# ---- codes that admit nobody, in both languages


def expired(_: Phone, session: Sealed) -> tuple[str, str]:
    late = hall.letters()

    async def work(books: Books) -> None:
        person = (await books.registrar.roster(session.uuid))[0].person
        hashed = code_hash(session.uuid, late)
        await books.registrar.replace_codes(
            [Code(hashed, session.uuid, "voter", person, None, 1_000)]
        )

    hall.with_books(session.where, work)
    return late, "bad_code"


def revoked(_: Phone, session: Sealed) -> tuple[str, str]:
    take_back(session)
    return session.voters[0], "bad_code"


def take_back(session: Sealed) -> None:
    async def work(books: Books) -> None:
        person = (await books.registrar.roster(session.uuid))[0].person
        await books.registrar.revoke(session.uuid, person=person)

    hall.with_books(session.where, work)


def guessed(_: Phone, __: Sealed) -> tuple[str, str]:
    return hall.letters(), "bad_code"


def used(phone: Phone, session: Sealed) -> tuple[str, str]:
    """On another device, without a backup code that would bring the secrets back."""
    assert phone.vote()[0] == 0
    phone.lose()
    return session.voters[0], "token_already_issued"


def late(_: Phone, session: Sealed) -> tuple[str, str]:
    opened(session)
    return session.voters[0], "registration_ended"


@pytest.mark.parametrize("case", [expired, revoked, guessed, used, late])
def test_a_code_that_does_not_admit(
    phone: Phone, session: Sealed, case: Callable[[Phone, Sealed], tuple[str, str]]
):
    """Refused by name in Vietnamese and in English; nothing is registered by it."""
    code, expected = case(phone, session)
    before = session.counts()
    languages: tuple[Language, ...] = ("vi", "en")
    for lang in languages:
        status, printed, text = phone.vote(code=code, lang=lang)
        assert (status, printed) == (5, expected)
        assert words(f"errors.{expected}.title", lang) in text
    assert session.counts() == before


def test_a_letter_of_another_session(phone: Phone, session: Sealed):
    """With this session's uuid and another's session code: refused before anybody logs in."""
    other = codes.link("https://x.example", session.uuid, phone.letter, "0000-0000-0000-0000-0000")
    elsewhere = codes.link("https://x.example", "AnotherSession12", phone.letter)

    status, printed, text = phone.vote(code=other)
    assert (status, printed) == (3, "bad_definition")
    assert "not the one of the letter: no ballot was sent. Show letter and screen" in text
    assert phone.vote(code=elsewhere)[:2] == (5, "bad_code")
    honest_link = codes.link("https://x.example", session.uuid, phone.letter, session.insider.code)
    assert phone.vote(code=honest_link)[:2] == (0, "registered")


def test_a_revoked_code_ends_its_login(relay: Relay, session: Sealed):
    """Who has logged in before gets no token afterwards."""
    client = Client(relay.url)
    bearer = client.bearer(session, session.voters[0])
    take_back(session)
    request = {"blinded": to_base64(session.blinded(G**7).blinded_message)}
    login = {"uuid": session.uuid, "code": session.voters[0]}
    for reader in (Client(relay.url, "vi"), Client(relay.url, "en")):
        answer = reader.call("POST", "/api/v1/registrar/token", json=request, headers=bearer)
        assert hall.code(answer) == (401, "bad_code")
        assert hall.code(reader.call("POST", "/api/v1/registrar/login", json=login))[0] == 401
