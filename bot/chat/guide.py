"""The guidance: purpose of the vote, marking, forbidden acts; for everybody, at any time.

The organiser's own words come first. Ours say where they come from; no article is cited, for
none was read.
"""

from admin.rules import regime
from admin.words import words
from bot.chat import talk
from bot.chat.desk import ROLES, Desk, Sitting
from bot.chat.pages import Page, Voice, language_of, split


async def show(desk: Desk, account: int, voice: Voice) -> None:
    """`/guide`: for each session of the account."""
    chats = {chat.uuid: chat for chat in await desk.chats(account, *ROLES)}
    if not chats:
        await talk.say(desk.bot, account, Page(voice("door.stranger")))
    for chat in chats.values():
        sitting = await desk.sitting(chat.uuid)
        for text in texts(sitting, sitting.voice(language_of(chat.language))):
            await talk.say(desk.bot, account, Page(text))


def texts(sitting: Sitting, voice: Voice) -> list[str]:
    """The guidance of a session, in as many messages as it needs."""
    head = f"{sitting.head(voice)}\n\n{voice('guide.title')}"
    own = sitting.session_file.guidance
    lines = [f"\n{voice('guide.own', text=paragraph)}" for paragraph in own]
    parameters = sitting.parameters
    if parameters is None:
        return split(head, lines or [f"\n{voice('guide.later')}"])
    policy = parameters.policy
    kind = "rating" if len(policy.levels) == len(regime.THREE_LEVELS) else "confidence"
    parts = {
        "purpose": [f"purpose_{kind}"],
        "marking": ["choose", "blank_must" if policy.fewest else "blank_may", "alone"],
        "forbidden": ["forbidden_acts"],
    }
    labels = ", ".join(f"“{label}”" for label in sitting.session.regime.labels_in(voice.language))
    for part, keys in parts.items():
        sentences = " ".join(
            words(f"guidance.{key}", voice.language, levels=labels) for key in keys
        )
        lines.append(f"\n{voice('guide.part', title=words(f'guidance.{part}', voice.language))}")
        lines.append(voice("guide.own", text=sentences))
    instrument = sitting.session.regime.instrument
    rule = words("guidance.rule", voice.language, instrument=instrument)
    return split(head, [*lines, f"\n{voice('guide.rule', text=rule)}"])
