"""Reads tests/vectors/."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "vectors"


def load(name: str) -> Any:
    """The contents of one file of figures."""
    return json.loads((FOLDER / name).read_text("utf-8"))


def third_party(folder: Path, name: str) -> Any:
    """The contents of a file that is not part of this repository."""
    return json.loads((folder / name).read_text("utf-8"))
