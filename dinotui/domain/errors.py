"""The errors a user can cause, each told in one or two plain sentences.

A message says what went wrong and what to do; `where` says where (file, line, field). Nothing here is ever
shown with a traceback.
"""

from __future__ import annotations

from typing import ClassVar

from dinotui.locale import _


class DinoError(Exception):
    """Something was refused or failed and nothing changed (exit code 1)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, message: str, where: str | None = None) -> None:
        """Take a stable kebab-case `code`, the translated `message`, and `where` it happened."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class UsageError(DinoError):
    """The caller asked for something that makes no sense (exit code 2)."""

    exit_code: ClassVar[int] = 2


class FormatError(DinoError):
    """A file cannot be read as what it claims or seems to be."""


class UnsupportedFormat(FormatError):
    """A file is recognised by name but is not importable; the message says what to do instead."""


class LimitError(FormatError):
    """A file goes past one of the limits that keep memory and time bounded."""


class NeedsAnswer(DinoError):
    """The import cannot go on before a question is answered (a date order, a column, a sheet).

    `question` names the option that answers it, as the command line spells it.
    """

    def __init__(self, code: str, message: str, question: str, where: str | None = None) -> None:
        super().__init__(code, message, where)
        self.question = question


class StorageError(DinoError):
    """The database, its folder or its disk cannot do what was asked."""


class NotFound(DinoError):
    """A named trip, operation, import, backup or preset does not exist."""


class Cancelled(DinoError):
    """The user stopped the work; nothing changed (exit code 130)."""

    exit_code: ClassVar[int] = 130

    def __init__(self, message: str | None = None) -> None:
        super().__init__("cancelled", message or _("Stopped. Nothing was changed."))
