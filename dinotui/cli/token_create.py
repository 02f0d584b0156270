"""`dinotui token create`: a token for the HTTP API, shown once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from dinotui.cli.arguments import Parser, choice
from dinotui.cli.context import Context
from dinotui.domain.errors import UsageError
from dinotui.locale import _

_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([dh])", re.IGNORECASE)


def parser(name: str, summary: str) -> Parser:
    """Return the options of `token create`."""
    made = Parser(name, summary)
    made.takes("NAME", _("what to call it, such as the device it is for"))
    made.option(
        "--scope",
        default="write",
        help=_("read exports only; write imports too (default: write)"),
        **choice("--scope", "read", "write"),
    )
    made.option(
        "--expires",
        metavar="DATE|SPAN",
        help=_(
            "the last day (2026-12-31) or a span (90d, 12h) after which it opens nothing (default: never)"
        ),
        type=_expiry,
    )
    made.examples(
        "dinotui token create phone",
        "dinotui token create backup --scope read --expires 365d",
        "TOKEN=$(dinotui token create cron --json | jq -r .token)",
    )
    return made


def _expiry(text: str) -> str:
    """Return an instant (ISO 8601 UTC) for a date or a span from now."""
    from dinotui.domain.dates import from_day, iso_day

    span, day = _SPAN.fullmatch(text.strip()), iso_day(text.strip())
    now = datetime.now(UTC)
    if span is not None:
        count = int(span[1])
        ends = now + (timedelta(days=count) if span[2].lower() == "d" else timedelta(hours=count))
    elif day is not None:
        ends = datetime.combine(from_day(day), time.max).astimezone().astimezone(UTC)
    else:
        message = _("“{text}” is neither a date (2026-12-31) nor a span (90d, 12h).").format(text=text)
        raise UsageError("usage", message, "--expires")
    if ends <= now:
        raise UsageError("usage", _("That is over already."), "--expires")
    return ends.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def run(context: Context) -> int:
    """Make a token, show it, and return the exit code."""
    from dinotui.engine.tokens import create_token

    options = context.options
    name = options.words[0] if options.words else ""
    if len(name) > 100:
        raise UsageError("usage", _("A name has at most {most} characters.").format(most=100))
    with context.store(new_user=True) as store, context.interruption.writing():
        token, text = create_token(store, options.scope, name=name, expires=options.expires)
    if context.json:
        shown: dict[str, Any] = {"id": token.id, "token": text}
        rest = token.model_dump(mode="json", by_alias=True)
        context.output.json(shown | {key: rest[key] for key in ("user", "scope", "expires")})
        return 0
    context.output.line(text)
    context.output.message(
        _(
            "This is the only time it is shown. Its id is {id}; revoke it with: dinotui token revoke {id}"
        ).format(id=token.id)
    )
    return 0
