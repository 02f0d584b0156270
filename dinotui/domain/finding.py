"""What the integrity check found and what it put right (SPEC.md 5 and 6)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from dinotui.domain.wire import Wire

Severity: TypeAlias = Literal["error", "warning", "info"]


class Finding(Wire):
    """One thing that is not as it should be: a stable kebab-case `code`, and `message` in a sentence or two.

    `fix` says what putting it right does; empty where nothing can be done by itself.
    """

    code: str
    severity: Severity
    message: str
    fixable: bool
    fix: str = Field(default="", exclude=True)


class CheckResult(Wire):
    """`ok` when no finding is an error. `fixed` and `operation_id` are there after a fix."""

    ok: bool
    findings: tuple[Finding, ...]
    fixed: tuple[Finding, ...] | None = None
    operation_id: str | None = None
