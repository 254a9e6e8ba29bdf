"""The webhook commands: where what happens is told, at once and signed."""

from __future__ import annotations

import click

from application import answers
from application.views.day_view import DayView
from application.webhooks import ASYMMETRIC, KINDS, Webhook
from application.words.messages import message
from application.words.webhooks import last_failure, standing
from interface.cli.database import Opened, open_installation
from interface.cli.output import Group, aligned, echo_json, language, say

HEADER = (
    message("ID"),
    message("STATUS"),
    message("WAITING"),
    message("LAST DELIVERED"),
    message("SIGNED WITH"),
    message("URL"),
)

_ID = click.argument("webhook_id", metavar="ID")


@click.group(cls=Group)
def webhook() -> None:
    """Tell other programs what happens here, as it happens (docs/webhooks.md).

    A server delivers: while none runs, everything waits, and nothing is lost.
    """


@webhook.command()
@click.argument("url")
@click.option(
    "--events",
    "types",
    multiple=True,
    metavar="TYPE",
    help="Once for each type that is wanted, such as license.registered, license.warning or user.*; all if unsaid.",
)
@click.option(
    "--signature",
    type=click.Choice(KINDS),
    default=ASYMMETRIC,
    show_default=True,
    help="v1a: Ed25519, and the receiver holds a public key. v1: HMAC, and the receiver holds a secret.",
)
def add(url: str, types: tuple[str, ...], signature: str) -> None:
    """Add a webhook, from now on, and print the key by which its receiver knows us.

    The public key (whpk_…) can be shown to anybody. The secret (whsec_…) cannot be shown again.
    """
    at = open_installation()
    new = at.seatledger.webhooks.add(url, _typed(types), at.now().position, signature=signature)
    click.echo(new.key)
    say("The webhook {id} was added. Try it: seatledger webhook test {id}", err=True, id=new.webhook.id)


@webhook.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with moments and ids as they are.")
def list_(as_json: bool) -> None:
    """List all webhooks: how far each has got, and what keeps it from going on."""
    at = open_installation()
    now, webhooks = at.now(), at.seatledger.webhooks.all()
    if as_json:
        echo_json({"webhooks": [answers.of_webhook(each, each.waiting(now.position), language()) for each in webhooks]})
        return
    if not webhooks:
        say("There are no webhooks.")
        return
    click.echo(
        aligned([_row(each, now) for each in webhooks], header=[language().say(name) for name in HEADER]),
    )
    for each in webhooks:
        if failure := last_failure(each, language()):
            say("Warning: Webhook {id}: {failure}", err=True, id=each.id, failure=failure)


@webhook.command()
@_ID
def test(webhook_id: str) -> None:
    """Send a test now, from this machine, and say whether it arrived."""
    at = open_installation()
    at.seatledger.deliveries.test(at.installation_id, webhook_id)
    say("The test arrived.")


@webhook.command()
@_ID
def stop(webhook_id: str) -> None:
    """Deliver nothing until it is resumed; what happens meanwhile waits."""
    at = open_installation()
    at.seatledger.webhooks.stop(webhook_id)
    say("The webhook {id} is turned off. To go on: seatledger webhook resume {id}", id=webhook_id)


@webhook.command()
@_ID
def resume(webhook_id: str) -> None:
    """Go on where it stood still, and try at once what failed."""
    at = open_installation()
    at.seatledger.webhooks.resume(webhook_id)
    say("The webhook {id} goes on with event {position}.", id=webhook_id, position=_next(at, webhook_id))


@webhook.command()
@_ID
def remove(webhook_id: str) -> None:
    """Remove a webhook; what waited for it is not delivered."""
    at = open_installation()
    at.seatledger.webhooks.remove(webhook_id)
    say("The webhook {id} is removed.", id=webhook_id)


def _typed(types: tuple[str, ...]) -> list[str]:
    """The types as people give them, also with commas between."""
    return [part.strip() for each in types for part in each.split(",") if part.strip()]


def _next(at: Opened, webhook_id: str) -> int:
    return at.seatledger.webhooks.get(webhook_id).position + 1


def _row(each: Webhook, now: DayView) -> tuple[object, ...]:  # object: a cell of whatever kind
    waiting = each.waiting(now.position)
    return (
        each.id,
        standing(each, waiting, language()),
        waiting,
        language().moment(each.delivered_at) if each.delivered_at else language().say("not yet"),
        each.signature,
        each.url,
    )
