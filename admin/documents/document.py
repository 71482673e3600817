"""A document as PDF, or as pictures of its pages: elements and measures, set by one template."""

from collections.abc import Sequence
from dataclasses import asdict

from admin.documents import qr, typeset
from admin.documents.elements import Element, GroupRow, Table, Verification
from admin.documents.layout import LAYOUTS, Style
from crypto.encoding import Json

_TEMPLATE = "document"


def pdf(elements: Sequence[Element], style: Style) -> bytes:
    """The document as one PDF; the same elements make the same bytes."""
    return typeset.pdf(_TEMPLATE, _data(elements, style))


def png(elements: Sequence[Element], style: Style, *, ppi: float) -> list[bytes]:
    """Its pages as pictures."""
    return typeset.png(_TEMPLATE, _data(elements, style), ppi=ppi)


def _data(elements: Sequence[Element], style: Style) -> dict[str, Json]:
    return {
        "layout": LAYOUTS[style].to_json(),
        "elements": [_element(element) for element in elements],
    }


def _element(element: Element) -> Json:
    fields: dict[str, Json] = asdict(element)
    if isinstance(element, Verification):
        fields["code"] = qr.svg(element.code)
    if isinstance(element, Table):
        fields["rows"] = [_row(row) for row in element.rows]
    return fields | {"element": type(element).__name__.lower()}


def _row(row: tuple[str, ...] | GroupRow) -> Json:
    if isinstance(row, GroupRow):
        return {"group": row.text, "cells": None}
    return {"group": None, "cells": list(row)}
