"""`dinotui token list`: the user's tokens, never their secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.cli.tables import Column, write_table
from dinotui.cli.times import local_time
from dinotui.locale import _

if TYPE_CHECKING:
    from dinotui.domain.token import ApiToken


def parser(name: str, summary: str) -> Parser:
    """Return the options of `token list`."""
    made = Parser(name, summary)
    made.examples("dinotui token list", "dinotui token list --json | jq -r '.[].id'")
    return made


def run(context: Context) -> int:
    """List the tokens and return the exit code."""
    from dinotui.engine.tokens import list_tokens

    with context.store() as store:
        found = list_tokens(store)
    if context.json:
        context.output.json([token.model_dump(mode="json", by_alias=True) for token in found])
    elif not found:
        context.output.message(_("There are no tokens. Make one with: dinotui token create."))
    else:
        columns = [Column("ID"), Column(_("Name"), gives=True), Column(_("Scope")), Column(_("Made"))]
        columns += [Column(_("Expires")), Column(_("State"))]
        write_table(context.output, columns, [_row(token) for token in found])
    return 0


def _row(token: ApiToken) -> list[str]:
    from dinotui.storage.database import utc_now

    states = {"valid": _("valid"), "expired": _("expired"), "revoked": _("revoked")}
    expires = _("never") if token.expires is None else local_time(token.expires)
    shown = [token.id, token.name, token.scope, local_time(token.created), expires]
    return [*shown, states[token.state(utc_now())]]
