"""The front: takes whole requests alone, hands them to threads by kind, and answers for the application (ADR 27)."""

from __future__ import annotations

from interface.front.access_log import AccessLog
from interface.front.asking import Answer
from interface.front.front import Front
from interface.front.refusals import (
    AddressMalformed,
    BodyIncomplete,
    BodyRefused,
    BodyTooSlow,
    EncodingUnknown,
    RequestTooLarge,
    ServerBusy,
)

__all__ = [
    "AccessLog",
    "AddressMalformed",
    "Answer",
    "BodyIncomplete",
    "BodyRefused",
    "BodyTooSlow",
    "EncodingUnknown",
    "Front",
    "RequestTooLarge",
    "ServerBusy",
]
