"""`dinotui token revoke ID`: from now on the token opens nothing."""

from __future__ import annotations

from dinotui.cli.arguments import Parser
from dinotui.cli.context import Context
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `token revoke`."""
    made = Parser(name, summary)
    made.takes("ID", _("the token's id, or the beginning of it"), least=1)
    made.examples("dinotui token revoke 3f9a")
    return made


def run(context: Context) -> int:
    """Revoke a token and return the exit code."""
    from dinotui.engine.tokens import revoke_token

    with context.store() as store, context.interruption.writing():
        token = revoke_token(store, context.options.words[0])
    if context.json:
        context.output.json(token.model_dump(mode="json", by_alias=True))
    else:
        context.output.line(_("Revoked {id}.").format(id=token.id))
    return 0
