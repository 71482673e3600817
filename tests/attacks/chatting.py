"""A session in which everybody votes by buttons, and the truth about it for the reader of disk.py.

Beside what a voter's own program has, the chat channel has: the seed in each voter's buttons, the
buttons themselves as Telegram got them, the key that seals them, the accounts.
"""

import asyncio
import base64
import secrets
import shutil
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from admin.client.voter import Secrets
from admin.lifecycle import steps
from admin.record import opening
from admin.record.audit import rewinding
from admin.session import keys
from admin.voting import ballot_button
from admin.voting.ballot_button import Button, ButtonKey
from crypto import blind, note, tally, token
from crypto.audit.ballots import check_here
from crypto.audit.report import Report
from crypto.committee import Moment
from crypto.encoding import b64_sha256
from crypto.lifecycle import State, Step
from tests.attacks.disk import Disk, Truth
from tests.attacks.needles import (
    FORGOTTEN,
    REGISTRAR,
    WIDTH,
    Needle,
    _derived,
    _forms,
    needles,
)
from tests.attacks.sitting import Sitting, Voter
from tests.telegram.people import Person
from tests.telegram.snapshot import Message
from tests.telegram.standin import Call
from tests.worlds import committee
from tests.worlds.scene import (
    LEVELS,
    RECORDED,
    SEND,
    Scene,
    logged,
    offers,
    says,
    staged,
    tracker_of,
)

VOTERS = 8  # too few to look for orders: those of the books are looked for elsewhere
# Telegram's numbers have up to 52 bits; these are as long as a needle, too.
OFFICIALS = ("Nguyễn Văn 0", "Nguyễn Văn 1")
_SMALL = 2048  # bytes; keys are smaller
FIRST_ACCOUNT = 4_000_000_000_000_000


@dataclass
class Chatter:
    """One delegate, and what was seen on the phone.

    Attributes:
        sent: how many calls the bot had made when the ballot was sent.
        seeds, buttons: of all buttons that were ever on the phone.
    """

    phone: Person
    code: str
    choices: list[int | None]
    sent: int = 0
    seeds: set[bytes] = field(default_factory=set)
    buttons: set[str] = field(default_factory=set)
    voted: list[Message] = field(default_factory=list)
    notified: list[str] = field(default_factory=list)


@dataclass
class ChatTruth(Truth):
    """The truth of a session by chat."""

    chatters: list[Chatter] = field(default_factory=list)
    key: bytes = b""

    @cached_property
    def needles(self) -> dict[bytes, Needle]:
        key_files = self.sitting.datadir.keys(self.uuid).iterdir()
        salts = {path.name: path.read_bytes() for path in key_files} | {"uuid": self.uuid.encode()}
        forms = needles(self.sitting.voters, salts)
        for number, chatter in enumerate(self.chatters):
            values = [("seed", seed) for seed in chatter.seeds]
            values += [
                ("button in bytes", base64.urlsafe_b64decode(b)[1:]) for b in chatter.buttons
            ]
            values += [("account", str(chatter.phone.id).encode())]
            for what, value in values:
                side = REGISTRAR if what == "account" else FORGOTTEN
                forms |= {form: Needle(number, side, what) for form in _forms(value)}
                if what != "button in bytes":
                    forms |= {
                        form: Needle(number, side, f"{how} of {what}")
                        for how, form in _derived(value, salts)
                    }
            for text in chatter.buttons:
                for at in range(0, len(text), WIDTH):
                    form = text[at : at + WIDTH].encode()
                    forms[form] = Needle(number, FORGOTTEN, "button")
        hidden = Needle(0, FORGOTTEN, "key of the buttons")
        return forms | dict.fromkeys(_forms(self.key), hidden)


