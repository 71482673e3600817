"""The guidance: the organiser's words, ours with where they come from; the same on the page."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from admin.rules import regime
from admin.session.definition import Definition
from admin.session.session import Session
from admin.words import LANGUAGES, catalogue
from bot.chat import guide
from bot.chat.desk import Sitting
from bot.chat.pages import Voice
from crypto.lifecycle import State
from crypto.session import Level
from tests import testkit
from tests.worlds.scene import says, staged

PAGE = Path(__file__).parents[3] / "bot" / "miniapp" / "locales" / "voter"


def sitting(own: tuple[str, ...] = (), **policy: Any) -> Sitting:
    session = testkit.session()
    rules = replace(session.parameters.policy, **policy)
    parameters = replace(session.parameters, policy=rules)
    election = replace(session.election, parameters=parameters)
    file = replace(session.human, guidance=own)
    definition = Definition(election, parameters, session.trustees)
    return Sitting(Session("u", State.SEALED, file, None, None, definition), State.SEALED)


async def test_it_is_there_at_any_time(tmp_path):
    async with staged(tmp_path) as scene:
        lan = await scene.voter(1)
        await lan.say("/guide")
        await lan.until(
            says(
                "Mục đích",
                "chọn một mức: “Tín nhiệm cao”, “Tín nhiệm”, “Tín nhiệm thấp”.",
                "Nghiêm cấm",
                "Căn cứ: ",
            )
        )


def test_the_organisers_words_come_first_and_mean_what_they_say():
    (text,) = guide.texts(sitting(("Đoạn <một> & hai.",)), Voice("vi"))
    assert "Đoạn &lt;một&gt; &amp; hai." in text
    assert text.index("Đoạn") < text.index("Mục đích")


def test_a_vote_in_two_levels_is_explained_as_such():
    two = (Level("confidence", "Tín nhiệm"), Level("no_confidence", "Không tín nhiệm"))
    policy: dict[str, Any] = {"levels": two, "regime": "two-level-nq96", "invalid": "ballot"}
    (text,) = guide.texts(sitting(**policy), Voice("vi"))
    for part in ("“Tín nhiệm”, “Không tín nhiệm”", "Phải ghi đủ", "Nghị quyết số 96/2023/QH15"):
        assert part in text
    assert "Tín nhiệm thấp" not in text


@pytest.mark.parametrize(
    ("kind", "member", "head"),
    [("party", "đồng chí", "chủ trì"), ("state", "đại biểu", "chủ tọa")],
)
@pytest.mark.parametrize("name", ["own-qd22", "qd22", "quy-che"])
def test_a_body_with_rules_of_its_own_speaks_as_their_kind_says(kind, member, head, name):
    """Whatever the rules are called: they travel with the session and say whose they are."""
    own = regime.load("qd96-2023").model_copy(update={"id": name, "kind": kind})
    ours = sitting(regime=name)
    file = replace(ours.session_file, rules=own)
    ours = replace(ours, session=replace(ours.session, session_file=file))

    assert member in ours.voice("vi")("door.ask_voter", name="An")
    assert head in ours.voice("vi")("alerts.not_open")


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_bot_say_the_same(language):
    page = tomllib.loads((PAGE / f"{language}.toml").read_text("utf-8"))["guide"]
    ours = {
        key.removeprefix("guidance."): text
        for key, text in catalogue(language).items()
        if key.startswith("guidance.")
    }
    assert {key: page[key] for key in ours} == ours
