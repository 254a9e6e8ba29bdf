"""Which route a request is for, as logs name it: a path may hold a login name, a route never does (P5)."""

from __future__ import annotations

from urllib.parse import unquote

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect

NO_ROUTE = "-"
"""What stands for a path that no route is for; somebody's name may be in it all the same."""


class Routes:
    """The routes of an application."""

    def __init__(self, url_map: Map) -> None:
        self._adapter = url_map.bind("")
        plain = [rule.rule for rule in url_map.iter_rules() if not rule.arguments]
        self._plain = {rule.encode(): rule for rule in plain}

    def of(self, method: str, raw_path: bytes) -> str:
        """The route that a path is for, such as `/api/v1/users/<login_name>`, by whichever method."""
        plain = self._plain.get(raw_path)
        return self._matching(method, unquote(raw_path.decode("latin-1"))) if plain is None else plain

    def _matching(self, method: str, path: str) -> str:
        try:
            rule, _ = self._adapter.match(path, method, return_rule=True)
        except MethodNotAllowed as error:
            other = next(iter(error.valid_methods or ()), method)
            return self._matching(other, path) if other != method else NO_ROUTE
        except (NotFound, RequestRedirect):
            return NO_ROUTE
        return rule.rule
