"""What a ballot's button carries: sealed, for one account of one session."""

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.session import keys
from admin.session.channels import most_officials
from admin.voting import ballot_button
from admin.voting.ballot_button import Button, ButtonKey, CastButton, OldButtonError
from crypto.encoding import b64_sha256

UUID = "VectorsPhieuKin1"
KEY = ButtonKey(bytes(range(64)), UUID, 3, 4)
BUTTON = Button(bytes(16), 2, (0, None, 2, 1))


def test_what_is_sealed_opens_again():
    assert KEY.open(7, KEY.seal(7, BUTTON)) == BUTTON


@given(st.integers(2, 5), st.data())
def test_every_draft_fits_its_64_letters(levels, data):
    """For as many officials as a session with buttons may have."""
    most = most_officials(levels)
    officials = data.draw(st.integers(1, most))
    pages = st.integers(0, 255).filter(lambda page: page != ballot_button.START - 2)
    marks = st.none() | st.integers(0, levels - 1)
    draft = tuple(data.draw(st.lists(marks, min_size=officials, max_size=officials)))
    key = ButtonKey(bytes(range(64)), UUID, levels, officials)
    button = Button(data.draw(st.binary(min_size=16, max_size=16)), data.draw(pages), draft)

    text = key.seal(7, button)

    assert len(text.encode()) == 64
    assert ballot_button.is_ballot(text)
    assert key.open(7, text) == button


def test_the_button_of_a_cast_ballot_knows_its_tracker_and_opening_and_no_seed():
    """It fits its own tracker alone, and opens for its account alone."""
    trackers = [b64_sha256(bytes([number])) for number in range(50)]
    button = CastButton.of(trackers[7], "ab" * 32)
    text = KEY.seal(7, button)

    assert ballot_button.is_ballot(text)
    assert KEY.open(7, text) == button
    assert [number for number, tracker in enumerate(trackers) if button.fits(tracker)] == [7]
    assert button.opening == b"\xab" * 14
    with pytest.raises(OldButtonError):
        KEY.open(8, text)


def test_room_for_the_largest_assemblies():
    """The National Assembly rated 50; two levels need less room."""
    assert [most_officials(levels) for levels in (2, 3)] == [70, 56]


@pytest.mark.parametrize(
    ("key", "account"),
    [
        (ButtonKey(secrets.token_bytes(keys.BUTTON_KEY_BYTES), UUID, 3, 4), 7),
        (ButtonKey(KEY.raw, "VectorsPhieuKin2", 3, 4), 7),
        (KEY, 8),
    ],
    ids=["another key", "another session", "another account"],
)
def test_it_opens_nowhere_else_and_for_nobody_else(key, account):
    with pytest.raises(OldButtonError):
        key.open(account, KEY.seal(7, BUTTON))


def test_an_altered_letter_is_noticed():
    text = KEY.seal(7, BUTTON)
    for place in range(64):
        altered = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(OldButtonError):
            KEY.open(7, altered)


@pytest.mark.parametrize("text", ["", "A" * 63, "A" * 68, "ă" * 64, "v1:no", "=" * 64])
def test_other_texts_are_no_buttons(text):
    with pytest.raises(OldButtonError):
        KEY.open(7, text)


def test_neither_seed_nor_marks_are_to_be_seen():
    """Another mark changes all of it, and the seed stands nowhere in it."""
    seed = b"0123456789abcdef"
    first, second = (KEY.seal(7, Button(seed, 0, (mark, None, None, None))) for mark in (0, 1))
    raw = [base64.urlsafe_b64decode(text) for text in (first, second)]
    assert all(seed not in text for text in raw)
    assert sum(a == b for a, b in zip(raw[0][1:], raw[1][1:], strict=True)) < 8


def test_printing_a_button_shows_nothing():
    assert "0123456789" not in repr(Button(b"0123456789abcdef", 0, (1,)))
    assert "\\x01" not in repr(KEY)


def test_each_first_button_has_a_seed_of_its_own():
    assert Button.first(4).seed != Button.first(4).seed
