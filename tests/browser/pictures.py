"""The pictures in docs/images, out of the screenshots that the browser tests take.

`.venv/bin/pytest tests/browser -k "by_browser or the_hall_follows"`, then
`.venv/bin/python -m tests.browser.pictures`. A picture is the top of a screenshot, as much as the
screen shows without scrolling, smaller and with few colours.
"""

from typing import Final

from PIL import Image

from tests.browser.hall import PHONE, ROOT, SHOTS

IMAGES: Final = ROOT / "docs" / "images"
PROJECTOR: Final = {"width": 1920, "height": 1080}
_COLOURS: Final = 64

# Picture, screenshot, the size of the screen in pixels, the width of the picture in pixels.
PICTURES: Final = (
    ("page-welcome", "01-welcome", PHONE, 292),
    ("page-compare", "02-compare", PHONE, 292),
    ("page-ballot", "04-ballot", PHONE, 292),
    ("page-sealed", "06-sealed", PHONE, 292),
    ("page-recorded", "08-recorded", PHONE, 292),
    ("page-waiting", "09-waiting", PHONE, 292),
    ("page-counted", "09-counted", PHONE, 292),
    ("page-hall", "52-hall-closed", PROJECTOR, 960),
    ("page-results", "53-hall-published", PROJECTOR, 960),
)


def draw(name: str, screenshot: str, screen: dict[str, int], width: int) -> None:
    """Writes docs/images/NAME.png."""
    with Image.open(SHOTS / f"{screenshot}.png") as whole:
        seen = whole.convert("RGB").crop((0, 0, screen["width"], screen["height"]))
    height = round(width * screen["height"] / screen["width"])
    small = seen.resize((width, height), Image.Resampling.LANCZOS)
    small.quantize(_COLOURS).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    for picture in PICTURES:
        draw(*picture)
