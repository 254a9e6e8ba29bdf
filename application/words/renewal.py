"""What is said of a renewal file: a sentence for each check of the vendor's judgement, by its name and outcome."""

from __future__ import annotations

from application.renewal.judgement import Check
from application.words.language import Language
from application.words.messages import Message, message


def of_check(check: Check, language: Language) -> str:
    return language.say(CHECKS[check.name, check.outcome], **check.facts)


_KEY_SENTENCES = {
    "good": message("it is signed with your key “{kid}”, for this installation and product."),
    "not_checked": message(
        "it says that it was signed with “{kid}”; give --keyring to check it. Anybody could have written this."
    ),
    "revoked_signer": message("it is signed with your key “{kid}”, which is revoked: issue the next one with another."),
    "unknown_signer": message("your keyring has no key “{kid}”: it is none of yours, or the keyring is an old one."),
    "bad_signature": message("your key “{kid}” has not signed it: it was altered, or is none of yours."),
    "of_another": message("it is for another installation or product than the file."),
    "unreadable": message("it is no license key."),
}

CHECKS: dict[tuple[str, str], Message] = {
    ("signature", "good"): message("the log key that you gave has signed the file and its checkpoint."),
    ("signature", "own_log_key"): message(
        "NOT CHECKED but with the key that the file names itself: this shows that it is whole, not who made it. Give "
        "--log-key with the key that the customer sent you before."
    ),
    ("last_license_key", "none"): message("no license key is registered yet."),
    ("last_license_key", "only_in_force"): message(
        "a license key is in force, but the file says that none was registered."
    ),
    **{
        (name, outcome): sentence
        for name in ("last_license_key", "license_key_in_force")
        for outcome, sentence in _KEY_SENTENCES.items()
    },
    ("log", "extends"): message(
        "its {newest} events begin with the {size} that the checkpoint in your license key covers: none of them was "
        "altered or removed."
    ),
    ("log", "extends_first"): message(
        "its {newest} events begin with the {size} of its own first checkpoint. Your last license key carries no "
        "checkpoint, so this shows nothing that you knew before; issue the next one with --request."
    ),
    ("log", "other_anchor"): message("it does not go on from the checkpoint that is in the last license key."),
    ("log", "shorter"): message(
        "it has {newest} events, fewer than the {size} that the checkpoint in your license key covers: a backup was "
        "restored, or events were removed. Ask the customer which."
    ),
    ("log", "not_extended"): message(
        "its {newest} events do not begin with the {size} that the checkpoint in your license key covers: a backup was "
        "restored and more recorded since, or events were altered. Ask the customer which."
    ),
    ("log", "bad_proof"): message(
        "the proof does not lead from the checkpoint over {size} events to the one over {newest}."
    ),
    ("in_use", "coherent"): message("{now} now, at most {highest} since {since}, as the installation says."),
    ("in_use", "above_licenses"): message(
        "{now} now, at most {highest} since {since}, as the installation says: more than the {licenses} licenses of "
        "the last license key."
    ),
    ("in_use", "above_highest"): message("a number is larger than {highest}, which the file says is the highest."),
    ("in_use", "months_missing"): message("its days are not the last days of all months since {since}."),
    ("restored_backup", "accepted"): message(
        "on {day} an auditor accepted that a backup was restored: of {lost} signed events the first {size} are certain."
    ),
}

NAMES = {
    "signature": message("Signature"),
    "last_license_key": message("Last license key"),
    "license_key_in_force": message("License key in force"),
    "log": message("History"),
    "in_use": message("In use"),
    "restored_backup": message("Restored backup"),
}
"""What each check is called in a column."""
