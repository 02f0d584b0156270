"""The OpenAPI description as one page for people: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any, Final

from dinotui.api.refusals import TITLES
from dinotui.locale import _

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h2{margin-top:2.5rem;border-bottom:1px solid #ccc}code,pre{font-family:ui-monospace,monospace;background:#f3f3f3}
pre{padding:.8rem;overflow:auto}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;
padding:.3rem .6rem .3rem 0;border-bottom:1px solid #eee}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}code,pre{background:#262626}
td,th,h2{border-color:#333}a{color:#8bf}}
"""


def page(description: dict[str, Any]) -> str:
    """Return the page of an OpenAPI description."""
    return "".join(_parts(description))


def _parts(description: dict[str, Any]) -> Iterator[str]:
    info = description["info"]
    yield f"<!doctype html><html><head><meta charset=utf-8><title>{escape(info['title'])}</title>"
    yield f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>"
    for paragraph in _(info["description"]).split("\n\n"):
        yield f"<p>{escape(paragraph)}</p>"
    yield f"<p><a href='/openapi.json'>{escape(_('The same as OpenAPI'))}</a></p>"
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield from _operation(path, method, operation)
    yield "</body></html>"


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(_(operation['summary']))}</p>"
    for paragraph in _(operation.get("description", "")).split("\n\n"):
        yield f"<p>{escape(paragraph)}</p>"
    if "x-example" in operation:
        yield f"<pre>{escape(operation['x-example'])}</pre>"
    rows = [(p["name"], _values(p["schema"]), _(p["description"])) for p in operation.get("parameters", ())]
    yield from _table(_("Parameters"), rows)
    bodies = operation.get("requestBody", {}).get("content", {})
    yield from _table(
        _("Bodies"), [(kind, "", _(each.get("description", ""))) for kind, each in bodies.items()]
    )
    answers = [
        (code, "", _answer(code, each["description"])) for code, each in operation["responses"].items()
    ]
    yield from _table(_("Answers"), answers)


def _answer(code: str, about: str) -> str:
    """Return what an answer means: a refusal's own title, in small letters as in the description."""
    return _(TITLES[int(code)]).lower() if int(code) in TITLES else _(about)


def _values(schema: dict[str, Any]) -> str:
    inner = schema.get("items", schema)
    told = ", ".join(map(str, inner["enum"])) if "enum" in inner else inner.get("example", inner["type"])
    default = schema.get("default")
    if default is None:
        return str(told)
    shown = str(default).lower() if isinstance(default, bool) else default
    shown = ",".join(shown) if isinstance(shown, list) else shown
    return _("{values}; default {default}").format(values=told, default=shown)


def _table(title: str, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    if rows:
        yield f"<h3>{escape(title)}</h3><table>"
        for name, values, about in rows:
            yield f"<tr><td><code>{escape(name)}</code></td><td>{escape(values)}</td><td>{escape(about)}</td></tr>"
        yield "</table>"
