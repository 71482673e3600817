"""Saves the spreadsheets of a new draft in the ways LibreOffice offers: inputs/saved.

    python -m tests.admin.rules.save_templates

They are kept, for LibreOffice is half a gigabyte; `test_saved.py` reads them. Made with 7.4.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from admin.prepare import template

SAVED: Final = Path(__file__).parent / "inputs" / "saved"
TEMPLATE: Final = "party-executive"  # its officials have days and managing authorities
STEMS: Final = ("officials", "roster")
# Name of the kept file, and the filter with its options: separator, quotation mark, character set.
WAYS: Final = {
    "calc.xlsx": "xlsx:Calc MS Excel 2007 XML",
    "open-xml.xlsx": "xlsx:Calc Office Open XML",
    "commas.csv": "csv:Text - txt - csv (StarCalc):44,34,76",
    "semicolons.csv": "csv:Text - txt - csv (StarCalc):59,34,76",
    "tabs-utf-16.csv": "csv:Text - txt - csv (StarCalc):9,34,65535",
    "windows-1258.csv": "csv:Text - txt - csv (StarCalc):44,34,40",
    "quoted.csv": "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true",
}
REFUSED: Final = {
    "calc.ods": "ods:calc8",
    "excel-97.xls": "xls:MS Excel 97",
    "flat.fods": "fods:OpenDocument Spreadsheet Flat XML",
    "page.html": "html:HTML (StarCalc)",
}


def main() -> None:
    """Makes all of them anew."""
    SAVED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template.new(folder / "draft", TEMPLATE, "2026-12-07", "Phieu1Kin2Test3A")
        for stem in STEMS:
            for way, kind in (WAYS if stem == STEMS[1] else WAYS | REFUSED).items():
                convert(folder / "draft" / f"{stem}.xlsx", kind, folder / "out")
                converted = folder / "out" / f"{stem}.{kind.partition(':')[0]}"
                (SAVED / f"{stem}-{way}").write_bytes(converted.read_bytes())
                sys.stdout.write(f"{stem}-{way}\n")


def convert(path: Path, kind: str, folder: Path) -> None:
    """One file, as LibreOffice saves it."""
    command = ["soffice", "--headless", "--convert-to", kind, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
