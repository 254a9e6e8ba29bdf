"""What is confirmed of an import: what was shown of it, named by a digest (ADR 57)."""

from __future__ import annotations

import json
from hashlib import sha256

from application.user_import.planning import Import
from application.views.day_view import DayView
from domain.refusals import Refused


class ImportOutdated(Refused):
    """What the import would do now is not what was confirmed; nothing was imported."""

    code = "import_outdated"


def confirmation_of(planned: Import, on_day: DayView) -> str:
    """Names everything that is shown of the plan: who comes and how, who is there, and the licenses.

    It is no secret.
    """
    shown = [
        [(line.number, line.login_name, line.administrator) for line in planned.new],
        [(line.number, line.login_name) for line in planned.restored],
        planned.present,
        planned.other_rights,
        (on_day.valid, on_day.in_use),
    ]
    return sha256(json.dumps(shown).encode()).hexdigest()
