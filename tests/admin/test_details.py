"""Every detail of an error has its Vietnamese."""

import ast
import errno
import inspect
import os
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from itertools import islice, product
from pathlib import Path

import pytest

from admin.details import localized
from crypto.errors import WrongState
from crypto.lifecycle import NEXT, State, Step, after
from tests.admin.vietnamese import english

ROOT = Path(__file__).parents[2]
MOST = 40  # wordings of one detail that are tried
# Errors of Python that are raised with a detail for people.
BASES = {"ProtocolError", "ConnectionError", "ValueError", "OSError", "TimeoutError"}
BASES |= {"PermissionError"}
# Faults of the program itself, which nobody is shown.
INTERNAL = {"crypto/shamir.py", "admin/documents/chart.py"}


def parsed() -> dict[str, ast.Module]:
    files = [
        path
        for package in ("admin", "bot", "crypto", "storage")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "miniapp" not in path.parts
    ]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in files}


def name(node: ast.expr | None) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def kinds(modules: dict[str, ast.Module]) -> set[str]:
    """The names of all classes of errors."""
    nodes = [node for tree in modules.values() for node in ast.walk(tree)]
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    kinds, more = set[str](), set(BASES)
    while more - kinds:
        kinds |= more
        more = {c.name for c in classes if kinds.intersection(map(name, c.bases))}
    return kinds - {"Fault"}  # of keys of the catalogues


