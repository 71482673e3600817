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

from admin.lifecycle import steps
from admin.words import Language, catalogue
from bot.chat.pages import Voice
from crypto.lifecycle import Step
from tests.bot.chat.test_reminders import due, planned
from tests.bot.chat.test_session import shares
from tests.telegram.people import Person
from tests.telegram.snapshot import Message
from tests.worlds.scene import Scene, staged, wrong_code

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
    (re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}"), "09:15:00"),
    (re.compile(r"\b[0-9]{2}/[0-9]{2}/[0-9]{4}\b"), "07/12/2026"),
    (re.compile(r"[A-Za-z0-9+/]{80,}={0,2}"), "dGhpcyBpcyBhIHNhbXBsZSBvZiBhIHNpZ25hdHVyZQ=="),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/=])"),
     "h0G4vYwZK1mUuLxqT2nQ9sXcB7dE3fR5jP8kM6aW0yI"),
)  # fmt: skip


def drawn(message: Message, scene: Scene) -> str:
    """A message as it stands on the phone."""
    text = message.text.replace(scene.uuid, UUID).replace(scene.code, PHI[:4])
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

    async def shows(self, person: Person, key: str) -> Message:
        """The newest message that has this sentence of the catalogue."""
        self.shown.add(key)
        wanted = _words(Voice(self.language)(key, **_ANYTHING))
        found = await person.until(lambda message: all(one in message.text for one in wanted), 20)
        self.parts.append(drawn(found, self.scene))
        return found

    async def taps(self, person: Person, key: str, **params: object) -> None:
        label = Voice(self.language)(f"buttons.{key}", **params)
        await person.tap(lambda said: said.removeprefix("✅ ").startswith(label))


