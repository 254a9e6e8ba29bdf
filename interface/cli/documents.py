"""JSON on standard output: readable in every language, and without a character that could steer a terminal."""

from __future__ import annotations

import json
from typing import Any


def document(value: Any) -> str:
    """One line of JSON; what is not printable is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in text)
