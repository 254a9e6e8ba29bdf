"""The whole program with its pages, and visitors who come with a browser's manners."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from application.accounts import Account
from interface.composition import Seatledger
from interface.web.app import create_app
from interface.web.trusted_hosts import Application
from tests.clock import TIME_ZONE, SetClock
from tests.examples import ADMINISTRATOR, NAME, PASSWORD
from tests.world import World

FIRST_MOMENT = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
"""On a day in the first month of `a_license()`."""


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all the houses of a test run, which takes longer than all that they answer."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


class CompiledRoute(Rule):
    """A route compiled once for all the houses of a test run, which takes half as long as a house in all."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, str(self.defaults), append_unknown)
        if key not in _BUILDERS:
            _BUILDERS[key] = super()._compile_builder(append_unknown)
        return _BUILDERS[key]


_BUILDERS: dict[tuple[str, str, bool], Callable[..., tuple[str, str]]] = {}

Application.url_rule_class = CompiledRoute


class House(World):
    """A world with its web application, whose administrators and auditors can sign in."""

    def __init__(
        self,
        directory: Path,
        clock: SetClock | None = None,
        *,
        https: bool = False,
        name: str = NAME,
        time_zone: str = TIME_ZONE,
        **settings: Any,
    ) -> None:
        super().__init__(directory, clock or SetClock(FIRST_MOMENT))
        self.settings = replace(self.settings, **settings)
        self._before: list[Seatledger] = []
        self.open(name=name, time_zone=time_zone)
        self.give_password(ADMINISTRATOR)
        self.app = create_app(self.seatledger, secret_key=b"an example, not a secret, 32 byte", https=https)
        self.app.jinja_env.bytecode_cache = COMPILED

    def add_user(self, name: str, *, administrator: bool = False) -> None:
        self.add(name, administrator=administrator)
        if administrator:
            self.give_password(name)

    def add_auditor(self, name: str = "auditor") -> None:
        self.do("add_auditor", name)
        self.give_password(name)

    def account(self, name: str) -> Account:
        return self.accounts.account(self.id, name)

    def trust_proxies(self, *networks: str) -> None:
        """As SEATLEDGER_TRUSTED_PROXIES does."""
        self.set(trusted_proxies=tuple(map(ip_network, networks)))

    def require_second_factor(self) -> None:
        """As SEATLEDGER_SECOND_FACTOR does."""
        self.set(is_second_factor_required=True)

    def set(self, **settings: Any) -> None:
        """From now on, with these settings."""
        self._before.append(self.seatledger)
        anew = replace(self.seatledger, settings=replace(self.seatledger.settings, **settings))
        self.app.extensions["seatledger"] = self.seatledger = anew

    def close(self) -> None:
        super().close()
        while self._before:
            self._before.pop().close()

    def token(self, *scopes: str) -> str:
        return str(self.do("create_token", "Example", scopes).text)

    def visitor(self, name: str | None = None) -> Visitor:
        """Somebody with a browser; with a name, signed in."""
        visitor = Visitor(self.app)
        if name is not None:
            assert visitor.sign_in(name).status_code == 303
        return visitor


class Visitor:
    """A browser without JavaScript: it keeps cookies, and sends the CSRF token of the page it has last seen.

    Asked for the password again, whoever signed in gives it.
    """

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self._csrf = ""
        self._password: str | None = None

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self._seen(self.client.get(path, **kwargs))

    def post(self, path: str, *, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """Sends a form; without a field `csrf_token`, with that of the page last seen."""
        if not self._csrf:
            self.get("/sign-in")
        answer = self._seen(self.client.post(path, data={"csrf_token": self._csrf, **fields}, headers=headers))
        if self._password and "password_again" not in fields and 'name="password_again"' in answer.text:
            return self.post(path, headers=headers, password_again=self._password, **fields)
        return answer

    def twin(self, app: Flask) -> Visitor:
        """The same browser, with the same page, in the next moment; `app` may be another server."""
        twin = Visitor(app)
        twin._csrf, twin._password = self._csrf, self._password
        for cookie in (self.client._cookies or {}).values():
            twin.client.set_cookie(cookie.key, cookie.value, domain=cookie.domain, path=cookie.path)
        return twin

    def forget_password(self) -> None:
        """Somebody else sits at the browser from here on."""
        self._password = None

    def follow(self, response: TestResponse) -> TestResponse:
        """The page to which the answer leads, as after every form that was taken."""
        assert response.status_code == 303, response.text
        return self.get(response.headers["Location"])

    def sign_in(self, name: str, password: str = PASSWORD, **fields: Any) -> TestResponse:
        self.get("/sign-in")
        response = self.post("/sign-in", login_name=name, password=password, **fields)
        if response.status_code == 303:
            self._password = password
            self.get(response.headers["Location"])
        return response

    def _seen(self, response: TestResponse) -> TestResponse:
        if token := re.search(r'name="csrf_token" value="([^"]+)"', response.text):
            self._csrf = token[1]
        return response


def fields_of(page: str, action: str) -> dict[str, list[str]]:
    """The hidden fields of the form for this action, but for its CSRF token."""
    form = page[page.index(f'action="{action}"') :].partition("</form>")[0]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        if name != "csrf_token":
            fields.setdefault(name, []).append(unescape(value))
    return fields


def text_of(response: TestResponse) -> str:
    """What a person reads on the page: without tags, in single spaces."""
    words = re.sub(r"</?(?:bdi|strong|code)>", "", response.text)
    words = re.sub(r'<span class="text-nowrap">(.*?)</span>', r"\1", words)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split())
