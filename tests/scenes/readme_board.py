"""readme_board.py DEVICE FILE [FOLDER | NUMBER=DEVICE ...]: run a program of the guides as on a board: a stand-in machine.UART is
wired to the device, that with a NUMBER to another one; the program can import from the folders."""

import sys

sys.path.insert(0, sys.path[0] + "/../..")

from common import result

from ports.tty_uart import TtyUart
from tests.rigs.fake_machine import Board

board = Board("rp2")
for word in sys.argv[3:]:
    number, _, device = word.partition("=")
    if device:
        board.wires[int(number)] = TtyUart(device)
    else:
        sys.path.append(word)
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
