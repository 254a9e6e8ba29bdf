"""The Audit area, for auditors and administrators: the history, the past, and the state of the log."""

from __future__ import annotations

from flask import Flask

from interface.web.audit.alarms import shown_on_audit_screens
from interface.web.audit.downloads import blueprint as download_screens
from interface.web.audit.history import blueprint as history_screen
from interface.web.audit.overview import blueprint as overview_screen
from interface.web.audit.past import blueprint as past_screens
from interface.web.audit.sign_ins import blueprint as sign_ins_screen

SCREENS = (history_screen, past_screens, overview_screen, sign_ins_screen, download_screens)
for _screen in SCREENS:
    _screen.context_processor(shown_on_audit_screens)


def register(app: Flask) -> None:
    for screen in SCREENS:
        app.register_blueprint(screen)