class Wordings:
    """What an expression in a function may say; what is not known of it is "7"."""

    def __init__(self, function: ast.AST) -> None:
        self.values: dict[str, list[ast.expr]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.values.setdefault(node.targets[0].id, []).append(node.value)

    def of(self, node: ast.expr) -> list[str]:
        texts: list[str] = []
        match node:
            case ast.Constant(value=str(text)):
                texts = [text]
            case ast.JoinedStr(values=parts):
                texts = self._joined([self.of(part) for part in parts])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                texts = self._joined([self.of(left), self.of(right)])
            case ast.FormattedValue(value=value):
                texts = self.of(value)
            case ast.IfExp(body=body, orelse=orelse):
                texts = self.of(body) + self.of(orelse)
            case ast.Name(id=variable):
                values = self.values.get(variable, [])
                literal = ast.Constant | ast.JoinedStr | ast.IfExp
                texts = [t for v in values if isinstance(v, literal) for t in self.of(v)]
        return [text for text in texts if text] or ["7"]

    @staticmethod
    def _joined(parts: list[list[str]]) -> list[str]:
        if parts[0] == ["7"] and parts[1:] and parts[1][0][0].isalpha():
            parts[0] = ["7: "]  # a place in front
        return ["".join(choice) for choice in islice(product(*parts), MOST)]


def details(tree: ast.Module, errors: set[str]) -> Iterator[tuple[int, str]]:
    """The line and the wordings of every detail that a module gives to an error."""
    nodes = list(ast.walk(tree))
    functions = [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    makers = {
        function.name
        for function in functions
        if name(function.returns) in errors and not _in_words(function)
    }
    for function in [*functions, tree]:
        wordings = Wordings(function)
        for call in ast.walk(function):
            if isinstance(call, ast.Call):
                for argument in _details_of(call, errors | makers):
                    yield from ((call.lineno, text) for text in wordings.of(argument))


def _in_words(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether its detail comes from the catalogues, in the reader's language already."""
    return any(
        name(call.func) == "words" for call in ast.walk(function) if isinstance(call, ast.Call)
    )


def _details_of(call: ast.Call, errors: set[str]) -> list[ast.expr]:
    """The expression of a detail in a call, if there is one."""
    if name(call.func) == "Rule":
        return [keyword.value for keyword in call.keywords if keyword.arg == "needs"]
    return call.args[-1:] if name(call.func) in errors else []


@pytest.mark.slow
def test_every_detail_is_there_in_vietnamese():
    """Whoever adds one adds a line to admin/details.toml."""
    modules = parsed()
    errors = kinds(modules)
    places: dict[str, str] = {}
    for path in modules.keys() - INTERNAL:
        for line, text in details(modules[path], errors):
            places.setdefault(text, f"{path}:{line}")
    assert len(places) > 600
    in_vietnamese = {text: localized(text, "vi") for text in places}
    left = {places[text]: said for text, said in in_vietnamese.items() if english(said)}
    assert left == {}


@pytest.mark.parametrize("step", Step)
def test_a_step_is_refused_in_vietnamese(step):
    for state in State:
        if (state, step) not in NEXT:
            with pytest.raises(WrongState) as refused:
                after(state, step)
            assert english(localized(str(refused.value), "vi")) == []


EXAMPLES = {
    "trustee 2: official 3, level 1: wrong share": (
        "thành viên 2: người thứ 3, mức 1: phần giải mã sai"
    ),
    "so.csv: row 3, column cao: 'ba' is not a whole number": (
        "so.csv: dòng 3, cột cao: 'ba' không phải số nguyên"
    ),
    "ballot.answers[0].choices: a list is expected": (
        "ballot.answers[0].choices: phải là danh sách"
    ),
    "checkpoints.txt, closed: note: not signed by hòm, wrong signature of chủ trì": (
        "checkpoints.txt, đã kết thúc bỏ phiếu: biên bản ký: "
        "thiếu chữ ký của hòm, sai chữ ký của chủ trì"
    ),
    "trustee 1: wrong share; trustee 3: wrong share (1 of 2 shares are there; "
    "a trustee whose share is wrong may send another)": (
        "thành viên 1: phần giải mã sai; thành viên 3: phần giải mã sai "
        "(mới có 1 trên 2 phần giải mã; thành viên có phần sai có thể gửi lại)"
    ),
    "at most two venues for one person\n  Lê Văn A: rated already at HĐND; UBND": (
        "một người được lấy phiếu nhiều nhất ở hai nơi\n"
        "  Lê Văn A: đã được lấy phiếu tại HĐND; UBND"
    ),
    # The end of it is an entry, too: that one of an error within.
    "rules.toml: not TOML: Unclosed array (at line 2, column 1)": (
        "rules.toml: không đúng cú pháp TOML: danh sách chưa đóng ngoặc (dòng 2, cột 1)"
    ),
    "Invalid value for 'FILE...': File 'x' does not exist": (
        "giá trị không hợp lệ của TỆP...: không có tệp 'x'"
    ),
    "https://a.vn: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
    "certificate has expired (_ssl.c:992)": (
        "https://a.vn: không xác nhận được chứng chỉ của máy chủ: chứng chỉ đã hết hạn"
    ),
    # The name of a file in front is no part of what is said of it.
    "a.phieukin.zip: 6 ballots went out on paper, and a record has only the electronic ones:"
    " ask for the result file (record export --result)": (
        "a.phieukin.zip: đã phát 6 phiếu giấy mà hồ sơ chỉ có phiếu điện tử: đề nghị gửi tệp kết"
        " quả (phieukin record export --result)"
    ),
    "a.result.zip: present 14 is more than summoned 12": (
        "a.result.zip: có mặt 14 lớn hơn được triệu tập 12"
    ),
    "a.result.zip: paper collected 12 is more than paper issued 11": (
        "a.result.zip: phiếu giấy: thu về 12 lớn hơn phát ra 11"
    ),
    # What nobody has translated stands as it is, as the words of somebody else.
    "the copy is damaged: quite another thing": (
        "bản sao bị hỏng: chương trình khác báo, nguyên văn: “quite another thing”"
    ),
    "https://a.vn: the dog is not at home": (
        "https://a.vn: chương trình khác báo, nguyên văn: “the dog is not at home”"
    ),
    "report of the council.xlsx": "report of the council.xlsx",
    "Le Van An to": "Le Van An to",
    "": "",
}


@pytest.mark.parametrize("detail", EXAMPLES)
def test_what_stands_in_a_detail_is_carried_over(detail):
    assert localized(detail, "vi") == EXAMPLES[detail]
    assert localized(detail, "en") == detail


def test_every_fault_of_the_system_has_words():
    """The usual ones say what they are, the others have the system's name."""
    for number in errno.errorcode:
        sentence = localized(str(OSError(number, os.strerror(number), "tệp")), "vi")
        assert sentence.startswith("tệp: ")
        assert english(re.sub(r"\b[A-Z0-9]+$", "", sentence)) == [], sentence


def of_parser() -> set[str]:
    """Every text that this Python's reader of TOML may refuse a file with."""
    tree = ast.parse(inspect.getsource(import_module("tomllib._parser")))
    raised = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    raised = [n for n in raised if name(n.func) in {"suffixed_err", "TOMLDecodeError"}]
    return {text for call in raised for text in Wordings(call).of(call.args[-1])} - {"7"}


def of_numbers() -> set[str]:
    """What is said of values that TOML cannot hold."""
    refusals = set[str]()
    for text in ("d = 2028-02-30", "d = 2028-13-01", "i = " + "1" * 5000, "a = " + "[" * 5000):
        with pytest.raises((ValueError, RecursionError)) as refused:
            tomllib.loads(text)
        refusals.add(str(refused.value))
    return refusals


def test_what_a_library_says_of_a_file_is_vietnamese():
    texts = {f"{text} (at line 3, column 7)" for text in of_parser()} | of_numbers()
    assert len(texts) > 20
    sentences = {text: localized(f"a.toml: not TOML: {text}", "vi") for text in texts}
    assert {text: said for text, said in sentences.items() if english(said)} == {}


FAULTS = """
    ENOENT EACCES EPERM ENOSPC EROFS EEXIST EIO EISDIR ENOTDIR EDQUOT EADDRINUSE EADDRNOTAVAIL
    ECONNREFUSED ECONNRESET ETIMEDOUT ENETUNREACH EHOSTUNREACH ENAMETOOLONG EMFILE ENOMEM EPIPE
    EXDEV ELOOP EFBIG ETXTBSY ENOTEMPTY EINVAL EBUSY
"""


def test_the_faults_of_the_system_are_told_in_vietnamese():
    for fault in FAULTS.split():
        number = getattr(errno, fault)
        said = localized(str(OSError(number, os.strerror(number), "tệp")), "vi")
        assert said.startswith("tệp: "), fault
        assert english(said) == [], fault
