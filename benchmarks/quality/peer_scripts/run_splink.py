"""Splink on trips.csv and rows.csv of the folder given; writes found.json. Runs in Splink's own environment."""

import json
import logging
import sys
from pathlib import Path

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

logging.disable(logging.WARNING)
folder = Path(sys.argv[1])
connection = duckdb.connect()
for name in ("trips", "rows"):
    connection.execute(
        f"CREATE TABLE {name} AS SELECT id AS unique_id, country, try_cast(entry AS DATE) AS entry,"
        ' try_cast("exit" AS DATE) AS leaving, visa, try_cast(max_days AS INTEGER) AS max_days,'
        " nullif(passport, '') AS passport, nullif(notes, '') AS notes"
        f" FROM read_csv('{folder / name}.csv', header=true, all_varchar=true)"
    )
days = {"input_is_string": False, "metrics": ["day", "day"], "thresholds": [1, 2]}
settings = SettingsCreator(
    link_type="link_only",
    unique_id_column_name="unique_id",
    comparisons=[
        cl.JaroWinklerAtThresholds("country", [0.9]),
        cl.AbsoluteDateDifferenceAtThresholds("entry", **days),
        cl.AbsoluteDateDifferenceAtThresholds("leaving", **days),
        cl.JaroWinklerAtThresholds("visa", [0.88]),
        cl.ExactMatch("max_days"),
        cl.ExactMatch("passport"),
        cl.JaroWinklerAtThresholds("notes", [0.9, 0.7]),
    ],
    blocking_rules_to_generate_predictions=[
        "abs(date_diff('day', l.entry, r.entry)) <= 2",
        block_on("leaving"),
    ],
)
api = DuckDBAPI(connection)
tables = [api.register(name, dataset_display_name=f"{name}_side") for name in ("trips", "rows")]
linker = Linker(tables, settings)
linker.training.estimate_probability_two_random_records_match(
    [block_on("country", "entry", "leaving")], recall=0.4
)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
for rule in (block_on("entry", "country"), block_on("leaving", "country")):
    linker.training.estimate_parameters_using_expectation_maximisation(rule)
found = linker.inference.predict(threshold_match_probability=0.5)
best: dict[int, tuple[float, int]] = {}
for record in found.as_record_list():
    sides = {record[f"source_dataset_{side}"]: record[f"unique_id_{side}"] for side in "lr"}
    names = sorted(sides, key=lambda name: name.startswith("rows"))
    trip, row = int(sides[names[0]]), int(sides[names[1]])
    best[row] = max(best.get(row, (0.0, 0)), (record["match_probability"], trip))
(folder / "found.json").write_text(json.dumps({row: trip for row, (_sure, trip) in best.items()}))
