"""The vendor's commands: make and revoke a signing key, issue license keys, look into one, and what was issued."""

from __future__ import annotations

import click

from interface.cli.output import RefusingGroup
from interface.cli.vendor.inspection import inspect
from interface.cli.vendor.issue import issue
from interface.cli.vendor.ledger import list_, show, verify
from interface.cli.vendor.requests import inspect_request
from interface.cli.vendor.signing_keys import new_key, revoke_key


@click.group(cls=RefusingGroup)
def vendor() -> None:
    """Make signing keys, issue license keys and look into them, on the vendor's own machine.

    docs/vendor.md has every procedure: renewal, added licenses, corrections, signing keys that leak or are lost.
    """


for command in (new_key, issue, inspect, inspect_request, list_, show, verify, revoke_key):
    vendor.add_command(command)
