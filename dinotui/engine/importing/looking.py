"""What an import can be asked before it is read: which tables its files hold."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from dinotui.domain.settings import ImportSettings
from dinotui.engine.importing.reading import SourceFile
from dinotui.formats.base import ReadOptions
from dinotui.formats.registry import open_source
from dinotui.storage.store import Store


def table_names(files: Sequence[SourceFile], settings: ImportSettings, store: Store) -> list[str]:
    """Return the names of the sheets, archive entries or arrays that `files` hold, each once, in order.

    Raises `FormatError` for a file that cannot be read.
    """
    found: dict[str, None] = {}
    options = ReadOptions(encoding=settings.encoding, delimiter=settings.delimiter, quote=settings.quote)
    with store.scratch_folder() as scratch:
        for file in files:
            with closing(open_source(file.path, options, scratch=scratch, name=file.name)) as source:
                found |= dict.fromkeys(table.name for table in source.tables)
    return list(found)
