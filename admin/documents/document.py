"""A paper as PDF, or as pictures of its pages: the blocks and the measures, set by one template."""

from collections.abc import Sequence
from dataclasses import asdict

from admin.documents import qr, typeset
from admin.documents.blocks import Block, Group, Table, Verification
from admin.documents.layout import LAYOUTS, Style
from crypto.encoding import Json

_TEMPLATE = "paper"


def pdf(blocks: Sequence[Block], style: Style) -> bytes:
    """The paper as one PDF; the same blocks make the same bytes."""
    return typeset.pdf(_TEMPLATE, _data(blocks, style))


def png(blocks: Sequence[Block], style: Style, *, ppi: float) -> list[bytes]:
    """Its pages as pictures."""
    return typeset.png(_TEMPLATE, _data(blocks, style), ppi=ppi)


def _data(blocks: Sequence[Block], style: Style) -> dict[str, Json]:
    return {"layout": LAYOUTS[style].to_json(), "blocks": [_block(block) for block in blocks]}


def _block(block: Block) -> Json:
    said: dict[str, Json] = asdict(block)
    if isinstance(block, Verification):
        said["code"] = qr.svg(block.code)
    if isinstance(block, Table):
        said["rows"] = [_row(row) for row in block.rows]
    return said | {"block": type(block).__name__.lower()}


def _row(row: tuple[str, ...] | Group) -> Json:
    if isinstance(row, Group):
        return {"group": row.text, "cells": None}
    return {"group": None, "cells": list(row)}
