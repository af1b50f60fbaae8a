"""Drives Quectel and SIMCom cellular modules over a UART with AT commands: sockets that feel like Python's own.

`from modem import Modem, AsyncModem` and the errors; everything else loads on first use.
"""

__version__ = "0.1.0"

_WHERE = (
    ("device", "Modem"),
    ("aio", "AsyncModem"),
    ("sockets", "AF_INET AF_INET6 SOCK_STREAM SOCK_DGRAM"),
    (
        "errors",
        "ModemError CommandError ModemTimeout SocketTimeout ProtocolError ConnectionClosed ModemRestarted NotSupported "
        "LineBusy SimError RegistrationDenied",
    ),
)


def __getattr__(name):
    if name == "__all__":  # both Pythons ask for it: `from modem import *`
        return tuple(" ".join([names for _, names in _WHERE]).split())
    for module, names in _WHERE:
        if name in names.split():
            value = getattr(__import__("modem." + module, None, None, (name,)), name)
            globals()[name] = value
            return value
    raise AttributeError(name)
