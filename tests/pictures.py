"""The pictures in docs/images but for that of the layers: `.venv/bin/python -m tests.pictures`.

Pages: the top of a screenshot that a browser test has taken, as much as the screen shows without
scrolling; first `.venv/bin/pytest tests/browser/test_trustee.py tests/browser/test_auditor.py` and
`.venv/bin/pytest tests/browser -k "by_browser or hall_follows"`.
The letter is the one of the tests, and the minutes are pages that the tests of documents compare
with.
"""

import io
from datetime import date
from typing import Final

from PIL import Image

from admin.documents import ballots, document
from admin.documents.ballots import BallotHead, BlockBallot
from tests.admin.documents import test_documents, test_letters
from tests.browser.hall import PHONE, ROOT, SHOTS

IMAGES: Final = ROOT / "docs" / "images"
GOLDEN: Final = ROOT / "tests" / "admin" / "documents" / "golden"
LAPTOP: Final = {"width": 960, "height": 1000}
SCREEN: Final = {"width": 960, "height": 640}  # what a page of a guide has room for
PROJECTOR: Final = {"width": 1920, "height": 1080}
PPI: Final = 110  # of the letter
BALLOT_PPI: Final = 72
GAP: Final = 16  # pixels between two pages of the minutes
_COLOURS: Final = 64

# Picture, screenshot, the size of the screen in pixels, the width of the picture in pixels.
PAGES: Final = (
    ("page-welcome", "01-welcome", PHONE, 292),
    ("page-compare", "02-compare", PHONE, 292),
    ("page-ballot", "04-ballot", PHONE, 292),
    ("page-sealed", "06-sealed", PHONE, 292),
    ("page-recorded", "08-recorded", PHONE, 292),
    ("page-waiting", "09-waiting", PHONE, 292),
    ("page-counted", "09-counted", PHONE, 292),
    ("page-auditor", "a2-chosen", LAPTOP, 480),
    ("page-auditor-held", "a3-held", LAPTOP, 480),
    ("page-auditor-failed", "a7-failed-tally", LAPTOP, 480),
    ("page-committee", "t0-home", SCREEN, 480),
    ("page-trustee-key", "t1-make", SCREEN, 480),
    ("page-trustee-agreement", "t5-agreement", SCREEN, 480),
    ("page-trustee-definition", "t7-definition", SCREEN, 480),
    ("page-trustee-seal", "t12-seal", SCREEN, 480),
    ("page-trustee-totals", "t17-settled", SCREEN, 480),
    ("page-hall", "52-hall-closed", PROJECTOR, 960),
    ("page-results", "53-hall-published", PROJECTOR, 960),
)
BALLOTS: Final = (  # of the State with several names, of the Party with one
    (
        BallotHead(
            "Hội đồng nhân dân tỉnh Bình Sơn",
            "Lấy phiếu tín nhiệm đối với người giữ chức vụ do Hội đồng nhân dân bầu",
            date(2028, 12, 7),
            ("Tín nhiệm cao", "Tín nhiệm", "Tín nhiệm thấp"),
            of_body="khóa XVIII, nhiệm kỳ 2026 - 2031",
            sample=True,
        ),
        BlockBallot(
            "Phó Chủ tịch, Ủy viên Ủy ban nhân dân tỉnh",
            (
                ("Phạm Minh Đức", "Phó Chủ tịch Ủy ban nhân dân tỉnh"),
                ("Vũ Thị Hạnh", "Ủy viên Ủy ban nhân dân tỉnh, Giám đốc Sở Tài chính"),
                ("Ngô Đình Mạnh", "Ủy viên Ủy ban nhân dân tỉnh, Giám đốc Sở Y tế"),
            ),
            first=4,
        ),
    ),
    (
        BallotHead(
            "Ban Chấp hành Đảng bộ tỉnh Bình Sơn",
            "Lấy phiếu tín nhiệm đối với đồng chí Bí thư Tỉnh ủy",
            date(2028, 12, 8),
            ("Tín nhiệm cao", "Tín nhiệm", "Tín nhiệm thấp"),
            style="party",
            may_sign=True,
        ),
        BlockBallot("", (("Nguyễn Văn An", "Bí thư Tỉnh ủy"),), whole=True),
    ),
)
AROUND_PPI: Final = 54  # as the pages that are compared
AROUND: Final = (
    ("state-resolution", 0),
    ("state-script", 1),
    ("state-announcement", 0),
    ("state-tally-sheet", 0),
    ("plan", 0),
)
UPWARDS: Final = (("party-letter", 0), ("state-letter", 0), ("party-consolidated", 0))
MINUTES: Final = ("state-minutes-1", "party-minutes-2", "state-report-3")


def save(picture: Image.Image, name: str) -> None:
    """Writes docs/images/NAME.png, with few colours."""
    picture.quantize(_COLOURS).save(IMAGES / f"{name}.png", optimize=True)


def page(screenshot: str, screen: dict[str, int], width: int) -> Image.Image:
    """The top of a screenshot, smaller."""
    with Image.open(SHOTS / f"{screenshot}.png") as whole:
        seen = whole.convert("RGB").crop((0, 0, screen["width"], screen["height"]))
    height = round(width * screen["height"] / screen["width"])
    return seen.resize((width, height), Image.Resampling.LANCZOS)


def drawn(pages: tuple[tuple[str, int], ...]) -> list[Image.Image]:
    """Pages of papers that the tests draw, by name and number from 0."""
    papers = test_documents.papers()
    return [
        Image.open(io.BytesIO(document.png(*papers[name], ppi=AROUND_PPI)[page])).convert("L")
        for name, page in pages
    ]


def printed() -> list[Image.Image]:
    """Paper ballots, the upper half of each."""
    sheets = []
    for head, block in BALLOTS:
        (picture,) = ballots.png(head, [block], "vi", ppi=BALLOT_PPI)
        sheet = Image.open(io.BytesIO(picture)).convert("L")
        sheets.append(sheet.crop((0, 0, sheet.width, sheet.height // 2)))
    return sheets


def golden(names: tuple[str, ...]) -> list[Image.Image]:
    """Pages that the tests of documents compare with."""
    return [Image.open(GOLDEN / f"{name}.png").convert("L") for name in names]


def side_by_side(sheets: list[Image.Image]) -> Image.Image:
    """Pages of documents in one picture, on grey."""
    width = sum(sheet.width + GAP for sheet in sheets) - GAP
    picture = Image.new("L", (width, max(sheet.height for sheet in sheets)), 200)
    left = 0
    for sheet in sheets:
        picture.paste(sheet, (left, 0))
        left += sheet.width + GAP
    return picture


if __name__ == "__main__":
    for name, screenshot, screen, width in PAGES:
        save(page(screenshot, screen, width), name)
    save(test_letters.page(ppi=PPI), "letter-vi")
    save(side_by_side(golden(MINUTES)), "minutes-vi")
    save(side_by_side(drawn(AROUND)), "around-vi")
    save(side_by_side(drawn(UPWARDS)), "upwards-vi")
    save(side_by_side(printed()), "ballots-vi")
