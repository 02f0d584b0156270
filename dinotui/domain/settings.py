"""What the user fixed about reading one import; everything left open is detected and shown."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from dinotui.domain.mapping import FieldName
from dinotui.domain.wire import Wire

DateOrder: TypeAlias = Literal["dmy", "mdy", "ymd"]
ALL_TABLES = "*"


class ImportSettings(Wire):
    """How the files of an import are read. None or empty means: decide from the content.

    `maps` holds ``Header=field`` in the user's words, `constants` one value for all records, `countries`
    folded country texts and the alpha-2 code the user gave them, `kept` headers kept in the notes.
    `table` names a sheet, archive entry or JSON array; ``*`` takes all. `header_row` 0 means none.
    `swap_dates` puts each entry and exit that stand the wrong way round in each other's place.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    table: str | None = None
    header_row: int | None = None
    maps: tuple[str, ...] = ()
    constants: dict[FieldName, str] = Field(default_factory=dict)
    kept: tuple[str, ...] = ()
    countries: dict[str, str] = Field(default_factory=dict)
    date_order: DateOrder | None = None
    time_zone: str | None = None
    preset: str | None = None
    reviewed_mapping: bool = False
    swap_dates: bool = False


class Question(Wire):
    """Something only the user can answer before the plan is right.

    `option` is the command line's way to answer, `choices` the possible answers, empty for free text.
    """

    code: str
    text: str
    option: str
    where: str = ""
    field: str | None = None
    choices: tuple[str, ...] = ()
