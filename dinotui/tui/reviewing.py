"""One review under way: the conflict in sight, what is chosen about it, where the next ones are. No widget.

Every decision is on disk when the method that makes it returns. Places and counts are kept up by what changes,
so that a step costs the same among a hundred thousand conflicts as among ten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, cast

from dinotui.engine.importing import deciding, preview
from dinotui.engine.importing.deciding import Conflict, DecisionAction, ReviewCounts
from dinotui.storage.conflict_filter import EVERY, ConflictFilter
from dinotui.storage.staging import Staging
from dinotui.storage.store import Store
from dinotui.tui.review_choices import Choice, Choosing, action_of, open_fields, preselected, shown_fields
from dinotui.tui.review_dates import meanings
from dinotui.tui.review_rows import Shown

_COMING: Final = 3
"""How many of the next undecided conflicts are named."""
_END: Final = 1 << 60


class Reviewing:
    """The review of `staging` against the trips in `store`; used by one thread."""

    def __init__(self, staging: Staging, store: Store) -> None:
        self.staging = staging
        self.store = store
        self.conflict: Conflict | None = None
        self.chosen = Choosing()
        self.cursor = ""
        """The field that the keys act on."""
        self.equal = False
        """Whether equal fields are shown too."""
        self.place = 0
        """Where the conflict stands among all, from 1; 0 for a record that nobody is asked about."""
        self.saved = False
        """Whether a decision was made since the review was opened."""
        self.counts = deciding.review_counts(staging)
        self.only = EVERY
        """Which conflicts the review goes through; places and counts are among them."""
        self._known = (0, 0)
        self._coming: list[tuple[int, int]] = []
        self._around: dict[str, list[str]] = {}

    @property
    def record(self) -> int:
        """The record of the conflict in sight, 0 where there is none."""
        return self.conflict.row.record if self.conflict else 0

    def shown(self, file: str) -> Shown | None:
        """Return what the page shows; `file` is what the import is of."""
        if self.conflict is None:
            return None
        return Shown(
            self.conflict,
            self.chosen,
            self.cursor,
            file,
            equal=self.equal,
            around=self._around,
            coming=self._coming,
        )

    def load(self, record: int) -> None:
        """Take the conflict of a record in sight and remember that the review stands there.

        Raises `NotFound` when the record has none (any more); then none is in sight.
        """
        self.conflict = None
        conflict = deciding.load_conflict(self.staging, self.store, record)
        self.conflict = conflict
        self.chosen = preselected(conflict)
        names = shown_fields(conflict, equal=self.equal)
        self.cursor = (open_fields(conflict, self.chosen) or list(conflict.differs) or names or [""])[0]
        self.place = 0
        if conflict.row.action == "ask" or conflict.row.decision is not None:
            self.place = deciding.position_of(self.staging, record, self._known, self.only)
            self._known = (record, self.place)
        deciding.set_position(self.staging, record)
        self._look_ahead()
        self._look_around()

    def _look_ahead(self) -> None:
        self._coming = []
        for number in deciding.conflict_numbers(
            self.staging, after=self.record, limit=_COMING, undecided=True, only=self.only
        ):
            row = preview.record(self.staging, number)
            if row is not None:
                place = deciding.position_of(self.staging, number, self._known, self.only)
                self._coming.append((place, row.confidence or 0))

    def _look_around(self) -> None:
        if self.conflict is not None:
            self._around = meanings(self.store, self.conflict, self.chosen, self.cursor)

    # choosing

    @property
    def open_fields(self) -> list[str]:
        """The differing fields without a choice."""
        return open_fields(self.conflict, self.chosen) if self.conflict else []

    def move(self, by: int) -> None:
        """Put the cursor on a field further down, or up."""
        if self.conflict is None:
            return
        names = shown_fields(self.conflict, equal=self.equal)
        place = names.index(self.cursor) if self.cursor in names else 0
        self.stand_on(names[min(max(0, place + by), len(names) - 1)])

    def stand_on(self, name: str) -> None:
        """Put the cursor on a field."""
        self.cursor = name
        self._look_around()

    def turn_equal(self) -> None:
        """Show equal fields, or hide them again."""
        self.equal = not self.equal
        if self.conflict is not None and self.cursor not in shown_fields(self.conflict, equal=self.equal):
            self.stand_on((list(self.conflict.differs) or [""])[0])

    def choose(self, choice: Choice) -> bool:
        """Choose for the field under the cursor and go to the next one without a choice.

        False where both sides have the same, so that there is nothing to choose.
        """
        if self.conflict is None or (self.cursor not in self.conflict.differs and isinstance(choice, str)):
            return False
        self.chosen.choose(self.cursor, choice)
        deciding.keep_choice(self.staging, self.conflict, self.cursor, choice)
        self.stand_on((self.open_fields or [self.cursor])[0])
        return True

    @property
    def whole(self) -> DecisionAction | None:
        """The decision about the record as a whole that holds: separate trips, left out, or for later."""
        if self.conflict is None or "you" in self.chosen.origins.values():
            return None
        found = {"separate": "separate", "skip": "skip", "later": "later"}.get(self.conflict.decided or "")
        return cast("DecisionAction | None", found)

    def decision(self) -> DecisionAction:
        """Return the decision that the choices are."""
        assert self.conflict is not None
        own = any(isinstance(choice, dict) for choice in self.chosen.choices.values())
        return "merge" if own else action_of(self.conflict, self.chosen)

    def choices(self, action: DecisionAction) -> dict[str, str | Mapping[str, str]]:
        """Return what is chosen by field, as a decision of `action` takes it."""
        if action != "merge":
            return {}
        return {
            name: choice if isinstance(choice, str) else dict(choice)
            for name, choice in self.chosen.choices.items()
        }

    # deciding

    def decide(self, action: DecisionAction) -> None:
        """Decide the conflict in sight; raises `DinoError`, with nothing decided."""
        conflict = self.conflict
        assert conflict is not None
        deciding.decide(self.staging, conflict, action, self.choices(action))
        self.saved = True
        if self.place:
            self.counts = counted(self.counts, conflict.decided, action)

    def decided_many(self) -> None:
        """Take note that conflicts were decided by somebody else, in a job."""
        self.saved = True
        self.counts = deciding.review_counts(self.staging, self.only)

    def take_back(self) -> int | None:
        """Take the newest decision back and return the record it was about, None where there is none."""
        record = deciding.take_back(self.staging)
        self.counts = deciding.review_counts(self.staging, self.only)
        return record

    # the way through

    def go_through(self, only: ConflictFilter) -> None:
        """Go through these conflicts alone from now on."""
        self.only = only
        self.counts = deciding.review_counts(self.staging, only)
        self._known = (0, 0)

    def following(self) -> int | None:
        """Return the next undecided conflict, from the beginning again after the last one."""
        found = deciding.neighbour(self.staging, self.record, undecided=True, only=self.only)
        return found if found is not None else self.first_undecided()

    def first_undecided(self) -> int | None:
        """Return the first undecided conflict."""
        rest = deciding.conflict_numbers(self.staging, limit=1, undecided=True, only=self.only)
        return rest[0] if rest else None

    def neighbour(self, *, back: bool = False) -> int | None:
        """Return the next conflict, decided or not, or the one before."""
        return deciding.neighbour(self.staging, self.record, back=back, only=self.only)

    def edge(self, *, last: bool = False) -> int | None:
        """Return the first conflict, or the last one."""
        return deciding.neighbour(self.staging, _END if last else 0, back=last, only=self.only)


def counted(counts: ReviewCounts, before: str | None, after: DecisionAction) -> ReviewCounts:
    """Return the counts once a conflict that was decided as `before` (None: open) is decided as `after`."""
    decided = counts.decided + (after != "later") - (before not in (None, "later"))
    return replace(counts, decided=decided, later=counts.later + (after == "later") - (before == "later"))
