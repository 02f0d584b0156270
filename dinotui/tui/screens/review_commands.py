"""The keys of the review (TERMINAL, "Key map"), and when each can run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dinotui.locale import N_, _
from dinotui.tui.commands import Command, State

if TYPE_CHECKING:
    from dinotui.tui.screens.review import ReviewScreen

_REVIEW: Final = N_("Review")


def _has_conflict(screen: ReviewScreen) -> State:
    if screen.session.busy:
        return _("the import is being worked on")
    return True if screen.review and screen.review.conflict else _("there is no conflict here")


def _can_take_back(screen: ReviewScreen) -> State:
    if screen.session.busy:
        return _("the import is being worked on")
    review = screen.review
    some = review and (review.counts.decided or review.counts.later or review.saved)
    return True if some else _("nothing is decided yet")


COMMANDS: Final = (
    Command(
        "review.existing",
        ("1",),
        N_("existing"),
        N_("Field: keep the existing value"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.incoming",
        ("2",),
        N_("incoming"),
        N_("Field: take the incoming value"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.both",
        ("3",),
        N_("both"),
        N_("Field: keep both texts (notes)"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.edit",
        ("4",),
        N_("edit"),
        N_("Field: type a value of your own"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.accept",
        ("enter",),
        N_("accept"),
        N_(
            "Decide as RESULT shows, and go to the next. There “you” is your choice, “hint” what is suggested, “auto” "
            "the only value there is, or both notes"
        ),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.separate",
        ("5",),
        N_("separate"),
        N_("They are two trips: add the incoming one"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.skip",
        ("6",),
        N_("skip"),
        N_("Leave the incoming record out"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.later",
        ("7",),
        N_("later"),
        N_("Set it aside; it waits on Home"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.next",
        ("n", "."),
        N_("next"),
        N_("The next conflict; after the last one, on"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.previous",
        ("p", ","),
        N_("prev"),
        N_("The conflict before"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.alike",
        ("a", "*"),
        N_("all alike"),
        N_("Decide all conflicts like this one in the same way"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.take-back",
        ("u", "-"),
        N_("take back"),
        N_("Take the newest decision back"),
        _REVIEW,
        enabled=_can_take_back,
    ),
    Command(
        "review.equal",
        ("=",),
        N_("equal"),
        N_("Show or hide the equal fields"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.many",
        ("8", "m"),
        N_("by rule"),
        N_("Decide many: by a rule, or everything as it is suggested"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.only",
        ("/", "f"),
        N_("only"),
        N_("Go through some only: by confidence, country, or field that differs"),
        _REVIEW,
        enabled=_has_conflict,
    ),
    Command(
        "review.jump",
        ("0", "g"),
        N_("go to"),
        N_("Go to a conflict by its place"),
        _REVIEW,
        footer=False,
        enabled=_has_conflict,
    ),
    Command(
        "review.up", ("up", "k"), N_("field"), N_("The field above"), _REVIEW, footer=False, palette=False
    ),
    Command(
        "review.down",
        ("down", "j"),
        N_("field"),
        N_("The field below"),
        _REVIEW,
        footer=False,
        palette=False,
    ),
    Command(
        "review.first",
        ("home",),
        N_("first"),
        N_("The first conflict"),
        _REVIEW,
        footer=False,
        palette=False,
    ),
    Command(
        "review.last", ("end",), N_("last"), N_("The last conflict"), _REVIEW, footer=False, palette=False
    ),
)
