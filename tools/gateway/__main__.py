"""`python3 -m tools.gateway`: run the gateway."""

import sys

if __package__ == "tools.gateway":  # in a checkout, the packages are those of .venv
    from tools import _setup

    _setup.enter()

from .run import main

sys.exit(main())
