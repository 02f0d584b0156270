"""The OpenAPI description against the server: schemathesis, with every check it has."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from dinotui.api.openapi import description
from tests.api.conftest import Server
from tests.conftest import sweep

schemathesis = pytest.importorskip("schemathesis")

_DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))
_EDGES = st.tuples(_DAYS, _DAYS).map(sorted)
_RANGES = st.one_of(
    _EDGES.map(lambda both: f"{both[0]}..{both[1]}"), _DAYS.map("{}..".format), _DAYS.map("..{}".format)
)
_PAIRS = st.sampled_from(["visa type=tourist", "notes=from the phone", "country=Spain"])
schemathesis.openapi.format("date-range", _RANGES)
schemathesis.openapi.format("name-value", _PAIRS)

# what a schema cannot say (a file that holds no table, a range that ends before it starts) is 422
_ACCEPTED = ["2xx", "404", "409", "422"]
_CONFIG = {
    "checks": {"positive_data_acceptance": {"expected-statuses": _ACCEPTED}},
    "generation": {"with-security-parameters": False},  # the test's own token would stand in for a broken one
}

schema = schemathesis.openapi.from_dict(description(), config=schemathesis.Config.from_dict(_CONFIG))


@schema.parametrize()
@settings(
    max_examples=sweep(12),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
def test_the_server_is_as_described(case: Any, server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.token('Schema')}"}
    case.call_and_validate(base_url=server.url, headers=headers, timeout=60)


def test_the_description_is_the_servers(server: Server) -> None:
    told = httpx.get(server.url + "/openapi.json").json()
    assert told == description()
    assert told["openapi"] == "3.1.0"
    assert set(told["paths"]) == {"/api/export", "/api/import", "/api/export/status", "/api/export/file"}
    page = httpx.get(server.url + "/docs").text
    for path, methods in told["paths"].items():
        assert path in page
        for operation in methods.values():
            for parameter in operation["parameters"]:
                assert parameter["name"] in page
    assert "<script" not in page
