"""QR codes as drawings, for paper and screens."""

from io import BytesIO

import segno


def svg(text: str) -> str:
    """The code with its quiet zone; it stretches to any size.

    A quarter of it may be lost to a fold or a stain only at level Q; letters are kept flat, and
    larger dots are worth more to an old camera, so it is M, an eighth.
    """
    drawn = BytesIO()
    segno.make(text, error="m", micro=False, boost_error=False).save(
        drawn,
        kind="svg",
        omitsize=True,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        light="#fff",
    )
    return drawn.getvalue().decode()


def png(text: str) -> bytes:
    """The same code as a picture of black and white dots, for documents that take no drawings."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False, boost_error=False).save(drawn, kind="png", scale=8)
    return drawn.getvalue()
