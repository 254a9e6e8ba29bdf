"""What a person reads whom a gateway turned away: of the code alone, without a number, a day or a name of ours."""

from __future__ import annotations

from application.words.language import Language
from application.words.messages import Message, message

DENIED: dict[str, Message] = {
    "unknown_user": message(
        "There is no user with your login name. Check how it is written, or ask your administrator to add you."
    ),
    "user_deleted": message("Your user was deleted. Ask your administrator to restore it."),
    "no_license": message("No license key is registered yet. Please tell your administrator."),
    "license_not_started": message(
        "The license period has not begun yet. Your administrator knows from which day on you can log in."
    ),
    "license_expired": message("The license period is over. Please tell your administrator."),
    "release_not_covered": message(
        "The license does not cover this version of the product. Please tell your administrator."
    ),
    "licenses_exceeded": message("The number of licenses has been exceeded. Please tell your administrator."),
}
"""By the codes of login checks, to whoever is no administrator."""

ADMIN_ONLY: dict[str, Message] = {
    "no_license": message("No license key is registered yet. Only the Admin screen is available: register one there."),
    "license_not_started": message(
        "The license period has not begun yet. Until then only the Admin screen is available."
    ),
    "license_expired": message(
        "The license period is over. Only the Admin screen is available: register a new license key."
    ),
    "release_not_covered": message(
        "The license does not cover this version of the product. Only the Admin screen is available: register a new "
        "license key, or go back to an earlier version."
    ),
    "licenses_exceeded": message(
        "The number of licenses has been exceeded. Only the Admin screen is available: delete users, or register a key "
        "with more licenses."
    ),
}
"""The same to administrators."""

UNAVAILABLE = message(
    "Whether you may log in cannot be found out at the moment. Try again a little later; if it stays like this, tell "
    "your administrator."
)

OUT_OF_ORDER = message(
    "Whether you may log in cannot be found out, because the login gateway is not set up correctly. Please tell your "
    "administrator."
)

FOR_THE_GATEWAY: dict[str, Message] = {
    "unavailable": UNAVAILABLE,
    "database_away": UNAVAILABLE,
    "busy": UNAVAILABLE,
    "storage_failed": UNAVAILABLE,
    "log_unreadable": UNAVAILABLE,
    "not_initialized": UNAVAILABLE,
    "internal_error": UNAVAILABLE,
    "login_name_missing": OUT_OF_ORDER,
    "malformed_request": OUT_OF_ORDER,
    "scope_missing": OUT_OF_ORDER,
    "token_invalid": OUT_OF_ORDER,
    "token_missing": OUT_OF_ORDER,
    "token_over": OUT_OF_ORDER,
    "untrusted_host": OUT_OF_ORDER,
}
"""By the codes of what kept a gateway from asking, and of what it was refused itself: nobody was decided about."""

OTHERWISE = message("You cannot log in at the moment. Please tell your administrator.")


def sentence(code: str, language: Language, *, is_administrator: bool) -> str:
    """The sentence of a code; any other text is answered alike, whatever it is."""
    by_code = ADMIN_ONLY if is_administrator and code in ADMIN_ONLY else DENIED | FOR_THE_GATEWAY
    return language.say(by_code.get(code, OTHERWISE))
