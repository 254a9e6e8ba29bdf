"""Who is answered: which path is for people and which for programs, and which status a refusal has for both."""

from __future__ import annotations

from flask import g, request

from application.license_keys import KeyringInvalid
from application.words.messages import message
from domain.refusals import KeyRefused, Refused
from interface.settings import SettingsInvalid

LOG_UNREADABLE = message(
    "The history in the database cannot be read: it was altered, or written by a newer version. "
    "Nothing was changed; tell whoever runs Seatledger."
)
DATABASE_AWAY = message(
    "The database cannot be reached now. Nothing was changed. Seatledger looks for it every second and goes on by "
    "itself: try again a little later."
)
DATABASE_UNREADABLE = message("The database cannot be read now. Nothing was changed; tell whoever runs Seatledger.")


def is_for_programs(path: str) -> bool:
    """Whether this path belongs to the API, so that its errors are problem documents and cookies never count."""
    return path.startswith(("/api/", "/access/")) or path in PROGRAMS


PROGRAMS = frozenset(("/livez", "/readyz", "/metrics", "/forward-auth", "/.well-known/authzen-configuration"))
"""The addresses of programs that other people's standards and proxies give; all others are under /api/ or /access/."""


STATUSES = {
    "malformed_request": 400,
    "malformed_address": 400,
    "body_incomplete": 400,
    "body_too_slow": 408,
    "request_too_large": 413,
    "unknown_encoding": 501,
    "unknown_filter": 400,
    "unsupported_media_type": 415,
    "idempotency_key_invalid": 400,
    "idempotency_key_reused": 422,
    "request_in_progress": 409,
    "token_missing": 401,
    "token_invalid": 401,
    "token_over": 401,
    "login_name_missing": 401,
    "scope_missing": 403,
    "too_long": 413,
    "day_in_future": 400,
    "too_many_names": 413,
    "unused_unknown": 409,
    "login_name_invalid": 400,
    "text_invalid": 400,
    "unknown_scope": 400,
    "expiry_invalid": 400,
    "token_made_before": 409,
    "password_invalid": 400,
    "password_common": 400,
    "password_repeats": 400,
    "password_is_run": 400,
    "password_of_context": 400,
    "passwords_differ": 400,
    "days_invalid": 400,
    "import_refused": 400,
    "import_outdated": 409,
    "list_altered": 400,
    "users_refused": 409,
    "undo_refused": 409,
    "nobody_selected": 400,
    "unknown_command": 404,
    "command_not_on_users": 409,
    "time_never_was": 400,
    "time_twice": 400,
    "day_never_was": 400,
    "day_past": 400,
    "unknown_user": 404,
    "snapshots_off": 404,
    "unknown_auditor": 404,
    "right_lost": 403,
    "pepper_unusable": 503,
    "erased_list_unusable": 503,
    "person_key_gone": 503,
    "unknown_operator": 404,
    "user_not_deleted": 409,
    "auditor_not_removed": 409,
    "unknown_account": 404,
    "unknown_token": 404,
    "unknown_webhook": 404,
    "webhook_url_refused": 400,
    "unknown_event_type": 400,
    "too_many_webhooks": 409,
    "webhook_test_failed": 409,
    "mail_off": 409,
    "mail_test_failed": 409,
    "no_such_position": 404,
    "log_contradicted": 409,
    "loss_not_accepted": 409,
    "no_checkpoint": 404,
    "login_name_taken": 409,
    "last_administrator": 409,
    "user_deleted": 409,
    "clock_correction_refused": 409,
    "needs_confirmation": 409,
    "already_initialized": 409,
    "sign_in_failed": 401,
    "code_refused": 401,
    "current_password_wrong": 403,
    "link_damaged": 400,
    "link_over": 410,
    "too_many_attempts": 429,
    "too_many_questions": 429,
    "busy": 503,
    "storage_failed": 503,
    "outcome_unknown": 503,
    "import_unfinished": 503,
    "password_unfinished": 503,
    "link_unfinished": 503,
    "log_key_unusable": 503,
    "signer_memory_unusable": 503,
    "not_initialized": 503,
}


def may_have_changed() -> bool:
    """Whether this request may have changed something before the database went away: it was let in to do so."""
    return request.method not in ("GET", "HEAD", "OPTIONS") and g.get("is_let_in", False)


def status_of(refusal: Refused) -> int:
    """The HTTP status of a refusal: 422 for a license key that was refused, 500 for one that has no place here."""
    return STATUSES.get(refusal.code, 422 if isinstance(refusal, KeyRefused) else 500)


UNAVAILABLE = (SettingsInvalid, KeyringInvalid)
"""What whoever runs the machine must mend before a request can be answered: 503."""
