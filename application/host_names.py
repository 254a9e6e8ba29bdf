"""Names of hosts: how they are read and compared (RFC 9110, 4.2.3), and which of them are trusted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple

from domain.invisible import first_invisible
from domain.login_name import shown
from domain.refusals import Problem

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_PORT = re.compile(r"|0*([1-9][0-9]{0,4})", re.ASCII)
_DOTS = re.compile("[.\N{IDEOGRAPHIC FULL STOP}\N{HALFWIDTH IDEOGRAPHIC FULL STOP}]")
_LONGEST = 253
"""Characters of a name in the domain name system."""


class NoHost(ValueError):
    """A text that names no host; the problem says what it takes instead."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class Host(NamedTuple):
    """A host in the one spelling by which it is compared, and the port that was said with it."""

    name: str
    port: int | None = None

    def is_at(self, other: Host, default_port: int) -> bool:
        """Whether both are the same place, where a port that is not said is the scheme's."""
        return self.name == other.name and (self.port or default_port) == (other.port or default_port)

    def __str__(self) -> str:
        return self.name if self.port is None else f"{self.name}:{self.port}"


def host_from(text: str) -> Host:
    """The host of a Host header, or of an authority in a URL: without regard to case and to a final dot. Raises NoHost.

    A name is in lower case and, if it has other letters than ASCII's, in the form of IDNA; an IPv6 address is in
    brackets and in its shortest spelling.
    """
    if text.startswith("["):
        address, bracket, port = text[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise NoHost(Problem("host_no_address"))
        return Host(_ipv6(address), _port(port[1:]))
    name, _, port = text.partition(":")
    return Host(_name(name), _port(port))


class TrustedHosts:
    """The hosts by which the server is reached: names, addresses, and with a dot before them all names below, too."""

    def __init__(self, entries: Iterable[str]) -> None:
        """Raises UnusableEntry for what can name no host."""
        self._names: dict[str, None] = {}  # in the order of the entries
        self._domains: list[str] = []
        for entry in entries:
            try:
                self._add(entry)
            except NoHost as error:
                raise UnusableEntry(entry, _advice(entry) or error.problem) from None

    @property
    def first(self) -> str:
        """The first of them, as a Host header names it."""
        return next(iter(self._names))

    def __contains__(self, host: Host) -> bool:
        """Whether the host is one of them; its port does not matter."""
        return host.name in self._names or any(host.name.endswith(domain) for domain in self._domains)

    def _add(self, entry: str) -> None:
        text = entry.strip()
        if text.count(":") > 1 and not text.startswith(("[", ".")):
            text = f"[{text}]"  # an address as `ip` writes it; a Host header has it in brackets
        if not text.startswith("."):
            self._names[host_from(text).name] = None
            return
        name = host_from(text[1:]).name
        if name.startswith("[") or name.replace(".", "").isdecimal():
            raise NoHost(Problem("host_no_name"))
        self._names[name] = None
        self._domains.append(f".{name}")


class UnusableEntry(ValueError):
    """An entry in the list of trusted hosts that no Host header can ever be."""

    def __init__(self, entry: str, advice: Problem) -> None:
        super().__init__(entry, advice)
        self.problem = Problem("host_unusable", entry=shown(entry), advice=advice)


def _advice(entry: str) -> Problem | None:
    """What to write instead of something that people often write."""
    alone = entry.partition("://")[2] if "://" in entry else entry
    alone = re.split(r"[/?#]", alone, maxsplit=1)[0].rpartition("@")[2]
    if alone != entry:
        try:
            return Problem("host_alone", host=host_from(alone).name)
        except NoHost:
            return Problem("host_no_url")
    if "*" in entry:
        return Problem("host_no_pattern")
    if re.search(r"[;\s|]", entry):
        return Problem("host_commas")
    return Problem("host_underscore") if "_" in entry else None


def _name(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.lower()) if not text.isascii() else text.lower()
    labels = _DOTS.split(folded)
    if len(labels) > 1 and not labels[-1]:
        labels.pop()  # the root's, which one may leave out
    name = ".".join(map(_ascii, labels))
    if len(name) > _LONGEST or not all(map(_LABEL.fullmatch, name.split("."))):
        raise NoHost(Problem("host_no_name"))
    if name.rpartition(".")[2].isdecimal():  # no name ends in a number (RFC 3696): it is meant as an address
        try:
            return str(IPv4Address(name))
        except AddressValueError:
            raise NoHost(Problem("host_no_address")) from None
    return name


def _ascii(label: str) -> str:
    """The form of a label that the domain name system knows, as browsers make it (UTS 46, IDNA 2008)."""
    if label.isascii():
        return label
    if first_invisible(label) or not all(unicodedata.category(each)[0] in "LMN" or each in "-·" for each in label):
        raise NoHost(Problem("host_no_name"))
    return f"xn--{label.encode('punycode').decode()}"


def _ipv6(text: str) -> str:
    try:
        address = IPv6Address(text)
    except AddressValueError:
        raise NoHost(Problem("host_no_address")) from None
    if address.scope_id is not None:  # it means something on one machine only, and no URL has one
        raise NoHost(Problem("host_no_address"))
    return f"[{address.compressed}]"


def _port(text: str) -> int | None:
    digits = _PORT.fullmatch(text)
    if digits is None or (digits[1] and int(digits[1]) > 65535):
        raise NoHost(Problem("host_no_port"))
    return int(digits[1]) if digits[1] else None
