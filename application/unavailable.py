"""Refusals that are nobody's fault: the database is busy, full, or not set up."""

from __future__ import annotations

from domain.refusals import Refused


class Busy(Refused):
    """Others were writing all the time; nothing was stored."""

    code = "busy"
    sentence = "Seatledger is busy writing. Nothing was changed; please try again in a few seconds."


class StorageFailed(Refused):
    """The database refused the write; nothing was stored."""

    code = "storage_failed"
    sentence = "The database could not store this ({reason}). Nothing was changed; tell whoever runs this machine."


class AlreadyOpened(Refused):
    """One database serves one installation."""

    code = "already_initialized"
    sentence = "This database already holds the installation “{name}” ({installation_id})."
