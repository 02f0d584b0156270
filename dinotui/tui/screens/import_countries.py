"""Which countries the unknown names of an import are: asked once a name, for all its records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult

from dinotui.domain.country import country_name, is_code, recognise
from dinotui.domain.folding import fold
from dinotui.domain.settings import Question
from dinotui.engine.suggestions import suggest_countries
from dinotui.locale import N_, _, language
from dinotui.tui.cells import Cell, CellLike, clean, cut
from dinotui.tui.commands import Command
from dinotui.tui.import_session import Picture
from dinotui.tui.plan_rows import paragraph
from dinotui.tui.screens.base import DinoScreen
from dinotui.tui.screens.import_choice import AskScreen
from dinotui.tui.screens.import_step import Page
from dinotui.tui.widgets.columns import Column
from dinotui.tui.widgets.form import Field
from dinotui.tui.widgets.line import Piece
from dinotui.tui.widgets.paged_list import PagedList
from dinotui.tui.widgets.row_source import ListSource, Row

_COUNTRIES: Final = N_("Countries")
_COLUMNS: Final = (
    Column(N_("In the file"), 16, 2),
    Column(N_("Is"), 16, 2),
    Column(N_("Why it is asked"), 14, 3, priority=1),
)
_NO_CODE: Final = ""


class CountriesScreen(DinoScreen):
    """Dismisses with the answers by name: an alpha-2 code, or empty for no code; names not answered are left out."""

    ACTIONS: ClassVar[tuple[Command, ...]] = (
        Command("countries.done", ("n", "."), N_("go on"), N_("Take the answers and go on"), _COUNTRIES),
        *(
            Command(
                f"countries.take-{number}",
                (str(number),),
                N_("take"),
                N_("Take the suggestion with this number"),
                _COUNTRIES,
                footer=False,
                palette=False,
            )
            for number in range(1, 7)
        ),
        Command(
            "countries.first",
            ("enter",),
            N_("answer"),
            N_(
                "Take the answer of last time or the likeliest meaning; where there is neither, type a country"
            ),
            _COUNTRIES,
        ),
        Command("countries.other", ("+", "t"), N_("type"), N_("Type another country"), _COUNTRIES),
        Command(
            "countries.none", ("0",), N_("no code"), N_("Import the name without a country code"), _COUNTRIES
        ),
    )

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self.questions = picture.countries
        self._last = last_answers(picture)
        self.answers: dict[str, str | None] = {
            str(question.field): _NO_CODE for question in picture.countries if question.field in picture.left
        }
        self._before = dict(self.answers)

    def title_text(self) -> str:
        """Return its crumb."""
        return _("Countries")

    def right_text(self) -> str:
        """Return how many are answered."""
        return _("{done} of {count} answered").format(done=len(self.answers), count=len(self.questions))

    @property
    def filters(self) -> bool:
        """The list is short."""
        return False

    def body(self) -> ComposeResult:
        """Yield the names and, under them, what the one under the cursor may be."""
        text = N_("These names have no country code yet. An answer holds for all records with the name.")
        yield Page(lambda width: [*paragraph(_(text), width, 2, "dim"), []])
        yield PagedList(_COLUMNS, id="names")
        yield Page(self._candidates, id="candidates")

    @property
    def names(self) -> PagedList:
        """The list."""
        return self.query_one("#names", PagedList)

    def ready(self) -> None:
        """Show the names."""
        self._show()
        self.names.focus()
        first = next((n for n, q in enumerate(self.questions) if q.field not in self.answers), 0)
        self.names.move_to(first)

    def _show(self) -> None:
        rows = []
        for number, question in enumerate(self.questions):
            name = str(question.field)
            answer = self.answers.get(name)
            if answer:
                shown: CellLike = (Cell(country_name(answer, language()), "good"), Cell(f" {answer}", "dim"))
            elif name in self.answers:
                shown = Cell(_("no code"), "dim")
            else:
                shown = Cell("?", "warn")
            ambiguous = recognise(name).status == "ambiguous"
            why = _("can be several countries") if ambiguous else _("is no country we know")
            rows.append(Row(number, (name, shown, Cell(why, "dim"))))
        self.names.set_source(ListSource(rows), keep=self.names.count > 0)
        self.query_one("#candidates", Page).redraw()
        self.refresh_commands()

    def relabel(self) -> None:
        """Show the names in the language of now."""
        self._show()
        super().relabel()

    @property
    def _number(self) -> int | None:
        row = self.names.current
        return row.key if row is not None and isinstance(row.key, int) else None

    def _candidates(self, width: int) -> Sequence[Sequence[Piece]]:
        number = self._number
        lines: list[list[Piece]] = [[]]
        if number is not None:
            question = self.questions[number]
            lines += [[(" ", ""), (cut(clean(question.field or ""), width - 3), "strong"), (" ?", "")]]
            for place, code in enumerate(question.choices[:6], start=1):
                name = country_name(code, language())
                said = f"   {_('as last time')}" if code == self._last.get(str(question.field)) else ""
                lines.append(
                    [(f"  {place} ", "key"), (clean(name), ""), (f"  {code}", "dim"), (said, "good")]
                )
            if not question.choices:
                lines.append([("    ", ""), (_("Nothing near it is known."), "dim")])
            lines.append([("  + ", "key"), (_("type another country"), "")])
            lines.append([("  0 ", "key"), (_("import it without a code"), "")])
        return [*lines, *([[]] * (8 - len(lines)))]

    def on_paged_list_moved(self) -> None:
        """Show what the name may be."""
        self.query_one("#candidates", Page).redraw()

    async def action_command(self, command_id: str) -> None:
        """Take a suggestion by its number."""
        _head, sign, number = command_id.partition("countries.take-")
        if sign:
            self._take(int(number) - 1)
        else:
            await super().action_command(command_id)

    def _take(self, place: int) -> None:
        number = self._number
        if number is None:
            return
        choices = self.questions[number].choices
        if place < len(choices):
            self._answer(number, choices[place])
        else:
            self.say(_("There is no suggestion {number}.").format(number=place + 1), "warn")

    def _answer(self, number: int, code: str) -> None:
        """Hold an answer and go to the next name without one; the last answer goes on by itself."""
        self.answers[str(self.questions[number].field)] = code
        self._show()
        order = [*range(number + 1, len(self.questions)), *range(number)]
        following = next((n for n in order if self.questions[n].field not in self.answers), None)
        if following is not None:
            self.names.move_to(following)
        else:
            self.say(_("All are answered: n goes on."), "good")

    def action_first(self) -> None:
        """Take what the name can mean, or type; go on when everything is answered.

        A country that is only spelt alike is taken by its number alone: a wrong code is worse than none.
        """
        number = self._number
        if number is None or len(self.answers) == len(self.questions):
            self.action_done()
        elif self._is_answer(self.questions[number]):
            self._take(0)
        else:
            self.action_other()

    def _is_answer(self, question: Question) -> bool:
        """Tell whether the first choice is a meaning of the name, or what it was said to be last time."""
        name = str(question.field)
        return bool(question.choices) and (name in self._last or recognise(name).status == "ambiguous")

    def action_none(self) -> None:
        """Leave the name without a code."""
        if self._number is not None:
            self._answer(self._number, _NO_CODE)

    def action_other(self) -> None:
        """Type a country."""
        number = self._number
        if number is None:
            return
        name = str(self.questions[number].field)

        def check(values: Mapping[str, str]) -> dict[str, str]:
            if code_of(values["country"]):
                return {}
            near = ", ".join(found.name for found in suggest_countries(values["country"], 3, language()))
            text = (
                _("This is no country that is known. Near: {names}.")
                if near
                else _("This is no country that is known.")
            )
            return {"country": text.format(names=near)}

        def typed(values: Mapping[str, str] | None) -> None:
            code = code_of(values["country"]) if values else None
            if code:
                self._answer(number, code)

        field = Field("country", N_("Country"), hint=N_("a name, or a code such as KR"))

        def text() -> str:
            return _("Which country is “{name}”?").format(name=name)

        self.dino.push_screen(AskScreen(lambda: _("Country"), text, [field], check), typed)

    def action_done(self) -> None:
        """Take the answers."""
        self.dismiss(self._given())

    def leave(self) -> None:
        """Go back; what is answered counts."""
        self.dismiss(self._given())

    def _given(self) -> dict[str, str | None]:
        return self.answers if self.answers != self._before else {}


def last_answers(picture: Picture) -> dict[str, str]:
    """Return the codes that the names were given when such a file was imported last."""
    known = {
        name: code
        for table in picture.tables
        if table.bound
        for name, code in table.bound.preset.countries.items()
    }
    names = [str(question.field) for question in picture.countries]
    return {name: known[fold(name)] for name in names if fold(name) in known}


def code_of(text: str) -> str | None:
    """Return the code of the country that a person typed, None where it is none."""
    code = text.strip().upper()
    return code if is_code(code) else recognise(text.strip()).code


def settled(picture: Picture, answers: Mapping[str, str | None]) -> tuple[dict[str, str], list[str]]:
    """Return the settings' countries with the answers in them, and the names left without a code."""
    countries = dict(picture.settings.countries)
    left = set(picture.left)
    for name, code in answers.items():
        if code:
            countries[fold(name)] = code
            left.discard(name)
        else:
            left.add(name)
    return countries, sorted(left)
