"""The commands: where each stands, and what the list of them says."""

from __future__ import annotations

from typing import NamedTuple

from application.words.messages import Message, message


class Place(NamedTuple):
    """Where a command stands, and what the list of commands says of it: nothing is imported to print the list."""

    module: str
    attribute: str
    short_help: Message


COMMANDS = {
    "audit": Place(
        "audit",
        "audit",
        message("Prove that nobody altered the history: checkpoints, exports, verification (docs/audit.md)."),
    ),
    "auditor": Place("auditor", "auditor", message("Add, remove, erase and list auditors.")),
    "backup": Place(
        "backup",
        "backup",
        message("Copy the database into DIR, or as FILE, while the servers go on, and print the copy's path."),
    ),
    "check": Place("check", "check", message("Decide a login, as the gateway would: admit, admin_only or refuse.")),
    "clock": Place("clock", "clock", message("Mend the day after a wrong machine clock.")),
    "completion": Place("completion", "completion", message("Print what switches completion on in bash, zsh or fish.")),
    "demo": Place("demo", "demo", message("Try Seatledger, all in one.")),
    "doctor": Place(
        "doctor",
        "doctor",
        message(
            "Look at everything that this machine can know about its installation, and say how to mend what is wrong."
        ),
    ),
    "history": Place(
        "history", "history", message("Show what happened: who did what, and when, in the installation’s time zone.")
    ),
    "init": Place("init", "init", message("Make the database of an installation.")),
    "license": Place(
        "license", "license_", message("Preview and register license keys, list them, and show the license.")
    ),
    "mail": Place("mail", "mail", message("Mail what administrators are warned of (docs/configuration.md#mail).")),
    "migrate": Place(
        "migrate", "migrate", message("Bring the database's schema forward to this program's; it never goes back.")
    ),
    "move": Place(
        "move", "move", message("Carry the installation into another database, and leave the old one as it is.")
    ),
    "operator": Place(
        "operator", "operator", message("List those who gave commands on this machine, and erase their names.")
    ),
    "password": Place("password", "password", message("Set an administrator's or auditor's password.")),
    "restore": Place(
        "backup", "restore", message("Put a backup in the database's place: FILE, or the newest one in DIR.")
    ),
    "serve": Place("serve", "serve", message("Serve the pages and the API.")),
    "sign-ins": Place(
        "sign_ins",
        "sign_ins",
        message("Show who signed in, failed to and signed out, from which address, and who was given or lost rights."),
    ),
    "status": Place("status", "status", message("Say how the installation is, for monitoring.")),
    "token": Place("token", "token", message("Make, list, replace and revoke API tokens.")),
    "user": Place("user", "user", message("Add, delete, restore, rename, list and import users.")),
    "vendor": Place(
        "vendor",
        "vendor",
        message("Make signing keys, issue license keys and look into them, on the vendor's own machine."),
    ),
    "webhook": Place(
        "webhook", "webhook", message("Tell other programs what happens here, as it happens (docs/webhooks.md).")
    ),
}
