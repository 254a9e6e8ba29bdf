"""Every refusal in a sentence that says what to do (K7), by its code."""

from __future__ import annotations

from collections.abc import Sequence

from application.words.language import Language
from application.words.messages import Message, message
from domain.refusals import Problem, Refused

SHOWN_BAD_LINES = 100
"""How many bad lines stand in the sentence of a refused import."""


def sentence(refusal: Refused, language: Language) -> str:
    """The refusal in a sentence for a person, in that language."""
    facts = refusal.facts
    if isinstance(lines := facts.get("lines"), list):
        facts = {**facts, "shown": _shown(lines, language)}
    if "preview" in facts:
        facts = {**facts, "preview": _harms(facts["preview"], language)}
    return language.say(SENTENCES[refusal.says], **facts)


def _harms(preview: object, language: Language) -> str:  # object: a fact of a refusal; it is a Preview
    """What a license key makes worse."""
    # Late, since few commands come to it, and all of them import this module (ADR 40).
    from application.views.preview import Preview
    from application.words.preview import of_harms

    return language.sentences(of_harms(preview, language)) if isinstance(preview, Preview) else ""


def _shown(lines: Sequence[tuple[int | str, Problem | Refused]], language: Language) -> str:
    """The bad lines of an import by their numbers, or users by their names, each in a line of its own.

    Beyond SHOWN_BAD_LINES, how many there are.
    """
    shown = [
        language.say(
            message("line {number}: {problem}") if isinstance(line, int) else message("{name}: {problem}"),
            number=line,
            name=line,
            problem=sentence(problem, language) if isinstance(problem, Refused) else problem,
        )
        for line, problem in lines[:SHOWN_BAD_LINES]
    ]
    if len(lines) > SHOWN_BAD_LINES:
        shown.append(language.say(message("and {number} more"), number=len(lines) - SHOWN_BAD_LINES))
    return "\n".join(shown)


BEGIN_MISSING = message(
    "The beginning of this license key is missing; one begins with “{begin}”. Copy it from its first character to "
    "its last, from the vendor's mail."
)