@dataclass(frozen=True)
class Left:
    """What a session by chat leaves.

    Attributes:
        voting: copied while votes were cast; closed: after the close; published: when
            everybody had been told the result, the server running.
        offices: what chair and observer had seen before the publication.
        calls: what the bot had called by then.
    """

    truth: ChatTruth
    folder: Path
    offices: list[Message]
    calls: list[Call]

    @property
    def everybody(self) -> list[tuple[Chatter, Voter]]:
        return list(zip(self.truth.chatters, self.truth.sitting.voters, strict=True))

    @property
    def button_key(self) -> ButtonKey:
        """The key of the buttons, which was there until the publication."""
        return ButtonKey(self.truth.key, self.truth.uuid, len(LEVELS), len(OFFICIALS))

    def disk(self, moment: str) -> Disk:
        return Disk(self.folder / moment, self.truth.sitting.log)


class Meeting:
    """Runs it."""

    def __init__(self, folder: Path, scene: Scene) -> None:
        self.folder = folder
        self.scene = scene
        self.sitting = Sitting(folder, VOTERS, scene.uuid)
        self.begun = time.time() - 60
        self.chatters: list[Chatter] = []

    async def run(self) -> Left:
        offices = await self._check_in()
        await self._vote()
        self._copy("voting")
        key = self._open_buttons()
        await steps.close(self.scene.books, self.scene.uuid)
        await self._sign(Moment.CLOSING)
        self._copy("closed")
        await self._read_books()
        truth = ChatTruth(
            self.sitting, self.begun, time.time() + 24 * 3600, chatters=self.chatters, key=key
        )
        assert truth.needles
        await self._until_told("Đã kết thúc bỏ phiếu")
        for chatter in self.chatters:
            chatter.notified = chatter.phone.notifications
        messages = [message for office in offices for message in office.history]
        calls = self.scene.telegram.calls[:]
        await self._publish(offices)
        self._copy("published")
        return Left(truth, self.folder, messages, calls)

    async def _check_in(self) -> list[Person]:
        scene, order = self.scene, self._order("check-in")
        for number in range(VOTERS):
            phone = scene.telegram.person(
                FIRST_ACCOUNT + secrets.randbelow(10**14), f"Lan {number}"
            )
            code = scene.sealed.voters[number]
            self.chatters.append(
                Chatter(phone, code, [secrets.choice((0, 1, 2)) for _ in OFFICIALS])
            )
        offices = [
            await scene.enter(scene.stranger(role), await scene.role_code(role))
            for role in ("chair", "observer")
        ]
        for i in order:
            chatter = self.chatters[i]
            await scene.enter(chatter.phone, chatter.code)
            await chatter.phone.until(offers("Nhận phiếu"))
            await chatter.phone.tap("Nhận phiếu")
            await chatter.phone.until(says("Đã nhận phiếu."))
        for office in offices:
            await office.say("/session")
        await steps.set_present(scene.books, scene.uuid, VOTERS)
        await steps.open_voting(scene.books, scene.uuid)
        await self._sign(Moment.OPENING)
        return offices

    async def _sign(self, moment: Moment) -> None:
        room = self.scene.sealed.insider.room
        await committee.sign(self.scene.books, self.scene.uuid, moment, room.states)

    async def _vote(self) -> None:
        for i in self._order("casting"):
            chatter = self.chatters[i]
            await self.scene.filled(chatter.phone, chatter.choices)
            await self.scene.telegram.quiet(idle=0)
            chatter.sent = len(self.scene.telegram.calls)
            await chatter.phone.tap(SEND)
            await chatter.phone.until(says(RECORDED))
        await self._until_told("Đã mở bỏ phiếu")
        for chatter in self.chatters:
            chatter.voted = chatter.phone.messages

    def _open_buttons(self) -> bytes:
        raw = keys.buttons(self.scene.where, self.scene.uuid)
        assert raw is not None
        key = ButtonKey(raw, self.scene.uuid, len(LEVELS), len(OFFICIALS))
        for chatter in self.chatters:
            buttons = {
                b.callback_data or "" for m in chatter.phone.history for r in m.buttons for b in r
            }
            chatter.buttons = {data for data in buttons if ballot_button.is_ballot(data)}
            opened = [key.open(chatter.phone.id, data) for data in chatter.buttons]
            chatter.seeds = {button.seed for button in opened if isinstance(button, Button)}
        return raw

    async def _read_books(self) -> None:
        """Everything that a voter's own program would know, from the seed of the first button."""
        books, uuid, insider = self.scene.books, self.scene.uuid, self.scene.sealed.insider
        people = await books.registrar.roster(uuid)
        tokens = dict(await books.box.credentials(uuid))
        for chatter, person in zip(self.chatters, people[:VOTERS], strict=True):
            (seed,) = chatter.seeds
            sown = token.sow(seed, insider.phi, insider.issuer.public)
            request = token.request_token_from(
                insider.issuer.public, insider.phi, sown.credential, sown.salt, sown.blinding
            )
            raw = await books.box.ballot_of(uuid, sown.credential.raw)
            assert raw is not None
            final = next(m for m in chatter.voted if says(RECORDED)(m))
            assert tracker_of(final) == b64_sha256(raw)
            self.sitting.voters.append(
                Voter(
                    person.name, person.person, "", chatter.code,
                    mine=Secrets(sown.secret, request),
                    blinded=request.blinded_message,
                    answer=blind.blind_sign(insider.issuer, request.blinded_message),
                    token=tokens[sown.credential.raw], ballot=raw,
                    promise=note.parse(final.text.partition("tin nhắn này:\n")[2].encode() + b"\n"),
                )
            )  # fmt: skip
        self.sitting.orders["registration"] = self.sitting.orders["check-in"]

    async def _publish(self, offices: list[Person]) -> None:
        books, uuid, insider = self.scene.books, self.scene.uuid, self.scene.sealed.insider
        with self.scene.where.archive(uuid).open("rb") as file:
            closed = opening.audit_closed(rewinding(file), Report(), check_here)
        for owner in (1, 3):
            share = tally.decrypt(
                insider.election, closed.cast.tally, owner, insider.state(owner).secret
            )
            await books.registrar.put_message(
                uuid, "share", owner, share.encode_file(insider.phi), during=State.CLOSED
            )
        await steps.publish(books, uuid, lambda: nullcontext(check_here))
        for one in (*offices, *(chatter.phone for chatter in self.chatters)):
            await one.until(says("Kết quả"))
        for _ in range(400):  # 20 s; a test says what is left
            if not self._remembered():
                return
            await asyncio.sleep(0.05)

    def _remembered(self) -> bool:
        """Whether the registrar's database or its log has an account: rows go before pages."""
        accounts = [chatter.phone.id.to_bytes(8, "big") for chatter in self.chatters]
        files = [path.read_bytes() for path in (self.folder / "data").rglob("registrar.db*")]
        return any(account in data for account in accounts for data in files)

    async def _until_told(self, text: str) -> None:
        await asyncio.gather(*(chatter.phone.until(says(text)) for chatter in self.chatters))

    def _order(self, what: str) -> list[int]:
        return self.sitting._order(what, secrets.SystemRandom().sample(range(VOTERS), VOTERS))

    def _copy(self, moment: str) -> None:
        shutil.copytree(self.folder / "data", self.folder / moment)


def held(folder: Path) -> Left:
    """Holds the session; in it time passes quickly."""

    async def whole() -> Left:
        async with staged(folder / "data", Step.CHECK_IN, officials=len(OFFICIALS)) as scene:
            return await Meeting(folder, scene).run()

    with logged(debug=False) as log:
        left = asyncio.run(whole())
    left.truth.sitting.log.write_text(log.ours.getvalue(), "utf-8")
    return left


def opened_by(folder: Path, left: Left) -> int:
    """How many voters' buttons open with any 64 bytes of a small file in a data directory."""
    small = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    candidates = {
        raw[at : at + keys.BUTTON_KEY_BYTES]
        for raw in small
        if len(raw) <= _SMALL
        for at in range(len(raw) - keys.BUTTON_KEY_BYTES + 1)
    }
    return sum(
        any(_opens(raw, chatter, left) for raw in candidates) for chatter in left.truth.chatters
    )


def _opens(raw: bytes, chatter: Chatter, left: Left) -> bool:
    try:
        ButtonKey(raw, left.truth.uuid, len(LEVELS), len(OFFICIALS)).open(
            chatter.phone.id, min(chatter.buttons)
        )
    except ballot_button.OldButtonError:
        return False
    return True
