"""URLs of databases: none is read that could be taken otherwise than it was meant, and no password is told."""

from __future__ import annotations

import re

HIDDEN = "…"

_AUTHORITY = re.compile(r"\w+://([^/?]*)")

_PASSWORD = re.compile(r"[^:/?@]*:(?://)?[^:/?@]*:(.*)@", re.DOTALL)

_PARAMETER = re.compile(r"password=([^&\s]+)")


def is_ambiguous(url: str) -> bool:
    """Whether an “@” stands where none can: a password has one, or “/” or “?”, and a part of it would be the host."""
    authority = _AUTHORITY.match(url)
    return url.count("@") > 1 or ("@" in url and authority is not None and "@" not in authority.group(1))


def hiding(text: str, url: str) -> str:
    """A text about a URL, without the password that stands in the URL."""
    password = _PASSWORD.match(url)
    for secret in (*(password.groups() if password else ()), *_PARAMETER.findall(url)):
        if secret:
            text = text.replace(secret, HIDDEN)
    return text