_ANYTHING = dict.fromkeys(
    (
        *("name", "number", "total", "names", "tracker", "promise", "position", "marked"),
        *("title", "body", "link", "state", "code", "time", "count", "when", "kind", "value"),
        *("until", "most", "text", "left", "day"),
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
            made = Album(language, scene)
            await _play(scene, made)
    made.title("Mọi câu khác", "Every other sentence", 2)
    made.parts.append(_others(language, made.shown))
    head = {
        "vi": "# Các màn hình của bot\n\nTrích từ một phiên được chạy thật; mã, φ và giờ là ví dụ.",
        "en": "# The bot's screens\n\nOf a session that was played; codes and times are samples.",
    }[language]
    source = "<!-- Written by: python -m tests.bot.chat.screens -->"
    return "\n\n".join([source, head, *made.parts]) + "\n"


def _others(language: Language, shown: set[str]) -> str:
    """What the bot can say beside the screens, with the placeholders as they are."""
    lines = ["| | |", "|---|---|"]
    for key, sentence in catalogue(language).items():
        name = key.removeprefix("chat.")
        if key.startswith("chat.") and name not in shown:
            told = sentence.replace("|", "\\|").replace("\n", "<br>")
            lines.append(f"| `{name}` | {told} |")
    return "\n".join(lines)


async def _play(scene: Scene, made: Album) -> None:
    code = made.language
    lan = scene.stranger("Lan", language_code=code)
    chair = scene.stranger("Chair", language_code=code)
    observer = scene.stranger("Observer", language_code=code)
    await _door(scene, made, lan)
    await _office(scene, made, chair, observer)
    await _before(scene, made, lan, chair)
    await _ballot(scene, made, lan, chair)
    await _after(scene, made, lan, chair, observer)
    await _edges(scene, made, lan)


async def _door(scene: Scene, made: Album, lan: Person) -> None:
    made.title("Đại biểu", "Delegates", 2)
    made.title("Người lạ", "A stranger")
    await lan.start()
    await made.shows(lan, "door.stranger")
    made.title("Mã sai", "A wrong code")
    await lan.say(wrong_code())
    await made.shows(lan, "door.wrong_code")
    made.title("Mã đúng, từ QR trên giấy mời", "The code of the letter's QR")
    await lan.start(f"{scene.uuid}-{scene.made.voters[0]}")
    await made.shows(lan, "door.is_it_you")
    await made.taps(lan, "yes")
    await made.shows(lan, "door.voter.at_sealed")


async def _office(scene: Scene, made: Album, chair: Person, observer: Person) -> None:
    for person, role in ((chair, "chair"), (observer, "observer")):
        await person.start(f"{scene.uuid}-{await scene.role_code(role)}")
        await person.until(lambda message: bool(message.buttons))
        await made.taps(person, "yes")
        await person.until(lambda message: "/session" in message.text)


async def _before(scene: Scene, made: Album, lan: Person, chair: Person) -> None:
    """What is read and asked before there is a ballot, and the chair's plan."""
    planned(
        scene,
        due("self_report", -2, **_SELF_REPORT),
        due("questions", 2, questions=True, optional=True, **_QUESTIONS),
    )
    made.title("Hướng dẫn", "Guidance")
    await lan.say("/guide")
    await made.shows(lan, "guide.title")
    made.title("Gửi câu hỏi", "A question")
    await lan.say("/ask")
    await made.shows(lan, "questions.whom_until")
    await lan.tap("2. Nguyễn Văn 1")
    await made.shows(lan, "questions.write")
    await lan.say("Dự án cầu số 3 bao giờ xong?")
    await made.shows(lan, "questions.sure")
    await made.taps(lan, "ask")
    await made.shows(lan, "questions.sent")
    made.title("Kế hoạch và câu hỏi, với chủ trì", "The plan and the questions, for chairs")
    await chair.say("/plan")
    await made.shows(chair, "plan.title")
    await chair.say("/questions")
    await made.shows(chair, "questions.number")


async def _confirmed(scene: Scene, made: Album, chair: Person, command: str, done: str) -> None:
    await chair.say(command)
    name = command.split(maxsplit=1)[0].removeprefix("/")
    await made.shows(chair, f"chair.ask.{name}")
    await chair.say(scene.code)
    await made.shows(chair, done)


async def _ballot(scene: Scene, made: Album, lan: Person, chair: Person) -> None:
    await scene.move(Step.CHECK_IN)
    made.title("Phát phiếu", "Check-in")
    await made.shows(lan, "ballot.offer")
    await made.taps(lan, "papers")
    made.title("Người được lấy phiếu", "The officials")
    await made.shows(lan, "papers.list")
    await made.taps(lan, "collect")
    made.title("Đã nhận phiếu", "The token is collected")
    await made.shows(lan, "ballot.ready")
    await _hall(scene, chair)
    await scene.move(Step.OPEN)
    made.title("Mở bỏ phiếu", "Voting opens")
    await made.shows(lan, "notices.opened")
    await made.taps(lan, "begin")
    made.title("Ghi phiếu", "The ballot")
    await made.shows(lan, "ballot.official")
    label = {"vi": "Tín nhiệm cao", "en": "High confidence"}[made.language]
    await lan.tap(label)
    await lan.until(lambda message: f"✅ {label}" in message.labels)
    await made.shows(lan, "ballot.official")
    await made.taps(lan, "review")
    made.title("Xem lại", "Review")
    await made.shows(lan, "ballot.review")
    await made.taps(lan, "send")
    made.title("Cảnh báo để trống", "Blank lines")
    await made.shows(lan, "ballot.blanks")
    await made.taps(lan, "send_blank", number=3)
    made.title("Đã ghi nhận", "Recorded")
    await made.shows(lan, "ballot.recorded")


async def _hall(scene: Scene, chair: Person) -> None:
    """Four more voters, so that there is something to count; and the head count."""
    for number in range(2, 6):
        await scene.collected(number)
    await chair.say("/present 9")
    await chair.until(lambda message: "9</b>" in message.html)


async def _after(scene: Scene, made: Album, lan: Person, chair: Person, observer: Person) -> None:
    voters = [person for person in scene.known if person.id != lan.id]
    for person in voters:
        await scene.voted(person, [0, 1, 2, 0])
    await scene.books.box.set_closing(scene.uuid, scene.chat_now() + 500)
    made.title("Sắp kết thúc", "The coming end")
    await made.shows(lan, "notices.coming_end")
    await steps.close(scene.books, scene.uuid)
    made.title("Đã kết thúc", "Closed")
    await made.shows(lan, "notices.closed")
    await shares(scene)
    made.title("Chủ trì", "Chairs", 2)
    made.title("Tình trạng phiên", "Where things stand")
    await chair.say("/session")
    await made.shows(chair, "board.next.closed")
    made.title("Lệnh chưa làm được", "A step that is not possible now")
    await chair.say("/open")
    await made.shows(chair, "chair.wrong_state")
    made.title("Việc phải xác nhận bằng mã", "A step that waits for the short code")
    await _confirmed(scene, made, chair, "/publish", "chair.done.publish")
    made.title("Kết quả", "The result")
    await made.shows(observer, "results.head")
    for kind in ("photo", "document"):
        found = await observer.until(_of_kind(kind), 20)
        made.parts.append(drawn(found, scene))


def _of_kind(kind: str) -> Callable[[Message], bool]:
    return lambda message: message.kind == kind


async def _edges(scene: Scene, made: Album, lan: Person) -> None:
    made.title("Trợ giúp và từ chối", "Help and refusals", 2)
    await lan.say("/help")
    await made.shows(lan, "help.everyone")
    await lan.say("/language")
    await made.shows(lan, "language.ask")
    await lan.say("/open")
    await made.shows(lan, "chair.not_chair")
    await lan.share_contact()
    await made.shows(lan, "door.contact")
    group = scene.telegram.group("Kỳ họp")
    group.add(lan)
    group.add_bot(by=lan)
    await lan.say("/start", chat=group)
    await scene.telegram.quiet()
    made.title("Trong nhóm", "In a group")
    made.parts.append(drawn(group.messages[-1], scene))


if __name__ == "__main__":
    for each in ("vi", "en"):
        (DOCS / f"chat-{each}.md").write_text(asyncio.run(album(each)), "utf-8")
