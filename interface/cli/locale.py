"""The language of the command line: what `--lang` says, else what the environment says, as it is for every program."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from application.words import languages
from application.words.language import CATALOGS

CLICK = "click"
"""The domain under which click's own words stand in our catalogs: it looks them up by the standard library."""


class _Process:
    """What this process speaks, also in threads that know of no command; None until one has said it."""

    tag: str | None = None


def language_tag() -> str:
    """The tag of the language that the command speaks."""
    return _Process.tag or _of_environment()


def speak(_context: click.Context, _parameter: click.Parameter, tag: str | None) -> None:
    """Let the command speak a language, and click too; that of the environment if none is named."""
    _Process.tag = tag = tag or _of_environment()
    if tag != "en":
        gettext.bindtextdomain(CLICK, str(CATALOGS))
        gettext.textdomain(CLICK)
        os.environ["LANGUAGE"] = tag  # by this the standard library chooses


@contextmanager
def as_before() -> Iterator[None]:
    """Afterwards, the process speaks as before: one process may run several commands, as tests do."""
    before, domain = os.environ.get("LANGUAGE"), gettext.textdomain()
    try:
        yield
    finally:
        _Process.tag = None
        gettext.textdomain(domain)
        os.environ.pop("LANGUAGE", None)
        if before is not None:
            os.environ["LANGUAGE"] = before


def _of_environment() -> str:
    """The first language that LANGUAGE names and that is spoken here, if the locale is any; else that of the locale."""
    locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    if locale.partition(".")[0] in ("", "C", "POSIX"):
        return "en"
    named = [*os.environ.get("LANGUAGE", "").split(":"), locale]
    return next((tag for each in named if (tag := languages.tag_in(each))), "en")
