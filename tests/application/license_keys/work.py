"""How much is done to read a paste: counted in readings and characters, which are the same on every machine."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from types import CodeType, FrameType

from application.license_keys import LicenseKeys, pasted, reading
from application.license_keys.folding import MAX_PASTE
from domain.refusals import KeyRefused
from tests.examples import KEYRING

READER = LicenseKeys(KEYRING)

UNDOINGS = 8
"""Kinds of wrappers that are undone, each in at most eight readings (pasted.py)."""

READINGS = 1 + UNDOINGS * pasted.MOST // 2 + 1  # and one to say what is missing
LOOKS = 2 * pasted.LOOKS + pasted.MOST
TRIES = 2 * pasted.MOST + 1


@dataclass
class Work:
    """What one reading of a paste took: how often, and over how many characters."""

    readings: int = 0
    looks: int = 0
    tries: int = 0
    characters: int = 0

    @property
    def is_bounded(self) -> bool:
        """Whether it stays within what does not depend on the text, but for its length."""
        return (
            self.readings <= READINGS
            and self.looks <= LOOKS
            and self.tries <= TRIES
            and self.characters <= (READINGS + LOOKS) * MAX_PASTE
        )


def work_of(text: str) -> Work:
    """What it takes to read a text, whether it is refused or not."""
    work = Work()

    def count(frame: FrameType, event: str, _: object) -> None:  # object: what sys.setprofile gives besides
        if event == "call":
            _count(work, frame.f_code, frame)

    sys.setprofile(count)
    try:
        with suppress(KeyRefused):
            READER.read(text)
    finally:
        sys.setprofile(None)
    return work


def _count(work: Work, code: CodeType, frame: FrameType) -> None:
    if code is pasted._plain.__code__:
        work.readings += 1
        work.characters += len(frame.f_locals["text"])
    elif code is pasted._from.__code__:
        work.looks += 1
        work.characters += len(frame.f_locals["reading"]) - frame.f_locals["begin"]
    elif code is reading.LicenseKeys._read_exactly.__code__:
        work.tries += 1
