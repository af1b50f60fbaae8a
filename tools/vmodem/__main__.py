"""`python3 -m tools.vmodem`: run a virtual modem."""

import sys

from .run import main

sys.exit(main())
