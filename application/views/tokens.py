"""API tokens as people ask about them: which still work, who made them, when they were last used, which end soon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from application.views.day_view import DayView
from application.views.entitlement import Entitlement
from domain.license import WARNING_STAGES, warning_stage
from domain.state import Token

WARNED_AFTER_END = 30
"""For how many days after its last day administrators are warned of a token that nobody revoked."""


class TokenEnd(NamedTuple):
    """An end that administrators are warned of: of which token, and the days left (negative: over)."""

    token: Token
    days_left: int

    @property
    def code(self) -> str:
        return "token_over" if self.days_left < 0 else "token_ends_soon"

    @property
    def stage(self) -> int:
        """The stage of the warning (K11)."""
        return warning_stage(self.days_left)

    @property
    def stops_logins(self) -> bool:
        """Whether a login gateway may be asking with it."""
        return "login-check" in self.token.scopes


class TokenLine(NamedTuple):
    """A token as lists show it, and the day of its last use, None before the first."""

    token: Token
    status: str
    """`good`, `expired` or `revoked`."""
    maker_has_left: bool
    last_used_on: date | None


def lines(on_day: DayView, uses: Mapping[str, date]) -> list[TokenLine]:
    """Every token in the order in which they were made; `uses` has the day of the last use by the token's id."""
    view = on_day.view
    in_order = sorted(view.tokens.values(), key=lambda token: (token.created_on, token.name, token.token_id))
    return [
        TokenLine(token, _status(token, on_day.day), maker_has_left(token, view), uses.get(token.token_id))
        for token in in_order
    ]


def working_tokens_of(account_id: str, on_day: DayView) -> list[Token]:
    """The tokens that this administrator or auditor made and that still work."""
    makers = (f"user:{account_id}", f"auditor:{account_id}")
    tokens = (token for token in on_day.view.tokens.values() if token.by in makers and token.is_good(on_day.day))
    return sorted(tokens, key=lambda token: (token.name, token.token_id))


def maker_has_left(token: Token, view: Entitlement) -> bool:
    """Whether its maker has no right here any more; of the machine's own users nobody knows that."""
    kind, _, account_id = token.by.partition(":")
    return kind in ("user", "auditor") and view.right_since(account_id) is None


def ends(on_day: DayView) -> list[TokenEnd]:
    """The ends that administrators are warned of on that day (K11's stages), the next first."""
    near = (
        TokenEnd(token, (token.expires_on - on_day.day).days)
        for token in on_day.view.tokens.values()
        if token.expires_on is not None and not token.is_revoked
    )
    warned = (end for end in near if -WARNED_AFTER_END <= end.days_left <= WARNING_STAGES[-1])
    return sorted(warned, key=lambda end: (end.days_left, end.token.name, end.token.token_id))


def _status(token: Token, day: date) -> str:
    if token.is_revoked:
        return "revoked"
    return "good" if token.is_good(day) else "expired"
