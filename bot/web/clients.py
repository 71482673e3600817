"""Where a connection comes from: looked at to limit what one client may hold up, and forgotten.

An address is in memory while its connections last, by itself: never with a request, and never
in a log. Behind a proxy it is the proxy's own, unless the settings name the proxy
(`trusted_proxy`): anybody can write a header.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

_Member = TypeVar("_Member")

_FORWARDED: Final = b"x-forwarded-for"
_NETWORK_BITS: Final = 64  # of IPv6: a subscriber has all addresses of such a network

STREAMS: Final = 1500  # an assembly of 500 with two devices each, and whoever watches
STREAMS_OF_ONE: Final = 500  # a hall behind one router; its other phones ask every four seconds
# Beyond STREAMS, for clients that have hardly any: so the screen in the hall keeps its own.
SPARE: Final = 256
FEW: Final = 4


def client_of(scope: Mapping[str, Any], trusted_proxy: str) -> str:
    """Who asks, as far as limits go: an IPv4 address, or the network of an IPv6 one."""
    host = str((scope.get("client") or ("",))[0])
    if trusted_proxy and host == trusted_proxy:
        # The proxy adds the address at the end; what stands before it, the client has written.
        values = [value for name, value in scope["headers"] if name == _FORWARDED]
        host = values[-1].decode("latin-1").rpartition(",")[2].strip() if values else host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return trusted_proxy
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _NETWORK_BITS), strict=False))


class Streams:
    """The streams of events that are followed now, by client."""

    def __init__(self) -> None:
        self._of: dict[str, int] = {}
        self._total = 0

    def take(self, client: str) -> bool:
        """Whether this client may follow one stream more; counts it then."""
        own = self._of.get(client, 0)
        most = STREAMS + SPARE if own < FEW else STREAMS
        if own >= STREAMS_OF_ONE or self._total >= most:
            return False
        self._of[client] = own + 1
        self._total += 1
        return True

    def leave(self, client: str) -> None:
        """A stream of this client has ended."""
        self._total -= 1
        self._of[client] -= 1
        if not self._of[client]:
            del self._of[client]


class Waiting(Generic[_Member]):
    """Connections that wait for their client to send or to take something, so many at most.

    When there are more, the client that has most of them loses its oldest: whoever is slow in
    many places is in nobody's way but its own.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: dict[str, dict[_Member, None]] = {}
        self._client: dict[_Member, str] = {}

    def add(self, member: _Member, client: str) -> _Member | None:
        """Counts a connection under this client; returns the one that must go, if there is one."""
        if self._client.get(member) != client:
            self.discard(member)
            self._client[member] = client
            self._of.setdefault(client, {})[member] = None
        if len(self._client) <= self._most:
            return None
        most = max(self._of, key=lambda other: len(self._of[other]))
        oldest = next(iter(self._of[most]))
        self.discard(oldest)
        return oldest

    def discard(self, member: _Member) -> None:
        """The connection is at work, or gone."""
        client = self._client.pop(member, None)
        if client is not None:
            del self._of[client][member]
            if not self._of[client]:
                del self._of[client]
