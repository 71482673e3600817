"""initData admits only whom Telegram saw, and only in one spelling."""

from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from admin.voting import telegram_login
from admin.voting.telegram_login import BadInitData, Expired, Future
from tests.telegram import launching

# Telegram's own examples: of its documentation, and of a bot with the Ed25519 signature.
DOCUMENTED = (
    "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladisla"
    "v%22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22"
    "%3A%22ru%22%2C%22is_premium%22%3Atrue%7D&auth_date=1662771648&hash=c501b71e775f74ce10e377dea85a"
    "7ea24ecd640b223ea86dfe453e0eaed2e2b2"
)
DOCUMENTED_TOKEN = "5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8"  # noqa: S105  published
SIGNED = (
    "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%2"
    "2last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%2"
    "2%2C%22is_premium%22%3Atrue%2C%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5"
    "C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.sv"
    "g%22%7D&chat_instance=8134722200314281151&chat_type=private&auth_date=1733584787&hash=2174df5b0"
    "00556d044f3f020384e879c8efcab55ddea2ced4eb752e93e7080d6&signature=zL-ucjNyREiHDE8aihFwpfR9aggP2"
    "xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ"
)
SIGNED_BOT = 7342037359
TELEGRAMS_TEST_KEY = bytes.fromhex(
    "40055058a4ee38156a06562e52eece92a771bcd8346a8c4615cb7376eddf72ec"
)

TOKEN = "123456:TEST"  # noqa: S105  of no bot
UUID = "sampLeSessi0nA"
NOW = 1_750_000_000
USER = '{"id":42,"first_name":"Nguyễn Thị Hồng","language_code":"vi"}'
KEY = Ed25519PrivateKey.generate()
ALTERED = "altered, or of another bot"


def made(token: str = TOKEN, /, **changes: str | None) -> str:
    """Rightly signed, whatever it says."""
    fields = {"user": USER, "auth_date": str(NOW), "query_id": "AAH"} | changes
    present = {name: value for name, value in fields.items() if value is not None}
    return launching.signed(token, KEY, present)


def refused(raw: str, kind: type[BadInitData], why: str, now: int = NOW) -> None:
    """By just this check, and without a word of what was sent."""
    with pytest.raises(BadInitData, match=f"^{why}$") as caught:
        telegram_login.check(raw, TOKEN, UUID, now)
    assert type(caught.value) is kind


def test_telegrams_own_example_is_taken():
    init_data = telegram_login.check(DOCUMENTED, DOCUMENTED_TOKEN, UUID, 1662771648)

    assert (init_data.account, init_data.attested) == (279058397, False)


def test_telegrams_own_signature_is_taken():
    """For its own bot and by Telegram's key of production only."""
    fields = telegram_login.parse(SIGNED)

    assert telegram_login.is_telegrams(fields, SIGNED_BOT)
    assert not telegram_login.is_telegrams(fields, SIGNED_BOT + 1)
    assert not telegram_login.is_telegrams(fields, SIGNED_BOT, TELEGRAMS_TEST_KEY)
    assert not telegram_login.is_telegrams(fields | {"auth_date": "1733584788"}, SIGNED_BOT)


@pytest.mark.parametrize(
    "signature", ["", "A" * 85, "A" * 87, "A" * 86 + "==", "A" * 84 + "+/", "A" * 85 + "B", None]
)
def test_a_signature_has_one_spelling(signature):
    """Two bits of the last letter mean nothing and must be nothing."""
    fields = telegram_login.parse(SIGNED)
    assert fields["signature"].endswith("Q")
    respelled = fields["signature"][:-1] + "R" if signature is None else signature

    assert not telegram_login.is_telegrams(fields | {"signature": respelled}, SIGNED_BOT)


