"""Which requests are for us, by their Host, and the line in the log about one that is not."""

from __future__ import annotations

import struct
import time
from functools import lru_cache
from mmap import mmap
from typing import Any

from flask import Flask, Request, request
from werkzeug.exceptions import SecurityError
from werkzeug.routing import MapAdapter

from application.host_names import Host, NoHost, TrustedHosts, host_from
from domain.login_name import shown
from interface.web.lists import ListRequest

LOGGED_EVERY = 60.0
"""Seconds between two lines about hosts that are refused: anybody can send a hundred a second."""

_last_line = mmap(-1, 8)
"""When the last line was written (time.monotonic): in memory that the workers of a server share, since they are forked
after this module was loaded."""


class Application(Flask):
    """Flask, but with hosts compared as RFC 9110 has it; Flask's own TRUSTED_HOSTS compares letter by letter."""

    request_class = ListRequest
    trusted_hosts: TrustedHosts

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """As Flask's. Raises SecurityError for a host that is not trusted."""
        if request is not None:
            named = said_host(request.environ)
            host = read(named)
            if host is None or host not in self.trusted_hosts:
                self._note(named)
                raise SecurityError
            # In the one spelling in which links are made and Origin is compared.
            request.environ["HTTP_HOST"] = str(host)
        return super().create_url_adapter(request)

    def log_exception(self, exc_info: Any) -> None:  # Any: what sys.exc_info gives, as Flask has it
        """As Flask's, but with the route in the path's place: a path may hold a login name (P5)."""
        facts = {"method": request.method, "route": str(request.url_rule)}
        self.logger.error("%(method)s %(route)s could not be answered.", facts, exc_info=exc_info, extra=facts)

    def _note(self, host: str) -> None:
        now = time.monotonic()
        (last,) = struct.unpack("d", _last_line[:])
        if not last or not 0 <= now - last < LOGGED_EVERY:
            _last_line[:] = struct.pack("d", now)
            self.logger.warning(
                "A request named the host “%s”, which SEATLEDGER_TRUSTED_HOSTS does not list, and was answered 400.",
                shown(host),
            )


def said_host(environ: dict[str, str]) -> str:
    """The request's Host as it was sent; without one, the server's own address, as HTTP/1.0 has it."""
    host = environ.get("HTTP_HOST")
    if host is not None:
        return host
    name, port = environ.get("SERVER_NAME", ""), environ.get("SERVER_PORT", "")
    return f"[{name}]:{port}" if ":" in name and not name.startswith("[") else f"{name}:{port}"


@lru_cache(maxsize=64)  # asked at every request, and nearly always the same
def read(text: str) -> Host | None:
    """The host; None if the text names none. A header has ASCII alone."""
    try:
        return host_from(text) if text.isascii() else None
    except NoHost:
        return None


def is_same_origin(origin: str, host: str) -> bool:
    """Whether an Origin header names the host of the request, over HTTP or HTTPS."""
    scheme, _, place = origin.partition("://")
    ports = {"http": 80, "https": 443}
    ours, theirs = read(host), read(place)
    return scheme in ports and ours is not None and theirs is not None and theirs.is_at(ours, ports[scheme])
