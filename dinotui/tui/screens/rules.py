"""The user's own validation rules: list, add, edit, switch on and off, delete, try on the trips there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.errors import DinoError, UsageError
from dinotui.domain.mapping import FIELD_LABELS, field_label
from dinotui.domain.rule_texts import parse_rule, rule_text
from dinotui.domain.rules import FIELDS_OF, OPERATORS, RULE_FIELDS, ValidationRule
from dinotui.engine import rules
from dinotui.engine.progress import Report, Stop
from dinotui.engine.rules import Tried
from dinotui.locale import N_, _, ngettext
from dinotui.storage.store import Store
from dinotui.tui.cells import Cell
from dinotui.tui.commands import Command, State
from dinotui.tui.messages import FilterChanged
from dinotui.tui.plan_rows import paragraph
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.stored import DataScreen, start_store_job
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.detail_text import DetailText
from dinotui.tui.widgets.form import YES_NO, Field
from dinotui.tui.widgets.line import Piece
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource, Row

_RULES: Final = N_("Rules")
_COLUMNS: Final = (
    Column("", 3),
    Column(N_("Rule"), 24, 4),
    Column(N_("If broken"), 9),
    Column(N_("Message"), 12, 2, priority=1),
)
OPERATOR_LABELS: Final = {
    "required": N_("is there"),
    "min": N_("is at least"),
    "max": N_("is at most"),
    "before": N_("is before"),
    "after": N_("is after"),
    "oneOf": N_("is one of"),
    "notOneOf": N_("is none of"),
    "matches": N_("matches the pattern"),
    "maxLength": N_("is no longer than"),
}
_HINTS: Final = {
    "required": N_("nothing: leave it empty"),
    "min": N_("a whole number, as in 1"),
    "max": N_("a whole number, as in 90"),
    "before": N_("a day, as in 2024-12-31"),
    "after": N_("a day, as in 2019-12-31"),
    "oneOf": N_("values with commas between, as in tourist,business"),
    "notOneOf": N_("values with commas between, as in Japan,Peru"),
    "matches": N_("a regular expression, as in ^[A-Z]"),
    "maxLength": N_("characters, as in 200"),
}
_SEVERITIES: Final = (("error", N_("rejects the record")), ("warning", N_("only warns")))


def _on_rule(screen: RulesScreen) -> State:
    return True if screen.current is not None else _("there is no rule under the cursor")


class RulesScreen(DataScreen):
    """The rules in their order; each import checks its records with those that are on."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command("rules.edit", ("enter",), N_("edit"), N_("Change the rule"), _RULES, enabled=_on_rule),
        Command("rules.add", ("+", "a"), N_("add"), N_("Add a rule"), _RULES),
        Command(
            "rules.switch",
            ("0", "o"),
            N_("on/off"),
            N_("Switch the rule on or off"),
            _RULES,
            enabled=_on_rule,
        ),
        Command(
            "rules.try",
            ("=", "t"),
            N_("try"),
            N_("See which of your trips break the rule"),
            _RULES,
            enabled=_on_rule,
        ),
        Command(
            "rules.delete", ("delete", "x"), N_("delete"), N_("Delete the rule"), _RULES, enabled=_on_rule
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.known: list[ValidationRule] = []
        self._tried: dict[str, str] = {}

    @property
    def rows(self) -> PagedList:
        """The list."""
        return self.query_one("#rules", PagedList)

    @property
    def current(self) -> ValidationRule | None:
        """The rule under the cursor."""
        row = self.rows.current
        return next((rule for rule in self.known if row is not None and rule.id == row.key), None)

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Rules")

    def body(self) -> ComposeResult:
        """Yield the list, and under it the rule under the cursor with what trying it found."""
        empty = N_("No rules yet. A rule is checked on every record of every import; + adds one.")
        yield PagedList(_COLUMNS, empty=empty, id="rules")
        yield DetailText(self._told)

    def _told(self) -> str:
        rule = self.current
        if rule is None:
            return ""
        tried = self._tried.get(rule.model_dump_json())
        return f"{rule_sentence(rule)}. " + (tried or _("= tries it on the trips you have."))

    def ready(self) -> None:
        """Show the rules."""
        self.data_changed()
        self.rows.focus()

    def data_changed(self) -> None:
        """Read the rules anew."""
        try:
            self.known = rules.list_rules(self.store)
        except DinoError as error:
            self.say(str(error), "error")
        self._show()

    def _show(self) -> None:
        words = self.filter_text.casefold().split()
        rows = [
            rule_row(rule)
            for rule in self.known
            if all(
                word in f"{rule_sentence(rule)} {rule_text(rule)} {rule.message}".casefold() for word in words
            )
        ]
        self.rows.set_source(ListSource(rows), keep=True)
        self.query_one(DetailText).redraw()
        self.refresh_commands()

    def on_filter_changed(self, event: FilterChanged) -> None:
        """Show what holds the filter's words."""
        event.stop()
        self._show()

    def relabel(self) -> None:
        """Show the rows' own words in the language of now."""
        self._tried.clear()
        self._show()
        super().relabel()

    # changing

    def action_add(self) -> None:
        """Ask for a new rule."""
        self._ask(None)

    def action_edit(self) -> None:
        """Change the rule under the cursor."""
        self._ask(self.current)

    def _ask(self, rule: ValidationRule | None) -> None:
        def given(values: Mapping[str, str] | None) -> None:
            if values is not None:
                made = rule_from(values)
                instead = rule.id if rule else None
                self._do(
                    lambda store: rules.save_rule(store, made, instead_of=instead),
                    _("The rule holds from now on."),
                )

        text = N_("What has to hold for every record; an empty field breaks only “is there”.")
        screen = AskScreen(
            lambda: _("Rule") if rule else _("New rule"), lambda: _(text), fields_of(rule), faults_of, below
        )
        self.dino.push_screen(screen, given)

    def action_switch(self) -> None:
        """Switch the rule on or off."""
        rule = self.current
        if rule is not None:
            told = _("Switched off: imports pass over it.") if rule.enabled else _("Switched on.")
            self._do(lambda store: rules.set_enabled(store, rule.id, enabled=not rule.enabled), told)

    def action_delete(self) -> None:
        """Delete the rule; an undo brings it back."""
        rule = self.current
        if rule is None:
            return
        self._do(lambda store: rules.delete_rule(store, rule.id), _("Deleted; u brings it back."))

    def _do(self, work: Callable[[Store], object], told: str) -> None:
        def run(store: Store, _report: Report, _cancelled: Stop) -> object:
            return work(store)

        def done(_answer: object) -> None:
            self.data_changed()
            self.dino.say(told, "good")

        start_store_job(self, _("Saving"), run, done)

    def action_try(self) -> None:
        """Look which trips break the rule."""
        rule = self.current
        if rule is None:
            return

        def run(store: Store, report: Report, cancelled: Stop) -> Tried:
            return rules.try_rules(store, [rule], report=report, cancelled=cancelled)

        def done(tried: Tried) -> None:
            self._tried[rule.model_dump_json()] = tried_text(tried)
            self.query_one(DetailText).redraw()

        start_store_job(self, _("Trying the rule"), run, done)


def rule_sentence(rule: ValidationRule) -> str:
    """Return a rule in words: ``visa type is one of tourist, business``."""
    value = ", ".join(rule.value) if isinstance(rule.value, tuple) else rule.value
    parts = (field_label(rule.field), _(OPERATOR_LABELS[rule.operator]), "" if value is None else str(value))
    return " ".join(filter(None, parts))


def rule_row(rule: ValidationRule) -> Row:
    """Return a rule as cells."""
    style = "" if rule.enabled else "dim"
    mark = Cell("[x]" if rule.enabled else "[ ]", style)
    severity = _("rejects") if rule.severity == "error" else _("warns")
    kind = style or ("bad" if rule.severity == "error" else "warn")
    return Row(
        rule.id, (mark, Cell(rule_sentence(rule), style), Cell(severity, kind), Cell(rule.message, "dim"))
    )


def tried_text(tried: Tried) -> str:
    """Return what trying a rule found."""
    if not tried.looked_at:
        return _("There are no trips to try it on.")
    if not tried.broken:
        return ngettext(
            "{count:,} trip was looked at, and it keeps the rule.",
            "{count:,} trips were looked at, and all keep the rule.",
            tried.looked_at,
        ).format(count=tried.looked_at)
    named = ", ".join(
        f"#{trip.number} {trip.country} {trip.entry_date}" for trip, _message in tried.examples[:6]
    )
    more = "" if tried.broken <= 6 else ", ..."
    return ngettext(
        "{count:,} of {total:,} trips breaks the rule: {named}",
        "{count:,} of {total:,} trips break the rule: {named}",
        tried.broken,
    ).format(count=tried.broken, total=tried.looked_at, named=named + more)


def fields_of(rule: ValidationRule | None) -> list[Field]:
    """Return the form of a rule."""
    value = ""
    if rule is not None:
        shown = rule_text(rule.model_copy(update={"severity": "error"}))
        value = "" if rule.value is None else shown.split(" ", 2)[2]
    return [
        Field(
            "field",
            N_("Field"),
            rule.field if rule else "maxDays",
            choices=tuple((name, FIELD_LABELS[name]) for name in RULE_FIELDS),
        ),
        Field(
            "operator",
            N_("Condition"),
            rule.operator if rule else "max",
            choices=tuple((name, OPERATOR_LABELS[name]) for name in OPERATORS),
        ),
        Field("value", N_("Value"), value, max_length=1000),
        Field("severity", N_("If broken"), rule.severity if rule else "error", choices=_SEVERITIES),
        Field(
            "message",
            N_("Message"),
            rule.message if rule else "",
            N_("your own words, or empty"),
            max_length=500,
        ),
        Field("enabled", N_("Is on"), "no" if rule and not rule.enabled else "yes", choices=YES_NO),
    ]


def rule_from(values: Mapping[str, str]) -> ValidationRule:
    """Return the rule that a form describes. Raises `UsageError`."""
    parsed = parse_rule(f"{values['field']} {values['operator']} {values['value']}".strip())
    given: dict[str, Any] = {
        "field": parsed.field,
        "operator": parsed.operator,
        "value": parsed.value,
        "severity": values["severity"],
        "message": values["message"].strip(),
        "enabled": values["enabled"] == "yes",
    }
    return ValidationRule(**given)


def faults_of(values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with a rule, by field of the form."""
    if values["field"] not in FIELDS_OF[values["operator"]]:  # type: ignore[index]  # one of the choices
        names = ", ".join(field_label(name) for name in FIELDS_OF[values["operator"]])  # type: ignore[index]
        return {"operator": _("This fits only: {names}.").format(names=names)}
    try:
        rule_from(values)
    except UsageError as error:
        return {"value": error.message}
    return {}


def below(values: Mapping[str, str], width: int) -> Sequence[Sequence[Piece]]:
    """Draw what the value has to be, and the rule in words."""
    lines: list[Sequence[Piece]] = [[]]
    lines += paragraph(_("Value: {hint}").format(hint=_(_HINTS[values["operator"]])), width, 1, "dim")
    if not faults_of(values):
        lines += paragraph(rule_sentence(rule_from(values)), width, 2, "strong")
    return lines
