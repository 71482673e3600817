"""The screens in the docs are those that people see."""

import pytest

from tests.bot.chat import screens


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_the_docs_show_every_screen_as_it_is(language):
    """Otherwise: python -m tests.bot.chat.screens, and read what it wrote."""
    written = (screens.DOCS / f"chat-{language}.md").read_text("utf-8")
    assert await screens.album(language) == written
