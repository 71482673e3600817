"""Set a template with its data: the one place that knows Typst.

Data goes in as JSON and never as Typst source, so that no name in it can be a command. Only the
fonts in ``fonts`` and inside the ``typst`` package are used: the output is the same on every
machine. Tinos has the widths of Times New Roman, which State and Party papers are set in, and all
of Vietnamese. Nothing is fetched: a template imports no package. Letters outside these fonts come
out as empty boxes.
"""

import json
from importlib import resources
from typing import Literal

import typst

from crypto.encoding import Json


def png(template: str, data: Json, *, ppi: float) -> list[bytes]:
    """The pages as pictures.

    Args:
        template: the name of a file in ``templates``, without ``.typ``.
        data: what the template reads with ``json(bytes(sys.inputs.data))``.
        ppi: pixels per inch, that is per 72 points.
    """
    return _compile(template, data, "png", ppi)


def svg(template: str, data: Json) -> bytes:
    """A template of one page as a drawing; its letters are outlines."""
    (page,) = _compile(template, data, "svg")
    return page


def pdf(template: str, data: Json) -> bytes:
    """A document of any number of pages; without a date, so that the same data make the same."""
    (document,) = _compile(template, data, "pdf")
    return document


def _compile(
    template: str, data: Json, form: Literal["png", "svg", "pdf"], ppi: float | None = None
) -> list[bytes]:
    package = resources.files("admin.documents")
    with (
        resources.as_file(package / "templates") as folder,
        resources.as_file(package / "fonts") as fonts,
    ):
        compiler = typst.Compiler(
            folder / f"{template}.typ",
            root=folder,
            font_paths=[fonts],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data)},
        )
        pages = compiler.compile(format=form, ppi=ppi, timestamp=0)
    if isinstance(pages, bytes):  # a single page comes without a list
        return [pages]
    return pages or []
