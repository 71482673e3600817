"""What every page must be: without a fault that axe finds, not too wide, large enough to tap."""

from typing import Any, Final

from playwright.sync_api import Page

from tests.browser.hall import ROOT, shot

AXE: Final = (ROOT / "bot/miniapp/node_modules/axe-core/axe.min.js").read_text
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL: Final = """() => [...document.querySelectorAll("a, button, summary, textarea, label.level")]
  .filter((one) => one.checkVisibility() && !one.closest("p"))
  .map((one) => [one.innerText.slice(0, 30), Math.round(one.getBoundingClientRect().width),
    Math.round(one.getBoundingClientRect().height)])
  .filter(([, width, height]) => width < 48 || height < 48)"""


def looked_at(page: Page, name: str) -> None:
    """No violation of axe, no sideways scroll, no target too small; a picture of each."""
    shot(page, name)
    page.evaluate(AXE("utf-8"))
    found: dict[str, Any] = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", RULES)
    assert [_told(one) for one in found["violations"]] == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert page.evaluate(SMALL) == [], name


def _told(violation: dict[str, Any]) -> str:
    return f"{violation['id']}: {[node['html'][:120] for node in violation['nodes']]}"
