"""readme_board.py DEVICE FILE [FOLDER ...]: run a program of the README as on a board: a stand-in machine.UART is wired to the device."""

import sys

sys.path.insert(0, sys.path[0] + "/../..")

from common import result

from ports.tty_uart import TtyUart
from tests.fakes_machine import Board

sys.path.extend(sys.argv[3:])  # what the program imports besides
board = Board("rp2")
path, _, rate = sys.argv[1].partition("@")
board.wire = TtyUart(path, int(rate) if rate else None)
board.install()
lines = []


def show(*words):
    """What the program prints, written down."""
    lines.append(" ".join([str(w) for w in words]))


with open(sys.argv[2]) as f:
    exec(f.read(), {"print": show, "__name__": "__main__"})
result(lines=lines)
