"""What can be wrong, by the code of its Problem: each a clause that stands after a colon."""

from __future__ import annotations

from application.words.messages import Message, message

PROBLEMS: dict[str, Message] = {
    # Names and texts
    "empty": message("it is empty"),
    "too_many_characters": message("it has {length} characters, and at most {most} are allowed"),
    "dots": message("“.” and “..” are not allowed"),
    "slash": message("it contains a slash (/)"),
    "invisible_character_named": message("it contains an invisible character (U+{number})"),
    "input_not_text": message("it is neither UTF-8 nor UTF-16 with a byte order mark; write it as UTF-8"),
    "input_line_too_long": message("its first line has more than {most} bytes"),
    # Corrections of the clock
    "nothing_to_mend": message("the newest event was recorded on {newest}, so there is nothing to mend"),
    "clock_says": message("this machine's clock says {today}; set the clock right first"),
    "before_newest_key": message(
        "the newest registered license key was issued on {issued}, and days cannot begin before it"
    ),
    # Events of a log
    "events_missing": message("follows event {newest}: events are missing."),
    "event_does_not_fit": message("does not fit those before it: {error}."),
    "topic_unknown": message(
        "has the topic {topic}, which this version does not know: it was altered, or written by a newer version."
    ),
    "event_unreadable": message("cannot be read: {error}"),
    "opens_something_else": message("opens something that is no installation."),
    "names_no_installation": message("names no installation: it was altered."),
    "history_removed": message("something was removed from the history; “seatledger audit export” shows what"),
    # Databases
    "not_a_database_url": message(
        "{name} must be sqlite:///PATH, such as {example}, or postgresql://USER@HOST/DATABASE; it is {url}."
    ),
    # Filters of the history
    "no_such_event": message("there is no event “{event}”"),
    "days_turned_round": message("{first} is after {last}"),
    "never_anybody": message("there never was anybody with the name “{name}”, or it was erased"),
    "names_header": message("its first line is not “{header}”"),
    "names_line": message("its line {line} is not an id, a kind and a name"),
    "names_not_utf8": message("it is not UTF-8"),
    "pepper_missing": message(
        "the file {path} is not there. Take it from your backup of the keys; without it nobody can say which names "
        "stay taken"
    ),
    "pepper_unreadable": message("the file {path} cannot be read: {reason}"),
    "pepper_damaged": message(
        "the file {path} holds something else than a pepper. Take it from your backup of the keys"
    ),
    "pepper_other": message(
        "the file {path} is another one than those names were erased with. Take the right one from your backup of the "
        "keys"
    ),
    "list_damaged": message("it holds a line that is no person's id"),
    "name_not_sealed": message(
        "has a name that is not sealed: it was written by hand, or by a version before 1.0, whose logs cannot be used"
    ),
    "never_anybody_did": message(
        "there never was anybody with the name “{name}”, or it was erased; give a login name, or the name that the "
        "operating system has for somebody at the command line, or “token:ID” for an API token"
    ),
    "cannot_be_made": message("{place} cannot be made: {reason}."),
    "database_unusable": message("The database {place} cannot be opened: {reason}."),
    "keyring_not_named": message(
        "SEATLEDGER_KEYRING is not set: name the vendor's keyring.json there, so that license keys can be checked."
    ),
    # License keys
    "claim_version": message("v is not {version}"),
    "claim_missing": message("{claim} is missing"),
    "claim_not_text": message("{claim} is not a text of 1 to {most} printable characters"),
    "claim_not_whole_number": message("{claim} is not a whole number from 1 to {most}"),
    "claim_not_uuid": message("{claim} is not a UUID in lower case"),
    "claim_not_period": message("{claim} is not a start and an end"),
    "claim_not_date": message("{claim} is not a date YYYY-MM-DD"),
    "claim_ends_before_start": message("{claim} ends before it starts"),
    "claim_without_end": message("{claim} has no end"),
    "claim_not_list": message("{claim} is not a list"),
    "claim_too_many_names": message("{claim} has more than {most} names"),
    "optional_product_not_text": message("an optional product is not a text of 1 to {most} printable characters"),
    "optional_product_twice": message("an optional product stands twice"),
    "other_claim_unfit": message("{claim} is neither a text of at most {most} characters nor a whole number"),
    "kid_not_text": message("the kid is not a text of 1 to {most} printable characters"),
    "issuer_not_text": message("the issuer is not a text of 1 to {most} printable characters"),
    "key_too_long": message("its key would have {length} characters, more than {most}"),
    "text_not_unicode": message("a text in it is not valid Unicode"),
    "own_claim_named_otherwise": message("a claim of one's own begins with “x_”, unlike “{claim}”"),
    "not_read_as_written": message("it would not be read as it was written"),
    # Keyrings and signing keys
    "kid_twice": message("the key “{kid}” stands in it twice"),
    "key_twice": message("the key “{kid}” stands in it under another kid as well"),
    "not_jwk_set": message("it is not a JWK Set with at least one key in “keys”"),
    "too_many_keys": message("it has more than {most} keys"),
    "no_usable_key": message("it has no key that can sign license keys: {why}"),
    "key_point_unsound": message(
        "the key “{kid}” is a number with which anybody could sign, or no public key at all; ask the vendor, "
        "and who changed the file"
    ),
    "key_not_object": message("a member of “keys” is not a JSON object"),
    "key_without_kid": message("a key has no “kid”, or not one of 1 to {most} printable characters"),
    "key_private": message("the key “{kid}” holds a private key; keep that secret and replace it"),
    "key_not_ed25519": message("the key “{kid}” is not an Ed25519 key"),
    "key_not_for_signatures": message("the key “{kid}” is not meant for Ed25519 signatures"),
    "key_status_unknown": message("the status of the key “{kid}” is neither “active” nor “revoked”"),
    "key_issuer_not_text": message("the issuer of the key “{kid}” is not a text of 1 to {most} printable characters"),
    "key_x_unfit": message("the “x” of the key “{kid}” is not 32 bytes in base64url"),
    "system_says": message("{reason}"),
    "cannot_be_read": message("it cannot be read"),
    "file_not_ordinary": message("it is no ordinary file but a directory, a device or a pipe"),
    "file_too_large": message("it has more than {most} bytes"),
    "file_failed": message("{path}: {reason}"),
    "file_exists": message("{path} exists already and is never overwritten"),
    "file_not_pem": message("{path} is not a private key in PEM"),
    "file_not_ed25519": message("{path} is not an Ed25519 key"),
    "others_can_read": message("others can read {path}; make it yours alone (chmod 600) or encrypt it"),
    "passphrase_missing": message("{path} is encrypted; give its passphrase"),
    "passphrase_wrong": message("the passphrase does not open {path}"),
    "passphrase_length": message("a passphrase has 1 to {most} bytes"),
    "log_key_missing": message(
        "{path} is missing. Restore it from your backup. If it is lost for good, make a new one with “(umask 077; "
        "openssl genpkey -algorithm ed25519 -out {path})”, and tell your auditors"
    ),
    "note_unfit": message("{reason}"),
    "of_no_installation": message("It is of {origin}, no installation."),
    "log_key_of_another": message("The log key is of another installation."),
    # A pasted text that is no license key
    "paste_empty": message("it is empty"),
    "paste_no_key": message("nothing in it begins like one, with “eyJ”"),
    "paste_begin_missing": message("the beginning is missing; a license key has three parts with dots between them"),
    "paste_end_missing": message(
        "the end is missing; a license key has three parts with dots between them, and this one ends in part {parts}"
    ),
    "paste_signature_short": message(
        "the end is missing; the last part of a license key has {signature} characters, and of this one there are "
        "{length}"
    ),
    "paste_goes_on": message(
        "something goes on behind its end; the last part of a license key has {signature} characters, and here are "
        "{length}"
    ),
    "paste_end_unclear": message(
        "its end is missing, or something else follows it at once; the last part of a license key has {signature} "
        "characters, and this one does not end there"
    ),
    "paste_four_parts": message("it has more than three parts with dots between them"),
    "paste_character": message(
        "behind the first {count} characters of it stands “{character}”, which no license key has"
    ),
    "paste_file_name": message("it is the name of a file; what is in the file is the license key"),
    "paste_two_keys": message("there are two different ones in it"),
    # A one-time link that is none
    "link_token_missing": message("the part behind the “#” is missing"),
    "link_character": message("it has the character “{character}” behind the “#”, which no link has there"),
    "link_length": message("it has {length} characters behind the “#”, where a link has {right}"),
    "link_altered": message("a character behind the “#” was altered"),
    # What a registration says against the license key that it carries
    "evidence_no_license_key": message("the text that it carries as its license key is none"),
    "evidence_says_otherwise": message("its “{claim}” is not that of the license key that it carries"),
    "evidence_for_another": message("its license key is for another product or another installation"),
    "evidence_signature_unfit": message("the signature of its license key is none by the key “{kid}”"),
    "signing_key_gone": message("its license key is signed with “{kid}”, which the keyring does not have (any more)"),
    # What a clock stamped last
    "newest_event": message("the newest event"),
    "newest_checkpoint": message("the newest checkpoint"),
    "newest_session": message("the newest session"),
    "newest_attempt": message("the newest attempt to sign in"),
    # Strict JSON
    "not_utf8": message("it is not UTF-8"),
    "nested_too_deeply": message("it is nested too deeply"),
    "not_json": message("it is not JSON"),
    "not_json_object": message("it is not a JSON object"),
    "name_twice": message("a name stands in it twice"),
    "name_not_unicode": message("a name in it is not valid Unicode"),
    "number_too_large": message("a number in it is too large"),
    "number_not_whole": message("a number in it is not a whole number"),
    "no_number": message("{text} is not a number"),
    # The log
    "no_checkpoint_signed": message("No checkpoint was signed: {problem}"),
    "event_missing": message("event {event} is missing."),
    "signed_event_missing": message("event {event} is missing, and a checkpoint was signed for {size} events."),
    "event_gone": message("event {event} was gone, or was altered, at {moment}: the store went back under a server."),
    "no_event_at": message("the event at position {at} is missing."),
    "no_leaf_at": message("the leaf at position {at} is missing."),
    "leaf_does_not_match": message("event {event} does not match its leaf."),
    "checkpoint_damaged": message("the checkpoint for {size} events is damaged: {reason}"),
    "checkpoint_says_otherwise": message("the checkpoint for {size} events says something else than was kept."),
    "events_other_than_signed": message(
        "the first {size} events are not those of the checkpoint that was signed then: one of {first} to {size} was "
        "altered together with its leaf."
    ),
    "shorter_than_remembered": message(
        "the log has {events} events, but {size} were signed: the newest ones are gone."
    ),
    "other_than_remembered": message(
        "the log is not the one that was signed over {size} events: one of {first} to {size} is another one."
    ),
    # What the signer remembers
    "memory_unreadable": message("{path} cannot be read: {reason}. Let the user who signs read and write it"),
    "memory_damaged": message(
        "{path} is not as it was written. Ask who changed it; then remove it, and the signer goes on from the newest "
        "checkpoint in the database"
    ),
    "memory_of_another": message(
        "{path} is of another installation, {other}. Name a log key of its own for each in SEATLEDGER_LOG_KEY_FILE; "
        "if this database took the place of the other one, put that back"
    ),
    "memory_by_another_key": message(
        "{path} is signed with a key that never signed this log. Put back the log key; if the file came here by "
        "mistake, remove it"
    ),
    "memory_not_written": message("{path} cannot be written: {reason}. Let the user who signs write in its directory"),
    "log_key_has_signed": message(
        "{path} signed the log of another installation, as {memory} says. Name another file in "
        "SEATLEDGER_LOG_KEY_FILE, or remove both if that installation is gone"
    ),
    # A loss that an auditor accepts
    "nothing_lost": message("the log extends everything that was signed; nothing is lost"),
    "kept_of_another": message("the checkpoint is of another installation, {other}; this one is {own}"),
    "kept_not_signed": message("the log key of now did not sign the checkpoint, or it was altered. Bring another one"),
    "log_shorter_than_kept": message(
        "the checkpoint is over {size} events, and the log has {events}: what it shows is lost too. Restore a newer "
        "backup, or bring an older checkpoint"
    ),
    "log_other_than_kept": message(
        "the log is not the one of the checkpoint over {size} events: one of those is another one. Bring an older "
        "checkpoint, or restore another backup"
    ),
    "no_state": message("The state cannot be told: the events give none ({error})."),
    "no_state_from_event": message("The state cannot be told: event {event} cannot be read ({error})."),
    # Imports: the whole file
    "file_empty": message("the file is empty; it must begin with the header login_name"),
    "file_is_workbook": message(
        "the file is a spreadsheet's own (such as .xlsx, .xls or .ods) and no CSV; open it in the spreadsheet and save "
        "it as “CSV UTF-8”"
    ),
    "file_without_mark": message(
        "the file is in UTF-16 or UTF-32, without the byte order mark that would say so; save it as “CSV UTF-8”"
    ),
    "file_cut_off": message(
        "the file is in UTF-16 or UTF-32 and was cut off or altered; save it again, as “CSV UTF-8”"
    ),
    "list_too_large": message("the file has more than {most} bytes; split it"),
    "too_many_lines": message("the file has {lines} lines, and at most {most} are read at once; split it"),
    # Imports: the header
    "header_wrong": message("the header must be login_name or login_name,administrator; this line is: {header}"),
    "column_unknown": message(
        "the header has the column “{column}”, which is not imported; remove it, so that login_name and administrator "
        "are left"
    ),
    "column_twice": message("the header has the column “{column}” twice; remove one of them"),
    "line_in_quotes": message(
        "the whole line stands in quotes, so that it is a single field; save the list anew, each column by itself"
    ),
    "line_has_nul": message("it contains a NUL character, which no CSV has; save the file again, as “CSV UTF-8”"),
    # Imports: a line
    "line_shift_jis": message(
        "it seems to be Shift_JIS (CP932), in which Excel in Japan saves “CSV”; save the file as “CSV UTF-8”"
    ),
    "line_not_utf8": message("it is not UTF-8; save the file as “CSV UTF-8”"),
    "line_not_csv": message("it is not CSV ({reason}); save the list again, as “CSV UTF-8”"),
    "quote_not_closed": message(
        'a quote (") that opens on line {line} is not closed before the file ends; close it, or remove it'
    ),
    "text_after_quote": message(
        'something stands behind a closing quote ("); quote the whole field, and double every quote within it'
    ),
    "value_without_header": message(
        "“{text}” stands in column {column}, which has no header; remove it. If it belongs to a name with a separator "
        'in it, put the whole name in quotes (")'
    ),
    "other_separator": message(
        "its fields are separated by “{other}”, and those of the header are not; use one separator in the whole file"
    ),
    "administrator_unreadable": message("administrator must be true or false, not {text}"),
    "name_on_line_already": message("{name} stands on line {line} already"),
    "name_of_deleted": message(
        "{name} is deleted; restore such users with the list (command line: --restore), or remove the line"
    ),
    "name_of_auditor": message("{name} is the name of an auditor"),
    "name_given_up": message("{name} was the name of {now}, and is given to nobody else; remove the line"),
    "name_of_erased": message("{name} was the name of somebody who was erased, and is given to nobody else"),
    # Names that a spreadsheet or a wrong encoding made
    "name_letter_lost": message(
        "a letter of “{name}” was lost when the list was saved or converted; write the name anew, and save the list as "
        "“CSV UTF-8”"
    ),
    "name_misread": message(
        "“{name}” seems to be “{letters}”, read in a wrong encoding; open the list as UTF-8, and save it as “CSV UTF-8”"
    ),
    "name_formula": message(
        "“{name}” begins with “=”, as a spreadsheet's formula does; write the name alone, without “=” and quotes"
    ),
    "name_quoted": message("{name} has quotes that would become part of the name; write the name without them"),
    "name_rounded": message(
        "“{name}” is a long number that a spreadsheet rounded; format the column as text, and write the number anew"
    ),
    "name_error": message("“{name}” is what a spreadsheet writes in place of a value; correct the cell"),
    # Several users at once, and what is taken back
    "login_name_twice": message("the name is given twice; leave one of them out"),
    "last_of_these": message(
        "with this one gone too, no administrator who can sign in would be left; first make somebody else an "
        "administrator, with a password"
    ),
    "changed_since": message(
        "the user was changed since, by event {position} of the history (command {command_id}); undo that first, or "
        "mend the other users by themselves"
    ),
    "erased_since": message(
        "the name was erased since, by event {position} of the history, and nobody can bring this person back; mend "
        "the other users by themselves"
    ),
    # Requests
    "query_not_encoded": message("its query is not percent-encoded"),
    "parameter_unknown": message("the query parameter “{name}” is unknown; this address takes {known}"),
    "no_parameters": message("the query parameter “{name}” is unknown; this address takes none"),
    "parameter_missing": message("the query parameter {name} is missing"),
    "parameter_once": message("the query must have {name}=… once"),
    "parameter_empty": message("{name} is empty; leave it out to ask for all"),
    "query_escape": message(
        "in its address, a percent sign is not followed by two hexadecimal digits; the sign itself is written %25"
    ),
    "query_not_utf8": message("its address is not UTF-8, percent-encoded"),
    "form_escape": message(
        "in its form, a percent sign is not followed by two hexadecimal digits; the sign itself is sent as %25. "
        "Nothing was changed"
    ),
    "form_not_utf8": message("its form is not UTF-8, so that a letter could be taken for another. Nothing was changed"),
    "parameter_escape": message(
        "in {name}, a percent sign is not followed by two hexadecimal digits; the sign itself is written %25"
    ),
    "parameter_not_utf8": message("{name} is not UTF-8, percent-encoded"),
    "parameter_no_truth": message("{name} must be true or false"),
    "parameter_no_word": message("{name} can only be “{word}”; leave it out otherwise"),
    "parameter_no_language": message("{name} must name a language as BCP 47 does, such as en or ja"),
    "parameter_no_date": message("{name} must be a date YYYY-MM-DD, such as 2026-10-01"),
    "parameter_no_moment": message("{name} must be a moment such as {example}, or a date YYYY-MM-DD for its end"),
    "parameter_no_moment_plus": message(
        "{name} must be a moment such as {example}, or a date YYYY-MM-DD for its end; write a moment’s “+” as %2B"
    ),
    "parameter_no_number": message("{name} must be a whole number from {least} to {most}"),
    "parameter_alone": message("the query parameter {name} says nothing without {other}"),
    "both_parameters": message("it has both {one} and {other}; ask for one of them"),
    "body_unreadable": message("its body cannot be read: {problem}"),
    "body_no_object": message("its body is not a JSON object"),
    "member_unknown": message("the member “{name}” is unknown; the body takes {known}"),
    "member_missing": message("the member “{name}” is missing"),
    "member_no_text": message("the member “{name}” must be a text"),
    "member_no_object": message("the member “{name}” must be an object"),
    "member_no_list": message("the member “{name}” must be a list"),
    "semantic_unknown": message("options.evaluations_semantic must be one of {known}"),
    "too_many_evaluations": message("it asks for {number} evaluations, and at most {most} are answered at once"),
    "member_no_truth": message("the member “{name}” must be true or false"),
    "member_no_texts": message("the member “{name}” must be a list of texts"),
    "member_no_date": message("the member “{name}” must be a day YYYY-MM-DD"),
    "member_no_number": message("the member “{name}” must be a whole number"),
    # Fields of a form: what one is called, and what it holds
    "field_page": message("The page"),
    "field_from": message("From"),
    "field_to": message("To"),
    "field_release_date": message("Release date"),
    "field_on": message("Day of the answer"),
    "field_event": message("Event"),
    "field_moment": message("Moment"),
    "kind_date": message("a date such as {example}"),
    "kind_event": message("the number of an event, such as {example}"),
    "kind_moment": message("a moment such as {example}, or a date YYYY-MM-DD"),
    # Backups, and files that belong to somebody else
    "others_can_write": message("others than its owner can write in {path}; make it yours alone (chmod 700)"),
    "belongs_to_another": message("{path} belongs to {owner}, who could replace what stands in it"),
    "database_is_there": message(
        "there is a database already, {place}. With --yes the backup takes its place, and it is kept beside"
    ),
    "server_holds_installation": message(
        "{place} holds an installation already, and nothing is ever taken out of its history. Make an empty database "
        "on the server, name it in SEATLEDGER_DATABASE and SEATLEDGER_DATABASE_OWNER, and restore into that one"
    ),
    "installed_meanwhile": message("an installation was made in it at the same moment"),
    "table_kept_otherwise": message("what it keeps in its table {table} is not what it was given"),
    "in_it_already": message("{place} is the database that it is in. Name another one with --to"),
    "holds_installation": message(
        "{place} holds an installation already, and nothing is ever taken out of its history. Name an empty database "
        "with --to"
    ),
    "changed_meanwhile": message(
        "{place} has changed at event {event} while it was copied. Stop the servers and every command, and run this "
        "again"
    ),
    "signed_meanwhile": message(
        "{place} has got another checkpoint or alarm while it was copied. Stop the servers and every command, and run "
        "this again"
    ),
    "database_in_use": message("{place} is in use. Stop the server and every command first"),
    "no_backup_there": message("there is no backup “seatledger-….sqlite” in {directory}"),
    "backup_holds_nothing": message("{backup} holds no installation"),
    "other_installation_there": message(
        "{place} is of the installation {there}, and the backup of {other}. Move the database away first if you mean it"
    ),
    "no_permission": message(
        "permission denied: {path} belongs to {owner} and has the mode {mode}; this was run as {user}"
    ),
    # Settings, and what is on the machine: whole sentences
    "database_not_copied": message("The database {place} cannot be copied: {reason}. No backup was written."),
    "not_moved": message(
        "The move ended at {place}: {reason}. {source} is as it was. Mend that, and run the same command again."
    ),
    "not_restored_into": message("Nothing was restored into {place}: {reason}."),
    "backup_unusable": message("The backup {place} cannot be used: {reason}. Nothing was restored."),
    "server_url_invalid": message("{name} cannot be read as a URL of PostgreSQL: {reason}."),
    "server_url_misread": message(
        "{name} cannot be read as a URL of PostgreSQL: it has an “@”, or a port that is no number, where none can be. "
        "In a user's name or a password write @ as %40, / as %2F, ? as %3F and % as %25."
    ),
    "owner_not_named": message(
        "SEATLEDGER_DATABASE_OWNER is not set: name the role there that owns the database's tables, as "
        "postgresql://OWNER@HOST/DATABASE. Only “seatledger init”, “migrate”, “restore” and “move” need it."
    ),
    "owner_of_another": message(
        "SEATLEDGER_DATABASE_OWNER names another database, {owner}, than {place}. Name the owner of that one there."
    ),
    "role_unknown": message("The server knows no role “{role}”. Make it first, with CREATE ROLE."),
    "no_roles_in_a_file": message("{place} is a file: it knows no roles. Leave --auditor out."),
    "schema_older": message(
        "The database {place} has the schema {version}, and this program needs {known}. Make a backup, and run "
        "“seatledger migrate”."
    ),
    "schema_newer": message(
        "The database {place} has the schema {version}, and this program knows {known} at most. Use a newer program."
    ),
    "no_database": message(
        "There is no database {place}. Run “seatledger init” to make it, or correct SEATLEDGER_DATABASE."
    ),
    "database_holds_nothing": message(
        "{place} is there already and holds no installation. Name another file in SEATLEDGER_DATABASE, "
        "or remove this one if an earlier “seatledger init” left it."
    ),
    "networks_invalid": message(
        "{name} holds “{text}”, which is no address and no network ({reason}). Write for example 127.0.0.1 or "
        "192.0.2.0/24, with commas between"
    ),
    "host_names_invalid": message(
        "{name} holds “{text}”, which is no name of a host: {problem}. Write names such as receiver.example, with "
        "commas between"
    ),
    "number_setting_invalid": message("{name} must be a whole number from 0 to {most}; it is “{text}”."),
    "contact_setting_invalid": message(
        "SEATLEDGER_VENDOR_CONTACT cannot be shown: it takes one line of at most {most} characters, such as an address."
    ),
    "log_format_setting_invalid": message("SEATLEDGER_LOG_FORMAT must be text or json, not “{text}”."),
    "second_factor_setting_invalid": message(
        "SEATLEDGER_SECOND_FACTOR is “{text}”; it must be “optional” or “required”"
    ),
    "days_setting_invalid": message(
        "SEATLEDGER_SIGN_INS_DAYS is “{text}”; it must be a whole number of days from 1 to {most}"
    ),
    # Mail
    "mail_settings_missing": message("{names} must be set too, or none of the settings of the mail"),
    "mail_recipients_many": message("SEATLEDGER_MAIL_TO has more than {most} addresses; write to a list instead"),
    "mail_address_invalid": message(
        "{name} holds “{text}”, which is no address of mail. Write the address alone, such as it@example.com"
    ),
    "mail_server_invalid": message(
        "SEATLEDGER_SMTP must be smtp://USER:PASSWORD@HOST:PORT or smtps://…, without anything after the port; what "
        "is no letter or digit in the user or the password is percent-encoded"
    ),
    "mail_password_unclear": message(
        "SEATLEDGER_SMTP names a user without a password, or there is a password without a user. Give both or neither; "
        "SEATLEDGER_SMTP_PASSWORD_FILE can name a file with the password"
    ),
    "mail_password_characters": message(
        "the user or the password of the mail server has a character that no mail server can be told; ASCII's alone "
        "are possible"
    ),
    "mail_password_twice": message(
        "there is a password in SEATLEDGER_SMTP and one in SEATLEDGER_SMTP_PASSWORD_FILE. Leave out one of them"
    ),
    "mail_password_unreadable": message(
        "the password's file {path} (SEATLEDGER_SMTP_PASSWORD_FILE) cannot be read: {reason}"
    ),
    "mail_not_connected": message("the mail server {host} cannot be asked at port {port} ({reason})"),
    "mail_without_tls": message(
        "the mail server {host} offers no STARTTLS, and nothing is sent for everybody to read. Name a server that "
        "does, or one that speaks TLS from the beginning (smtps://)"
    ),
    "mail_tls_untrusted": message("the certificate of the mail server {host} cannot be trusted ({reason})"),
    "mail_login_refused": message("the mail server {host} refuses the user or the password (status {status})"),
    "mail_refused": message("the mail server {host} does not take the mail (status {status})"),
    "mail_recipients_refused": message("the mail server refuses to write to {addresses}"),
    # Addresses of webhooks, and what becomes of a delivery
    "url_no_url": message("it is no URL; write https://, the host and a path, such as https://receiver.example/hook"),
    "url_characters": message(
        "it has a character that a URL cannot have. Write it as a browser copies it: other letters than ASCII's "
        "percent-encoded, and the host as its IDNA name"
    ),
    "url_with_password": message(
        "it holds a user name or a password before the host. Leave it out: the receiver knows us by the signature"
    ),
    "url_with_fragment": message("it has a part after “#”, which nobody sends. Leave that part out"),
    "url_host_unusable": message("its host is none: {problem}"),
    "url_not_https": message(
        "it is not https, so anybody on the way could read it. If {host} is on a network where nobody else is, name it "
        "in SEATLEDGER_WEBHOOK_HTTP_HOSTS"
    ),
    "url_is_own": message(
        "{host} is this Seatledger itself (SEATLEDGER_TRUSTED_HOSTS), so what is delivered would go round in a circle. "
        "Give the receiver another name"
    ),
    "host_unknown": message("no address of {host} can be found ({reason}). Look whether the name is right"),
    "address_private": message(
        "{host} is at {address}, which is no address of the Internet but of this machine or a network of your own. If "
        "that is meant, name the network in SEATLEDGER_WEBHOOK_NETWORKS"
    ),
    "not_connected": message("{host} takes no connection at port {port} ({reason})"),
    "tls_failed": message("its TLS cannot be trusted ({reason})"),
    "connection_broken": message("the connection ended before an answer came ({reason})"),
    "answer_late": message("no answer came within {seconds} seconds"),
    "redirected": message(
        "the answer had the status {status}, and no redirect is followed. Give the address it leads to"
    ),
    "answered": message("the answer had the status {status}, and only 200 to 299 say that it arrived"),
    "host_unusable": message("SEATLEDGER_TRUSTED_HOSTS: “{entry}” names no host: {advice}."),
    "host_alone": message("write “{host}”, the name alone, without scheme and path"),
    "host_no_url": message("write the name alone, without scheme and path"),
    "host_no_pattern": message(
        "“*” stands for nothing here; write “.example.com” for example.com and all names below it"
    ),
    "host_commas": message("put a comma between two names, and no other sign"),
    "host_underscore": message("it has an underscore; a host name has letters, digits and hyphens"),
    "host_no_name": message(
        "a name is written like “licenses.example.com”, with letters, digits and hyphens between the dots"
    ),
    "host_no_address": message("an address is written like “192.0.2.7” or “[2001:db8::7]”"),
    "host_no_port": message("a port is a number from 1 to 65535, and can be left out, since every port is meant"),
    "secret_not_named": message(
        "SEATLEDGER_SECRET_KEY_FILE is not set. Make a secret with "
        "“(umask 077; head -c 32 /dev/urandom > secret.key)” and name its file there."
    ),
    "secret_unreadable": message("SEATLEDGER_SECRET_KEY_FILE cannot be read: {reason}."),
    "secret_short": message("The secret in {path} has {length} bytes; it needs at least {least}."),
    "request_seconds_invalid": message(
        "SEATLEDGER_REQUEST_SECONDS must be a whole number of seconds from 1 to 60, not “{text}”."
    ),
    "secret_repeated": message(
        "The secret in {path} is one byte repeated, which anybody can guess. Make another with "
        "“(umask 077; head -c 32 /dev/urandom > {path})”."
    ),
    "others_write": message(
        "Others can write {path}, or can put another file in its place, so what it says cannot be trusted. Run “chmod "
        "go-w {mend}”, and ask who could have changed it."
    ),
    "no_address_here": message("“{host}” is no address of this machine: {reason}."),
    "port_in_use": message("Port {port} at {host} is in use. Give another with --port."),
    "demo_port_in_use": message(
        "Port {port} at {host} is in use. Give another, such as --port {another}, or “make run PORT={another}”."
    ),
    "cannot_listen": message("Cannot listen at {host}, port {port}: {reason}."),
    "no_language": message("{setting}: “{text}” is no language that is spoken here. It may be one of these: {known}."),
    "cannot_pin_workers": message("This system keeps no process on one processor. Leave out --pin-workers."),
    "demo_unusable": message("The demo's data in {directory} cannot be used: {reason}."),
    "demo_not_ours": message("{path} is not what a demo wrote; give another --data."),
    "demo_something_else": message("{directory} holds something other than a demo's data; give another --data."),
    # Renewal files
    "request_unreadable": message(
        "it is not, byte for byte, what “seatledger license request” writes. Ask the customer for the file itself, as "
        "an attachment"
    ),
    "request_of_another_log_key": message(
        "the log key that it names is none of those that you gave, or of another installation: {log_key}. Ask the "
        "customer whether the log key was changed"
    ),
    "request_not_signed": message("{reason} It was altered; ask the customer for the file itself"),
    "request_disagrees": message(
        "something in it does not agree; “seatledger vendor inspect-request” says what. If the customer has explained "
        "it, issue the license key without --request"
    ),
    "request_without_key": message("it holds no license key that names the customer. Give --customer"),
    # What a vendor seldom means
    "another_key_of_that_name": message("the keyring beside it has another key by the name “{kid}”"),
    "anchor_not_checked": message("the checkpoint's signature was not checked, since there is no --log-key."),
    "file_fails": message("{path}: {reason}."),
    "key_in_no_keyring": message(
        "no keyring beside the signing key has a key by the name “{kid}”; installations have to know it."
    ),
    "key_is_revoked": message("the key “{kid}” is revoked; installations with this keyring refuse the license key."),
    "ledger_file_gone": message("{path} is not there, though license keys were issued"),
    "ledger_line_altered": message("line {line} of {path} is not what was written there"),
    "ledger_checkpoint_unfit": message("{path} is no checkpoint that was signed by the key that it names"),
    "ledger_behind_checkpoint": message(
        "a checkpoint says what the first {size} license keys were, and the {entries} that stand there are others or "
        "too few"
    ),
    "ledger_signer_unknown": message(
        "the keyring beside it has no key “{kid}”, which signed it, so that anybody could have written it; put your "
        "own keyring there"
    ),
    "renewal_of_several": message(
        "{count} of different products or installations were issued; say with --product or --installation which one "
        "is renewed"
    ),
    "renewal_of_perpetual": message(
        "it is perpetual and has no maintenance, so that nothing of it ends; issue another one without --renew"
    ),
    "renewal_beyond_calendar": message("a year on, the calendar has no more days"),
    "in_column": message("column {column}: {problem}"),
    "line_repeated": message("it says the same as line {line}"),
    "batch_empty": message("there is no line below the header"),
    "columns_missing": message("the header needs the columns {columns}"),
    "batch_column_unknown": message("the column “{column}” is unknown; the columns are {columns}"),
    "maintenance_half": message("give both maintenance_start and maintenance_end, or neither"),
    "any_installation": message(
        "every installation of the product may register it. Give --installation with the UUID that the customer's "
        "License screen shows, or --any-installation if that is what you mean."
    ),
    "text_blank_around": message("{option} begins or ends with a blank: “{text}”."),
    "product_blank_around": message(
        "{option} begins or ends with a blank: “{text}”. No installation has a product with such a name; all refuse "
        "the license key."
    ),
    "text_blanks_within": message("{option} has two blanks or more beside each other: “{text}”."),
    "text_in_quotes": message("{option} stands in quotes, and they are a part of it: “{text}”."),
    "text_odd_character": message(
        "{option} has the character “{character}” (U+{number}), which nobody sees or which looks like another: "
        "“{text}”."
    ),
    "text_accents_apart": message(
        "{option} has accents apart from their letters, and is another text than the same with both in one: “{text}”."
    ),
    "text_mixes_alphabets": message("{option} mixes letters of two alphabets in one word: “{word}”."),
    "text_like_another": message("{option} “{text}” differs from “{other}” in case, form or blanks only."),
    "issuer_like_keyring": message(
        "--issuer “{text}” differs from the keyring's “{other}” in case, form or blanks only."
    ),
    "license_period_ended": message("the license period ended on {end}; installations refuse the license key."),
    "issued_later": message(
        "it is issued in the future; installations refuse the license key until a day before that moment."
    ),
    "products_never_used": message("without a maintenance period the optional products can never be used."),
    "maintenance_ended": message("the maintenance period ended on {end}."),
    "maintenance_goes_on": message(
        "the maintenance period goes on until {until}, but the license period ends on {end}."
    ),
    "maintenance_starts_before": message(
        "the maintenance period starts on {start}, before the license period on {license_start}."
    ),
    "either_scope": message("{one} or {other}"),
    "between_licenses": message("between two licenses, and nobody but administrators can log in then"),
    "between_maintenance_periods": message(
        "between two maintenance periods, and optional products cannot be used then"
    ),
}
