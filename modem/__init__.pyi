"""Made by tools/stubs.py: do not edit."""

from .aio import AsyncModem as AsyncModem
from .errors import CommandError as CommandError
from .errors import ConnectionClosed as ConnectionClosed
from .errors import LineBusy as LineBusy
from .errors import ModemError as ModemError
from .errors import ModemRestarted as ModemRestarted
from .errors import ModemTimeout as ModemTimeout
from .errors import NotSupported as NotSupported
from .errors import ProtocolError as ProtocolError
from .errors import RegistrationDenied as RegistrationDenied
from .errors import SimError as SimError
from .errors import SocketTimeout as SocketTimeout
from .modem import Modem as Modem
from .sockets import AF_INET as AF_INET
from .sockets import AF_INET6 as AF_INET6
from .sockets import SOCK_DGRAM as SOCK_DGRAM
from .sockets import SOCK_STREAM as SOCK_STREAM

__version__: str
