"""Workbooks as an honest program writes them, and as nobody should."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]

HEADER = ("STT", "Họ và tên", "Chức vụ", "Đơn vị", "Ngày sinh", "Ghi chú")


def xlsx(*rows: Sequence[object], header: Sequence[object] = HEADER, sheets: int = 1) -> bytes:
    """A workbook with these rows under a header, the same on each sheet."""
    book = openpyxl.Workbook()
    for index in range(sheets):
        sheet = book.active if index == 0 else book.create_sheet(f"S{index}")
        for row in (header, *rows):
            sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def repacked(data: bytes, change: Callable[[str, bytes], bytes], **added: bytes) -> bytes:
    """The workbook with each part changed, and more parts; "_" stands for "/" in their names."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, contents in added.items():
            new.writestr(name.replace("__", ".").replace("_", "/"), contents)
    return target.getvalue()


def unchanged(_: str, contents: bytes) -> bytes:
    return contents


def saved(folder: Path, name: str, data: bytes | str) -> Path:
    """A file with these contents."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def without_content(line: str) -> str:
    """A problem without what stands in its cell."""
    return re.sub(r"(?<=[)A-Z\d]) “[^”]*”(?=: )", "", line)
