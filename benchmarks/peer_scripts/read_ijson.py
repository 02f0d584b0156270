"""ijson reading an array of objects, and nothing else."""

import sys

import ijson

with open(sys.argv[1], "rb") as file:
    print(sum(1 for _item in ijson.items(file, "item")))
