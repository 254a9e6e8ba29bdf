"""deploy/compose.yaml as a test reads it: the part of YAML that it is written in, anchors and merging included."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PATH = Path(__file__).parents[2] / "deploy" / "compose.yaml"

Lines = list[tuple[int, str]]
"""Indentation and text of each line that says something."""


class Reader:
    """Reads mappings, lists and scalars, one in each line; lists in brackets are JSON's."""

    def __init__(self, text: str) -> None:
        self._lines: Lines = [
            (len(line) - len(line.lstrip()), line.strip())
            for line in text.splitlines()
            if line.strip() and not line.lstrip().startswith("#")
        ]
        self._anchors: dict[str, Any] = {}

    def read(self) -> Any:  # Any: YAML has every type
        value = self._block(0)
        assert not self._lines, f"line not understood: {self._lines[0]}"
        return value

    def _block(self, indent: int) -> Any:  # Any: see read
        if self._lines[0][1].startswith("- "):
            return list(self._items(indent))
        return dict(self._members(indent))

    def _items(self, indent: int) -> Iterator[str]:
        while self._lines and self._lines[0][0] == indent and self._lines[0][1].startswith("- "):
            yield _scalar(self._lines.pop(0)[1][2:])

    def _members(self, indent: int) -> Iterator[tuple[str, Any]]:  # Any: see read
        merged: dict[str, Any] = {}
        own: set[str] = set()
        while self._lines and self._lines[0][0] == indent:
            line = self._lines.pop(0)[1]
            match = re.fullmatch(r"([\w.<-]+):(?: (?!\&)(.+)| &(\w+))?", line)
            assert match, f"line not understood: {line}"
            name, text, anchor = match.groups()
            if name == "<<":
                merged |= self._anchors[text.removeprefix("*")]
                continue
            assert name not in own, f"{name} stands there twice"
            own.add(name)
            if text is not None:
                value = self._anchors[text[1:]] if text.startswith("*") else _scalar(text)
            elif self._lines and (self._lines[0][0] > indent):
                value = self._block(self._lines[0][0])
            else:
                value = None
            if anchor:
                self._anchors[anchor] = value
            yield name, value
        yield from ((name, value) for name, value in merged.items() if name not in own)


def _scalar(text: str) -> Any:  # Any: see Reader.read
    if text.startswith(("[", '"')):
        return json.loads(text) if '"' in text else text.strip("[]").split(", ")
    return text


def read_compose() -> dict[str, Any]:
    """What stands in deploy/compose.yaml."""
    return dict(Reader(PATH.read_text(encoding="utf-8")).read())
