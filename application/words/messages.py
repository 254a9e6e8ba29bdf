"""How a text is marked as a message of the catalog, so that Babel finds it and a catalog can translate it."""

from __future__ import annotations

from typing import NamedTuple


class Plural(NamedTuple):
    """A message that depends on the fact `number`: for one, and for any other number."""

    one: str
    other: str


Message = str | Plural
"""A message's English source, by which the catalogs know it. `{name}` stands where a fact is put."""


def message(text: str) -> str:
    """Marks a text as a message; gives it unchanged."""
    return text


def plural(one: str, other: str) -> Plural:
    """Marks a message that depends on a number."""
    return Plural(one, other)
