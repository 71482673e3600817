"""crypto/encoding.py: one spelling for every value, and every other spelling refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import encoding
from crypto.encoding import MAX_INTEGER, Fields, canonical, parse
from crypto.errors import Malformed

LIMIT = 1 << 20
TEXTS = st.text(st.characters(codec="utf-8"), max_size=10)
INTEGERS = st.integers(-(10**8), MAX_INTEGER)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


# --- JSON ---------------------------------------------------------------------------------


@given(value=VALUES)
def test_round_trip(value: Any) -> None:
    """What the encoder writes decodes to the same value."""
    assert parse(canonical(value), "x", limit=LIMIT) == value


@pytest.mark.slow
@settings(max_examples=300)
@given(value=VALUES, data=st.data())
def test_malleability(value: Any, data: st.DataObject) -> None:
    """Any bytes that decode are the only spelling of what they decode to."""
    raw = bytearray(canonical(value))
    start = data.draw(st.integers(0, len(raw)))
    end = start + data.draw(st.integers(0, 3))
    raw[start:end] = data.draw(
        st.binary(max_size=3) | st.sampled_from([b" ", b"\n", b"0", b"-", b",", b"\\", b'"', b".0"])
    )
    try:
        decoded = parse(bytes(raw), "x", limit=LIMIT)
    except Malformed:
        return
    assert canonical(decoded) == bytes(raw)


def test_canonical_form() -> None:
    """Compact, raw UTF-8, fields in the order given."""
    value = {"b": 1, "a": ["é", True, None], "": {}}
    assert canonical(value) == '{"b":1,"a":["é",true,null],"":{}}'.encode()


def test_field_order_is_kept() -> None:
    """The order of fields is part of the value: both orders decode, each to its own."""
    first, second = b'{"a":1,"b":2}', b'{"b":2,"a":1}'
    assert [list(parse(raw, "x", limit=LIMIT)) for raw in (first, second)] == [
        ["a", "b"],
        ["b", "a"],
    ]


SPELLINGS = {
    "nothing": b"",
    "space before": b" {}",
    "space after": b"{} ",
    "newline after": b"{}\n",
    "space inside": b'{"a": 1}',
    "space in a list": b"[1, 2]",
    "tab": b"[\t]",
    "byte order mark": b"\xef\xbb\xbf{}",
    "escaped letter": b'"\\u0041"',
    "escaped letter outside ASCII": b'"\\u00e9"',
    "escaped slash": b'"\\/"',
    "newline as a number": b'"\\u000a"',
    "upper-case escape": b'"\\u001F"',
    "raw newline in a string": b'"\n"',
    "raw NUL in a string": b'"\x00"',
    "escaped pair of surrogates": b'"\\ud83d\\ude00"',
    "escaped lone surrogate": b'"\\ud800"',
    "escaped lone low surrogate": b'"\\udc00x"',
    "raw lone surrogate": b'"\xed\xa0\x80"',
    "raw pair of surrogates": b'"\xed\xa0\xbd\xed\xb8\x80"',
    "overlong UTF-8": b'"\xc1\x81"',
    "cut UTF-8": b'"\xc3"',
    "Latin-1": b'"\xe9"',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "UTF-32": '{"a":1}'.encode("utf-32-be"),
    "float": b"1.0",
    "exponent": b"1e2",
    "capital exponent": b"1E2",
    "negative zero": b"-0",
    "negative zero as a float": b"-0.0",
    "plus": b"+1",
    "leading zero": b"01",
    "hexadecimal": b"0x1",
    "NaN": b"NaN",
    "infinity": b"Infinity",
    "negative infinity": b"-Infinity",
    "a long integer": b"1" * 11,
    "a long integer below zero": b"-" + b"1" * 11,
    "a very long integer": b"1" * 100_000,
    "Arabic digit": "١".encode(),
    "key twice": b'{"a":1,"a":1}',
    "key twice, deep": b'[{"b":{"a":1,"a":2}}]',
    "key twice by escape": b'{"a":1,"\\u0061":2}',
    "trailing comma": b"[1,]",
    "trailing comma in an object": b'{"a":1,}',
    "comment": b"[1]//",
    "second value": b"{}{}",
    "trailing NUL": b"{}\x00",
    "single quotes": b"{'a':1}",
    "bare key": b"{a:1}",
    "number as key": b"{1:1}",
    "capital True": b"True",
    "unclosed": b'{"a":1',
    "unclosed string": b'"a',
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep and unclosed": b"[" * 100_000,
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_other_spellings(name: str) -> None:
    """Whatever the encoder would not write is refused, and the error names the file."""
    with pytest.raises(Malformed, match=r"^file: "):
        parse(SPELLINGS[name], "file", limit=LIMIT)


def test_size_limit() -> None:
    """As many bytes as allowed decode; one more does not, and is not even looked at."""
    assert parse(b'"1234"', "x", limit=6) == "1234"
    with pytest.raises(Malformed, match="7 bytes, at most 6"):
        parse(b"[[[[[[[", "x", limit=6)


@pytest.mark.parametrize("character", ["\x00", "\x1f", "\n", '"', "\\", "\x7f", "\u2028", "😀"])
def test_special_characters_have_one_spelling(character: str) -> None:
    """Characters that need care come back as they were."""
    assert parse(canonical([character]), "x", limit=LIMIT) == [character]


def test_largest_integer() -> None:
    """The largest count decodes, and so does what is as long below zero."""
    assert parse(str(MAX_INTEGER).encode(), "x", limit=LIMIT) == MAX_INTEGER
    assert parse(str(-MAX_INTEGER).encode(), "x", limit=LIMIT) == -MAX_INTEGER


def test_standard_json_reads_ours() -> None:
    """What we write is ordinary JSON."""
    value = {"a": ["\u2028\x1f\x7f", -1]}
    assert json.loads(canonical(value)) == value


# --- Fields -------------------------------------------------------------------------------


def test_fields_in_order() -> None:
    """An object with exactly the named fields gives their values."""
    fields = Fields({"a": 1, "b": None}, "x", "a", "b")

    assert (fields["a"], fields["b"]) == (1, None)
    assert fields.at("a") == "x.a"


def test_optional_field() -> None:
    """An optional field may be absent, and is None then."""
    without = Fields({"a": 1}, "x", "a", "b", optional=("b",))
    complete = Fields({"a": 1, "b": 2}, "x", "a", "b", optional=("b",))

    assert ("b" in without, without["b"]) == (False, None)
    assert without.read_or(7, "b", encoding.integer) == 7
    assert complete.read_or(7, "b", encoding.integer) == 2


def test_absent_is_not_null() -> None:
    """An optional field that is null would be a second spelling of an absent one."""
    with pytest.raises(Malformed, match=r"x\.b: null"):
        Fields({"a": 1, "b": None}, "x", "a", "b", optional=("b",))


def test_every_error_names_the_whole_way() -> None:
    """A field, a member of a list, and a field of a field: each by its path."""
    fields = Fields({"a": "", "b": [1, -1], "c": {"d": None}}, "x", "a", "b", "c")
    signed = Fields({"a": ""}, "note", "a", joint=": ")

    with pytest.raises(Malformed, match=r"^x\.a: "):
        fields.read("a", encoding.text)
    with pytest.raises(Malformed, match=r"^x\.b\[1\]: -1 is not from 0 to "):
        fields.each("b", encoding.integer)
    with pytest.raises(Malformed, match=r"^x\.b: 2 members, expected 3 to "):
        fields.each("b", encoding.integer, low=3)
    with pytest.raises(Malformed, match=r"^x\.c\.d: "):
        fields.inside("c", "d").read("d", encoding.boolean)
    with pytest.raises(Malformed, match=r"^note: a: "):
        signed.read("a", encoding.text)


@pytest.mark.parametrize("size", [2, 3, 4])
def test_array(size: int) -> None:
    """A list with as many members as allowed is itself."""
    assert encoding.array([0] * size, "x", low=2, high=4) == [0] * size


@pytest.mark.parametrize("value", [0, 1, MAX_INTEGER])
def test_integer(value: int) -> None:
    """An integer within its bounds is itself."""
    assert encoding.integer(value, "x") == value


def test_boolean() -> None:
    """true is itself."""
    assert encoding.boolean(value=True, path="x")


OTHER: dict[str, tuple[Callable[[Any], object], list[object]]] = {
    # A missing, extra, misplaced or misnamed field, and a non-object.
    "fields": (
        lambda value: Fields(value, "x", "a", "b"),
        [{}, {"a": 1}, {"b": 1, "a": 1}, {"a": 1, "b": 1, "c": 1}, {"c": 1, "a": 1, "b": 1},
         {"A": 1, "b": 1}, [], [["a", 1], ["b", 1]], None, "ab", 1],
    ),
    # A list that is too short or too long, and a non-list.
    "array": (
        lambda value: encoding.array(value, "x", low=2, high=4),
        [[], [1], [1] * 5, None, {}, "ab", 3, (1, 2)],
    ),
    # true is not 1, "1" is not 1, and bounds hold.
    "integer": (
        lambda value: encoding.integer(value, "x"),
        [-1, MAX_INTEGER + 1, True, False, None, "1", 1.0, [1]],
    ),
    # 1 is not true.
    "boolean": (lambda value: encoding.boolean(value, "x"), [0, 1, None, "true", []]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, (_, values) in OTHER.items() for value in values],
    ids=repr,
)  # fmt: skip
def test_other_values(kind: str, value: object) -> None:
    """What is not quite such a value is refused, and the error names its path."""
    with pytest.raises(Malformed, match=r"^x: "):
        OTHER[kind][0](value)
