"""What the scene services.py sends and expects, made again on this side. CPython only."""

import hashlib
import pathlib
import sys

sys.path.insert(1, str(pathlib.Path(__file__).parents[1] / "scenes"))
from common import random_bytes

TRAPS = b"\r\nOK\r\n\r\n+CFTPGET: 0\r\n+CHTTPACT: 0\r\n\x03\x1a\x1b\x03\x03\r\nERROR\r\n+CFTPSGET: DATA,5\r\n\r\n+CME ERROR: 210\r\n> "


def content(n):
    """What Stream(n) of the scene gives, and what its hash is compared with."""
    block = TRAPS + bytes(random_bytes(1500)) + bytes(range(256))
    page = (block * 3)[:4096]
    return (page * (n // 4096 + 1))[:n]


def digest(data):
    """The hash of data as the scene prints it."""
    return hashlib.sha256(data).hexdigest()
