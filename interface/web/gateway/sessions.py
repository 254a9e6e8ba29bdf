"""Sessions are for people: requests of programs have none, whatever cookies they carry."""

from __future__ import annotations

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from interface.web.audiences import is_for_programs


class NoneForPrograms(SecureCookieSessionInterface):
    """Flask's own sessions for pages, and a null session, never read or written, for the API."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return None if is_for_programs(request.environ["PATH_INFO"]) else super().open_session(app, request)
