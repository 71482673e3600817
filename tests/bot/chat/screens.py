"""Draws every screen of the bot as text, for people to read before delegates do.

    python -m tests.bot.chat.screens      writes docs/chat-vi.md and docs/chat-en.md

The screens are those of a session that is really played; what differs from run to run (codes,
φ, trackers, times) is replaced by a sample of its kind.
"""

import asyncio
import re
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path

from admin.words import Language, catalogue
from bot.chat.pages import Voice
from crypto.committee import Moment
from crypto.lifecycle import Step
from tests.bot.chat.test_reminders import due, planned
from tests.bot.chat.test_session import shares
from tests.telegram.people import Person
from tests.telegram.snapshot import Message
from tests.worlds.scene import ASKS_GROUP, Scene, staged, wrong_code

DOCS = Path(__file__).parents[3] / "docs"
WIDTH = 48
_SELF_REPORT = {
    "who": {"vi": "Người được lấy phiếu tín nhiệm", "en": "The person being rated"},
    "what": {"vi": "Gửi báo cáo tự đánh giá", "en": "Send the self-report"},
}
_QUESTIONS = {
    "who": {"vi": "Người ghi phiếu tín nhiệm", "en": "The raters"},
    "what": {"vi": "Gửi câu hỏi (nếu có)", "en": "Send questions, if any"},
}
UUID, PHI = "Ksc4gDBYrpHSkvC1", "AH8N-F3CB-WK8H-PKJN-61J5"
_SAMPLES = (
    (re.compile(r"\b[0-9A-Z]{4}(-[0-9A-Z]{4}){4}\b"), PHI),
    (re.compile(r"(?<![-\w])[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}(?![-\w])"), "HW1E-EZX2"),
    (re.compile(r"[0-9]{1,2} giờ [0-9]{2} phút( [0-9]{2} giây)?"), "9 giờ 15 phút"),
    (re.compile(r"\b[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?\b"), "9:15"),
    (re.compile(r"\b[0-9]{2}/[0-9]{2}/[0-9]{4}\b"), "07/12/2026"),
    (re.compile(r"[A-Za-z0-9+/]{80,}={0,2}"), "dGhpcyBpcyBhIHNhbXBsZSBvZiBhIHNpZ25hdHVyZQ=="),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/=])"),
     "h0G4vYwZK1mUuLxqT2nQ9sXcB7dE3fR5jP8kM6aW0yI"),
)  # fmt: skip


def _first_group(asked: re.Match[str]) -> str:
    return asked[0].replace(asked[1], "2")


def drawn(message: Message, scene: Scene) -> str:
    """A message as it stands on the phone."""
    text = ASKS_GROUP.sub(_first_group, message.text.replace(scene.uuid, UUID))
    lines = [
        piece
        for line in _sampled(text).splitlines() or [""]
        for piece in (textwrap.wrap(line, WIDTH, break_long_words=True) or [""])
    ]
    if message.file is not None:
        kind = "🖼" if message.kind == "photo" else "📎"
        lines = [
            f"{kind} {message.file.name.replace(scene.uuid, UUID)}",
            *(line for line in lines if line),
        ]
    rows = ["  ".join(f"[ {button.text} ]" for button in row) for row in message.buttons]
    body = [*lines, *([""] if rows else []), *rows]
    return "\n".join(["```text", *body, "```"])


def _sampled(text: str) -> str:
    for pattern, sample in _SAMPLES:
        text = pattern.sub(sample, text)
    return text


class Album:
    """What one language's page of the docs holds."""

    def __init__(self, language: Language, scene: Scene) -> None:
        self.language = language
        self.scene = scene
        self.parts: list[str] = []
        self.shown: set[str] = set()

    def title(self, vi: str, en: str, level: int = 3) -> None:
        self.parts.append(f"{'#' * level} {vi if self.language == 'vi' else en}")

    async def shows(self, person: Person, *keys: str) -> Message:
        """The newest message that has these sentences of the catalogue."""
        self.shown.update(keys)
        wanted = [part for key in keys for part in _words(Voice(self.language)(key, **_ANYTHING))]
        screen = await person.until(
            lambda message: all(part in message.text for part in wanted), 20
        )
        self.parts.append(drawn(screen, self.scene))
        return screen

    async def taps(self, person: Person, key: str, **params: object) -> None:
        label = Voice(self.language)(f"buttons.{key}", **params)
        await person.tap(lambda text: text.removeprefix("✅ ").startswith(label))


_ANYTHING = dict.fromkeys(
    (
        *("name", "number", "total", "names", "tracker", "promise", "position", "marked"),
        *("title", "body", "link", "state", "code", "time", "count", "when", "kind", "value"),
        *("until", "most", "text", "left", "day", "signed", "needed", "opening", "closing"),
    ),
    "\x00",
)


