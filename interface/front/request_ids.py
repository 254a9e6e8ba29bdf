"""The id of a request, by which its lines in the log are known: a trusted proxy's own, or one that is made here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from os import urandom

from interface.front.asking import Scope
from interface.settings import Network
from interface.web.proxies import is_proxy

HEADER = b"x-request-id"

BYTES = 8
"""Of a random id: among the lines that one keeps, no two are alike."""

PREPARED_ID = "this-request-has-an-id-of-its-own"
"""Stands for the id in answers that are made before there are requests."""

_SAFE = re.compile(rb"[A-Za-z0-9._-]{1,64}")
"""What is taken: it needs no quotes in any log, and writes no lines of its own."""


class SentIds:
    """The ids that proxies send. Anybody can write the header, so only the word of a trusted proxy is taken."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self.is_any_taken = bool(trusted)
        """Whether it is worth a look at all."""
        self._is_proxy = lru_cache(maxsize=256)(lambda peer: is_proxy(peer, trusted))

    def of(self, scope: Scope) -> str | None:
        """The id that was sent; None if there is none, two, one that is not safe, or one of somebody else's."""
        sent = [value for name, value in scope["headers"] if name == HEADER]
        if len(sent) != 1 or not _SAFE.fullmatch(sent[0]) or not self._is_proxy(scope["client"][0]):
            return None
        return str(sent[0], "ascii")


def new_id() -> str:
    return urandom(BYTES).hex()
