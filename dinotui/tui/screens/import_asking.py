"""What the import wizard asks beside its steps: which table, which countries, whether to throw the import away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dinotui.domain.errors import DinoError
from dinotui.domain.settings import ALL_TABLES, ImportSettings
from dinotui.engine.progress import Report, Stop
from dinotui.locale import N_, _, ngettext
from dinotui.storage.store import Store
from dinotui.tui.import_session import Depth, Picture, tables_of
from dinotui.tui.screens.import_choice import ChoiceScreen
from dinotui.tui.widgets.confirm import Question

if TYPE_CHECKING:
    from dinotui.tui.screens.importing import ImportWizard


def choose_table(wizard: ImportWizard, settings: ImportSettings) -> None:
    """Ask which table of the wizard's files holds the trips, and read that one."""

    def do(store: Store, _report: Report, _cancelled: Stop) -> list[str]:
        return tables_of(wizard.paths, settings, store)

    def found(names: list[str]) -> None:
        def choices() -> list[tuple[str, str, str]]:
            return [
                *((name, name, "") for name in names),
                (ALL_TABLES, _("all of them"), _("one after the other")),
            ]

        title = N_("Which table")
        text = N_("The file holds several tables. Which one holds your trips?")
        screen = ChoiceScreen(lambda: _(title), lambda: _(text), choices)
        wizard.dino.push_screen(screen, lambda name: chosen(name, names))

    def chosen(name: str | None, names: Sequence[str]) -> None:
        if name is None:
            wizard.refused(DinoError("no-table", _("No table was chosen, so nothing was read.")))
        else:
            wizard.read(wizard.paths, settings.model_copy(update={"table": name}), names)

    wizard.work(_("Looking at the tables"), do, found, wizard.refused)


def ask_countries(wizard: ImportWizard, picture: Picture) -> None:
    """Ask which countries the names without a code mean, and plan with the answers."""
    from dinotui.tui.screens.import_countries import CountriesScreen, settled

    def answered(answers: dict[str, str | None] | None) -> None:
        now = wizard.picture
        if not answers or now is None or wizard.session.busy:
            return
        countries, left = settled(now, answers)
        settings = now.settings.model_copy(update={"countries": countries})

        def do(store: Store, report: Report, cancelled: Stop) -> Picture:
            session = wizard.session
            session.held.set_meta(leftCountries=left)
            if countries == now.settings.countries:
                return session.take_picture()
            return session.change("understand", settings, now.configuration, store, report, cancelled)

        wizard.work(_("Planning"), do, lambda _picture: None)

    wizard.dino.push_screen(CountriesScreen(picture), answered)


def ask_discard(wizard: ImportWizard) -> None:
    """Ask whether to throw the import away, naming what goes with it."""
    picture = wizard.picture
    if picture is None:
        return
    decided = picture.review.decided + picture.review.later
    text = _("Discard the import of “{source}”?").format(source=picture.source)
    if decided:
        text += " " + ngettext(
            "{count} decision goes with it.", "{count} decisions go with it.", decided
        ).format(count=decided)

    def answered(yes: bool) -> None:
        if yes:
            wizard.session.discard()
            wizard.leave()
            wizard.dino.call_later(wizard.dino.say, _("Discarded. Your trips are as they were."), "good")

    wizard.ask(
        Question(f"{text} {_('Your trips stay as they are.')}", _("discard it"), _("keep it"), answered)
    )


def choose_preset(wizard: ImportWizard) -> None:
    """Open the presets; the one chosen is what the file is mapped and read by from then on."""
    from dinotui.tui.screens.presets import PresetsScreen

    picture = wizard.picture
    if picture is None:
        return

    def chosen(settings: ImportSettings | None) -> None:
        now = wizard.picture
        if settings is not None and now is not None and settings != now.settings:
            wizard.change(reach(settings, now.settings), settings)

    wizard.dino.push_screen(PresetsScreen(picture, picture.made), chosen)


def reach(settings: ImportSettings, before: ImportSettings) -> Depth:
    """Return from where on an import is done anew when its settings change."""
    read = ("encoding", "delimiter", "quote", "table", "header_row")
    return "read" if any(getattr(settings, name) != getattr(before, name) for name in read) else "understand"
