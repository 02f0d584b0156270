"""Opaque, time-ordered ids (UUID version 7, RFC 9562) for trips, operations, imports and exports."""

from __future__ import annotations

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = [0, 0]  # milliseconds and counter of the newest id


def new_id() -> str:
    """Return a new id; ids of one process sort in the order in which they were made."""
    with _lock:
        now = time.time_ns() // 1_000_000
        _last[1] = _last[1] + 1 if now <= _last[0] else int.from_bytes(os.urandom(2), "big") & 0x07FF
        _last[0] = max(now, _last[0])
        if _last[1] > 0x0FFF:  # the counter is full: borrow the next millisecond
            _last[0] += 1
            _last[1] = 0
        milliseconds, counter = _last
    tail = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    value = (milliseconds << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | tail
    return str(uuid.UUID(int=value))
