"""Where a request comes from: the peer, or who a proxy that we trust says it was."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence

from interface.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORT = re.compile(r"^(\[[^\]]+\]|[^:\[\]]+)(?::[0-9A-Za-z._-]+)?$")
_FORWARDED_FOR = re.compile(r"""(?:^|;)\s*for\s*=\s*("[^"]*"|[^;\s]+)\s*(?=;|$)""", re.IGNORECASE)


def client_address(
    peer: str | None, x_forwarded_for: str | None, forwarded: str | None, trusted: Sequence[Network]
) -> str:
    """The address of the client, as the throttle counts it and the security log names it.

    Anybody can write these headers, so they are read only if the peer is a trusted proxy, and from the right: each
    proxy adds whom it saw, so the first one that is no trusted proxy is the client, and what stands left of it is the
    client's own word. X-Forwarded-For goes before Forwarded (RFC 7239); where both are there and disagree, one of
    them came through from the client, and the peer alone is known.
    """
    address = _address(peer or "")
    if address is None:
        return peer or "unknown"
    if not _is_trusted(address, trusted):
        return str(address)
    chains = [chain for chain in (_x_forwarded_for(x_forwarded_for), _forwarded(forwarded)) if chain is not None]
    clients = {_client(address, chain, trusted) for chain in chains}
    return str(clients.pop() if len(clients) == 1 else address)


def is_proxy(peer: str, trusted: Sequence[Network]) -> bool:
    """Whether whoever is connected is a trusted proxy."""
    address = _address(peer)
    return address is not None and _is_trusted(address, trusted)


def _client(peer: Address, chain: Sequence[str], trusted: Sequence[Network]) -> Address:
    """The first address from the right that is no trusted proxy; the last trusted one, if there is no such."""
    client = peer
    for hop in reversed(chain):
        address = _address(hop)
        if address is None:  # "unknown", or a name that hides it: the proxy before it is the last that we know
            return client
        client = address
        if not _is_trusted(client, trusted):
            return client
    return client


def _x_forwarded_for(header: str | None) -> list[str] | None:
    return header.split(",") if header is not None else None


def _forwarded(header: str | None) -> list[str] | None:
    return list(_hops(header)) if header is not None else None


def _hops(header: str) -> Iterator[str]:
    for element in header.split(","):
        match = _FORWARDED_FOR.search(element.strip())
        yield match[1].strip('"') if match else ""


def _address(text: str) -> Address | None:
    """An address with or without a port, an IPv6 one with or without brackets; an IPv4 one in IPv6 is itself."""
    text = text.strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        match = _PORT.match(text)
        if match is None:
            return None
        try:
            address = ipaddress.ip_address(match[1].strip("[]"))
        except ValueError:
            return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
