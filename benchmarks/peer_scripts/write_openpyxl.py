"""openpyxl in its write-only mode writing the trips of a database as dinotui exports them."""

import datetime as dt
import sqlite3
import sys

from openpyxl import Workbook

source, target = sys.argv[1:3]
book = Workbook(write_only=True)
sheet = book.create_sheet("Trips")
rows = sqlite3.connect(source).execute(
    "SELECT country, entry_date, exit_date, visa_type, max_days, passport_country, duration, notes, id, country_code"
    " FROM stay"
)
for row in rows:
    cells = list(row)
    for place in (1, 2):
        cells[place] = dt.date.fromisoformat(cells[place]) if cells[place] else None
    sheet.append(cells)
book.save(target)
