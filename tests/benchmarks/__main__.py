"""All benchmarks, one after another, each with its table; `python -m tests.benchmarks audit` runs that one alone."""

from __future__ import annotations

import sys

from tests.benchmarks import add_user, audit, growth, hostile, login_check, replay, sealing, user_import, writers

BENCHMARKS = {
    "login_check": login_check.main,
    "hostile": hostile.main,
    "add_user": add_user.main,
    "growth": growth.main,
    "writers": writers.main,
    "sealing": sealing.main,
    "user_import": user_import.main,
    "audit": audit.main,
    "replay": replay.main,
}


def main(names: list[str]) -> bool:
    """Run them, print their tables and one of the verdicts, and give whether every limit was reached."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return False
    verdicts = {}
    for name in names or BENCHMARKS:
        verdicts[name] = BENCHMARKS[name]()
        print(flush=True)
    print("All benchmarks")
    for name, reached in verdicts.items():
        print(f"  {name:<14} {'reached' if reached else 'missed'}")
    return all(verdicts.values())


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
