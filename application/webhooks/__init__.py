"""Webhooks: what happens here, told to other programs over HTTPS, signed, at least once (ADR 65)."""

from application.webhooks.delivery import Deliveries, Failure, WebhookTestFailed
from application.webhooks.endpoints import MAIL, TooManyWebhooks, UnknownWebhook, Webhook, Webhooks
from application.webhooks.messages import DELIVERED, EventTypeUnknown
from application.webhooks.signatures import ASYMMETRIC, KINDS
from application.webhooks.targets import Guard, WebhookUrlRefused
from application.webhooks.untold import Untold

__all__ = [
    "ASYMMETRIC",
    "DELIVERED",
    "KINDS",
    "MAIL",
    "Deliveries",
    "EventTypeUnknown",
    "Failure",
    "Guard",
    "TooManyWebhooks",
    "UnknownWebhook",
    "Untold",
    "Webhook",
    "WebhookTestFailed",
    "WebhookUrlRefused",
    "Webhooks",
]
