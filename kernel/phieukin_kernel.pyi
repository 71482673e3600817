# The border of the kernel; what each operation means is said in kernel/src.

from collections.abc import Sequence
from typing import Final, TypeAlias, final

INTERFACE: Final[int]
VERSION: Final[str]

_Checked: TypeAlias = tuple[list[str], list[bytes], list[bytes], list[bytes]]
_Refused: TypeAlias = tuple[int, int, int, int]

@final
class Session:
    def __new__(
        cls,
        uuid: str,
        phi: str,
        key: bytes,
        questions: Sequence[tuple[int, int, int]],
        limit: int,
    ) -> Session: ...
    def check(self, ballots: Sequence[bytes]) -> _Checked | _Refused: ...
    def decode(self, ballots: Sequence[bytes]) -> _Checked | _Refused: ...

def products(rows: Sequence[Sequence[tuple[bytes, bytes]]]) -> list[bytes]: ...
def multiply(rows: Sequence[bytes]) -> list[bytes]: ...
def is_element(raw: bytes, identity: bool) -> bool: ...
