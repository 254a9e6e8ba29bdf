"""The text of a one-time link: its form, and what is wrong with one that was damaged on the way."""

from __future__ import annotations

from application.license_keys import base64url
from domain.login_name import shown
from domain.refusals import Problem, Refused

TOKEN_LENGTH = 43
"""Characters of a link's token: 32 random bytes in base64url."""

AROUND = "<>()[]{}\"'“”„‚‘’«».,;:!?*"
"""Marks that a mail or a sentence puts around a link; none of them is in a token."""


class LinkDamaged(Refused):
    """What was given as a one-time link is not of a link's form: it was cut off, or altered on the way."""

    code = "link_damaged"


def link_token(text: str) -> str:
    """The token of a one-time link, given as its whole address or as what stands behind the “#” alone.

    Line breaks in it and marks around it are taken away. Raises LinkDamaged.
    """
    address, mark, token = "".join(text.split()).strip(AROUND).rpartition("#")
    problem = _problem(token, is_address=bool(mark))
    if problem is not None:
        raise LinkDamaged(problem=problem if address or token else Problem("empty"))
    return token


def _problem(token: str, *, is_address: bool) -> Problem | None:
    if not token or (not is_address and "/" in token):
        return Problem("link_token_missing")
    for character in token:
        if not (character.isascii() and (character.isalnum() or character in "-_")):
            return Problem("link_character", character=shown(character))
    if len(token) != TOKEN_LENGTH:
        return Problem("link_length", length=len(token), right=TOKEN_LENGTH)
    try:
        base64url.decode(token)
    except ValueError:
        return Problem("link_altered")
    return None
