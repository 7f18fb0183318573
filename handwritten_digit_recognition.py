"""Cluster handwritten digits, evaluate, draw, report: the same as ``inkmeans run``."""

import os
import sys

SET_UP = (
    r"py -m venv .venv && .venv\Scripts\pip install . && "
    r".venv\Scripts\python handwritten_digit_recognition.py"
    if os.name == "nt"
    else "python3 -m venv .venv && .venv/bin/pip install . && "
    ".venv/bin/python handwritten_digit_recognition.py"
)

if __name__ == "__main__":
    try:
        from inkmeans.cli.main import main
    except ImportError as missing:
        print(f"error: not installed here ({missing}); run: {SET_UP}", file=sys.stderr)
        sys.exit(2)
    main(["run", *sys.argv[1:]])
