"""The values that commands take: days, moments, installations, license keys and passphrases, each in one spelling."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import click

from application.license_keys import MAX_PASTE, day_from
from application.proof.verify_export import MAX_LINE
from interface.moments import EXAMPLE, moment_from


def day(text: str) -> date:
    """A day YYYY-MM-DD; for `type=` of an option."""
    try:
        return day_from(text)
    except ValueError:
        raise click.BadParameter(f"“{text}” is not a date YYYY-MM-DD.") from None


def moment(text: str) -> datetime:
    """A moment as RFC 3339 spells it, with its offset."""
    try:
        return moment_from(text)
    except ValueError:
        raise click.BadParameter(f"“{text}” is not a moment such as {EXAMPLE}.") from None


def installation(text: str) -> str:
    """An installation's UUID in lower case; "*" is any installation."""
    try:
        return "*" if text == "*" else str(UUID(text))
    except ValueError:
        raise click.BadParameter(f"“{text}” is not an installation's UUID.") from None


def license_key_text(argument: str) -> str:
    """A license key as given: the argument, or standard input for "-". No more is read than can be a license key."""
    if argument != "-":
        return argument
    # A byte more than the cap, so that reading refuses what is longer; what is not UTF-8 is no license key either.
    return sys.stdin.buffer.read(MAX_PASTE + 1).decode("utf-8", "replace")


def read_own(path: Path) -> bytes:
    """What stands in an auditor's or a vendor's own small file; no more of it than such a file can hold."""
    with path.open("rb") as stream:
        return stream.read(MAX_LINE + 1)


def first_line() -> str:
    """The first line of standard input, without its end: how passwords and passphrases come in.

    Bytes that are not UTF-8 stay what they are: the same bytes are the same password.
    """
    line = sys.stdin.buffer.readline(MAX_PASTE).decode("utf-8", "surrogateescape")
    line = line.removesuffix("\n").removesuffix("\r")
    if not line:
        raise click.UsageError("Standard input's first line is empty.")
    return line