SENTENCES: dict[str, Message] = {
    # A license key that makes something worse (C-21)
    "needs_confirmation": message(
        "The license key was not registered, and nothing was changed, since it would make something worse. {preview} "
        "If that is what you want, confirm it: --yes on the command line, “confirm”: true in the API."
    ),
    "needs_confirmation.otherwise": message(
        "The license key was not registered, and nothing was changed: what it would do now is not what was confirmed, "
        "since something has happened meanwhile. {preview} If that is what you want, confirm it anew: --yes on the "
        "command line, “confirm”: true in the API with the new “confirmation”."
    ),
    # License keys (K7), in the order in which a key is read
    "too_long": message(
        "This text is too long for a license key. Paste the license key alone, without the rest of the mail."
    ),
    "malformed": message(
        "There is no whole license key in this text: {problem}. Copy one license key, from its first character to its "
        "last, from the vendor's mail."
    ),
    "malformed.file_name": message(
        "“{name}” is the name of a file, and no license key. Look into what is in the file: "
        "“seatledger vendor inspect - < {argument}”."
    ),
    "not_canonical": message(
        "A character of this license key was altered on the way. Copy it again from the vendor's mail."
    ),
    "not_canonical.begin": BEGIN_MISSING,
    "wrong_header.begin": BEGIN_MISSING,
    "wrong_header": message(
        "The beginning of this text is not that of a license key: it is another kind of signed text, or it was "
        "altered on the way. Copy the license key again from the vendor's mail."
    ),
    "unknown_signing_key": message(
        "This license key was signed with the key “{signing_key_id}”, which this installation does not know. "
        "Update the product or its keyring, or ask the vendor."
    ),
    "revoked_signing_key": message(
        "This license key was signed with the key “{signing_key_id}”, which the vendor has revoked. Ask the "
        "vendor for a new license key."
    ),
    "bad_signature": message(
        "The signature of this license key does not fit: it was altered, or a part is missing. Copy it again from "
        "the vendor's mail."
    ),
    "bad_claims": message(
        "This license key is signed but its content is not valid: {problem}. Ask the vendor for a new one."
    ),
    "unknown_claim": message(
        "This license key says something that this version does not understand (“{claim}”). It needs a newer "
        "version of Seatledger."
    ),
    "wrong_product": message(
        "This license key is for the product “{key_product}”; this installation runs “{product}”. Ask the vendor "
        "for a key for “{product}”."
    ),
    "wrong_installation": message(
        "This license key is for another installation ({audience}). This installation is {installation_id}; tell "
        "the vendor this number."
    ),
    "key_id_used": message(
        "A different license key with the same number ({key_id}) is already registered. Ask the vendor for a key "
        "with a number of its own."
    ),
    "issued_in_future": message(
        "This license key was issued on {issued_on}, but this machine's clock says {today}. Check the "
        "machine's clock, then register the key again."
    ),
    "issued_in_future.day_ahead": message(
        "This license key was issued on {issued_on}, but this machine's clock says {today}, and the newest event was "
        "recorded on {counted_day}. Check the machine's clock, then register the key again. If the clock is right and "
        "had jumped forward before, first run “seatledger clock correct {today_typed}” on this machine."
    ),
    "license_period_over.day_ahead": message(
        "The license period of this key ended on {license_end}. Days are counted from {counted_day} on, on which the "
        "newest event was recorded, but this machine's clock says {today}. If the clock had jumped forward, set it "
        "right, run “seatledger clock correct {today_typed}” on this machine, and register the key again. If it is "
        "behind, ask the vendor for a current key."
    ),
    "license_period_over": message(
        "The license period of this key ended on {license_end}; today is {today}. Ask the vendor for a current one."
    ),
    "older_than_registered.same_period": message(
        "This license key was issued on {issued_on}, before a registered key for the same period (issued on "
        "{registered_issued_on}). An older key never takes the place of a newer one. If you need what this key says, "
        "ask the vendor to issue it anew."
    ),
    "older_than_registered": message(
        "This license key was issued on {issued_on}, before a registered key (issued on {registered_issued_on}). Its "
        "license period ({period}) and that of the registered key ({registered_period}) have days in common, and on "
        "them an older key never takes the place of a newer one. If you need what this key says, ask the vendor to "
        "issue it anew."
    ),
    # Users, administrators, auditors, tokens
    "expiry_invalid": message("A token is good for 1 to {most} days, not {days}."),
    "import_refused": message("Nothing was imported. {count} of the lines cannot be imported:\n{shown}"),
    "import_outdated": message(
        "Nothing was imported: what the list would do now is not what was shown, since something has changed "
        "meanwhile. Look at it again, and confirm it anew."
    ),
    "day_in_future": message(
        "The day {day} has not come: today is {today}. Report a day of the past, or today, in the installation's time "
        "zone. Nothing was changed."
    ),
    "too_many_names": message(
        "One report has at most {most} login names, and this one has {number}. Send several for the same day. Nothing "
        "was changed."
    ),
    "unused_unknown": message(
        "Who was not there for {days} days is not known yet: reports of logins begin with {first}. It will be known on "
        "{known_on}."
    ),
    "unused_unknown.never": message(
        "Who is not using a license is not known: no login gateway has reported yet who logged in. How one does that, "
        "once a day, is said in docs/gateway.md."
    ),
    "unused_unknown.gaps": message(
        "Who was not there for {days} days is not known: only {reported} of these days were reported. The login "
        "gateway must report each day, also one without logins."
    ),
    "list_altered": message(
        "The list that this page carries was altered on the way. Nothing was imported: choose the file again."
    ),
    "import_unfinished": message(
        "The import broke off after {number} users: the database could not store more. Run it again to import the "
        "others; “seatledger user undo {command_id}” takes these back."
    ),
    "import_unfinished.unknown": message(
        "The import broke off: {number} users are imported, and of the next {unknown} it is not known, since the "
        "database did not answer. Run it again to import whoever is missing; “seatledger user undo {command_id}” takes "
        "back whoever is there."
    ),
    "users_refused": message("Nothing was changed. Users who are refused: {count}.\n{shown}"),
    "undo_refused": message("Nothing was undone. Users who cannot be as they were: {count}.\n{shown}"),
    "nobody_selected": message("Nothing was changed: nobody is selected. Check the boxes of the users first."),
    "unknown_command.malformed": message(
        "Nothing was undone: the form names no command. Reload the page and try again."
    ),
    "unknown_command": message(
        "The history has no command {command_id}. An import prints the id of its command, and “seatledger history "
        "--json” has that of every event."
    ),
    "command_not_on_users": message(
        "The command {command_id} did not change users alone, and cannot be undone. Only adding, deleting, restoring, "
        "renaming and importing users, and making them administrators or not, can."
    ),
    "login_name_invalid": message("The login name is not valid: {problem}."),
    "login_name_taken": message(
        "The login name “{login_name}” is already registered, for a user or an auditor who bears it or bore it once. "
        "No login name is registered twice, in whatever letters; choose another."
    ),
    "unknown_user": message("There is no user with the login name “{login_name}”."),
    "unknown_user.renamed": message("The user who had the login name “{login_name}” is “{now}” now; give that name."),
    "user_deleted.name_taken": message(
        "The user “{login_name}” was deleted. Restore the user instead; whoever is restored is an ordinary user."
    ),
    "user_deleted.new_name_taken": message(
        "“{login_name}” is the login name of a deleted user. No login name is registered twice, in whatever letters; "
        "choose another."
    ),
    "user_deleted": message("The user “{login_name}” is deleted. Restore the user first."),
    "code_refused": message(
        "The code is wrong, or over. Take the newest one of your authenticator app, or a recovery code that was not "
        "used before."
    ),
    "last_administrator": message(
        "“{login_name}” is the last administrator. Make another user an administrator first."
    ),
    "last_administrator.with_password": message(
        "“{login_name}” is the last administrator who has a password; the others could not sign in. Give another "
        "administrator a one-time link, and wait until the password is set."
    ),
    "right_lost": message(
        "You no longer have the right to do this: somebody took it from you meanwhile. Nothing was changed."
    ),
    "pepper_unusable": message("The names of erased people cannot be compared: {problem}. Nothing was changed."),
    "erased_list_unusable": message(
        "The list of erased people, {path}, cannot be used: {reason}. Mend the file, or take it from your backup of "
        "the keys. Nobody was erased."
    ),
    "person_key_gone": message(
        "The key with which the name of the person {account_id} is sealed is gone from the database. Restore a backup; "
        "“seatledger doctor” says who else is concerned. Nothing was changed."
    ),
    "auditor_not_removed": message(
        "“{name}” is still an auditor. Remove the auditor first; then their name can be erased."
    ),
    "user_not_deleted": message(
        "“{login_name}” is still a user. Delete the user first; then their name can be erased."
    ),
    "unknown_operator": message(
        "Nobody with the name “{name}” has given a command on this machine, or the name was erased already."
    ),
    "unknown_auditor": message("There is no auditor with the name “{name}”."),
    "unknown_account": message("“{name}” is neither an administrator nor an auditor; only they have a password."),
    "unknown_token": message("There is no token “{token_id}”."),
    "text_invalid.installation_name": message("The installation's name is not valid: {problem}."),
    "text_invalid.product_name": message("The product's name is not valid: {problem}."),
    "text_invalid.token_name": message("The token's name is not valid: {problem}."),
    "unknown_scope.none": message(
        "No scope was chosen, and a token without one may do nothing. Choose at least one of {scopes}."
    ),
    "unknown_scope": message("“{scope}” is not a scope. The scopes are {scopes}; a token has at least one."),
    "unknown_time_zone": message(
        "“{time_zone}” is not a time zone. Use a name such as Europe/Berlin, Asia/Tokyo or UTC."
    ),
    "clock_correction_refused": message("The clock cannot be corrected to {day}: {problem}."),
    "password_invalid": message("A password has 12 to 128 characters; this one has {length}."),
    "token_not_printed": message(
        "The token could not be printed ({reason}), so nobody has seen it and it was revoked. Make it again."
    ),
    "password_common": message(
        "This password is one of the most common ones, or one of them with digits or signs added: whoever guesses "
        "passwords tries it early. Choose another, such as four words that have nothing to do with each other."
    ),
    "password_repeats": message(
        "This password is made of too few different characters, or of one short piece that is repeated. Choose "
        "another, such as four words that have nothing to do with each other."
    ),
    "password_is_run": message(
        "This password is little more than characters that follow one another on the keyboard, in the alphabet or in "
        "counting. Choose another, such as four words that have nothing to do with each other."
    ),
    "password_of_context": message(
        "This password is little more than words that everybody here would try first, such as the names of the "
        "product, the installation or the account. Choose another, such as four words that have nothing to do with "
        "each other."
    ),
    "days_invalid": message("Write after how many days the token expires as a whole number, or leave the field empty."),
    "input_unreadable": message("Standard input cannot be read: {problem}."),
    # The vendor's keys, the keyring, the log key
    "keyring_invalid": message("The keyring cannot be used: {problem}."),
    "keyring_invalid.in_a_file": message("The keyring {place} cannot be used: {problem}."),
    "license_not_signable": message("This license cannot be signed: {problem}."),
    "signing_key_unusable.not_published": message(
        "The keyring {place} has no key “{kid}” that signs license keys. It has: {kids}."
    ),
    "signing_key_unusable": message("The signing key cannot be used: {problem}."),
    "ledger_altered": message(
        "The ledger of license keys was altered: {problem}. No license key is issued until it is put right: put its "
        "files back from your newest copy of the directory, and compare them with the license keys that you sent."
    ),
    "ledger_unusable": message("The ledger of license keys cannot be used: {problem}."),
    "ledger_unknown": message(
        "The ledger has no license key of a customer “{name}”, and none whose id begins so. “seatledger vendor list” "
        "shows all."
    ),
    "renewal_refused": message("The license key of “{customer}” cannot be renewed: {problem}."),
    "batch_refused": message("Nothing was issued. {count} of the lines are wrong:\n{shown}"),
    "anchor_unusable": message("The checkpoint cannot go into a license key: {problem}"),
    "renewal_request_unfit": message("The renewal file cannot be used: {problem}."),
    "log_key_unusable": message("The log key cannot be used: {problem}."),
    # Signing in
    "sign_in_failed": message(
        "The login name or the password is wrong. Only administrators and auditors sign in here; other users need "
        "no password."
    ),
    "link_over": message(
        "This one-time link is not good: it was used or replaced, is older than 24 hours, or was altered on the way. "
        "Copy it once more from where you got it; if that does not help, ask an administrator for a new one."
    ),
    "link_damaged": message(
        "This is no whole one-time link: {problem}. Copy it whole, to its last character, from where you got it, and "
        "paste it here; if that does not help, ask an administrator for a new one."
    ),
    "current_password_wrong": message("The current password is wrong."),
    "too_many_attempts": message("Too many sign-ins failed. Try again later; seconds to wait: {retry_after}."),
    "passwords_differ": message("The two new passwords are not the same. Type the new password twice."),
    # The history and the database
    "log_contradicted": message("No checkpoint was signed: {problem}"),
    "log_contradicted.memory": message(
        "No checkpoint was signed: {problem} If a backup was restored, let an auditor accept it: “seatledger audit "
        "accept-restore --checkpoint FILE”. If none was, somebody altered the database: keep it as it is."
    ),
    "no_checkpoint": message("There is no checkpoint in the database. “seatledger audit checkpoint” signs one."),
    "signer_memory_unusable": message("No checkpoint is signed, since what was signed last is not known: {problem}."),
    "loss_not_accepted": message("Nothing was accepted, and nothing signed: {problem}."),
    "busy": message("Seatledger is busy writing. Nothing was changed; please try again in a few seconds."),
    "busy.reading": message(
        "Seatledger is still reading its history. Nothing was changed; please try again in a few seconds."
    ),
    "busy.line": message(
        "Too many requests of this kind are waiting. Nothing was changed; please try again in a few seconds."
    ),
    "busy.hashing": message(
        "Too many people are signing in at this moment. Nothing was changed; please try again in a few seconds."
    ),
    "storage_failed": message(
        "The database could not store this ({reason}). Nothing was changed; tell whoever runs this machine."
    ),
    "outcome_unknown": message(
        "The database did not answer, so it is not known whether this was recorded. See whether it stands in the "
        "history before you try again."
    ),
    "outcome_unknown.beside": message(
        "The database did not answer, so it is not known whether this was stored. Do it again: twice does no harm."
    ),
    "password_unfinished": message(
        "The history has that the password was changed, but the database did not store the new one. Set it again."
    ),
    "password_unfinished.link": message(
        "Your password is not set, since the database did not store it, and this link is used up. Ask an administrator "
        "for a new one."
    ),
    "password_unfinished.session": message("Your password is set, but you are not signed in. Sign in with it."),
    "link_unfinished": message(
        "The history has that a one-time link was made, but the database did not store it. Make another one."
    ),
    "backup_refused": message("No backup was written: {problem}."),
    "backup_refused.altered": message("No backup was written, since the history was altered: {problem}"),
    "restore_refused": message("Nothing was restored: {problem}."),
    "restore_refused.altered": message("Nothing was restored, since the backup was altered: {problem}"),
    "move_refused": message("Nothing was moved: {problem}."),
    "move_refused.altered": message("Nothing was moved, since the history was altered: {problem}"),
    "already_initialized": message("This database already holds the installation “{name}” ({installation_id})."),
    "unknown_filter.event": message("The history cannot be filtered by event: {problem}."),
    "unknown_filter.days": message("The history cannot be filtered by days: {problem}."),
    "unknown_filter.login_name": message("The history cannot be filtered by login name: {problem}."),
    "unknown_filter.by": message("The history cannot be filtered by who did it: {problem}."),
    "not_initialized": message("There is no installation in this database yet. Run “seatledger init” first."),
    "day_past": message(
        "{day} is past; --on asks about a day from today ({today}) on. --as-of asks what was answered at an earlier "
        "moment."
    ),
    "day_past.day_ahead": message(
        "--on asks about a day from {today} on, on which the newest event was recorded, and {day} is before it; but "
        "this machine's clock says {clock_day}. If the clock had jumped forward, set it right and run “seatledger "
        "clock correct {clock_day_typed}” on this machine. --as-of asks what was answered at an earlier moment."
    ),
    "no_such_position": message(
        "The history has the positions 1 to {newest}, from {opened} ({time_zone}) on; it says nothing of what was "
        "asked for."
    ),
    "not_yet": message(
        "That moment has not come yet: this machine's clock says {now} ({time_zone}). What a clock that was wrong "
        "recorded can be asked for by position."
    ),
    "day_not_over": message(
        "A date asks about the end of that day, and {day} is not over yet: this machine's clock says {now} "
        "({time_zone}). Ask about an earlier day or a moment, or about now."
    ),
    "day_before_event": message(
        "{day} lies before event {position}, which was recorded on {event_day}. Ask about that day or a later one."
    ),
    "file_exists": message(
        "{file} is there already, and what was kept is never written over. Nothing was written: give another name, or "
        "move that file away."
    ),
    "export_unsound": message(
        "Nothing is answered from this export, since it does not stand the verification. WRONG ({finding_code}): "
        "{finding} “seatledger audit verify” tells how far the checks went; docs/audit.md, what each finding means."
    ),
    "time_never_was": message(
        "{local} never was in {time_zone}: when it became {before}, the clocks went on to {after}. Give a time before "
        "or after that."
    ),
    "time_twice": message(
        "{local} was twice in {time_zone}: clocks were set back. Say which one is meant: {first} or, later, {second}."
    ),
    "day_never_was": message("{day} never was in {time_zone}: the zone left that day out. Ask about another day."),
    # Requests
    "field_not_readable": message("{what}: “{text}” is not {kind}."),
    "both_asked": message("Ask either as of an event or as of a moment, not both."),
    "day_alone": message("Name the event beside the day: an answer is known by both."),
    "token_missing": message(
        "Send a token in the header “Authorization: Bearer slt_…”; “seatledger token create” makes one."
    ),
    "token_invalid": message("This is not a token of this installation. Copy it again, or make a new one."),
    "token_over": message("This token is no longer good: it expired or was revoked. Make a new one."),
    "snapshots_off": message(
        "This installation gives no snapshots. Whoever runs it can set SEATLEDGER_SNAPSHOT_HOURS to the hours for "
        "which one is good, and start the server again."
    ),
    "login_name_missing": message(
        "Send the login name of the person at the door in the header X-Login-Name, percent-encoded. A gateway that has "
        "no name yet asks the person to sign in first."
    ),
    "scope_missing": message("This token may not do this; it takes a token with the scope {scopes}."),
    "scope_missing.past": message(
        "This token asks who may log in now. What was answered at an earlier moment takes a token with the scope audit."
    ),
    "too_many_questions": message(
        "{most} questions about the past are being answered at this moment, and no more at once, so that logins do not "
        "have to wait. Ask again; seconds to wait: {retry_after}."
    ),
    "malformed_request": message("The request is malformed: {problem}."),
    "unsupported_media_type": message("The body must be JSON: send it with “Content-Type: application/json”."),
    "token_made_before": message(
        "The token “{name}” was made already, and a token is shown once alone. If nobody has it, replace it."
    ),
    "idempotency_key_invalid": message(
        "The header Idempotency-Key must be a string in double quotes, or a UUID or another token without them, of 1 "
        "to {most} characters. Nothing was changed."
    ),
    "idempotency_key_reused": message(
        "This Idempotency-Key came with another request before. Nothing was changed: give each request a new key, and "
        "the same one only when the same request is sent again."
    ),
    "request_in_progress": message(
        "The same request came before and is still being carried out. Send it again a little later: then it is "
        "answered as it was the first time."
    ),
    # Webhooks
    "webhook_url_refused": message("No webhook can go to this address: {problem}. Nothing was changed."),
    "unknown_event_type": message(
        "There is nothing of the type “{type}” to deliver. The types are {known}; “user.*” means all that begin so."
    ),
    "unknown_webhook": message("There is no webhook “{id}”. “seatledger webhook list” shows those that there are."),
    "too_many_webhooks": message(
        "There are {most} webhooks already, and no more are taken. Remove one that nobody needs any more."
    ),
    "webhook_test_failed": message("The test did not arrive: {problem}."),
    # Mail
    "mail_off": message(
        "No mail is sent here. Whoever runs the machine can name a mail server and addresses: SEATLEDGER_SMTP, "
        "SEATLEDGER_MAIL_FROM and SEATLEDGER_MAIL_TO (docs/configuration.md)."
    ),
    "mail_test_failed": message("The test was not sent: {problem}."),
    # What the front refuses
    "malformed_address": message(
        "The address is malformed: a “%” must be followed by two hexadecimal digits (%25 is the sign itself), and its "
        "path cannot hold an encoded slash (%2F)."
    ),
    "body_incomplete": message(
        "The request was cut off on the way: its body is shorter than it said, or a part of it is broken. Nothing was "
        "changed; send it again."
    ),
    "body_too_slow": message(
        "The request did not arrive within {seconds} seconds. Nothing was changed; send it again, over a connection "
        "that is quicker."
    ),
    "unknown_encoding": message(
        "The body comes in a transfer coding that this server does not know. Send it as it is, or in chunks."
    ),
    "request_too_large.list": message(
        "The list is too large for this screen, which takes 4 MiB. Nothing was changed. Split it, or import it on the "
        "command line, with “seatledger user import”."
    ),
    "request_too_large": message("The request is too large; a body has at most 64 KiB. Nothing was changed."),
}
