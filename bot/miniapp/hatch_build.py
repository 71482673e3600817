"""Refuses a wheel or a source archive without the built page. An editable install does without."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGES = ("voter.html", "hall.html", "home.html", "ban-kiem-phieu.html")


class CustomBuildHook(BuildHookInterface[Any]):
    """Called by hatchling before it collects the files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  its form
        """Raises FileNotFoundError if a page is missing."""
        folder = Path(self.root) / "bot" / "miniapp" / "dist"
        missing = [name for name in PAGES if not (folder / name).is_file()]
        if missing and version != "editable":
            raise FileNotFoundError(
                f"the phone page is not built ({', '.join(missing)} missing in {folder}): "
                "run make page (it needs node 20 or newer), then build again"
            )
