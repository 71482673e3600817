"""What one client may hold up, by its address."""

from typing import Any

import pytest

from bot.web import clients
from bot.web.clients import Streams, Waiting, client_of


def scope(host: str, *forwarded: str) -> dict[str, Any]:
    """Of a request that comes from this host."""
    return {
        "client": (host, 1),
        "headers": [(b"x-forwarded-for", value.encode()) for value in forwarded],
    }


@pytest.mark.parametrize(
    ("host", "forwarded", "trusted", "expected"),
    [
        ("192.0.2.7", ["198.51.100.1"], "", "192.0.2.7"),  # anybody can write a header
        ("192.0.2.7", ["198.51.100.1"], "127.0.0.1", "192.0.2.7"),  # who is not the proxy, too
        ("127.0.0.1", ["198.51.100.1"], "127.0.0.1", "198.51.100.1"),
        (
            "127.0.0.1",
            ["8.8.8.8, 198.51.100.1"],
            "127.0.0.1",
            "198.51.100.1",
        ),  # the proxy's is last
        ("127.0.0.1", ["8.8.8.8", "198.51.100.1"], "127.0.0.1", "198.51.100.1"),
        ("127.0.0.1", [], "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", ["unknown"], "127.0.0.1", "127.0.0.1"),
        ("2001:db8:1:2:3::4", [], "", "2001:db8:1:2::/64"),  # one subscriber
        ("::ffff:192.0.2.7", [], "", "192.0.2.7"),
    ],
)
def test_who_asks(host: str, forwarded: list[str], trusted: str, expected: str):
    """The connection says it, or the proxy that the settings trust."""
    assert client_of(scope(host, *forwarded), trusted) == expected


def test_streams_of_one_client_end_before_all_places_are_taken():
    """A flood from one address leaves room for others; what has ended is free again."""
    streams = Streams()
    taken = [streams.take("flood") for _ in range(clients.STREAMS)]

    assert taken.index(False) == clients.STREAMS_OF_ONE
    assert streams.take("hall")
    streams.leave("flood")
    assert [streams.take("flood"), streams.take("flood")] == [True, False]


def test_the_hall_screen_has_a_stream_when_all_are_taken():
    """So has every client that has hardly any; one with more has none of the spare ones."""
    streams = Streams()
    assert all(streams.take(str(number % 10)) for number in range(clients.STREAMS))

    assert not streams.take("0")
    assert [streams.take("hall") for _ in range(clients.FEW + 1)] == [True] * clients.FEW + [False]


def test_who_waits_in_many_places_gives_way():
    """Beyond the limit the client with most connections loses its oldest, nobody else."""
    waiting: Waiting[int] = Waiting(4)
    honest = [waiting.add(number, "honest") for number in (1, 2)]
    flood = [waiting.add(number, "flood") for number in (10, 11, 12, 13, 14)]

    assert honest == [None, None]
    assert flood == [None, None, 10, 11, 12]
