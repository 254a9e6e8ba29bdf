"""What a self-check says: a code, how bad it is, and the facts; the words are in words/findings.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: a warning can wait for office hours, an alarm says that answers may be wrong."""

    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong. `about` names the check that says so; whoever has no finding is OK.

    `facts` are texts, numbers, days, moments and Problems, of which the words are made.
    """

    code: str
    severity: Severity
    about: str
    facts: Mapping[str, object] = field(default_factory=dict)  # object: any fact of a message


def warning(code: str, about: str, **facts: object) -> Finding:  # object: any fact of a message
    return Finding(code, Severity.WARNING, about, facts)


def alarm(code: str, about: str, **facts: object) -> Finding:  # object: any fact of a message
    return Finding(code, Severity.ALARM, about, facts)
