"""The only topics that may stand in a log, and how what is stored is read; a topic is otherwise imported as Python."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

import orjson
from eventsourcing.persistence import DatetimeAsISO, DecimalAsStr, JSONTranscoder, Mapper, StoredEvent, UUIDAsHex

from application.log.failures import LogUnreadable
from domain.installation import Installation
from domain.refusals import Problem

PREFIX = "seatledger:"

TOPICS = frozenset(
    vars(event)["TOPIC"]
    for event in vars(Installation).values()
    if isinstance(event, type) and issubclass(event, Installation.Event) and "TOPIC" in vars(event)
) - {Installation.Created.TOPIC}
"""The topic of every event of the Installation."""


class EventTranscoder(JSONTranscoder):
    """Writes what the library's transcoder writes, and reads it several times as fast.

    The library asks at every object of the JSON whether it stands for a value such as a moment; an event of ours has
    such values at its top alone.
    """

    def decode(self, data: bytes) -> Any:  # Any: as the library has it
        state = orjson.loads(data)
        for name, value in state.items():
            if type(value) is dict and len(value) == 2 and "_type_" in value:
                state[name] = self._decode_obj(value)
        return state


class AllowedTopicsMapper(Mapper[UUID]):
    """The library's mapper, which asks the list before it resolves a topic."""

    @classmethod
    def plain(cls) -> Self:
        """The mapper of every log of ours: JSON, neither compressed nor encrypted."""
        transcoder = EventTranscoder()
        for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
            transcoder.register(transcoding)
        return cls(transcoder)

    def to_domain_event(self, stored_event: StoredEvent) -> Installation.Event:
        """The event as it was recorded. Raises LogUnreadable for a topic that is not ours, before anything is imported.

        The library declares any aggregate's event; a log of ours holds those of an Installation alone.
        """
        position = stored_event.originator_version
        if stored_event.topic not in TOPICS:
            raise LogUnreadable(position, Problem("topic_unknown", topic=repr(stored_event.topic)))
        try:
            event = super().to_domain_event(stored_event)
        except (ValueError, TypeError) as error:
            raise LogUnreadable(position, Problem("event_unreadable", error=str(error))) from error
        if vars(event).get("originator_topic", Installation.TOPIC) != Installation.TOPIC:
            raise LogUnreadable(position, Problem("opens_something_else"))
        assert isinstance(event, Installation.Event)  # noqa: S101  TOPICS names no other class
        return event
