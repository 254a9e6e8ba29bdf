"""The renewal file, version 1: what it says, how it is written and signed, and the one spelling that is read.

Its format stands in docs/renewal.md; ADR 61 says why it is a signed note.
"""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from application.license_keys import day_from, strict_json
from application.license_keys.strict_json import Json
from application.proof.verify_export import (
    Checkpoint,
    LogKey,
    NoteInvalid,
    from_base64,
    open_note,
    origin_of,
    read_checkpoint,
    read_vkey,
    to_base64,
)
from domain.refusals import Problem, Refused

FORMAT = "seatledger-renewal-request"
VERSION = 1
MAX_REQUEST = 1 << 20
"""The most bytes of a renewal file; one over fifty years has less than a hundredth of it in months."""

MAX_NUMBER = 1 << 53
LICENSE_KEY, FIRST_CHECKPOINT = "license_key", "first_checkpoint"
"""Where the earlier checkpoint is from: the last license key, or, if that carries none, the log's first one."""


class RenewalRequestUnfit(Refused):
    """A file is no renewal file, was altered, or says what a license key cannot be issued on."""

    code = "renewal_request_unfit"


class DayNumber(NamedTuple):
    """In use at the end of a day."""

    day: date
    number: int


class Earlier(NamedTuple):
    """The checkpoint that the log is shown to go on from, and where it is from."""

    source: str
    size: int
    root: bytes


class Loss(NamedTuple):
    """An auditor accepted on a day that a backup was restored: of `lost_size` signed events, `size` stayed certain."""

    day: date
    size: int
    lost_size: int


class RenewalRequest(NamedTuple):
    """What a renewal file says. No name of any person is in it.

    `highest` is the highest In use since the last license key was registered, `since` the day of that; without a key,
    since the installation was opened. `proof` is None if the log does not go on from `earlier`.
    """

    installation_id: UUID
    product: str
    made_on: date
    license_key_in_force: str | None
    last_license_key: str | None
    since: date
    in_use: int
    highest: int
    month_ends: tuple[DayNumber, ...]
    losses: tuple[Loss, ...]
    earlier: Earlier
    proof: tuple[bytes, ...] | None
    checkpoint: str
    log_key: str

    @property
    def text(self) -> str:
        """The text that is signed: JSON, one member a line."""
        return json.dumps(self._members(), ensure_ascii=False, indent=1) + "\n"

    def signed_checkpoint(self, keys: Sequence[LogKey]) -> Checkpoint:
        """Raises NoteInvalid."""
        return read_checkpoint(self.checkpoint, keys)

    def _members(self) -> dict[str, Json]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "installation": str(self.installation_id),
            "product": self.product,
            "made_on": self.made_on.isoformat(),
            "license_key_in_force": self.license_key_in_force,
            "last_license_key": self.last_license_key,
            "in_use": {
                "since": self.since.isoformat(),
                "now": self.in_use,
                "highest": self.highest,
                "month_ends": [{"day": each.day.isoformat(), "number": each.number} for each in self.month_ends],
            },
            "accepted_losses": [
                {"day": each.day.isoformat(), "size": each.size, "lost_size": each.lost_size} for each in self.losses
            ],
            "earlier_checkpoint": {
                "from": self.earlier.source,
                "size": self.earlier.size,
                "root": to_base64(self.earlier.root),
            },
            "consistency_proof": None if self.proof is None else [to_base64(each) for each in self.proof],
            "checkpoint": self.checkpoint,
            "log_key": self.log_key,
        }


def month_ends(since: date, today: date) -> list[date]:
    """The last day of each month that ended on or after `since` and before today."""
    months = range(12 * since.year + since.month - 1, 12 * today.year + today.month - 1)
    return [date(month // 12, month % 12 + 1, monthrange(month // 12, month % 12 + 1)[1]) for month in months]


def read_request(content: bytes, vkeys: Sequence[str] | None) -> RenewalRequest:
    """The request of a file, signed with one of the `vkeys`, or with the log key that it names itself if None.

    Only the bytes that `seatledger license request` writes are read. Raises RenewalRequestUnfit.
    """
    try:
        note = content.decode()
        text, blank, signature = note.rpartition("\n\n")
        request = _request(strict_json.parse((text + "\n").encode()))
    except (UnicodeDecodeError, strict_json.NotStrictJson, ValueError, TypeError, KeyError, AttributeError):
        raise RenewalRequestUnfit(problem=Problem("request_unreadable")) from None
    if not blank or request.text != text + "\n" or not re.fullmatch(r"[^\n]+\n", signature):
        raise RenewalRequestUnfit(problem=Problem("request_unreadable"))
    origin = origin_of(request.installation_id)
    try:
        if vkeys is not None and request.log_key not in {vkey.strip() for vkey in vkeys}:
            raise RenewalRequestUnfit(problem=Problem("request_of_another_log_key", log_key=request.log_key))
        key = read_vkey(request.log_key)
        if key.name != origin:
            raise RenewalRequestUnfit(problem=Problem("request_of_another_log_key", log_key=request.log_key))
        open_note(note, [key])
        checkpoint = request.signed_checkpoint([key])
    except NoteInvalid as invalid:
        raise RenewalRequestUnfit(problem=Problem("request_not_signed", reason=str(invalid))) from None
    if checkpoint.origin != origin:
        raise RenewalRequestUnfit(problem=Problem("request_unreadable"))
    return request


def _request(members: Json) -> RenewalRequest:
    """Raises ValueError, TypeError, KeyError, AttributeError: whatever is missing or of another kind.

    Members that are not ours are found by writing the request again.
    """
    if members["format"] != FORMAT or members["version"] != VERSION:
        raise ValueError("another format")
    in_use, earlier, proof = members["in_use"], members["earlier_checkpoint"], members["consistency_proof"]
    if earlier["from"] not in (LICENSE_KEY, FIRST_CHECKPOINT):
        raise ValueError("an earlier checkpoint from nowhere")
    return RenewalRequest(
        installation_id=UUID(members["installation"]),
        product=_text(members["product"]),
        made_on=day_from(members["made_on"]),
        license_key_in_force=_text_or_none(members["license_key_in_force"]),
        last_license_key=_text_or_none(members["last_license_key"]),
        since=day_from(in_use["since"]),
        in_use=_number(in_use["now"]),
        highest=_number(in_use["highest"]),
        month_ends=tuple(DayNumber(day_from(each["day"]), _number(each["number"])) for each in in_use["month_ends"]),
        losses=tuple(
            Loss(day_from(each["day"]), _number(each["size"]), _number(each["lost_size"]))
            for each in members["accepted_losses"]
        ),
        earlier=Earlier(earlier["from"], _number(earlier["size"]), _hash(earlier["root"])),
        proof=None if proof is None else tuple(map(_hash, proof)),
        checkpoint=_text(members["checkpoint"]),
        log_key=_text(members["log_key"]),
    )


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _text_or_none(value: Json) -> str | None:
    return None if value is None else _text(value)


def _number(value: Json) -> int:
    if type(value) is not int or not 0 <= value <= MAX_NUMBER:
        raise ValueError("no number")
    return value


def _hash(value: Json) -> bytes:
    hash_ = from_base64(_text(value))
    if len(hash_) != 32:
        raise ValueError("no hash")
    return hash_