def test_the_stand_in_signs_as_telegram_does():
    """By both signatures; what it makes for tests is what the real one would make."""
    raw = made(start_param=UUID)
    init_data = telegram_login.check(raw, TOKEN, UUID, NOW)
    public = KEY.public_key().public_bytes_raw()

    assert (init_data.account, init_data.attested, init_data.expires) == (42, True, NOW + 24 * 3600)
    assert telegram_login.is_telegrams(telegram_login.parse(raw), 123456, public)
    assert not telegram_login.is_telegrams(telegram_login.parse(raw), 123456)


@pytest.mark.parametrize(
    "fields",
    [
        {"shiny": "1", "can_send_after": "0"},  # unknown fields are signed and mean nothing
        {"start_param": UUID},  # a link names the session
        {"start_param": None},  # a button does not
        {"user": '{"id":42,"is_bot":false}'},
    ],
    ids=repr,
)
def test_what_telegram_signed_is_taken(fields):
    assert telegram_login.check(made(**fields), TOKEN, UUID, NOW).account == 42


@pytest.mark.parametrize("link", ["", "sampLeSessi0nB", UUID + " "])
def test_another_sessions_link_is_refused(link):
    refused(made(start_param=link), BadInitData, "for another session")


@pytest.mark.parametrize("fields", [{}, {"auth_date": "1"}], ids=["in time", "too late"])
def test_another_bots_data_are_refused(fields):
    """The signature is looked at first: a forger is not told that the time is wrong."""
    refused(made("999:X", **fields), BadInitData, ALTERED)


@pytest.mark.parametrize(
    ("before", "after"),
    [("%3A42", "%3A43"), (f"={NOW}", f"={NOW + 1}"), ("AAH", "AAI"), ("&query_id=AAH", "")],
)
def test_altered_data_are_refused(before, after):
    """Or those from which a field was left out."""
    raw = made()
    assert raw.count(before) == 1
    refused(raw.replace(before, after), BadInitData, ALTERED)


def test_the_signature_is_under_the_hash():
    """An exchanged Ed25519 signature is not passed on to the auditors."""
    raw = made()
    forged = KEY.sign(b"other").hex()[:86]

    refused(raw.replace(telegram_login.parse(raw)["signature"], forged), BadInitData, ALTERED)


def test_a_field_that_was_added_is_refused():
    refused(made() + "&start_param=" + UUID, BadInitData, ALTERED)


@pytest.mark.parametrize("name", ["user", "hash", "auth_date", "query_id"])
def test_no_field_stands_twice(name):
    """Neither first nor last counts: libraries differ in which they take."""
    raw = made()
    again = next(part for part in raw.split("&") if part.startswith(f"{name}="))

    refused(f"{raw}&{again}", BadInitData, "a field stands twice")
    refused(f"{again}&{raw}", BadInitData, "a field stands twice")
    refused(f"{raw}&{name}=x", BadInitData, "a field stands twice")


@pytest.mark.parametrize(
    "spelt",
    [None, "", "0" * 63, "0" * 65, "G" * 64, "A" * 64, "0" * 63 + "\u0660", "0" * 64 + "\n"],
)
def test_the_hash_is_64_hex_digits(spelt):
    parts = [part for part in made().split("&") if not part.startswith("hash=")]
    raw = "&".join(parts if spelt is None else [*parts, "hash=" + quote(spelt)])

    with pytest.raises(BadInitData, match=r"no hash|a control character"):
        telegram_login.check(raw, TOKEN, UUID, NOW)


@pytest.mark.parametrize(
    "moment", [None, "", "0", f"0{NOW}", f"+{NOW}", f"{NOW}.0", f" {NOW}", "1e9", "9" * 13, "-1"]
)
def test_the_time_has_one_spelling(moment):
    refused(made(auth_date=moment), BadInitData, "no time")


@pytest.mark.parametrize(
    ("age", "kind", "why"),
    [
        (24 * 3600, Expired, "signed too long ago"),
        (2 * 24 * 3600, Expired, "signed too long ago"),
        (-61, Future, "signed in the future"),
        (-3600, Future, "signed in the future"),
    ],
)
def test_old_and_future_data_are_refused(age, kind, why):
    refused(made(), kind, why, NOW + age)


