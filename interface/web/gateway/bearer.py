"""Who asks the API: bearer tokens (RFC 6750), in the header only, and the scopes that they were made for."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from application import api_tokens
from application.log.acting import Repeatable
from application.views.day_view import DayView
from application.views.entitlement import Entitlement
from domain.refusals import Problem, Refused
from domain.state import Token
from interface.composition import Seatledger


class Caller(NamedTuple):
    """A program with a good token, and what was true of the installation, on which day, when it asked."""

    seatledger: Seatledger
    on_day: DayView
    token: Token
    command_id: Repeatable | None = None
    """That of what the program wants done, if it gave its request a key (once.py)."""

    @property
    def installation_id(self) -> UUID:
        return self.on_day.installation_id

    @property
    def by(self) -> str:
        """How events name the program."""
        return f"token:{self.token.token_id}"

    def ask_scope(self, *scopes: str) -> None:
        """Raises ScopeMissing if the token was made for none of these."""
        if not any(map(self.token.scopes.__contains__, scopes)):
            raise ScopeMissing(scopes=_either(scopes), challenge=wanting(scopes[0]))


class TokenMissing(Refused):
    code = "token_missing"


class TokenInvalid(Refused):
    code = "token_invalid"


class TokenOver(Refused):
    """The token was revoked, or its last day is past; only its holder is told."""

    code = "token_over"


class ScopeMissing(Refused):
    code = "scope_missing"


class PastNeedsAudit(ScopeMissing):
    """A token that checks logins now was to ask how it was then."""

    @property
    def says(self) -> str:
        return "scope_missing.past"


CHALLENGE = 'Bearer realm="seatledger"'
INVALID_TOKEN = f'{CHALLENGE}, error="invalid_token"'


def caller(
    seatledger: Seatledger,
    scopes: tuple[str, ...],
    authorization: str,
    since: float | None = None,
    *,
    while_away: bool = False,
) -> Caller:
    """Who asks, with a question that came at `since` (see NewestView.now).

    `while_away`: it may be answered from the last view (see Licensing.last_known). Raises TokenMissing, TokenInvalid,
    TokenOver (401), ScopeMissing (403), DatabaseAway (503).
    """
    ask = seatledger.licensing.last_known if while_away else seatledger.licensing.now
    return caller_on(seatledger, ask(seatledger.installation_id, since), scopes, authorization)


def caller_on(seatledger: Seatledger, now: DayView, scopes: tuple[str, ...], authorization: str) -> Caller:
    """Who asks about `now`. Raises TokenMissing, TokenInvalid, TokenOver (401), ScopeMissing (403)."""
    token = _token(now.view, authorization)
    if not token.is_good(now.day):
        raise TokenOver(challenge=INVALID_TOKEN)
    seatledger.token_uses.note(token.token_id, now.day)
    who = Caller(seatledger, now, token)
    who.ask_scope(*scopes)
    return who


def wanting(scope: str) -> str:
    """The challenge to a token that lacks this scope."""
    return f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'


def _either(scopes: tuple[str, ...]) -> str | Problem:
    """The scopes of a route, of which a token needs one, as they stand in a sentence: the last one after an “or”."""
    if len(scopes) == 1:
        return scopes[0]
    *others, last = scopes
    return Problem("either_scope", one=others, other=last)


_parse = lru_cache(maxsize=64)(api_tokens.parse)
"""Parsing and hashing a token is a pure function, and a gateway sends the same one at every login. Whether the token is
any good is asked of the view each time."""


def _token(view: Entitlement, header: str) -> Token:
    """The token of an Authorization header."""
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenMissing(challenge=CHALLENGE)
    id_and_digest = _parse(text.strip(" "))
    if id_and_digest is not None:
        token_id, digest = id_and_digest
        token = view.tokens.get(token_id)
        if token is not None and api_tokens.fits(digest, token.digest):
            return token
    raise TokenInvalid(challenge=INVALID_TOKEN)
