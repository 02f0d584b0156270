"""The HTTP API (SPEC.md 7). Its libraries are the extra ``api``; nothing else loads them."""
