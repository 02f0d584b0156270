"""Many conflicts at once: a rule to decide by, which conflicts to go through, and a jump to one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from dinotui.engine.importing import deciding, rules
from dinotui.engine.importing.rules import BANDS, POLICY, Rule
from dinotui.engine.progress import Report, Stop
from dinotui.locale import N_, _, ngettext
from dinotui.storage.conflict_filter import EVERY, ConflictFilter, countries
from dinotui.storage.matching import DIFFERS
from dinotui.storage.store import Store
from dinotui.tui.rows import field_label
from dinotui.tui.screens.import_choice import AskScreen, ChoiceScreen
from dinotui.tui.screens.review_alike import ask_alike, sample_text
from dinotui.tui.widgets.confirm import Question
from dinotui.tui.widgets.form import Field

if TYPE_CHECKING:
    from dinotui.tui.screens.review import ReviewScreen

_SUGGESTED: Final = "suggested"
_RULES: Final[dict[Rule, str]] = {
    "fields": N_("the same fields differ, as likely"),
    "band": N_("as likely the same trip"),
    "country": N_("the same country"),
    "source": N_("the same sheet or file"),
    "all": N_("everything that is open"),
}
_BANDS: Final = {
    "high": N_("90% sure and more"),
    "medium": N_("70% to 89% sure"),
    "low": N_("less than 70% sure"),
}
_MOST_COUNTRIES: Final = 12


def ask_rule(screen: ReviewScreen) -> None:
    """Ask by which rule to decide others like the conflict in sight, with how many that are; then decide."""
    review = screen.review
    assert review is not None
    conflict = review.conflict
    assert conflict is not None
    held = screen.session.held
    found: list[tuple[str, str, str]] = []
    every = len(rules.like(held, conflict, "all"))
    for rule, label in _RULES.items():
        others = rules.like(held, conflict, rule)
        if others and (rule == "all" or len(others) < every):
            found.append((rule, label, f"{len(others):,}   {sample_text(screen, others)}"))
    suggested = rules.suggestions(held, review.only)
    if suggested:
        beside = f"{len(suggested):,}   {sample_text(screen, list(suggested))}"
        found.append((_SUGGESTED, N_("every open one as it is suggested"), beside))

    def choices() -> list[tuple[str, str, str]]:
        return [(value, _(label), beside) for value, label, beside in found]

    if not found:
        screen.say(_("No other conflict is open."), "warn")
        return

    def chosen(value: str | None) -> None:
        if value == _SUGGESTED:
            _ask_suggested(screen, list(suggested))
        elif value is not None:
            rule: Rule = next(rule for rule in rules.RULES if rule == value)
            ask_alike(screen, rule)

    text = N_("Decide others like this one, and how many that are:")
    screen.dino.push_screen(ChoiceScreen(lambda: _("Decide many"), lambda: _(text), choices), chosen)


def _ask_suggested(screen: ReviewScreen, numbers: list[int]) -> None:
    review = screen.review
    assert review is not None
    only = review.only

    def answered(said: bool) -> None:
        if said:

            def do(_store: Store, report: Report, cancelled: Stop) -> int:
                held = screen.session.held
                return rules.decide_suggested(held, only, report=report, cancelled=cancelled)

            screen.work(_("Deciding"), do, screen.decided_many)

    text = ngettext(
        "Decide {count:,} as it is suggested ({names})? It stays to be looked at, and can be decided otherwise.",
        "Decide {count:,} as they are suggested ({names})? They stay to be looked at, and can be decided otherwise.",
        len(numbers),
    ).format(count=len(numbers), names=sample_text(screen, numbers))
    yes = _("decide {count:,}").format(count=len(numbers))
    screen.ask(Question(text, yes, _("only look"), answered, key="enter"))


def ask_only(screen: ReviewScreen) -> None:
    """Ask which conflicts to go through: all, or those of a confidence, a country, a field, a policy."""
    review = screen.review
    assert review is not None
    filters = _filters(screen)
    staging = review.staging

    def choices() -> list[tuple[str, str, str]]:
        return [
            (str(place), label, f"{deciding.review_counts(staging, only).conflicts:,}")
            for place, (label, only) in enumerate(_filters(screen))
        ]

    now = next((str(place) for place, (_label, only) in enumerate(filters) if only == review.only), "0")

    def chosen(value: str | None) -> None:
        if value is not None:
            label, only = filters[int(value)]
            screen.go_through(only, "" if only == EVERY else label)

    text = N_("Which conflicts to go through:")
    screen.dino.push_screen(ChoiceScreen(lambda: _("Only some"), lambda: _(text), choices, now), chosen)


def _filters(screen: ReviewScreen) -> list[tuple[str, ConflictFilter]]:
    held = screen.session.held
    found = [(_("all conflicts"), EVERY)]
    found += [
        (_(label), ConflictFilter(lowest=BANDS[level][0], below=BANDS[level][1]))
        for level, label in _BANDS.items()
    ]
    found += [
        (_("{field} differs").format(field=field_label(name)), ConflictFilter(differs=bit))
        for name, bit in DIFFERS.items()
    ]
    found += [
        (name, ConflictFilter(country=value)) for value, name, _count in countries(held, _MOST_COUNTRIES)
    ]
    found.append((_("decided as suggested"), ConflictFilter(made_by=POLICY)))
    return [
        (label, only)
        for label, only in found
        if only == EVERY or deciding.review_counts(held, only).conflicts
    ]


def ask_jump(screen: ReviewScreen) -> None:
    """Ask for a place and go there."""
    review = screen.review
    assert review is not None
    count = review.counts.conflicts

    def text() -> str:
        return ngettext(
            "The place of the conflict, 1 to {count}:", "The place of the conflict, 1 to {count}:", count
        ).format(count=count)

    def check(values: Mapping[str, str]) -> dict[str, str]:
        place = values["place"].strip().removeprefix("#")
        fits = place.isascii() and place.isdigit() and len(place) < 10 and 1 <= int(place) <= count
        return {} if fits else {"place": _("a number from 1 to {count}").format(count=count)}

    def typed(values: Mapping[str, str] | None) -> None:
        if values is not None:
            found = deciding.record_at(
                review.staging, int(values["place"].strip().removeprefix("#")), review.only
            )
            if found is not None:
                screen.show(found)

    label: Callable[[], str] = lambda: _("Go to")  # noqa: E731 - a title that follows the language
    field = Field("place", N_("Place"), str(review.place or 1))
    screen.dino.push_screen(AskScreen(label, text, [field], check), typed)
