"""Makes the renewal file of an installation: its In use since the last license key, and a proof of its log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from application.auditing import AuditLog
from application.licensing import Licensing
from application.proof.anchor import Anchor
from application.proof.verify_export import Checkpoint, NoteInvalid, from_base64, text_of_checkpoint
from application.renewal.request import (
    FIRST_CHECKPOINT,
    LICENSE_KEY,
    DayNumber,
    Earlier,
    Loss,
    RenewalRequest,
    month_ends,
)
from application.views.curves import Step, in_use_steps
from application.views.day_view import DayView
from domain.installation import Installation


def renewal_file(licensing: Licensing, audit_log: AuditLog, now: DayView) -> str:
    """The renewal file as of `now`, signed with the log key, after a checkpoint over all events.

    Raises what AuditLog.take_checkpoint raises.
    """
    id_, views = now.installation_id, licensing.views.of(now.installation_id)
    note = audit_log.take_checkpoint(id_)
    checkpoint = text_of_checkpoint(note)
    registrations = [each for each in views.registrations() if each.originator_version <= now.position]
    last = registrations[-1] if registrations else None
    license_ = now.standing.license
    in_force = next((each for each in registrations if license_ and each.key_id == license_.key_id), None)
    after = last.originator_version if last else 1
    steps = in_use_steps(now.view)
    since = min(date.fromisoformat(last.day) if last else steps[0].day if steps else now.day, now.day)
    earlier = _earlier(last, audit_log, id_, checkpoint)
    proof = audit_log.consistency(id_, earlier.size, earlier.root, checkpoint)
    request = RenewalRequest(
        installation_id=id_,
        product=now.view.product,
        made_on=now.day,
        license_key_in_force=in_force.key_text if in_force else None,
        last_license_key=last.key_text if last else None,
        since=since,
        in_use=now.in_use,
        highest=max(views.in_use_at(position) for position in range(after, now.position + 1)),
        month_ends=tuple(_month_ends(steps, since, now.day)),
        losses=tuple(_losses(now)),
        earlier=earlier,
        proof=None if proof is None else tuple(proof),
        checkpoint=note,
        log_key=audit_log.public_key(id_),
    )
    return audit_log.sign_text(id_, request.text)


def _earlier(
    last: Installation.LicenseRegistered | None, audit_log: AuditLog, id_: UUID, newest: Checkpoint
) -> Earlier:
    """The checkpoint that the last license key carries; without one, the first that was signed."""
    if last and (anchor := Anchor.of(last.license)) and anchor.size > 0:
        try:
            root = from_base64(anchor.root)
        except (ValueError, NoteInvalid):
            root = b""
        if len(root) == 32:
            return Earlier(LICENSE_KEY, anchor.size, root)
    stored = audit_log.checkpoints(id_)
    first = stored[0] if stored else None
    return Earlier(FIRST_CHECKPOINT, *((first.size, first.root) if first else (newest.size, newest.root)))


def _month_ends(steps: Sequence[Step], since: date, today: date) -> Iterator[DayNumber]:
    """In use at the end of each month that ended on or after `since` and before today."""
    number, position = 0, 0
    for day in month_ends(since, today):
        while position < len(steps) and steps[position].day <= day:
            number, position = steps[position].number, position + 1
        yield DayNumber(day, number)


def _losses(now: DayView) -> Iterator[Loss]:
    for alarm in now.view.alarms:
        if isinstance(event := alarm.event, Installation.RestoreAccepted):
            yield Loss(alarm.day, event.size, event.lost_size)