def _words(sentence: str) -> list[str]:
    """The parts of a sentence that do not depend on its values or its markup."""
    plain = re.sub(r"<[^>]+>", "\x00", sentence).replace("&amp;", "&")
    return [part.strip() for part in plain.split("\x00") if len(part.strip()) > 2]


async def album(language: Language) -> str:
    """The page of one language."""
    with tempfile.TemporaryDirectory() as folder:
        async with staged(Path(folder), officials=4) as scene:
            album = Album(language, scene)
            await _play(scene, album)
    album.title("Mọi câu khác", "Every other sentence", 2)
    album.parts.append(_others(language, album.shown))
    head = {
        "vi": "# Các màn hình của bot\n\nTrích từ một phiên được chạy thật; mã và giờ là ví dụ.",
        "en": "# The bot's screens\n\nOf a session that was played; codes and times are samples.",
    }[language]
    source = "<!-- Written by: python -m tests.bot.chat.screens -->"
    return "\n\n".join([source, head, *album.parts]) + "\n"


def _others(language: Language, taken: set[str]) -> str:
    """What the bot can say beside the screens, with the placeholders as they are."""
    lines = ["| | |", "|---|---|"]
    for key, sentence in catalogue(language).items():
        name = key.removeprefix("chat.")
        if key.startswith("chat.") and name not in taken:
            cell = sentence.replace("|", "\\|").replace("\n", "<br>")
            lines.append(f"| `{name}` | {cell} |")
    return "\n".join(lines)


async def _play(scene: Scene, album: Album) -> None:
    code = album.language
    lan = scene.stranger("Lan", language_code=code)
    chair = scene.stranger("Chair", language_code=code)
    observer = scene.stranger("Observer", language_code=code)
    await _door(scene, album, lan)
    await _office(scene, album, chair, observer)
    await _before(scene, album, lan, chair)
    await _ballot(scene, album, lan, chair)
    await _after(scene, album, lan, chair, observer)
    await _edges(scene, album, lan)


async def _door(scene: Scene, album: Album, lan: Person) -> None:
    album.title("Đại biểu", "Delegates", 2)
    album.title("Người lạ", "A stranger")
    await lan.start()
    await album.shows(lan, "door.stranger")
    album.title("Mã sai", "A wrong code")
    await lan.say(wrong_code())
    await album.shows(lan, "door.wrong_code")
    album.title("Mã đúng, từ QR trên phiếu cấp mã", "The code of the letter's QR")
    await lan.start(f"{scene.uuid}-{scene.sealed.voters[0]}")
    await album.shows(lan, "door.is_it_you")
    await album.taps(lan, "yes")
    await album.shows(lan, "door.voter.at_sealed")


async def _office(scene: Scene, album: Album, chair: Person, observer: Person) -> None:
    for person, role in ((chair, "chair"), (observer, "observer")):
        await person.start(f"{scene.uuid}-{await scene.role_code(role)}")
        await person.until(lambda message: bool(message.buttons))
        await album.taps(person, "yes")
        await person.until(lambda message: "/session" in message.text)


async def _before(scene: Scene, album: Album, lan: Person, chair: Person) -> None:
    """What is read and asked before there is a ballot, and the chair's plan."""
    planned(
        scene,
        due("self_report", -2, **_SELF_REPORT),
        due("questions", 2, questions=True, optional=True, **_QUESTIONS),
    )
    album.title("Hướng dẫn", "Guidance")
    await lan.say("/guide")
    await album.shows(lan, "guide.title")
    album.title("Gửi câu hỏi", "A question")
    await lan.say("/ask")
    await album.shows(lan, "questions.whom_until")
    await lan.tap("2. Nguyễn Văn 1")
    await album.shows(lan, "questions.write")
    await lan.say("Đề nghị cho biết tiến độ dự án cầu số 3.")
    await album.shows(lan, "questions.sure")
    await album.taps(lan, "ask")
    await album.shows(lan, "questions.sent")
    album.title("Kế hoạch và câu hỏi, với chủ tọa", "The plan and the questions, for chairs")
    await chair.say("/plan")
    await album.shows(chair, "plan.title")
    await chair.say("/questions")
    await album.shows(chair, "questions.number")


async def _confirmed(scene: Scene, album: Album, chair: Person, command: str, answer: str) -> None:
    await chair.say(command)
    name = command.split(maxsplit=1)[0].removeprefix("/")
    await album.shows(chair, f"chair.ask.{name}")
    await scene.confirm(chair)
    await album.shows(chair, answer)