@pytest.mark.parametrize("age", [0, 24 * 3600 - 1, -60])
def test_a_stale_page_of_a_client_is_taken(age):
    assert telegram_login.check(made(), TOKEN, UUID, NOW + age).account == 42


@pytest.mark.parametrize(
    ("user", "why"),
    [
        (None, "no user"),
        ("", "no user"),
        ("{", "no user"),
        ("[" * 1000, "no user"),
        ('{"id":42,"id":43}', "no user"),
        ("42", "a user without an id"),
        ("[42]", "a user without an id"),
        ("{}", "a user without an id"),
        ('{"id":"42"}', "a user without an id"),
        ('{"id":42.0}', "a user without an id"),
        ('{"id":true}', "a user without an id"),
        ('{"id":0}', "a user without an id"),
        ('{"id":-42}', "a user without an id"),
        ('{"id":4503599627370496}', "a user without an id"),
        ('{"id":42,"is_bot":true}', "a bot"),
        ('{"id":42,"is_bot":0}', "a bot"),
        ('{"id":42,"is_bot":"false"}', "a bot"),
    ],
)
def test_the_user_is_a_person_with_an_id(user, why):
    refused(made(user=user), BadInitData, why)


@pytest.mark.parametrize(
    "raw",
    [
        "", "&", "hash", "=x", "user=%", "user=%zz", "user=é", "user=a b", "user=a\nb=c",
        "User=x", "user =x", "a-b=x", "user=x&", "user=x&&hash=y", "user=x;hash=y\x00",
    ],
)  # fmt: skip
def test_only_a_form_is_read(raw):
    refused(raw, BadInitData, "not a form")


def test_no_line_hides_in_a_field():
    """Else two fields could be read as one, or one as two, under the same signature."""
    raw = made()
    together = raw.replace("&auth_date=", "%0Aauth_date=")

    assert together != raw
    refused(together, BadInitData, "a control character")
    refused(made() + "&x=%FF", BadInitData, "not UTF-8")


def test_a_plus_is_a_space():
    """As every reader of forms has it; the signature is over the text."""
    raw = made(query_id="a b")

    assert telegram_login.check(raw.replace("a%20b", "a+b"), TOKEN, UUID, NOW).account == 42


def test_there_is_a_limit():
    """Names of the longest kind fit."""
    named = '{"id":42,"first_name":"' + "ễ" * 64 + '","last_name":"' + "ự" * 64 + '"}'
    assert len(made(user=named)) < telegram_login.LIMIT - 1500
    longest = "x" * (telegram_login.LIMIT - len(made(query_id="")))

    assert telegram_login.check(made(query_id=longest), TOKEN, UUID, NOW).account == 42
    refused(made(query_id=longest + "x"), BadInitData, "too long")
    refused(
        "&".join(f"{letter * 9}{i}=" for i in range(33) for letter in "a"), BadInitData, "too long"
    )


def test_what_is_remembered_does_not_depend_on_the_spelling():
    """Another order or other escapes of the same data are the same showing."""
    raw = made()
    parts = raw.split("&")
    spelt = {raw, "&".join(reversed(parts)), raw.replace("%2C", "%2c"), raw.replace("AAH", "%41AH")}
    checked = [telegram_login.check(raw, TOKEN, UUID, NOW) for raw in spelt]

    assert len(spelt) == 4
    assert len({init_data.once(UUID) for init_data in checked}) == 1
    assert checked[0].once("sampLeSessi0nB") != checked[0].once(UUID)
    assert made(query_id="AAI") != raw


def test_nothing_that_is_printed_holds_the_hash():
    raw = made()
    init_data = telegram_login.check(raw, TOKEN, UUID, NOW)

    assert telegram_login.parse(raw)["hash"] not in repr(init_data)
    assert init_data._hash.hex() == telegram_login.parse(raw)["hash"]
    assert repr(init_data._hash) not in repr(init_data)
