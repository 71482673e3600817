"""The published result: in words, as pictures, and the files to check it with."""

import asyncio
import io
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from telegram import InputFile
from telegram.error import BadRequest, Forbidden

from admin.documents import chart
from admin.record import opening, results
from admin.rules.compute import OfficialResults, Results
from admin.rules.regime import Regime
from admin.words import Language, words
from bot import logs
from bot.chat import talk
from bot.chat.desk import WATCHING, Desk, Sitting
from bot.chat.pages import Page, Voice, split
from crypto.errors import Incomplete
from storage.rows import PAPER, Chat

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE_LIMIT: Final = 49 << 20  # Telegram takes 50 MB from a bot


@dataclass
class Published:
    """One session's result, made once and told to many.

    Attributes:
        sent: for each language, what Telegram calls the pictures that it has already.
    """

    sitting: Sitting
    results: Results
    sent: dict[Language, list[str]] = field(default_factory=dict)

    @classmethod
    async def read(cls, desk: Desk, sitting: Sitting) -> "Published":
        """Raises Incomplete if the totals are not in the archive."""
        parameters, election = sitting.parameters, sitting.election
        if parameters is None or election is None:
            raise Incomplete("the session has not been sealed")
        totals = opening.read_result(desk.datadir.archive(sitting.uuid), election)
        if totals is None:
            raise Incomplete("the totals are not there yet")
        cast = sitting.counts.cast or 0
        content = results.document(
            parameters,
            totals,
            cast=cast,
            session_file=sitting.session_file,
            roster=len(await desk.registrar.book.roster(sitting.uuid)),
        )
        return cls(sitting, content)

    async def tell(self, desk: Desk, chat: Chat, voice: Voice) -> None:
        """Text and pictures; for chairs and observers the record's files, too."""
        for text in self.texts(desk, voice):
            if await talk.say(desk.bot, chat.account, Page(text)) is None:
                return
        await self._pictures(desk, chat.account, voice)
        if chat.role in WATCHING:
            await self._files(desk, chat.account, voice)

    def texts(self, desk: Desk, voice: Voice) -> list[str]:
        """The result of each official, and where to check it."""
        sitting = self.sitting
        denominator = self.results["denominator"]
        kind = words(f"denominators.{denominator['kind']}", voice.language)
        head = "\n".join(
            [sitting.head(voice), "", voice("results.head", kind=kind, value=denominator["value"])]
        )
        lines = [
            _line(number, official, sitting.session.regime, voice)
            for number, official in enumerate(self.results["officials"], 1)
        ]
        policy = sitting.parameters.policy if sitting.parameters else None
        if policy is not None and PAPER in policy.channels:
            head += "\n" + voice("results.electronic")
        foot = voice("results.foot", code=sitting.session.code)
        if policy is not None and policy.publication == "public":
            address = desk.datadir.settings.public_url
            link = f"{address}/api/v1/box/{sitting.uuid}/record"
            foot += "\n" + voice("results.link", link=link)
        return split(head, [*lines, f"\n{foot}"])

    async def _pictures(self, desk: Desk, account: int, voice: Voice) -> None:
        uploaded: Sequence[str | InputFile] = self.sent.get(voice.language, ())
        sent = []
        for picture in uploaded or await self._drawn(voice):
            try:
                message = await desk.bot.send_photo(account, picture)
            except Forbidden:
                return
            except BadRequest as error:  # the text has said everything already
                logs.failure("sending a picture", error)
                return
            sent.append(message.photo[-1].file_id)
        self.sent[voice.language] = sent

    async def _drawn(self, voice: Voice) -> list[InputFile]:
        human = self.sitting.session_file
        parameters = self.sitting.parameters
        heading = chart.ChartHeading(
            body=human.body,
            title=human.title,
            day=date.fromisoformat(human.date),
            rules=self.sitting.session.regime,
            code=self.sitting.session.code or None,
            rehearsal=parameters is not None and parameters.policy.rehearsal,
        )
        drawn = await asyncio.to_thread(chart.charts, self.results, heading, voice.language)
        return [
            InputFile(io.BytesIO(picture), filename=f"{self.sitting.uuid}-{number}.png")
            for number, picture in enumerate(drawn, 1)
        ]

    async def _files(self, desk: Desk, account: int, voice: Voice) -> None:
        for path in (
            desk.datadir.bundle(self.sitting.uuid),
            desk.datadir.archive(self.sitting.uuid),
        ):
            if not path.exists() or path.stat().st_size > FILE_LIMIT:
                await talk.say(desk.bot, account, Page(voice("results.too_large", name=path.name)))
                continue
            file = InputFile(io.BytesIO(path.read_bytes()), filename=path.name)
            try:
                await desk.bot.send_document(account, file, caption=voice("results.file"))
            except (BadRequest, Forbidden):
                return


def _line(number: int, official: OfficialResults, rules: Regime, voice: Voice) -> str:
    counts = [
        voice(
            "results.count",
            level=rules.label_of(key, voice.language),
            count="–" if count is None else count,
            percent=_percent(official["percent"].get(key)),
        )
        for key, count in official["counts"].items()
    ]
    head = voice(
        "results.official", number=number, name=official["name"], position=official["position"]
    )
    if official["finding"]:
        counts.append("→ " + words(f"findings.{official['finding']['code']}", voice.language))
    return "\n".join(["", head, *counts])


def _percent(percent: str | None) -> str:
    return "" if percent is None else f" ({percent}%)"
