"""XlsxWriter in its constant-memory mode writing the trips of a database as dinotui exports them."""

import datetime as dt
import sqlite3
import sys

import xlsxwriter

source, target = sys.argv[1:3]
book = xlsxwriter.Workbook(target, {"constant_memory": True})
sheet, day = book.add_worksheet("Trips"), book.add_format({"num_format": "yyyy-mm-dd"})
rows = sqlite3.connect(source).execute(
    "SELECT country, entry_date, exit_date, visa_type, max_days, passport_country, duration, notes, id, country_code"
    " FROM stay"
)
for number, row in enumerate(rows):
    for place, value in enumerate(row):
        if place in (1, 2) and value:
            sheet.write_datetime(number, place, dt.datetime.fromisoformat(value), day)
        elif isinstance(value, str):
            sheet.write_string(number, place, value)
        else:
            sheet.write(number, place, value)
book.close()
