"""``python -m benchmarks.quality``: precision and recall of our modes and of peers, on seeds nobody fitted to.

``--peers splink,recordlinkage,dedupe`` adds peers, each in an environment of its own (``--environments FOLDER``),
made and filled on the first run. The weights of smart matching were fitted on seed 1 (`benchmarks.quality.fit`).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Final

from benchmarks.quality import ours, peers
from benchmarks.quality.data import PROFILES, labelled
from benchmarks.quality.scoring import Quality, judged

_OURS: Final = ("fuzzy", "smart")


def main() -> None:
    """Measure and print a table: a line a profile and matcher, over all seeds together."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--seeds", default="2,3,4", help="comma-separated (default: 2,3,4)")
    parser.add_argument("--peers", default="", help="comma-separated: splink,recordlinkage,dedupe")
    parser.add_argument("--profiles", default=",".join(PROFILES), help="comma-separated")
    parser.add_argument("--environments", type=Path, default=Path.home() / ".cache" / "dinotui-peers")
    options = parser.parse_args()
    names = [*_OURS, *(name for name in options.peers.split(",") if name)]
    pythons = {name: peers.environment(name, options.environments) for name in names if name in peers.PEERS}
    results: dict[tuple[str, str], Quality] = defaultdict(lambda: Quality(0, 0, 0))
    seconds: dict[tuple[str, str], float] = defaultdict(float)
    with tempfile.TemporaryDirectory() as folder:
        for profile in (one for one in PROFILES if one in options.profiles.split(",")):
            for seed in (int(text) for text in options.seeds.split(",")):
                data = labelled(profile, seed)
                for name in names:
                    started = time.monotonic()
                    if name in pythons:
                        place = Path(folder) / f"{profile}-{seed}-{name}"
                        found = peers.best_matches(name, pythons[name], data, place)
                    else:
                        found = ours.best_matches(data, name)  # type: ignore[arg-type]
                    results[profile, name] += judged(data, found)
                    seconds[profile, name] += time.monotonic() - started
            for name in names:
                result = results[profile, name]
                print(
                    f"{profile:10} {name:14} precision {result.precision:.3f}  recall {result.recall:.3f}"
                    f"  {seconds[profile, name]:6.1f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main()
