"""What the members of answers are, as JSON Schema says it; each name means the same in every answer but those below."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]  # Any: JSON, as the specification nests it

TEXT: Schema = {"type": "string"}
OBJECT: Schema = {"type": "object"}
MAYBE_DATE: Schema = {"type": ["string", "null"], "format": "date"}
DATE: Schema = {"type": "string", "format": "date"}
WHOLE: Schema = {"type": "integer"}


def list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def one_of(*texts: str) -> Schema:
    return {"type": "string", "enum": list(texts)}


PERIOD: Schema = {
    "type": ["object", "null"],
    "required": ["start", "end", "status", "days_left"],
    "properties": {
        "start": DATE,
        "end": MAYBE_DATE,
        "status": one_of("upcoming", "active", "expired"),
        "days_left": {"type": ["integer", "null"]},
    },
}

LICENSE: Schema = {
    "type": "object",
    "required": [
        "edition",
        "valid",
        "in_use",
        "available",
        "license_period",
        "maintenance_period",
        "covered_until",
        "next",
    ],
    "properties": {
        "edition": {"type": ["string", "null"]},
        "valid": {**WHOLE, "description": "Valid: licenses in force; 0 before any license."},
        "in_use": {**WHOLE, "description": "In use: users who are not deleted."},
        "available": {**WHOLE, "description": "Available: Valid minus In use; negative while exceeded."},
        "license_period": PERIOD,
        "maintenance_period": PERIOD,
        "covered_until": MAYBE_DATE,
        "next": {"type": ["object", "null"], "description": "The license that waits for its day."},
    },
}

USER: Schema = {
    "type": "object",
    "required": ["login_name", "administrator", "deleted"],
    "properties": {"login_name": TEXT, "administrator": {"type": "boolean"}, "deleted": {"type": "boolean"}},
}

WARNING: Schema = {
    "type": "object",
    "required": ["code", "stage", "day", "message"],
    "properties": {
        "code": TEXT,
        "stage": {
            "type": ["integer", "null"],
            "description": "Of an end: so many days or less are left; of nearly_full: so many percent are in use.",
        },
        "day": MAYBE_DATE,
        "message": TEXT,
    },
}

EVENT: Schema = {
    "type": "object",
    "required": ["position", "recorded_at", "day", "event", "by", "command_id"],
    "properties": {
        "position": WHOLE,
        "recorded_at": {"type": "string", "format": "date-time"},
        "day": DATE,
        "event": TEXT,
        "by": TEXT,
        "command_id": TEXT,
    },
}

MEMBERS: dict[str, Schema] = {
    "access_evaluation_endpoint": TEXT,
    "access_evaluations_endpoint": TEXT,
    "account_id": TEXT,
    "administrator": {"type": "boolean"},
    "cancelled": list_of(OBJECT),
    "cancelled_by": list_of(OBJECT),
    "checked_on": {**DATE, "description": "The installation's day on which this is so."},
    "code": {**TEXT, "description": "What programs go by."},
    "confirmation": {"type": ["string", "null"]},
    "context": OBJECT,
    "covered": {"type": "boolean"},
    "day": DATE,
    "days": list_of(OBJECT),
    "decision": one_of("admit", "admin_only", "refuse"),
    "evaluations": list_of(OBJECT),
    "events": list_of(EVENT),
    "findings": list_of(OBJECT),
    "gaps": list_of(OBJECT),
    "if_nobody_acts": list_of(OBJECT),
    "installation_id": {**TEXT, "format": "uuid"},
    "key_needed": {"type": ["object", "null"]},
    "known": {**WHOLE, "description": "How many of the names are users'."},
    "last_release_date": MAYBE_DATE,
    "license": LICENSE,
    "license_keys": list_of(OBJECT),
    "login_name": TEXT,
    "message": {**TEXT, "description": "A sentence for people."},
    "name": TEXT,
    "needs_confirmation": {"type": "boolean"},
    "next": {"type": ["string", "integer", "null"], "description": "Where the next page begins; null at the end."},
    "no_way_back": list_of(TEXT),
    "optional_products": list_of(TEXT),
    "payload": TEXT,
    "policy_decision_point": TEXT,
    "position": {**WHOLE, "minimum": 0, "description": "The newest event of the history that this is made from."},
    "product": TEXT,
    "protected": TEXT,
    "release_date": DATE,
    "result": TEXT,
    "signature": TEXT,
    "status": TEXT,
    "takes_effect_on": MAYBE_DATE,
    "time_zone": TEXT,
    "unknown": {**WHOLE, "description": "How many of the names are nobody's."},
    "user": USER,
    "users": list_of(USER),
    "warnings": list_of(OBJECT),
    "would_happen": list_of(OBJECT),
}

OTHERWISE: dict[str, dict[str, Schema]] = {
    "evaluation": {"decision": {"type": "boolean"}},
    "show_license": {"warnings": list_of(WARNING)},
}
"""What a member is in the answer of one endpoint alone."""

OPTIONAL: dict[str, tuple[str, ...]] = {
    "readyz": ("findings",),  # for a token of the scope audit
    "evaluations": ("evaluations",),  # without a list, the question is answered as at /access/v1/evaluation
}
"""Members that an endpoint may leave out."""
