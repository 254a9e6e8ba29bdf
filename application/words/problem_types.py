"""What programs may be refused with, by code: the kind of problem in general, where a refusal says what is so now.

It is what `/problems/CODE` shows, to which the `type` of a problem document leads (RFC 9457, section 3.1.1), and what
docs/problems.md and the table in docs/api.md are made from. `code` in backquotes is spelled as programs spell it.
"""

from __future__ import annotations

from typing import NamedTuple

from application.words.messages import Message, message


class ProblemType(NamedTuple):
    """Its title, when it is answered, and what whoever wrote or runs the program can do."""

    title: Message
    when: Message
    to_do: Message


FROM_THE_MAIL = message("Copy the license key again from the vendor's mail, from its first character to its last.")
ASK_THE_VENDOR = message("Ask the vendor for a new license key, and tell them the sentence in `detail`.")
MEND_THE_REQUEST = message("Mend the program: the same request will be refused again. `detail` says what is wrong.")
SEND_AGAIN = message(
    "Send it again after `Retry-After`, which is in seconds; with an `Idempotency-Key` it is carried out once at most."
)
TELL_WHO_RUNS_IT = message(
    "Tell whoever runs the machine: the server's log says what is wrong, and “seatledger doctor” what can be done."
)
MAKE_A_TOKEN = message("Make another token on the screen API tokens, or by “seatledger token create”.")

