"""Where a webhook goes: which URLs are taken, and which addresses a connection is made to (ADR 65)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from application.host_names import NoHost, TrustedHosts, host_from
from domain.refusals import Problem, Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

Resolve = Callable[[str, int], Sequence[Address]]
"""The addresses of a host's name, for a port. Raises OSError, UnicodeError."""

LONGEST_URL = 1000

PORTS = {"http": 80, "https": 443}

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses by which IPv4's are reached from a network without them (RFC 6052): the last four bytes are one."""

_COMPATIBLE = ipaddress.IPv6Network("::/96")
"""Addresses that held one of IPv4 once (RFC 4291, 2.5.5.1)."""

_SPECIAL = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("3fff::/20"))
"""Nobody's on the Internet, which not every Python knows (RFC 6890, RFC 9637)."""


class WebhookUrlRefused(Refused):
    """A URL that no webhook may have; `problem` says why."""

    code = "webhook_url_refused"


class Unreachable(Exception):
    """No connection may be made, or none can be; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class Target(NamedTuple):
    """What a URL says: the host as it is compared, the port, and what is asked of it."""

    scheme: str
    host: str
    port: int
    request: str
    """The path and the query, as they stand in a request."""

    @property
    def server_name(self) -> str:
        """The name that the certificate must bear; an IPv6 address without its brackets."""
        return self.host.strip("[]")

    @property
    def host_header(self) -> str:
        return self.host if self.port == PORTS[self.scheme] else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Guard:
    """Which targets are taken, and which of their addresses.

    `own` are the hosts of this Seatledger, to which nothing is sent: it would go round in a circle. `networks` are
    allowed although they are private, and `plain_hosts` may be asked without TLS.
    """

    own: TrustedHosts
    networks: Sequence[Network] = ()
    plain_hosts: Sequence[str] = ()
    resolve: Resolve = lambda host, port: resolved(host, port)

    def target(self, url: str) -> Target:
        """What a URL says. Raises WebhookUrlRefused for one that no webhook may have; asks nobody."""
        parts = _parts(url)
        try:
            host = host_from(parts.netloc)
        except NoHost as error:
            raise _refused("url_host_unusable", problem=error.problem) from None
        if parts.scheme == "http" and host.name not in self.plain_hosts:
            raise _refused("url_not_https", host=host.name)
        if host in self.own:
            raise _refused("url_is_own", host=host.name)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme, host.name, host.port or PORTS[parts.scheme], path)

    def ask_reachable(self, url: str) -> None:
        """Look whether a webhook to this URL can be. Raises WebhookUrlRefused."""
        target = self.target(url)
        try:
            self.addresses(target)
        except Unreachable as error:
            raise WebhookUrlRefused(problem=error.problem) from None

    def addresses(self, target: Target) -> Sequence[Address]:
        """The addresses to connect to; all of the name's, or none if one of them is private. Raises Unreachable.

        The name is resolved here and once: who connects takes one of these, whatever the name means a moment later.
        """
        try:
            addresses = self.resolve(target.server_name, target.port)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise Unreachable(Problem("host_unknown", host=target.host, reason=reason)) from None
        for address in addresses:
            if not self._is_allowed(address):
                raise Unreachable(Problem("address_private", host=target.host, address=str(address)))
        return addresses

    def _is_allowed(self, address: Address) -> bool:
        plain = as_plain(address)
        return is_public(plain) or any(each in network for each in (address, plain) for network in self.networks)


def resolved(host: str, port: int) -> list[Address]:
    """What the machine's resolver says, in its order, each address once. Raises OSError, UnicodeError."""
    places = [place for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    return list(dict.fromkeys(ipaddress.ip_address(str(place[0]).partition("%")[0]) for place in places))


def as_plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it stands for one: whoever is asked is that one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(address: Address) -> bool:
    """Whether an address is anybody's on the Internet, and no machine's or network's own."""
    is_own = address.is_loopback or address.is_link_local or address.is_unspecified or address.is_private
    is_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    is_special = any(address in network for network in _SPECIAL)
    return address.is_global and not (is_own or is_local or is_special or address.is_multicast or address.is_reserved)


def _parts(url: str) -> SplitResult:
    """The URL taken apart, with a scheme that we speak. Raises WebhookUrlRefused."""
    if len(url) > LONGEST_URL:
        raise _refused("too_many_characters", length=len(url), most=LONGEST_URL)
    if not url.isascii() or not url.isprintable() or any(each in url for each in ' "<>\\^`{|}'):
        raise _refused("url_characters")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _refused("url_no_url") from None
    if parts.scheme not in PORTS or not parts.netloc:
        raise _refused("url_no_url")
    if "@" in parts.netloc:
        raise _refused("url_with_password")
    if "#" in url:
        raise _refused("url_with_fragment")
    return parts


def _refused(code: str, /, **facts: object) -> WebhookUrlRefused:  # object: the facts of a Problem
    return WebhookUrlRefused(problem=Problem(code, **facts))
