"""How numbers and dates stand on a page."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from application.words.refusals import sentence
from domain.refusals import Refused
from interface.web import caller

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{4}年\d{1,2}月\d{1,2}日")


def whole_dates(text: object) -> Markup:  # object: whatever a template knows
    """The text, or what a refusal says, escaped, with its dates kept whole at the end of a line."""
    words = sentence(text, caller.language()) if isinstance(text, Refused) else str(text)
    return Markup(_DATE.sub(r'<span class="text-nowrap">\g<0></span>', str(escape(words))))  # noqa: S704  escaped


def signed(number: int) -> str:
    """A number with its thousands apart, and with a minus sign that nobody takes for a hyphen."""
    digits = caller.language().number(abs(number))
    return f"−{digits}" if number < 0 else digits


def grouped(number: int) -> str:
    """A number of things with its thousands apart."""
    return caller.language().number(number)
