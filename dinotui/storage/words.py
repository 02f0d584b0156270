"""The condition that a row holds every word of what is looked for, however many there are."""

from __future__ import annotations

import json
from typing import Final

_FEW: Final = 8
"""Words that are asked for one by one, which is quicker; SQLite takes at most a thousand in one expression."""


def with_words(searched: str, text: str) -> tuple[list[str], dict[str, str]]:
    """Return SQL conditions, all of which have to hold, and their bindings; `searched` is an SQL expression.

    Letters of ASCII match in either case.
    """
    words = list(dict.fromkeys(text.split()))
    if len(words) > _FEW:
        without = f"SELECT 1 FROM json_each(:words) WHERE NOT instr(lower({searched}), lower(value))"
        return [f"NOT EXISTS ({without})"], {"words": json.dumps(words)}
    names = {f"word{number}": word for number, word in enumerate(words)}
    return [f"instr(lower({searched}), lower(:{name}))" for name in names], names
