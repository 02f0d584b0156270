"""recordlinkage on trips.csv and rows.csv of the folder given; writes found.json. Its own environment.

Its unsupervised classifier (ECM, expectation and conditional maximisation) on binary comparisons.
"""

import json
import sys
from pathlib import Path

import pandas as pd
import recordlinkage
from recordlinkage.base import BaseCompareFeature

folder = Path(sys.argv[1])


def read(name: str) -> pd.DataFrame:
    """Return a table with its dates as numbers of days."""
    frame = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False).set_index("id")
    for column in ("entry", "exit"):
        frame[column] = pd.to_datetime(frame[column], errors="coerce").map(
            lambda day: day.toordinal() if pd.notna(day) else None
        )
    return frame


class Near(BaseCompareFeature):
    """Dates that are at most a day apart."""

    def _compute_vectorized(self, left, right):
        return ((left - right).abs() <= 1).astype(float).where(left.notna() & right.notna(), 0.0)


trips, rows = read("trips"), read("rows")
index = recordlinkage.Index()
index.sortedneighbourhood("entry", window=5)
index.block("exit")
pairs = index.index(trips, rows)
compare = recordlinkage.Compare()
compare.string("country", "country", method="jarowinkler", threshold=0.9)
compare.exact("entry", "entry")
compare.add(Near("entry", "entry"))
compare.exact("exit", "exit")
compare.add(Near("exit", "exit"))
compare.string("visa", "visa", method="jarowinkler", threshold=0.88)
compare.exact("max_days", "max_days")
compare.exact("passport", "passport")
compare.string("notes", "notes", method="jarowinkler", threshold=0.8)
features = (compare.compute(pairs, trips, rows) > 0).astype(int)
features.columns = [f"f{number}" for number in range(features.shape[1])]
features = features.loc[:, features.nunique() > 1]
classifier = recordlinkage.ECMClassifier()
classifier.fit(features)
sure = classifier.prob(features)
best: dict[str, tuple[float, str]] = {}
for (trip, row), value in sure.items():
    if value >= 0.5:
        best[row] = max(best.get(row, (0.0, "")), (value, trip))
(folder / "found.json").write_text(json.dumps({row: trip for row, (_value, trip) in best.items()}))
