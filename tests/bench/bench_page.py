"""A ballot on the phone page in Chromium, as it is and six times slower: tests/browser/speed.py."""

from typing import Final

from tests.browser.speed import measured

OFFICIALS: Final = (11, 22, 44)
RUNS: Final = 5


def main() -> None:
    print("milliseconds on the main thread; ahead: while the voter reads, encrypt: after the tap")
    names: list[str] = []
    for officials in OFFICIALS:
        for slower, times in measured(officials, RUNS).items():
            if not names:
                names = list(times)
                print(f"{'officials':>9} {'slower':>7} " + " ".join(f"{n:>18}" for n in names))
            row = " ".join(f"{times[n]:>18.0f}" for n in names)
            print(f"{officials:>9} {slower:>7} {row}", flush=True)


if __name__ == "__main__":
    main()
