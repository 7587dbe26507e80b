"""Run the command as ``python -m topolens``."""

import sys

from topolens.cli._main import main

if __name__ == "__main__":
    sys.exit(main())
