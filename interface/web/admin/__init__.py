"""The administrator's screens: a module for each subject, a template for each screen; auditors read them."""

from __future__ import annotations

from flask import Flask

from application.words.messages import plural
from interface.web import caller
from interface.web.admin.api_reference import blueprint as api_reference_screen
from interface.web.admin.auditors import blueprint as auditors_screen
from interface.web.admin.calendar import blueprint as calendar_screen
from interface.web.admin.help import blueprint as help_screen
from interface.web.admin.license import blueprint as license_screen
from interface.web.admin.navigation import shown_on_every_page
from interface.web.admin.notifications import blueprint as notifications_screen
from interface.web.admin.own_language import blueprint as own_language_screen
from interface.web.admin.own_sign_ins import blueprint as own_sign_ins_screen
from interface.web.admin.passwords import by_link as password_link_screen
from interface.web.admin.passwords import own as own_password_screen
from interface.web.admin.second_factor import blueprint as second_factor_screen
from interface.web.admin.sign_in import blueprint as sign_in_screen
from interface.web.admin.system_settings import blueprint as system_settings_screen
from interface.web.admin.tokens import blueprint as tokens_screen
from interface.web.admin.tokens import left_by
from interface.web.admin.typography import grouped, signed, whole_dates
from interface.web.admin.user_import import blueprint as user_import_screen
from interface.web.admin.user_names import blueprint as users_screen
from interface.web.words import say

SCREENS = (
    sign_in_screen,
    password_link_screen,
    system_settings_screen,
    license_screen,
    users_screen,
    user_import_screen,
    auditors_screen,
    tokens_screen,
    notifications_screen,
    own_password_screen,
    own_language_screen,
    own_sign_ins_screen,
    second_factor_screen,
    calendar_screen,
    help_screen,
    api_reference_screen,
)


def register(app: Flask) -> None:
    for screen in SCREENS:
        app.register_blueprint(screen)
    app.context_processor(shown_on_every_page)
    app.add_template_filter(whole_dates)
    app.add_template_filter(grouped)
    app.add_template_filter(signed)
    app.jinja_env.globals.update(say=say, plural=plural, language=caller.language, left_by=left_by)
