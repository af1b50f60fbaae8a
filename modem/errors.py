"""The errors a caller can meet: one OSError family, so that code written for `socket` catches them too.

Every one has `.errno`, `.command` (the AT command, secrets masked, or None), `.code` (the module's own number, kept also when
nobody knows its meaning, or None) and `.lines` (value lines that came before the error). What the caller did wrong is a
ValueError or TypeError instead. The meaning of a number is looked up only when the error is printed (codes.py).
"""

from errno import ECONNREFUSED, ECONNRESET, EIO, EOPNOTSUPP, ETIMEDOUT

from .compat import BOARD, const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN_HOST = const(-2)  # EAI_NONAME, which Python's own name lookup has as errno
_EACCES = const(13)
_EBUSY = const(16)
_ENODEV = const(19)


class ModemError(OSError):
    """Anything that went wrong between the driver and the module. Base of all others here."""

    default_errno = EIO
    refused = False  # a send was refused before the module asked for the data
    step = None  # "sim", "registration": the step of connect() whose time has passed

    def __init__(
        self, text: str, errno: int | None = None, command: str | None = None, code: int | str | None = None,
        lines: "Sequence[bytes]" = (), family: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(self.default_errno if errno is None else errno, text)
        self.text = text
        self.command = command
        self.code = code
        self.lines = lines
        self.family = family

    def __str__(self):
        text = self.text
        if self.code is not None:
            from .codes import meaning

            text = ("%s: %s %s" % (text, self.code, meaning(self.family, self.code))).rstrip()
        if self.command:
            text = "%s [%s]" % (text, self.command)
        return text

    def __repr__(self):
        return "%s(%r)" % (type(self).__name__, str(self))


class CommandError(ModemError):
    """The module refused a command or reported that it failed. `code` tells why, where the module says it."""

    def unknown_command(self):
        """Return whether the firmware does not know the command, as far as its error says (+CME ERROR 3, 4, 50, 58, 100)."""
        return self.code in (None, 3, 4, 50, 58, 100)

    reason_lost = False  # the reason of a refused open has not come, or was overwritten by that of something in the background


def refusal(error, refused, unknown):
    """Return the CommandError `error` of an open or a name lookup as Python's own socket would have it.

    Its errno becomes ECONNREFUSED where the module's code is in `refused`, UNKNOWN_HOST where it is in `unknown`. On CPython it
    is a ConnectionRefusedError or a socket.gaierror then.
    """
    errno = ECONNREFUSED if error.code in refused else UNKNOWN_HOST if error.code in unknown else None
    if errno is None:
        return error
    return _KINDS[errno](error.text, errno, error.command, error.code, error.lines, error.family)


if not BOARD:
    from socket import gaierror

    class Refused(CommandError, ConnectionRefusedError):
        """The peer refuses the connection, or cannot be reached."""

    class UnknownHost(CommandError, gaierror):
        """The name has no address."""

    _KINDS = {ECONNREFUSED: Refused, UNKNOWN_HOST: UnknownHost}

    class ModemTimeout(ModemError, TimeoutError):
        """The module did not answer in time. The command may still be in flight; its late answer will be consumed."""

        default_errno = ETIMEDOUT

    class SocketTimeout(ModemError, TimeoutError):
        """No data (or no room to send) within the socket's time-out. The socket is as good as before.

        `owed`: the result of a send is still to come; the data may have been sent.
        """

        default_errno = ETIMEDOUT
        owed = False

    class ConnectionClosed(ModemError, ConnectionResetError):
        """The connection has ended: closed by the peer or the network, lost with the context, or by a restart of the module."""

        default_errno = ECONNRESET

else:  # MicroPython has no TimeoutError and no ConnectionResetError
    _KINDS = {ECONNREFUSED: CommandError, UNKNOWN_HOST: CommandError}

    class ModemTimeout(ModemError):
        """The module did not answer in time. The command may still be in flight; its late answer will be consumed."""

        default_errno = ETIMEDOUT

    class SocketTimeout(ModemError):
        """No data (or no room to send) within the socket's time-out. The socket is as good as before.

        `owed`: the result of a send is still to come; the data may have been sent.
        """

        default_errno = ETIMEDOUT
        owed = False

    class ConnectionClosed(ModemError):
        """The connection has ended: closed by the peer or the network, lost with the context, or by a restart of the module."""

        default_errno = ECONNRESET


class ProtocolError(ModemError):
    """The module said something that cannot be right, or broke off in the middle of a block of data."""


class ModemRestarted(ConnectionClosed):
    """The module restarted by itself or was restarted: `start()` and `connect()` bring it back, sockets do not survive."""


class LineBusy(ModemError):
    """Another command, or a socket in transparent mode, has the line. `command` names the command."""

    default_errno = _EBUSY


class NotSupported(ModemError):
    """This driver cannot do that for this model; nothing was sent. The text names the model and the document."""

    default_errno = EOPNOTSUPP


class SimError(ModemError):
    """No SIM card, or it wants a PIN or PUK that was not given or was wrong.

    `tries_left`: how often the PIN can be given before the card wants its PUK, None where that is not known.
    """

    tries_left = None
    default_errno = _ENODEV


class RegistrationDenied(ModemError):
    """The network refuses the subscriber (registration status 3)."""

    default_errno = _EACCES
