"""All that a call may load, loaded at once: before data may come by themselves (direct push, transparent mode).

Loading a module takes a board up to 300 ms, and 2048 bytes of receive buffer last for 178 ms at 115200 bits per second, 22 ms at
921600. So nothing may be loaded beside such a connection. Left out is what begins everything anew (start, connect, diagnose) and
what a program takes hold of first where it wants it (messages, positions, PPP, the services of SIM7100).
"""

import sys

# by one name each: `from . import clock` ends in __getattr__ of modem/__init__.py on MicroPython
from .at import questions, recovery, redact  # noqa: F401
from .baudrate import change  # noqa: F401
from .codes import meaning  # noqa: F401
from .compat import apart
from .deferred import DeferredResult  # noqa: F401
from .net import connect, link_recovery, rings, transparent  # noqa: F401
from .power_saving import sleep  # noqa: F401
from .raw_command import run  # noqa: F401
from .registration import registration  # noqa: F401
from .sim import identity  # noqa: F401

RARE = ()  # files of what is marked `@rare`: none in the sources; filled in where they are byte-compiled (tools/fold.py)
APART = "net.datagram VENDOR.udp net.server VENDOR.server network_info psm VENDOR.cell"


def preload(dialect):
    """Load the rest, too: the vendor's files, what TLS needs where the model has it, what is installed of APART."""
    if dialect.tls:
        from .ciphers import code  # noqa: F401
        from .files import Files  # noqa: F401
        from .tls import TlsContext  # noqa: F401
    dialect.preload()
    for name in APART.split():
        try:
            apart(name.replace("VENDOR", dialect.vendor), "")
        except ImportError:  # not installed, or no file of this vendor's
            pass
    for name in RARE:
        if name[: -len("_rare")] in sys.modules:  # their sources' module or, for a file named rare, package
            __import__(name)
