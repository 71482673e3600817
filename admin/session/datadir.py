"""Where a running system keeps its things: `phieukin init DIR` makes it, all commands use it."""

import fcntl
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from admin.rules import zones
from admin.session.address import public_address
from crypto.errors import Malformed, Refused

SETTINGS = "phieukin.toml"
CLOCK_TOLERANCE = 120  # seconds; time services correct less


def _address(text: str) -> str:
    try:
        return public_address(text)
    except Malformed as error:
        raise ValueError(error) from None


def _zone(name: str) -> str:
    try:
        return zones.named(name).key
    except Malformed as error:
        raise ValueError(error) from None


class Settings(BaseModel):
    """phieukin.toml.

    Attributes:
        public_url: the address in letters and links: scheme, host and port alone.
        zone: the clock that this installation tells times by (IANA); a session has its own.
        listen: host:port of `serve`.
        registrar_db, box_db: file names in the data directory, or database URLs.
        telegram_token_file: a file that holds the bot's token; empty without a bot.
        telegram_bot: the bot's name, for links in letters; empty without one.
        telegram_webhook: whether Telegram brings updates to `public_url`; else they are fetched.
        telegram_api: where the Bot API is; another for a server of one's own.
        proxy: a proxy for the way to Telegram; empty without one.
        trusted_proxy: the address of a proxy in front of `serve`, such as 127.0.0.1, whose
            X-Forwarded-For says who asks; empty: nobody's word is taken for that.
        auditor_key: to whom Telegram's word on who came is sealed; empty: it is not kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    public_url: Annotated[str, AfterValidator(_address)] = "http://127.0.0.1:8080"
    zone: Annotated[str, AfterValidator(_zone)] = zones.DEFAULT
    listen: str = "127.0.0.1:8080"
    registrar_db: str = "registrar.db"
    box_db: str = "box.db"
    telegram_token_file: str = ""
    telegram_bot: str = Field(default="", pattern=r"[A-Za-z0-9_]{0,32}")
    telegram_webhook: bool = False
    telegram_api: str = "https://api.telegram.org"
    proxy: str = ""
    trusted_proxy: str = Field(default="", pattern=r"^[0-9a-f.:]*$")
    # 32 bytes of base64, in its only spelling.
    auditor_key: str = Field(default="", pattern=r"^([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)?$")


@dataclass(frozen=True, slots=True)
class DataDir:
    """A data directory and its settings."""

    folder: Path
    settings: Settings

    @classmethod
    def open(cls, folder: Path) -> "DataDir":
        """Reads the settings.

        Raises:
            Refused: the folder was not made by `phieukin init`.
            Malformed: phieukin.toml is not what it should be; the detail names the key.
        """
        path = folder / SETTINGS
        if not path.exists():
            raise Refused(f"{folder} has no {SETTINGS}: make it with: phieukin init {folder}")
        try:
            return cls(folder, Settings(**tomllib.loads(path.read_text(encoding="utf-8"))))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Malformed(f"{path}: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise Malformed(
                f"{path}, {key}: {first['msg'].removeprefix('Value error, ')}"
            ) from None

    @property
    def registrar_url(self) -> str:
        return self._database(self.settings.registrar_db)

    @property
    def box_url(self) -> str:
        return self._database(self.settings.box_db)

    def token(self) -> str | None:
        """The bot's token; None where no bot is wanted.

        Raises:
            Refused: the file is missing or empty.
        """
        file_name = self.settings.telegram_token_file
        if not file_name:
            return None
        path = self.folder / file_name
        try:
            token = path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise Refused(f"{path} cannot be read: it should hold the bot's token") from None
        if not token:
            raise Refused(f"{path} is empty: it should hold the bot's token")
        return token

    @property
    def lock(self) -> Path:
        """Locked by a running `serve` of the box."""
        return self.folder / "serve.lock"

    @property
    def served(self) -> bool:
        """Whether a `serve` of the box is running on this machine: it holds the lock."""
        if not self.lock.exists():
            return False
        with self.lock.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    def keys(self, uuid: str) -> Path:
        """The folder of a session's secret keys."""
        return self.folder / "keys" / uuid

    def archive(self, uuid: str) -> Path:
        return self.folder / "archives" / f"{uuid}.bel"

    def bundle(self, uuid: str) -> Path:
        return self.folder / "archives" / f"{uuid}.phieukin.zip"

    def results(self, uuid: str) -> Path:
        """results.json of a session that votes on paper only; others have it in the bundle."""
        return self.folder / "archives" / f"{uuid}.results.json"

    def check_clock(self, now: float) -> None:
        """Raises Refused if the clock is behind what this directory has already seen."""
        files = [self.folder / SETTINGS, *self.folder.glob("*.db*"), *self.folder.glob("*/*.bel")]
        newest = max(file.stat().st_mtime for file in files)
        if now < newest - CLOCK_TOLERANCE:
            behind = round(newest - now)
            raise Refused(f"the clock of this machine is {behind} s behind its own files: set it")

    def _database(self, setting: str) -> str:
        if "://" in setting:
            return setting
        return f"sqlite+aiosqlite:///{(self.folder / setting).resolve()}"
