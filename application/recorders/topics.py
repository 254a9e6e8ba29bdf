"""The only topics that may stand in a log; a stored topic is otherwise imported as Python."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from eventsourcing.persistence import DatetimeAsISO, DecimalAsStr, JSONTranscoder, Mapper, StoredEvent, UUIDAsHex

from domain.installation import Installation

PREFIX = "seatledger:"

TOPICS = frozenset(
    vars(event)["TOPIC"]
    for event in vars(Installation).values()
    if isinstance(event, type) and issubclass(event, Installation.Event) and "TOPIC" in vars(event)
) - {Installation.Created.TOPIC}
"""The topic of every event of the Installation."""


class LogUnreadable(Exception):
    """An event of the log cannot be read: it was altered, or written by a newer version."""


class AllowedTopicsMapper(Mapper[UUID]):
    """The library's mapper, which asks the list before it resolves a topic."""

    @classmethod
    def plain(cls) -> Self:
        """The mapper of every log of ours: JSON, neither compressed nor encrypted."""
        transcoder = JSONTranscoder()
        for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
            transcoder.register(transcoding)
        return cls(transcoder)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Raises LogUnreadable for a topic that is not ours, before anything is imported."""
        if stored_event.topic not in TOPICS:
            raise LogUnreadable(
                f"Event {stored_event.originator_version} has the topic {stored_event.topic!r}, "
                "which this version does not know: it was altered, or written by a newer version."
            )
        try:
            event = super().to_domain_event(stored_event)
        except ValueError as error:
            raise LogUnreadable(f"Event {stored_event.originator_version} cannot be read: {error}") from error
        if vars(event).get("originator_topic", Installation.TOPIC) != Installation.TOPIC:
            raise LogUnreadable(f"Event {stored_event.originator_version} opens something that is no installation.")
        return event
