"""Which column of a file feeds which field: suggested, remembered, and changed by the user (SPEC.md 4.2).

`headers` reads a header by itself, `contents` and `evidence` look at the cells below it, `directions` settles
departures and arrivals, `guesses` matches what no header explains, and `suggesting` puts them together.
`changes` is what the user does to a suggestion: overrides, constants, presets.
"""

from dinotui.formats.mapping.changes import (
    Question,
    apply_preset,
    header_shape,
    override,
    questions,
    with_constants,
)
from dinotui.formats.mapping.suggesting import suggest

__all__ = [
    "Question",
    "apply_preset",
    "header_shape",
    "override",
    "questions",
    "suggest",
    "with_constants",
]
