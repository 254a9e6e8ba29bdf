"""Honest histories by chance: what the use cases record, and nothing else, with clocks that jump and people who err."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from application.loss import Loss
from application.proof.verify_export import text_of_checkpoint
from application.user_import import ImportLine
from domain.refusals import Refused
from tests.examples import ADMINISTRATOR, OTHER_INSTALLATION_ID, a_key, a_period
from tests.world import World

NAMES = (ADMINISTRATOR, "ann", "Ann", "BEN", "cem", "dora", "eve", "山田太郎", "bjørn", "zoë", "a/b")
FIRST = date(2026, 4, 1)


class Life:
    """What happens to one installation; `go_on` does one thing, allowed or refused."""

    def __init__(self, world: World, chance: Random) -> None:
        self.world, self.chance = world, chance
        self.keys: list[str] = []
        self.notes: list[str] = []
        self.deeds: list[Callable[[], object]] = [  # object: whatever a use case gives
            *[self.time_goes_by] * 3,
            self.clock_jumps,
            self.clock_is_corrected,
            self.the_day_is_reached,
            *[self.users_are_changed] * 5,
            *[self.several_users_are_changed] * 3,
            self.users_are_imported,
            self.a_command_is_taken_back,
            *[self.a_user_is_renamed] * 2,
            *[self.somebody_is_erased] * 2,
            self.somebody_is_erased_again,
            *[self.a_key_is_registered] * 4,
            *[self.tokens_are_changed] * 2,
            *[self.auditors_are_changed] * 2,
            *[self.passwords_are_set] * 3,
            self.a_checkpoint_is_signed,
            self.a_restore_is_accepted,
        ]

    def go_on(self) -> None:
        with suppress(Refused):
            self.chance.choice(self.deeds)()

    # Who

    def name(self) -> str:
        return self.chance.choice(NAMES)

    def known_name(self) -> str:
        """Most often somebody's, who may be deleted."""
        known = [user.login_name for user in self.world.view.users.values()]
        return self.chance.choice([*known, *known, self.name()])

    def by(self, *scopes: str) -> str:
        """Somebody who may try: an operator, an administrator, or a token with one of the scopes."""
        view = self.world.view
        users = [user for user in view.users.values() if user.is_administrator and not user.is_erased]
        tokens = [
            token
            for token in view.tokens.values()
            if token.is_good(self.world.today) and any(scope in scopes for scope in token.scopes)
        ]
        return self.chance.choice([
            "cli:tester",
            self.chance.choice(["cli:tester", "cli:root", "cli:山田"]),
            *(f"user:{user.user_id}" for user in users),
            *(f"token:{token.token_id}" for token in tokens),
        ])  # fmt: skip

    def do(self, command: str, *args: Any, scopes: tuple[str, ...] = (), **options: Any) -> None:
        self.world.do(command, *args, by=self.by(*scopes), **options)

    # Time

    def time_goes_by(self) -> None:
        self.world.clock.go_on(seconds=self.chance.choice([1, 3_600, 40_000, 86_400, 700_000, 9_000_000]))

    def clock_jumps(self) -> None:
        """Forward by years, or back."""
        self.world.clock.go_on(days=self.chance.choice([-4000, -400, -1, 1, 400, 20_000]))

    def clock_is_corrected(self) -> None:
        self.world.clock.set(self.world.today - timedelta(days=self.chance.randrange(1, 2_000)))
        self.do("correct_clock", self.world.today - timedelta(days=self.chance.randrange(1, 3_000)))

    def the_day_is_reached(self) -> None:
        """A day on which a period begins or has ended, most often."""
        installation = self.world.licensing._acting.load(self.world.id)
        periods = [key.license_period for key in installation.registered_keys]
        periods += [key.maintenance_period for key in installation.registered_keys if key.maintenance_period]
        days = [day for each in periods for day in (each.start, each.end and each.end + timedelta(days=1)) if day]
        turning = [day for day in days if day > installation.day]
        if turning:
            self.world.clock.set(min(turning) + timedelta(days=self.chance.choice([0, 0, 1, 40])))
        if (day := self.world.licensing.day_to_reach(self.world.id)) is not None:
            self.world.licensing.reach_day(self.world.id, day)

    # People

    def users_are_changed(self) -> None:
        name, kind = self.known_name(), self.chance.randrange(9)
        if kind <= 2:
            name = self.name()
            self.do("add_user", name, administrator=False, scopes=("users",))
        elif kind == 3:
            self.world.do("add_user", name, administrator=True, by="cli:tester")
        elif kind <= 6:
            self.do(self.chance.choice(["delete_user", "restore_user"]), name, scopes=("users",))
        else:
            command = self.chance.choice(["grant_administrator", "revoke_administrator"])
            self.do(command, name, scopes=("administrators",))

    def several_users_are_changed(self) -> None:
        known = [user.login_name for user in self.world.view.users.values()]
        names = self.chance.sample(known, k=min(len(known), self.chance.randrange(1, 5)))
        commands = ["delete_users", "restore_users", "grant_administrators", "revoke_administrators"]
        self.do(self.chance.choice(commands), names)

    def users_are_imported(self) -> None:
        names = [*self.chance.sample(NAMES[:-1], k=3), f"user {self.chance.randrange(9)}"]
        lines = [ImportLine(number, name, administrator=name == "eve") for number, name in enumerate(names, 2)]
        self.do("import_users", lines, restore=self.chance.random() < 0.7)

    def a_command_is_taken_back(self) -> None:
        command_id = UUID(self.chance.choice(self.world.entries[-9:]).event.command_id)
        self.do("undo", self.world.licensing.user_command(self.world.id, command_id))

    def a_user_is_renamed(self) -> None:
        self.do(
            "rename_user", self.known_name(), self.chance.choice([self.name(), f"name {self.chance.randrange(99)}"])
        )

    def somebody_is_erased(self) -> None:
        erasing, id_, kind = self.world.licensing.erasing, self.world.id, self.chance.randrange(6)
        by = self.by("users") if kind <= 3 else self.by()
        if kind <= 3:
            names = [user.login_name for user in self.world.view.users.values() if user.is_deleted] or [self.name()]
            erasing.user(id_, self.chance.choice(names), frees_name=kind == 0, by=by)
        elif kind == 4:
            erasing.auditor(id_, self.chance.choice(["former", "auditor"]), by=by)
        else:
            erasing.operator(id_, self.chance.choice(["tester", "root", "山田"]), by=by)

    def somebody_is_erased_again(self) -> None:
        """Somebody present, as after a restore; the first administrator stays, or nobody could go on."""
        ids = [user.user_id for user in self.world.view.users.values() if not user.is_administrator]
        if ids and self.chance.random() < 0.3:
            erased = self.chance.choice(ids)
            self.world.licensing._acting.act(
                self.world.id, lambda one, stamp: one.erase_again(erased, stamp=stamp), by="server"
            )

    def auditors_are_changed(self) -> None:
        name = self.chance.choice(["auditor", "former", "Auditor & Sons"])
        self.do(self.chance.choice(["add_auditor", "add_auditor", "remove_auditor"]), name)

    def passwords_are_set(self) -> None:
        """As Accounts do it: of somebody who has a right, by themselves or on the machine."""
        view = self.world.view
        people = {**view.users, **view.auditors}
        accounts = [id_ for id_, one in people.items() if view.right_since(id_) and not one.is_erased]
        if not accounts:
            return
        account = self.chance.choice(accounts)
        own = f"user:{account}" if account in view.users else f"auditor:{account}"
        how = self.chance.choice(["link", "own", "machine", "none"])
        since = [entry.event for entry in self.world.entries[view.right_since(account) :]]
        ways = [getattr(event, "how", "made") for event in since if getattr(event, "account_id", "") == account]
        if how == "none":
            self.world.do("record_password_link", account, by=self.by())
        elif how == "machine" or (how == "own" and {*ways} - {"made"}) or (how == "link" and ways[-1:] == ["made"]):
            self.world.do("record_password_change", account, how, by="cli:tester" if how == "machine" else own)

    # Keys and tokens

    def a_key_is_registered(self) -> None:
        start = self.world.today + timedelta(days=self.chance.randrange(-300, 300))
        end = self.chance.choice([None, start + timedelta(days=self.chance.randrange(500))])
        issued = self.world.clock() + timedelta(days=self.chance.choice([-700, -30, 0, 0, 0, 0, 2]))
        fields = {
            "license_period": a_period(start, end),
            "maintenance_period": self.chance.choice([None, a_period(start, start + timedelta(days=90))]),
            "licenses": self.chance.randrange(1, 9),
            "issued_at": max(1, int(issued.timestamp())),
            "audience": self.chance.choice(["*", str(self.world.id), str(self.world.id), OTHER_INSTALLATION_ID]),
            "other_claims": self.anchor(),
        }
        new = a_key(**fields)
        text = self.chance.choice([new, new, new, new, "no license key", *self.keys[-2:]])
        self.keys.append(text)
        self.do("register_license_key", text, confirmed=True, scopes=("license",))

    def anchor(self) -> dict[str, str | int]:
        """None, a true one, or one of another history."""
        if not self.notes or self.chance.random() < 0.5:
            return {}
        _, size, root, *_ = self.chance.choice(self.notes).split("\n")
        return {"x_log_size": int(size) + self.chance.choice([0, 0, 0, 1, 500]), "x_log_root": root}

    def tokens_are_changed(self) -> None:
        tokens = list(self.world.view.tokens)
        if not tokens or self.chance.random() < 0.6:
            scopes = self.chance.sample(["login-check", "license", "users", "administrators", "audit"], k=3)
            self.world.do(
                "create_token", "gateway", scopes, expires_after=self.chance.choice([None, 1, 30]), by=self.by()
            )
        elif self.chance.random() < 0.5:
            self.do("revoke_token", *self.chance.sample(tokens, k=self.chance.randrange(1, min(3, len(tokens) + 1))))
        else:
            self.world.do("replace_token", self.chance.choice(tokens), by=self.by())

    # The log

    def a_checkpoint_is_signed(self) -> None:
        self.notes.append(self.world.checkpoint())

    def a_restore_is_accepted(self) -> None:
        if self.notes:
            size = self.world.size()
            proof = text_of_checkpoint(self.chance.choice(self.notes))
            lost = proof._replace(size=size + self.chance.randrange(1, 9), root=b"\1" * 32)
            self.world.licensing.accept_restore(self.world.id, Loss(proof, lost, None, size), by="cli:root")


def live(world: World, seed: int, deeds: int) -> Life:
    """A life of so many deeds in an opened world, the same for the same seed but for ids."""
    life = Life(world, Random(seed))  # noqa: S311  a test that can be repeated, and no secret
    for _ in range(deeds):
        life.go_on()
    return life
