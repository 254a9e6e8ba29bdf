"""What an installation can know about itself: a list of checks, none of which is on a login check's path (ADR 28)."""

from application.self_checks.checks import SelfChecks, of_schema
from application.self_checks.finding import Finding, Severity
from application.self_checks.modes import OwnFiles

__all__ = ["Finding", "OwnFiles", "SelfChecks", "Severity", "of_schema"]
