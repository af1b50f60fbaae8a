"""`python3 -m tools.console`: an AT console."""

import sys

if __package__ == "tools.console":  # in a checkout, the packages are those of .venv
    from tools import _setup

    _setup.enter()

from .run import main

sys.exit(main())
