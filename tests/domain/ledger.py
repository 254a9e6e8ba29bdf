"""Which license is in force, told a second time: day by day, straight from the text of K1 and K10."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Entry:
    """One registration on the model's list: numbers of days instead of dates, and what is crossed out of it."""

    name: str
    registered: int
    first: int
    last: int | None
    maintenance: tuple[int, int] | None
    crossed_out: bool = False
    care_is_crossed_out: bool = False

    def takes_effect(self) -> int:
        return max(self.registered, self.first)

    def begins_to_care(self) -> int:
        if self.maintenance is None or self.maintenance[0] < self.takes_effect():
            return self.takes_effect()
        return self.maintenance[0]

    def stops_caring_after(self) -> int | None:
        return self.last if self.maintenance is None else self.maintenance[1]

    def is_its_last_day_before(self, day: int) -> bool:
        return self.last is not None and self.last < day


class Ledger:
    """A list of registrations, kept with a pencil."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def write_down(self, new: Entry) -> None:
        """Cross out whatever would take effect on any day from the new one's effect to its last day (K1).

        And the maintenance of whatever would begin to care on any day from that on which the new one does, to the last
        on which it does (K10). What is crossed out crosses nothing out.
        """
        for old in self.entries:
            day = old.takes_effect()
            if day >= new.takes_effect() and not new.is_its_last_day_before(day):
                old.crossed_out = True
            day, last = old.begins_to_care(), new.stops_caring_after()
            comes_between = day >= new.begins_to_care() and (last is None or day <= last)
            if comes_between and not new.care_is_crossed_out:
                old.care_is_crossed_out = True
        self.entries.append(new)

    def licenses_in_force(self, days: int) -> list[Entry | None]:
        """K1: walk through the days; whoever takes effect on a day replaces whoever was there."""
        holder, holders = None, []
        for today in range(days):
            for entry in self.entries:
                if not entry.crossed_out and entry.takes_effect() == today:
                    holder = entry
            holders.append(holder)
        return holders

    def maintenance_in_force(self, days: int) -> list[Entry | None]:
        """K10: the same walk, where an entry's turn comes when both its license and its maintenance have begun."""
        carer, carers = None, []
        valid = [entry for entry in self.entries if not entry.crossed_out and not entry.care_is_crossed_out]
        for today in range(days):
            arriving = [entry for entry in valid if entry.begins_to_care() == today]
            for entry in sorted(arriving, key=Entry.takes_effect):
                carer = entry
            carers.append(carer)
        return carers
