"""The OpenAPI description against the server: schemathesis, every check it has."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.api.conftest import Server
from tests.conftest import sweep

schemathesis = pytest.importorskip("schemathesis")

DAYS = st.dates(min_value=__import__("datetime").date(1900, 1, 1))
