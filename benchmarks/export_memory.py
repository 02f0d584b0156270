"""How much memory an export of many trips takes, in every format and container, and that it can be stopped.

    nice -n 19 python benchmarks/export_memory.py --trips 1000000

Each export runs in a process of its own; what is shown is that process's peak resident memory. Every file is
verified by the program before it gets its name, as always. Then each format is stopped with SIGINT in the
middle: nothing may be left. Ends with code 1 when an export takes more than --most megabytes or leaves a file.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUN = """
import json, resource, sys, time
from dinotui.__main__ import main
began = time.monotonic()
code = main(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"code": code, "peak": peak, "seconds": time.monotonic() - began}), file=sys.stderr)
"""
COUNTRIES = (("Japan", "JP"), ("대한민국", "KR"), ("France", "FR"), ("Germany", "DE"), ("Thailand", "TH"))


def fill(path: Path, trips: int) -> None:
    """Make a database of believable stays."""
    from dinotui.storage.changelog import operation
    from dinotui.storage.store import Store

    def rows(store: Store, number: int) -> object:
        for n in range(trips):
            name, code = COUNTRIES[n % len(COUNTRIES)]
            entry = 4_000 + n % 16_000
            yield (
                store.user, f"{n:08x}-0000-7000-8000-{n:012x}", name, code, name.casefold(), entry,
                None if n == 0 else entry + n % 30, "tourist", "tourist", 90, "KR", "KR",
                f"note {n}, with a word or two about where it was", "2024-01-01T00:00:00.000Z",
                "2024-01-01T00:00:00.000Z", "manual", number,
            )  # fmt: skip

    with Store(path, "Kim") as store, operation(store, "import") as recorder:
        store.database.connection.executemany(
            "INSERT INTO trip (user, id, country, country_code, country_fold, entry_day, exit_day, visa_type,"
            " visa_fold, max_days, passport_country, passport_fold, notes, created_at, updated_at, source,"
            f" changed_by) VALUES ({', '.join('?' * 17)})",
            rows(store, recorder.number),
        )


def cases(trips: int) -> list[list[str]]:
    """Return the options of every export that is measured."""
    found = []
    for name in ("json", "csv", "xlsx"):
        if name == "xlsx" and trips > 1_048_575:
            continue  # a worksheet holds no more
        for packing in ([], ["--compress", "gzip"], ["--compress", "zip"]):
            found.append(["--format", name, *packing])  # noqa: PERF401 - two loops read better
    everything = ["--categories", "trips,preferences,notifications,analytics"]
    private = ["--exclude-personal", "--anonymize"]
    found += [["--format", name, *everything, *private] for name in ("json", "csv", "xlsx")]
    return found


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trips", type=int, default=1_000_000)
    parser.add_argument("--most", type=float, default=200.0, help="megabytes")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job may have it ignored
    bad = 0
    with tempfile.TemporaryDirectory(prefix="dinotui-export-") as name:
        folder = Path(name)
        fill(folder / "trips.db", options.trips)
        environment = {**os.environ, "DINOTUI_DB": str(folder / "trips.db")}
        longest: dict[str, float] = {}
        for case in cases(options.trips):
            target = folder / "out"
            command = [sys.executable, "-c", RUN, "export", *case, "-o", str(target), "--force"]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            told = json.loads(done.stderr.strip().splitlines()[-1])
            size = target.stat().st_size / 1e6 if target.exists() else 0
            worse = told["code"] != 0 or told["peak"] > options.most
            bad += worse
            print(
                f"{' '.join(case):<75} {told['peak']:7.1f} MB {told['seconds']:7.1f} s {size:8.1f} MB"
                f"{'  !' if worse else ''}",
                flush=True,
            )
            longest[case[1]] = min(longest.get(case[1], told["seconds"]), told["seconds"])
            target.unlink(missing_ok=True)
        for form, seconds in longest.items():
            bad += stopped(folder, environment, form, seconds)
    return 1 if bad else 0


def stopped(folder: Path, environment: dict[str, str], form: str, seconds: float) -> int:
    """Stop an export in the middle; return 1 where it left something or took long to end."""
    target = folder / "stopped"
    before = sorted(path.name for path in folder.iterdir() if path.is_file())
    command = [sys.executable, "-m", "dinotui", "export", "--format", form, "-o", str(target)]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds / 2)
    asked = time.monotonic()
    running.send_signal(signal.SIGINT)
    code = running.wait(60)
    after = sorted(path.name for path in folder.iterdir() if path.is_file())
    left = [each for each in after if each not in before and not each.startswith("trips.db")]
    print(
        f"{form} stopped: exit code {code} after {time.monotonic() - asked:.2f} s, left: {left or 'nothing'}"
    )
    return int(code != 130 or bool(left))


if __name__ == "__main__":
    raise SystemExit(main())
