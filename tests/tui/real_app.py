"""The program itself, run as a script in a pseudo-terminal: its command line stands in REAL_WORDS."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    from dinotui.__main__ import main

    sys.argv = ["dinotui", *os.environ["REAL_WORDS"].split()]
    sys.exit(main())
