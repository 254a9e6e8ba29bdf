"""URLs of databases: what of one people may be told, and when a server's is not read as it was meant."""

from __future__ import annotations

import re

SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*")

SERVER_URL = re.compile(r"postgres(?:ql)?://(?:[^/@]*@)?(?P<hosts>[^/?]*)(?P<path>[^?]*)")


def without_secrets(url: str) -> str:
    """A URL of no database that we know, as people are told it: its scheme alone if a password may stand behind it."""
    scheme, separator, _ = url.partition("://")
    if url.startswith("sqlite:///") or not re.search("[@=]", url):
        return url
    return f"{scheme}://…" if separator and SCHEME.fullmatch(scheme) else "…"


def is_misread(url: str) -> bool:
    """Whether a server's URL has an “@”, or a port that is no number, where none can be.

    A password with a bare “@” or “/” in it looks like that: the driver takes the rest of it for a host, a port or a
    database, and shows it whenever it cannot be connected to.
    """
    parts = SERVER_URL.match(url)
    if parts is None:
        return False
    hosts = re.sub(r"\[[^]]*\]", "", parts["hosts"]).split(",")  # without addresses of IPv6
    ports = [port for _, _, port in (host.rpartition(":") for host in hosts if ":" in host)]
    return "@" in parts["hosts"] + parts["path"] or not all(re.fullmatch("[0-9]*", port) for port in ports)


def without_quotations(words: str) -> str:
    """What a driver says of a URL, without the pieces of it that it quotes: one may be a part of a password.

    Between the first quotation mark and the last all goes, since a password may hold some, and ends of lines.
    """
    return re.sub('".*"', '"…"', words.strip(), flags=re.DOTALL)
