"""The audit commands: sign a checkpoint, export the history, verify an export."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import click

from application.auditing import Export
from application.exported import OwnEvidence, verify_and_replay
from application.files import PUBLIC, ask_new
from application.proof import verify_export
from application.proof.verify_export import Report, notes_in
from application.words.messages import Plural, plural
from application.words.names_sheet import sheet_of
from domain.local_time import spelled_at
from interface.cli.database import Opened, open_installation
from interface.cli.new_files import new_file
from interface.cli.output import Group, language, say, warn_of_passed_over
from interface.cli.source import EXISTING, of_own_file, own_evidence
from interface.composition import license_keys

STANDARD_OUTPUT = Path("-")

_FILE = click.Path(path_type=Path)


@click.group(cls=Group)
def audit() -> None:
    """Prove that nobody altered the history: checkpoints, exports, verification (docs/audit.md)."""


@audit.command()
@click.argument("file", metavar="[FILE|-]", type=_FILE, required=False)
@click.option("--newest", is_flag=True, help="Sign nothing: give the newest one that the database has.")
def checkpoint(file: Path | None, newest: bool) -> None:
    """Sign a checkpoint over all events so far; print it, or write it to FILE.

    Keep it somewhere else, or send it to the vendor: with it, a later verification shows that nothing before it was
    altered or removed. If nothing was added since the last one, that is given again. A FILE that is there is refused,
    and nothing is written.
    """
    is_printed = file is None or file == STANDARD_OUTPUT
    if file is not None and not is_printed:
        ask_new(file)  # before anything is signed
    at = open_installation()
    audit_log = at.seatledger.audit
    note = audit_log.newest(at.installation_id) if newest else audit_log.take_checkpoint(at.installation_id)
    if file is None or is_printed:
        click.echo(note, nl=False)
    else:
        _write_new(file, note.encode())


@audit.command("accept-restore")
@click.option("--checkpoint", type=EXISTING, required=True, help="A checkpoint that you kept, which the log extends.")
@click.option("--yes", is_flag=True, help="Accept without a question.")
def accept_restore(checkpoint: Path, yes: bool) -> None:
    """Accept as an auditor that the log was taken back to a backup, so that it is signed again.

    Shows what is lost and asks before anything is changed. The history records it, an alarm says it on every Audit
    screen, and the new checkpoint is printed: keep it with the ones before.
    """
    own_notes = of_own_file(checkpoint, notes_in)
    at = open_installation()
    audit_log, id_ = at.seatledger.audit, at.installation_id
    loss = audit_log.loss(id_, own_notes)
    zone = at.now().time_zone
    newest = at.seatledger.licensing.views.of(id_).newest_moment()
    say(
        "The log has {events} events, the newest of {moment}.",
        err=True,
        events=loss.events,
        moment=spelled_at(newest, zone) if newest else language().say("unknown"),
    )
    say(
        "{size} events were signed before, the last time at {moment}. Of what was recorded after event {position} "
        "then, nothing is certain any more: your checkpoint shows that all before it is here.",
        err=True,
        size=loss.lost.size,
        moment=spelled_at(loss.lost_at, zone) if loss.lost_at else language().say("unknown"),
        position=loss.proof.size,
    )
    if not yes and not _is_accepted():
        say("Nothing was changed.", err=True)
        return
    at.licensing.accept_restore(id_, loss, by=at.by)
    click.echo(audit_log.take_checkpoint(id_, accepted=loss), nl=False)


def _is_accepted() -> bool:
    """Whether somebody says yes; wrong usage where nobody answers."""
    try:
        return click.confirm(language().say("Accept this loss for good?"), err=True)
    except click.Abort:
        problem = language().say("Nobody answered, and nothing was changed. Give --yes to accept the loss for good.")
    raise click.UsageError(problem)


@audit.command()
@click.argument("file", metavar="FILE|-", type=_FILE)
@click.option(
    "--names", metavar="FILE", type=_FILE, help="Write the names of people into this second file (CSV: id,kind,name)."
)
def export(file: Path, names: Path | None) -> None:
    """Write all events, leaves, checkpoints and public keys to FILE, for an auditor; "-" is standard output.

    The export holds the license keys: it is as secret as the database, and only its owner can read it. It holds no
    names: people are called by their ids, and --names writes them into a file of their own, which is no part of the
    proof. A FILE that is there is refused, and nothing is written.
    """
    is_printed = file == STANDARD_OUTPUT
    if names is not None and names in (file, STANDARD_OUTPUT):
        raise click.UsageError(language().say("--names takes a file of its own, beside that of the export."))
    for each in (None if is_printed else file, names):
        if each is not None:
            ask_new(each)
    at = open_installation()
    with new_file(names) if names else nullcontext() as sheet:
        with nullcontext(sys.stdout.buffer) if is_printed else new_file(file) as stream:
            export_ = _export(at, stream)
        sys.stdout.flush()
        if sheet is not None:
            sheet.write(sheet_of(at.now().view).encode())
    say(
        "{events} and {checkpoints} exported to {file}.",
        err=file == STANDARD_OUTPUT,
        events=_count(export_.events, plural("{shown} event", "{shown} events")),
        checkpoints=_count(export_.checkpoints, plural("{shown} checkpoint", "{shown} checkpoints")),
        file=_name_of(file),
    )
    if names is not None:
        say(
            "The names of people were written to {file}. Delete it as soon as it is no longer needed: that is the "
            "auditor's duty, since nobody who is erased later is erased there.",
            err=is_printed,
            file=str(names),
        )
    if export_.alarm:
        say(
            "Warning: {problem} Verify the export with each checkpoint that was kept: they alone show what is gone.",
            err=True,
            problem=export_.alarm,
        )


def _export(at: Opened, stream: BinaryIO) -> Export:
    keyring = warn_of_passed_over(license_keys(at.seatledger.settings).keyring)
    audit_log, id_ = at.seatledger.audit, at.installation_id
    with click.progressbar(length=audit_log.size(id_), label=language().say("Exporting"), file=sys.stderr) as bar:
        return audit_log.export(id_, stream, keyring=keyring, progress=bar.update)


@audit.command()
@click.argument("file", type=EXISTING)
@own_evidence
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def verify(context: click.Context, file: Path, own: OwnEvidence, as_json: bool) -> None:
    """Verify an export: positions, leaves, roots, signatures, rules, license keys, and the state that a replay gives.

    Compares it with every checkpoint that you kept, and with those that vendors put into license keys. Needs no
    database. Exit status 1 names the first thing that is wrong. The file verify_export.py does the same but for the
    replay, and needs only Python and the package cryptography; “seatledger audit verifier FILE” writes it out.
    """
    length = file.stat().st_size
    with (
        file.open("rb") as stream,
        click.progressbar(length=length, label=language().say("Verifying"), file=sys.stderr) as bar,
    ):
        progress = (lambda _: bar.update(stream.tell() - bar.pos)) if stream.seekable() else None
        report = verify_and_replay(stream, own, progress)
        bar.update(length - bar.pos)
    click.echo(report.as_json() if as_json else "\n".join(_lines(report)))
    context.exit(1 if report.finding else 0)


@audit.command()
@click.argument("file", metavar="FILE|-", type=_FILE)
def verifier(file: Path) -> None:
    """Write the single-file verifier to FILE: all that an auditor's machine needs beside Python and cryptography.

    If FILE ends with .html, it is the verifier for a browser: a page that is opened from the disk and asks no network.
    It asks no rules, the Python file does. Nothing that is there is written over; "-" is standard output. Take both
    from a release that you trust and not from the installation that you audit.
    """
    source = Path(verify_export.__file__)
    program = (source.with_name("verify.html") if file.suffix.lower() == ".html" else source).read_bytes()
    if file == STANDARD_OUTPUT:
        click.echo(program, nl=False)
    else:
        _write_new(file, program)
    say(
        "The verifier was written to {file}; its SHA-256 is {digest}.",
        err=file == STANDARD_OUTPUT,
        file=_name_of(file),
        digest=sha256(program).hexdigest(),
    )


def _lines(report: Report) -> list[str]:
    lines = list(report.lines())
    if report.finding is None:
        lines.insert(-1, language().say("Replayed: the events give the state that the export shows."))
    return lines


def _count(number: int, noun: Plural) -> str:
    shown = f"{number:,}"
    return language().say(noun, number=number, shown=shown)


def _write_new(file: Path, content: bytes) -> None:
    """A file that everybody may read, whole or not there. Raises FileExists."""
    with new_file(file, PUBLIC) as stream:
        stream.write(content)


def _name_of(file: Path) -> str:
    return language().say("standard output") if file == STANDARD_OUTPUT else str(file)
