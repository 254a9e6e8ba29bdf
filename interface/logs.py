"""What the server writes into its log: for people, or a JSON object a line, with the id of the request (ADR 68).

The program's own lines, granian's and those of libraries come through the standard library's logging, and structlog
spells them. The access log has a way of its own (front/access_log.py), and the same members.
"""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import orjson
from structlog.contextvars import merge_contextvars
from structlog.processors import format_exc_info
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name

Line = MutableMapping[str, Any]  # Any: as structlog has it

FACTS = ("code", "method", "route")
"""What a line may say besides its sentence, in members of their own."""

MASKS = [
    (re.compile(pattern, re.IGNORECASE), mask)
    for pattern, mask in (
        (r"slt_[\w-]+", "slt_…"),
        (r"\beyJ[\w-]+(?:\.[\w-]*)*", "eyJ…"),
        (r"\b(bearer|basic)\s+[^\s\"']+", r"\1 …"),
        (r"whsec_[\w+/=-]+", "whsec_…"),
        (r"/calendar/(?!<)[^\s\"']+", "/calendar/…"),  # its route may stand there
        (r"(/password#)[^\s\"']+", r"\1…"),
        (r"(seatledger(?:-device)?=)[^;\s\"']+", r"\1…"),
        (r"(password\w*|passphrase|secret|token|license_key)([\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+", r"\1\2…"),
        (r"(://[^/\s:@]*:)[^/\s]+@", r"\1…@"),
    )
]
"""What no line holds, and what stands in its place. No line of ours has any of it: this is for the words of exceptions
and libraries, which may repeat what they were given."""


def logging_config(form: str) -> dict[str, Any]:  # Any: as logging.config takes it
    """Everything goes to standard error, as “text” or “json”; granian would take standard output."""
    ours = {"handlers": ["ours"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": formatter, "form": form}},
        "handlers": {"ours": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "ours"}},
        "root": {"handlers": ["ours"], "level": "WARNING"},
        "loggers": {
            "_granian": dict(ours),
            "seatledger": {**ours, "level": "INFO"},
        },
    }


def formatter(form: str) -> logging.Formatter:
    return ProcessorFormatter(
        foreign_pre_chain=[
            merge_contextvars,
            ExtraAdder(FACTS),
            add_log_level,
            add_logger_name,
            format_exc_info,
            _add_moment,
        ],
        processors=[ProcessorFormatter.remove_processors_meta, _mask, {"text": _for_people, "json": _as_json}[form]],
    )


def masked(text: str) -> str:
    """The text without what opens a door."""
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return text


def _add_moment(_: object, __: str, line: Line) -> Line:  # object: the logger, which structlog does not need either
    line["moment"] = datetime.fromtimestamp(line["_record"].created, UTC)
    return line


def _mask(_: object, __: str, line: Line) -> Line:  # object: the same
    return {name: masked(value) if isinstance(value, str) else value for name, value in line.items()}


def _for_people(_: object, __: str, line: Line) -> str:  # object: the same
    """The sentence, with the id of the request behind it and a traceback below."""
    moment = line["moment"].astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    text = f"{moment} {line['level'].upper()} {_escaped(str(line['event']))}"
    if "request_id" in line:
        text += f" ({line['request_id']})"
    return "\n".join((text, *map(_escaped, line["exception"].split("\n")))) if "exception" in line else text


def _escaped(text: str) -> str:
    """Without what a terminal obeys or what begins a line: the words of others write no lines of their own."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _as_json(_: object, __: str, line: Line) -> str:  # object: the same
    moment = line.pop("moment").strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    first = {"timestamp": f"{moment}Z", "level": line.pop("level"), "logger": line.pop("logger")}
    return orjson.dumps({**first, **line}, default=str).decode()
