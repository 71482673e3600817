"""What a paper says: its blocks, and its PDF (by Poppler) and DOCX (by LibreOffice)."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from admin.documents.elements import Element


def text_of(elements: Sequence[Element]) -> str:
    """Every text of a paper before it is set, a line each, in its order."""
    return "\n".join(text for element in elements for text in _texts(asdict(element)) if text)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [t for part in value for t in _texts(part)] if isinstance(value, list | tuple) else []


def tool(name: str) -> str:
    """The program's path; a developer goes on without it."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"no {name}: run .ci/setup")
    return path


def pdf_pages(pdf: bytes, folder: Path) -> list[str]:
    """The text of each page, in the order in which it was set."""
    program, path = tool("pdftotext"), folder / "read.pdf"
    path.write_bytes(pdf)
    run = subprocess.run([program, "-raw", str(path), "-"], check=True, capture_output=True)
    return run.stdout.decode().split("\f")[:-1]


def docx_texts(papers: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    """The text of each DOCX; one start of the program for all of them."""
    program = tool("soffice")
    for name, data in papers.items():
        (folder / f"{name}.docx").write_bytes(data)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    kind = "txt:Text (encoded):UTF8"
    arguments = [program, profile, "--headless", "--convert-to", kind, "--outdir", str(folder)]
    files = [str(folder / f"{name}.docx") for name in papers]
    subprocess.run([*arguments, *files], check=True, capture_output=True)
    return {name: (folder / f"{name}.txt").read_text("utf-8-sig") for name in papers}
