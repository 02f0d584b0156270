"""Splink linking the records of one CSV to the trips of another: country, dates a day apart, visa type."""

import sys

import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

incoming, existing = sys.argv[1:3]
api = DuckDBAPI()
connection = api.duckdb_con
for name, path in (("incoming", incoming), ("existing", existing)):
    connection.execute(
        f"""CREATE TABLE {name} AS SELECT row_number() OVER () AS unique_id, "Country" AS country,
        "Entry Date"::DATE AS entry, date_diff('day', DATE '1970-01-01', "Entry Date"::DATE) AS day,
        "Exit Date"::DATE AS leaving, "Visa Type" AS visa FROM read_csv('{path}', all_varchar = true)"""
    )
settings = SettingsCreator(
    link_type="link_only",
    blocking_rules_to_generate_predictions=[
        block_on("country", "day"),
        "l.country = r.country AND l.day = r.day + 1",
        "l.country = r.country AND l.day = r.day - 1",
    ],
    comparisons=[cl.ExactMatch("entry"), cl.ExactMatch("leaving"), cl.ExactMatch("visa")],
)
linker = Linker([api.register("incoming"), api.register("existing")], settings)
found = linker.inference.predict(threshold_match_probability=0.5)
print(connection.execute(f"SELECT count(*) FROM {found.physical_name}").fetchone()[0])
