"""Drives Quectel and SIMCom cellular modules over a UART with AT commands: sockets that feel like Python's own.

`from modem import Modem, AsyncModem` and the errors; everything else loads on first use.
"""

__version__ = "0.1.0"

_WHERE = {
    "Modem": "device",
    "AsyncModem": "aio",
    "AF_INET": "sockets",
    "AF_INET6": "sockets",
    "SOCK_STREAM": "sockets",
    "SOCK_DGRAM": "sockets",
    "ModemError": "errors",
    "CommandError": "errors",
    "ModemTimeout": "errors",
    "SocketTimeout": "errors",
    "ProtocolError": "errors",
    "ConnectionClosed": "errors",
    "ModemRestarted": "errors",
    "NotSupported": "errors",
    "LineBusy": "errors",
    "SimError": "errors",
    "RegistrationDenied": "errors",
}


def __getattr__(name):
    if name == "__all__":  # both Pythons ask for it: `from modem import *`
        return tuple(_WHERE)
    if name not in _WHERE:
        raise AttributeError(name)
    module = __import__("modem." + _WHERE[name], None, None, (name,))
    value = getattr(module, name)
    globals()[name] = value
    return value