async def _ballot(scene: Scene, album: Album, lan: Person, chair: Person) -> None:
    await scene.move(Step.CHECK_IN)
    album.title("Phát phiếu", "Check-in")
    await album.shows(lan, "ballot.offer")
    await album.taps(lan, "papers")
    album.title("Người được lấy phiếu", "The officials")
    await album.shows(lan, "papers.list")
    await album.taps(lan, "collect")
    album.title("Đã nhận phiếu", "The token is collected")
    await album.shows(lan, "ballot.ready")
    await _hall(scene, chair)
    await _sealed(scene, album, lan, chair)
    album.title("Mở bỏ phiếu", "Voting opens")
    await album.shows(lan, "notices.opened")
    await album.taps(lan, "begin")
    album.title("Ghi phiếu", "The ballot")
    await album.shows(lan, "ballot.official")
    label = {"vi": "Tín nhiệm cao", "en": "High confidence"}[album.language]
    await lan.tap(label)
    await lan.until(lambda message: f"✅ {label}" in message.labels)
    await album.shows(lan, "ballot.official")
    await album.taps(lan, "review")
    album.title("Xem lại", "Review")
    await album.shows(lan, "ballot.review")
    await album.taps(lan, "send")
    album.title("Cảnh báo còn người chưa ghi", "Blank lines")
    await album.shows(lan, "ballot.blanks")
    await album.taps(lan, "send_blank", number=3)
    album.title("Đã ghi nhận", "Recorded")
    await album.shows(lan, "ballot.recorded")


async def _sealed(scene: Scene, album: Album, lan: Person, chair: Person) -> None:
    """The committee seals the box, one after the other."""
    album.title("Niêm phong hòm phiếu, với chủ tọa", "The committee seals the box, for chairs")
    await _confirmed(scene, album, chair, "/open", "chair.done.open")
    await scene.sign(Moment.OPENING, 1, 3)
    await chair.say("/session")
    await album.shows(chair, "board.waiting.opening")
    album.title("Chờ niêm phong", "While the box is sealed")
    await album.shows(lan, "notices.sealing")
    await scene.sign(Moment.OPENING, 2)


async def _hall(scene: Scene, chair: Person) -> None:
    """Four more voters, so that there is something to count; and the head count."""
    for number in range(2, 6):
        await scene.collected(number)
    await chair.say("/present 9")
    await chair.until(lambda message: "9</b>" in message.html)


async def _after(scene: Scene, album: Album, lan: Person, chair: Person, observer: Person) -> None:
    voters = [person for person in scene.known if person.id != lan.id]
    for person in voters:
        await scene.voted(person, [0, 1, 2, 0])
    await scene.books.box.set_closing(scene.uuid, scene.chat_now() + 500)
    album.title("Sắp kết thúc", "The coming end")
    await album.shows(lan, "notices.coming_end")
    await scene.close()
    album.title("Đã kết thúc", "Closed")
    await album.shows(lan, "notices.closed")
    await scene.sign(Moment.CLOSING, 2)
    await album.taps(lan, "check")
    await album.shows(lan, "ballot.waiting")
    await scene.sign(Moment.CLOSING, 1, 3)
    album.title("Ban kiểm phiếu đã ký", "The committee has signed")
    await album.shows(lan, "notices.signed")
    await album.taps(lan, "check")
    await album.shows(lan, "ballot.counted")
    await shares(scene)
    album.title("Chủ tọa", "Chairs", 2)
    album.title("Tình trạng phiên", "Where things stand")
    await chair.say("/session")
    await album.shows(chair, "board.next.closed", "board.code_closed")
    album.title("Lệnh chưa làm được", "A step that is not possible now")
    await chair.say("/open")
    await album.shows(chair, "chair.wrong_state")
    album.title("Việc phải xác nhận bằng mã", "A step that waits for a group of the session code")
    await _confirmed(scene, album, chair, "/publish", "chair.done.publish")
    album.title("Kết quả", "The result")
    await album.shows(observer, "results.head")
    for kind in ("photo", "document"):
        message = await observer.until(_of_kind(kind), 20)
        album.parts.append(drawn(message, scene))


def _of_kind(kind: str) -> Callable[[Message], bool]:
    return lambda message: message.kind == kind


async def _edges(scene: Scene, album: Album, lan: Person) -> None:
    album.title("Trợ giúp và từ chối", "Help and refusals", 2)
    await lan.say("/help")
    await album.shows(lan, "help.everyone")
    await lan.say("/language")
    await album.shows(lan, "language.ask")
    await lan.say("/open")
    await album.shows(lan, "chair.not_chair")
    await lan.share_contact()
    await album.shows(lan, "door.contact")
    group = scene.telegram.group("Kỳ họp")
    group.add(lan)
    group.add_bot(by=lan)
    await lan.say("/start", chat=group)
    await scene.telegram.quiet()
    album.title("Trong nhóm", "In a group")
    album.parts.append(drawn(group.messages[-1], scene))


if __name__ == "__main__":
    for each in ("vi", "en"):
        (DOCS / f"chat-{each}.md").write_text(asyncio.run(album(each)), "utf-8")
