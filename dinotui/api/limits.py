"""Rate limits by the `limits` library, counted in the file that all workers share."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter

from dinotui.api.refusals import Refusal
from dinotui.domain.errors import StorageError
from dinotui.locale import N_, _
from dinotui.storage.server_state import ServerState

_TOO_MANY: Final = {
    "export": N_("You may export {limit} times a minute. Try again in {seconds} s."),
    "import": N_("You may import {limit} times a minute. Try again in {seconds} s."),
}


class SharedCounts(Storage, MovingWindowSupport):
    """The moving windows of `limits`, kept by `ServerState`; every call opens the file in its own thread."""

    STORAGE_SCHEME = None

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    @property
    def base_exceptions(self) -> type[Exception]:
        """What counting can raise."""
        return StorageError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` requests unless that goes past `limit` in the last `expiry` seconds."""
        with ServerState(self._folder) as state:
            return all(state.count_request(key, limit, expiry) for _request in range(amount))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the oldest of the last `limit` requests came, and how many they are."""
        with ServerState(self._folder) as state:
            came = state.requests(key, expiry)[-limit:]
        return (came[0] if came else time.time(), len(came))

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` requests and return how many came in the last `expiry` seconds."""
        with ServerState(self._folder) as state:
            for _request in range(amount):
                state.count_request(key, 1 << 30, expiry)
            return len(state.requests(key, expiry))

    def get(self, key: str) -> int:
        """Return how many requests are counted."""
        with ServerState(self._folder) as state:
            return len(state.requests(key, math.ceil(time.time())))

    def get_expiry(self, key: str) -> float:
        """Return when the newest counted request came: nothing is kept longer than its window."""
        with ServerState(self._folder) as state:
            came = state.requests(key, math.ceil(time.time()))
        return came[-1] if came else time.time()

    def check(self) -> bool:
        """Return whether the file can be opened."""
        ServerState(self._folder).close()
        return True

    def reset(self) -> int | None:
        """Forget all requests."""
        with ServerState(self._folder) as state:
            state.forget_requests()
        return None

    def clear(self, key: str) -> None:
        """Forget the requests of one key."""
        with ServerState(self._folder) as state:
            state.forget_requests(key)


class RateLimits:
    """How many requests of each kind a user has a minute."""

    def __init__(self, folder: Path, per_minute: dict[str, int]) -> None:
        self._limiter = MovingWindowRateLimiter(SharedCounts(folder))
        self._items = {kind: RateLimitItemPerMinute(count) for kind, count in per_minute.items()}

    def admit(self, kind: str, user: str) -> None:
        """Count a request; raises `Refusal` 429, with the seconds to wait, when it is one too many."""
        item = self._items[kind]
        if self._limiter.hit(item, kind, user):
            return
        reset = self._limiter.get_window_stats(item, kind, user).reset_time
        seconds = max(1, math.ceil(reset - time.time()))
        details = _(_TOO_MANY[kind]).format(limit=item.amount, seconds=seconds)
        raise Refusal(429, details, headers={"Retry-After": str(seconds)})