PROBLEM_TYPES: dict[str, ProblemType] = {
    "malformed_request": ProblemType(
        message("Malformed request"),
        message(
            "A query or body that breaks this contract. Unknown parameters and members are refused, not ignored, and "
            "so are doubled ones, escapes that are none (`%zz`), and what is not UTF-8"
        ),
        MEND_THE_REQUEST,
    ),
    "malformed_address": ProblemType(
        message("Malformed address"),
        message(
            "A `%` in path or query without two hexadecimal digits behind it, or an encoded slash (`%2F`) in the path"
        ),
        message("Encode what stands in an address as percent-encoded UTF-8; `%` itself is `%25`."),
    ),
    "body_incomplete": ProblemType(
        message("Incomplete body"),
        message("The body was shorter than announced, or a chunk of it broken; the connection is closed"),
        message("Nothing was changed: send it again over a new connection."),
    ),
    "idempotency_key_invalid": ProblemType(
        message("Idempotency-Key not valid"),
        message("`Idempotency-Key` is neither a string in double quotes nor a token, or is longer than 255 characters"),
        message("Send a random UUID, a new one with each request, and the same one only when a request is repeated."),
    ),
    "login_name_invalid": ProblemType(
        message("Login name not valid"),
        message(
            "1 to 200 characters, none of them invisible (control characters, and Unicode's "
            "Default_Ignorable_Code_Point), no `/`, not `.` or `..`"
        ),
        message("Choose another login name; `detail` says what is wrong with this one."),
    ),
    "untrusted_host": ProblemType(
        message("Untrusted host"),
        message("The request's `Host` is not in `SEATLEDGER_TRUSTED_HOSTS`"),
        message(
            "Ask under a name that is listed, or let whoever runs the machine add this one to "
            "`SEATLEDGER_TRUSTED_HOSTS`."
        ),
    ),
    "day_never_was": ProblemType(
        message("Day that never was"),
        message("The installation's time zone left that day out, such as 2011-12-30 in Pacific/Apia"),
        message("Ask about another day."),
    ),
    "unknown_filter": ProblemType(
        message("Unknown filter"),
        message("No event is of this kind, or nobody has this name"),
        message("Look up how the event or the name is spelled; docs/api.md lists the events."),
    ),
    "token_missing": ProblemType(
        message("No token"),
        message("No token. `WWW-Authenticate` says that one is wanted"),
        message("Send `Authorization: Bearer slt_…`; the screen API tokens makes one, or “seatledger token create”."),
    ),
    "token_invalid": ProblemType(
        message("Token not valid"),
        message("Not a token of this installation"),
        message("See whether it was copied whole, and whether it is for this installation; else make another one."),
    ),
    "token_over": ProblemType(
        message("Token expired or revoked"),
        message("It expired or was revoked"),
        MAKE_A_TOKEN,
    ),
    "login_name_missing": ProblemType(
        message("No login name"),
        message("`/forward-auth` was asked about nobody: `X-Login-Name` is missing or empty"),
        message("Let the gateway sign the person in first, and pass the name on in `X-Login-Name`, percent-encoded."),
    ),
    "scope_missing": ProblemType(
        message("Scope missing"),
        message("The token has another scope; said before the body is looked at"),
        message("Make a token with one of the scopes that `detail` names: a token's scopes cannot be changed."),
    ),
    "right_lost": ProblemType(
        message("Right lost"),
        message("The token was revoked while the request was carried out; nothing was changed"),
        MAKE_A_TOKEN,
    ),
    "forbidden": ProblemType(
        message("From another site"),
        message("The request came from a page of another site"),
        message("Ask from a program and not from a page in a browser: the API is for programs."),
    ),
    "not_found": ProblemType(
        message("No such address"),
        message("No such address"),
        message("Compare the path with those of docs/api.md; it ends without a slash."),
    ),
    "unknown_user": ProblemType(
        message("Unknown user"),
        message("Nobody has this login name"),
        message("Add the user first. If the user was renamed, `detail` says what the new name is."),
    ),
    "day_in_future": ProblemType(
        message("Day in the future"),
        message("A report of logins is about a day that has not come"),
        message("Report a day when it is over, or while it lasts; days are those of the installation's time zone."),
    ),
    "day_past": ProblemType(
        message("Day past"),
        message("`on` is before the day of the event at `position`"),
        message("Ask about that day or a later one; `as_of` asks what was answered at an earlier moment."),
    ),
    "no_such_position": ProblemType(
        message("No such position"),
        message("The history has no such position, or the moment is before it or has not come"),
        message("Ask about a position or a moment of the history; `detail` says from where to where it goes."),
    ),
    "snapshots_off": ProblemType(
        message("No snapshots here"),
        message("`SEATLEDGER_SNAPSHOT_HOURS` is not set, so there are no snapshots"),
        message("Let whoever runs the machine set it, and start the server again; or ask login checks instead."),
    ),
    "method_not_allowed": ProblemType(
        message("Method not allowed"),
        message("`Allow` names the methods that there are"),
        message("Ask by one of the methods in `Allow`."),
    ),
    "body_too_slow": ProblemType(
        message("Body too slow"),
        message("The body did not come within 10 seconds; the connection is closed"),
        message("Nothing was changed: send it again over a new connection, the body at once behind its head."),
    ),
    "request_in_progress": ProblemType(
        message("Request in progress"),
        message(
            "The same request, with the same `Idempotency-Key`, is still being carried out; ask again after "
            "`Retry-After` (1 second)"
        ),
        message("Send it again after `Retry-After`: then it is answered as it was the first time."),
    ),
    "needs_confirmation": ProblemType(
        message("Confirmation needed"),
        message(
            "The license key makes something worse and was not registered; `preview` says what. Send it again with "
            '`"confirm": true`'
        ),
        message(
            "Show a person what `preview` says. If it is meant, send the request again with `confirm` and the "
            "`confirmation` of the preview, and with another `Idempotency-Key`."
        ),
    ),
    "login_name_taken": ProblemType(
        message("Login name taken"),
        message("A login name is never registered twice: a user bears it, or an auditor does or did"),
        message("Choose another login name. If it is this person's already, there is nothing to do."),
    ),
    "last_administrator": ProblemType(
        message("Last administrator"),
        message("The last administrator can be neither deleted nor demoted"),
        message("Make another user an administrator first."),
    ),
    "user_deleted": ProblemType(
        message("User deleted"),
        message(
            "Restore the user: instead of adding the name again, and before changing rights or the name. A new name "
            "that a deleted user has is refused so too"
        ),
        message("Restore the user, by `POST /api/v1/users/NAME/restore`; for a new name, choose another."),
    ),
    "user_not_deleted": ProblemType(
        message("User not deleted"),
        message("Only a deleted user is erased"),
        message("Delete the user first, by `DELETE /api/v1/users/NAME`."),
    ),
    "request_too_large": ProblemType(
        message("Request too large"),
        message("A body has at most 64 KiB"),
        message("Send less at once."),
    ),
    "too_many_names": ProblemType(
        message("Too many names"),
        message("A report of logins has at most 1,000 login names"),
        message("Send the others in a report of their own: reports of one day add up."),
    ),
    "unsupported_media_type": ProblemType(
        message("Unsupported media type"),
        message("A body is `application/json`"),
        message("Send the body as JSON, with `Content-Type: application/json`."),
    ),
    "idempotency_key_reused": ProblemType(
        message("Idempotency-Key used before"),
        message("The `Idempotency-Key` came with another request before"),
        message("Give each request a new key, and the same one only when the same request is sent again."),
    ),
    "too_many_questions": ProblemType(
        message("Too many questions"),
        message(
            "Each worker answers two questions about the past (`as_of`, `position`) at once, and login checks of now "
            "at any time. Ask again after `Retry-After` (1 second)"
        ),
        message("Ask one question about the past after the other, and again after `Retry-After`."),
    ),
    "internal_error": ProblemType(
        message("Defect in Seatledger"),
        message("A defect; the server's log says which"),
        TELL_WHO_RUNS_IT,
    ),
    "unknown_encoding": ProblemType(
        message("Unknown transfer coding"),
        message("A body comes as it is or in chunks; there is no other transfer coding"),
        message("Send the body with `Content-Length`, or with `Transfer-Encoding: chunked`."),
    ),
    "busy": ProblemType(
        message("Busy"),
        message(
            "Others were writing all the time, or too many requests of this kind are waiting. Nothing was changed; ask "
            "again after `Retry-After`"
        ),
        SEND_AGAIN,
    ),
    "pepper_unusable": ProblemType(
        message("Pepper unusable"),
        message("The file with which erased names are compared is missing or damaged"),
        message("Let whoever runs the machine put the file back from the backup of the keys; `detail` names it."),
    ),
    "erased_list_unusable": ProblemType(
        message("List of erased people unusable"),
        message("The list of erased people cannot be read; nobody was erased"),
        message("Let whoever runs the machine mend the file, or put it back from the backup of the keys."),
    ),
    "person_key_gone": ProblemType(
        message("Key of a name gone"),
        message("The key with which a person's name is sealed is gone from the database; nothing was changed"),
        TELL_WHO_RUNS_IT,
    ),
    "storage_failed": ProblemType(
        message("Storage failed"),
        message("The database could not be read or written, such as a full disk"),
        TELL_WHO_RUNS_IT,
    ),
    "database_away": ProblemType(
        message("Database away"),
        message(
            "The database cannot be reached; nothing was changed. Seatledger looks for it every second. Login checks "
            "are told so only after an hour (`SEATLEDGER_STALE_SECONDS`): until then they are answered with "
            "`stale_since`"
        ),
        SEND_AGAIN,
    ),
    "outcome_unknown": ProblemType(
        message("Outcome unknown"),
        message(
            "The database did not answer a request that changes something: it may be recorded, or not, or be recorded "
            "a little later. Send it again with the same `Idempotency-Key`, or see first whether it stands in the "
            "history"
        ),
        message("Send it again with the same `Idempotency-Key`; without one, look into the history first."),
    ),
    "log_unreadable": ProblemType(
        message("History unreadable"),
        message("The history was altered, or written by a newer version"),
        TELL_WHO_RUNS_IT,
    ),
    "keyring_unreadable": ProblemType(
        message("Keyring unreadable"),
        message("License keys cannot be checked now"),
        message("Let whoever runs the machine put the vendor's keyring back; `SEATLEDGER_KEYRING` names it."),
    ),
    "log_key_unusable": ProblemType(
        message("Log key unusable"),
        message("A snapshot cannot be signed, since the log key is missing or cannot be read"),
        message("Let whoever runs the machine put the log key back from the backup of the keys; `detail` names it."),
    ),
    "not_initialized": ProblemType(
        message("Not initialized"),
        message("`seatledger init` was never run"),
        message("Let whoever runs the machine run “seatledger init”, or set `SEATLEDGER_DATABASE` right."),
    ),
    # License keys, in the order in which a key is read
    "too_long": ProblemType(
        message("License key too long"),
        message("The text is longer than any license key"),
        FROM_THE_MAIL,
    ),
    "malformed": ProblemType(
        message("No license key"),
        message("The text is no license key; `detail` says what is missing"),
        FROM_THE_MAIL,
    ),
    "not_canonical": ProblemType(
        message("License key altered"),
        message("A character of the license key was altered on the way"),
        FROM_THE_MAIL,
    ),
    "wrong_header": ProblemType(
        message("Not the header of a license key"),
        message("The beginning is not that of a license key"),
        FROM_THE_MAIL,
    ),
    "unknown_signing_key": ProblemType(
        message("Unknown signing key"),
        message("It was signed with a key that this installation's keyring does not have"),
        message("Update the product or its keyring, or ask the vendor."),
    ),
    "revoked_signing_key": ProblemType(
        message("Revoked signing key"),
        message("It was signed with a key that the vendor has revoked"),
        ASK_THE_VENDOR,
    ),
    "bad_signature": ProblemType(
        message("Signature does not fit"),
        message("The license key was altered, or a part is missing"),
        FROM_THE_MAIL,
    ),
    "bad_claims": ProblemType(
        message("Content not valid"),
        message("The license key is signed, but its content is not valid"),
        ASK_THE_VENDOR,
    ),
    "unknown_claim": ProblemType(
        message("Unknown claim"),
        message("The license key says something that this version does not understand"),
        message("Update Seatledger, then register the key again."),
    ),
    "wrong_product": ProblemType(
        message("Wrong product"),
        message("The license key is for another product"),
        ASK_THE_VENDOR,
    ),
    "wrong_installation": ProblemType(
        message("Wrong installation"),
        message("The license key is for another installation"),
        message("Register it there, or ask the vendor for one for this installation, whose id `detail` names."),
    ),
    "key_id_used": ProblemType(
        message("Key id used"),
        message("A different license key with the same id is registered already"),
        ASK_THE_VENDOR,
    ),
    "issued_in_future": ProblemType(
        message("Issued in the future"),
        message("The license key was issued on a day that has not come for this machine's clock"),
        message("Let whoever runs the machine set its clock right, then register the key again."),
    ),
    "license_period_over": ProblemType(
        message("License period over"),
        message("The license period of the license key has ended"),
        message("Ask the vendor for a current license key."),
    ),
    "older_than_registered": ProblemType(
        message("Older than a registered key"),
        message("A license key that was issued later is registered for days of its license period"),
        message(
            "Nothing, if the newer one is right. If what this one says is needed, ask the vendor to issue it anew."
        ),
    ),
}
