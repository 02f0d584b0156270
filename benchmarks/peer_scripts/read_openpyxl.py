"""openpyxl in its read-only mode going over every cell of the first sheet."""

import sys

from openpyxl import load_workbook

book = load_workbook(sys.argv[1], read_only=True)
cells = 0
for row in book.worksheets[0].iter_rows():
    for cell in row:
        cells += cell.value is not None
print(cells)
