"""`dinotui serve`: the HTTP API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dinotui.cli.arguments import Parser, whole_number
from dinotui.cli.context import Context
from dinotui.domain.errors import UsageError
from dinotui.locale import _


def parser(name: str, summary: str) -> Parser:
    """Return the options of `serve`."""
    made = Parser(name, summary, json=False)
    made.option(
        "--host", default="127.0.0.1", help=_("the address to listen on (default: 127.0.0.1, this machine)")
    )
    made.option(
        "--port",
        default=8765,
        help=_("0 takes a free one (default: 8765)"),
        **whole_number("--port", 0, 65535),
    )
    made.option("--tls-cert", metavar="FILE", help=_("the certificate, PEM with its chain"))
    made.option("--tls-key", metavar="FILE", help=_("the certificate's key, PEM without a password"))
    made.option(
        "--workers",
        default=1,
        help=_("processes that answer; they share limits and retries (default: 1)"),
        **whole_number("--workers", 1, 64),
    )
    for kind, count in (("exports", 5), ("imports", 3)):
        option = f"--{kind}-per-minute"
        made.option(
            option,
            default=count,
            help=_("how many a user may ask for (default: {count})").format(count=count),
            **whole_number(option, 1, 1_000_000),
        )
    made.examples(
        "dinotui token create phone",
        "dinotui serve",
        "dinotui serve --workers 2 --port 9000",
        "dinotui serve --host 0.0.0.0 --tls-cert fullchain.pem --tls-key privkey.pem",
        'curl -H "Authorization: Bearer $TOKEN" -OJ http://127.0.0.1:8765/api/export',
    )
    return made


def run(context: Context) -> int:
    """Serve until a signal comes and return the exit code."""
    options = context.options
    if context.json:
        raise UsageError("usage", _("The server has no JSON form; its answers have."), "--json")
    if context.options.user is not None:
        raise UsageError("usage", _("The server works for all users; each token belongs to one."), "--user")
    if (options.tls_cert is None) != (options.tls_key is None):
        raise UsageError("usage", _("--tls-cert and --tls-key go together."))
    chosen: dict[str, Any] = {
        "host": options.host,
        "port": options.port,
        "workers": options.workers,
        "tls_cert": None if options.tls_cert is None else Path(options.tls_cert).expanduser(),
        "tls_key": None if options.tls_key is None else Path(options.tls_key).expanduser(),
        "exports_per_minute": options.exports_per_minute,
        "imports_per_minute": options.imports_per_minute,
    }
    return context.serve(chosen)
