"""The administrator's screens: a module and a template for each; auditors read them."""

from __future__ import annotations

from flask import Flask

from interface.web.admin.auditors import blueprint as auditors
from interface.web.admin.license import blueprint as license_
from interface.web.admin.navigation import shown_on_every_page
from interface.web.admin.own_password import blueprint as own_password
from interface.web.admin.password_link import blueprint as password_link
from interface.web.admin.sign_in import blueprint as sign_in
from interface.web.admin.system_settings import blueprint as system_settings
from interface.web.admin.tokens import blueprint as tokens
from interface.web.admin.typography import signed, whole_dates
from interface.web.admin.users import blueprint as users


def register(app: Flask) -> None:
    for screen in (sign_in, password_link, system_settings, license_, users, auditors, tokens, own_password):
        app.register_blueprint(screen)
    app.context_processor(shown_on_every_page)
    app.add_template_filter(whole_dates)
    app.add_template_filter(signed)
