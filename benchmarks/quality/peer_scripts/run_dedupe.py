"""dedupe on trips.csv and rows.csv of the folder given; writes found.json. Runs in its own environment.

dedupe learns from labelled pairs: it gets truth.json's first 200 matches and as many near misses as its users
would have to answer questions about.
"""

import csv
import datetime as dt
import json
import random
import sys
from pathlib import Path

import dedupe
from dedupe import variables

folder = Path(sys.argv[1])


def read(name: str) -> dict[int, dict[str, object]]:
    """Return the records of a file by id, empty cells as None."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return {
            int(record.pop("id")): {key: value or None for key, value in record.items()}
            for record in csv.DictReader(stream)
        }


def day(one: str, other: str) -> float:
    """Return how many tens of days two dates are apart."""
    return abs((dt.date.fromisoformat(one) - dt.date.fromisoformat(other)).days) / 10


def main() -> None:
    """Train, link, and write what was found."""
    random.seed(1)
    trips, rows = read("trips"), read("rows")
    truth = dict(json.loads((folder / "truth.json").read_text()))
    fields = [
        variables.ShortString("country"),
        variables.Custom("entry", comparator=day),
        variables.ShortString("entry"),
        variables.Custom("exit", comparator=day, has_missing=True),
        variables.ShortString("exit", has_missing=True),
        variables.ShortString("visa"),
        variables.ShortString("max_days", has_missing=True),
        variables.ShortString("passport", has_missing=True),
        variables.ShortString("notes", has_missing=True),
    ]
    linker = dedupe.RecordLink(fields, num_cores=1)
    known = sorted(truth)[:200]
    match = [(trips[truth[row]], rows[row]) for row in known]
    numbers = sorted(trips, key=lambda number: (trips[number]["country"], trips[number]["entry"]))
    places = {number: place for place, number in enumerate(numbers)}
    distinct = []
    for row in known:  # the trip beside the right one, in its country
        place = places[truth[row]]
        other = numbers[place + 1 if place + 1 < len(numbers) else place - 1]
        distinct.append((trips[other], rows[row]))
    distinct += [(trips[random.choice(numbers)], rows[row]) for row in known]
    linker.prepare_training(trips, rows, sample_size=4000)
    linker.mark_pairs({"match": match, "distinct": distinct})
    linker.train(index_predicates=False)
    best: dict[int, tuple[float, int]] = {}
    for (trip, row), sure in linker.join(trips, rows, threshold=0.5, constraint="many-to-many"):
        best[int(row)] = max(best.get(int(row), (0.0, 0)), (float(sure), int(trip)))
    (folder / "found.json").write_text(json.dumps({row: trip for row, (_sure, trip) in best.items()}))


if __name__ == "__main__":
    main()
