"""What the program itself did wrong goes into a log file; the user sees one sentence and where it is."""

from __future__ import annotations

import os
import traceback
from datetime import datetime
from pathlib import Path

from platformdirs import user_state_path


def record_failure(error: BaseException) -> Path | str:
    """Append the traceback of `error` to the log in the state directory (mode 0600) and return its path.

    Where no log can be written, return the kind of the error instead: better than nothing to report.
    """
    path = user_state_path("dinotui", appauthor=False) / "errors.log"
    entry = "".join(traceback.format_exception(error))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')}\n{entry}\n")
    except OSError:
        return type(error).__name__
    return path
