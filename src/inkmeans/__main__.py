"""``python -m inkmeans``: the same as the command ``inkmeans``."""

from inkmeans.cli.main import main

if __name__ == "__main__":
    main()
