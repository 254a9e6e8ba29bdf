"""The audit commands: sign a checkpoint, export the history, verify an export."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from application.files import writing_whole
from application.log.mapper import AllowedTopicsMapper
from application.proof.verify_export import Finding, Report, vkeys_of
from application.proof.verify_export import verify as verify_export
from application.views.replay import Replay
from application.words.messages import Plural, plural
from interface.cli.arguments import read_own
from interface.cli.database import open_installation
from interface.cli.output import Group, language, say, warn_of_passed_over
from interface.composition import license_keys

_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group(cls=Group)
def audit() -> None:
    """Prove that nobody altered the history: checkpoints, exports, verification (docs/audit.md)."""


@audit.command()
@click.argument("file", type=_FILE, required=False)
def checkpoint(file: Path | None) -> None:
    """Sign a checkpoint over all events so far; print it, or write it to FILE.

    Keep it somewhere else, or send it to the vendor: with it, a later verification shows that nothing before it was
    altered or removed. If nothing was added since the last one, that is given again.
    """
    at = open_installation()
    note = at.seatledger.audit.take_checkpoint(at.installation_id)
    if file is None:
        click.echo(note, nl=False)
        return
    try:
        file.write_text(note, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(_unwritable(file, error)) from None


@audit.command()
@click.argument("file", type=_FILE)
def export(file: Path) -> None:
    """Write all events, leaves, checkpoints and public keys to FILE, for an auditor.

    The export holds the license keys: it is as secret as the database, and only its owner can read it.
    """
    if file.exists() and (file.is_symlink() or not file.is_file()):
        raise click.BadParameter(language().say("{file} is no ordinary file.", file=str(file)), param_hint="'FILE'")
    at = open_installation()
    keyring = warn_of_passed_over(license_keys(at.seatledger.settings).keyring)
    audit_log, id_ = at.seatledger.audit, at.installation_id
    try:
        with (
            writing_whole(file) as stream,
            click.progressbar(length=audit_log.size(id_), label=language().say("Exporting"), file=sys.stderr) as bar,
        ):
            done = audit_log.export(id_, stream, keyring=keyring, progress=bar.update)
    except OSError as error:
        raise click.ClickException(_unwritable(file, error)) from None
    say(
        "{events} and {checkpoints} exported to {file}.",
        events=_counted(done.events, plural("{shown} event", "{shown} events")),
        checkpoints=_counted(done.checkpoints, plural("{shown} checkpoint", "{shown} checkpoints")),
        file=str(file),
    )
    if done.alarm:
        say("Warning: {problem} Verify the export: it names the damage.", err=True, problem=done.alarm)


@audit.command()
@click.argument("file", type=_EXISTING)
@click.option("--checkpoint", "kept", type=_EXISTING, help="A checkpoint that you kept.")
@click.option("--log-key", type=_EXISTING, help="The log's public key (vkey), as you kept it.")
@click.option("--keyring", type=_EXISTING, help="The vendor's keyring (JWK set), from the vendor.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def verify(
    context: click.Context, file: Path, kept: Path | None, log_key: Path | None, keyring: Path | None, as_json: bool
) -> None:
    """Verify an export: positions, leaves, roots, signatures, license keys, and the state that a replay gives.

    Needs no database. Exit status 1 names the first thing that is wrong. The file verify_export.py does the same but
    for the replay, and needs only Python and the package cryptography.
    """
    replay = Replay(AllowedTopicsMapper.plain())
    length = file.stat().st_size
    with (
        file.open("rb") as stream,
        click.progressbar(length=length, label=language().say("Verifying"), file=sys.stderr) as bar,
    ):
        report = verify_export(
            stream,
            kept_checkpoint=read_own(kept).decode("utf-8", "replace") if kept else None,
            log_keys=vkeys_of(read_own(log_key)) if log_key else None,
            keyring=read_own(keyring) if keyring else None,
            on_event=replay.event,
            progress=(lambda _: bar.update(stream.tell() - bar.pos)) if stream.seekable() else None,
        )
        bar.update(length - bar.pos)
    _compare_replay(report, replay)
    click.echo(report.as_json() if as_json else "\n".join(_lines(report)))
    context.exit(1 if report.finding else 0)


def _compare_replay(report: Report, replay: Replay) -> None:
    """The last check: the events, replayed by the rules of this version, give the state that the export shows.

    Replaying goes in steps; so an event that cannot be replayed may come before what was found meanwhile.
    """
    try:
        if replay.state() != report.state and report.finding is None:
            raise Finding("other_state", "The replayed events give another state than the export says.", report.events)
    except Finding as found:
        earlier = report.finding
        if earlier is None or (earlier.position is not None and (found.position or 0) < earlier.position):
            report.finding = found


def _lines(report: Report) -> list[str]:
    lines = list(report.lines())
    if report.finding is None:
        lines.insert(-1, language().say("Replayed: the events give the state that the export shows."))
    return lines


def _counted(number: int, noun: Plural) -> str:
    shown = f"{number:,}"
    return language().say(noun, number=number, shown=shown)


def _unwritable(file: Path, error: OSError) -> str:
    return language().say("{file} cannot be written: {reason}.", file=str(file), reason=error.strerror)
