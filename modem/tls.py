"""TLS done by the module: what `modem.tls_context(...)` returns, the same for every vendor.

The certificates are files on the module (`modem.files.put`); a context names them. One context serves any number of sockets.
The vendor's tls.py turns it into commands when the first socket that uses it is opened.
"""

import time

from .at.params import number, plain, split
from .compat import Operations, const
from .errors import ModemError
from .sockets import AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM, AsyncSocket, address_info, make_socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    from .sockets import _Access

    _Version = Literal["ssl3", "tls1.0", "tls1.1", "tls1.2", "all"]

VERSIONS = ("ssl3", "tls1.0", "tls1.1", "tls1.2")
IGNORABLE = (
    "expired", "name", "signature", "other", "key usage", "extended key usage", "ns cert type", "key algorithm", "key", "all",
    "chain", "broken signature",
)  # fmt: skip
HINT = " (modem.diagnose(host, port, tls) tries to find out why)"  # behind the text of an error of a handshake
_LONGEST_PATH = const(80)
_SHORTEST_S = const(10)
_LONGEST_S = const(300)
_LAST_SUITE = const(0xFFFE)


class TlsContext(Operations):
    """Settings of TLS connections that the module makes.

    ca          name of the file on the module with the trusted certificates ("UFS:ca.pem")
    cert, key   names of the files with the client's certificate and its private key, both or none
    password    name of the file with the key's password, where the model has such a setting
    verify      True: the server's certificate must come from `ca`. False: anybody can pretend to be the server
    version     "tls1.2" (default), "tls1.1", "tls1.0", "ssl3", "all", or a range ("tls1.0", "tls1.2") where the model can do it
    ciphers     None or "all": all that the model has; otherwise one suite by its IANA name or number, or a list of them
    sni         True: name the server in the handshake; False: do not; None: do where the model can
    check_time  False: ignore the dates of certificates. With True the module's clock must be right: `modem.sync_time()`
    handshake_timeout_s   longest duration of the handshake, 10 to 300 s; connecting may take 150 s more
    ca_extra    a second file of trusted certificates, where the model has a place for it
    dtls        True: DTLS instead of TLS, where the model has it: for datagram sockets, which cannot use TLS
    ignore      what a certificate may fail in and still pass, names from `IGNORABLE`: "expired" date, "name" differs, not signed
                by the CA ("signature"), "broken signature", incomplete "chain", ... "all". Each makes the connection weaker

    Which checks a model really makes, as far as its document says:

    - EC200U, EG915U: chain up to `ca`, signature, dates, key usage. The document lists the check of the host name among those
      that can be switched off, so the module makes it. The host name is sent in the handshake (SNI).
    - BG96: chain up to `ca`, and the dates. The document has no check of the host name and no SNI: whoever has any certificate
      of that CA can pretend to be the server, so use a CA of your own.
    - A76XX: chain up to `ca`, and the dates; a check of the host name is not documented. SNI.

    A setting that the verification depends on is accepted by the module, or read back as it should be; otherwise connecting
    raises CommandError. Raises ValueError and TypeError for invalid values, NotSupported for what the model lacks; making a
    context sends nothing.
    """

    AF_INET = AF_INET
    AF_INET6 = AF_INET6
    SOCK_STREAM = SOCK_STREAM
    SOCK_DGRAM = SOCK_DGRAM

    def __init__(
        self, module, ca: str | None = None, cert: str | None = None, key: str | None = None, verify: bool = True,
        version: "_Version | tuple[_Version, _Version]" = "tls1.2", ciphers: "str | int | Iterable[str | int] | None" = None,
        sni: bool | None = None, check_time: bool = True, handshake_timeout_s: int = 300, ca_extra: str | None = None,
        password: str | None = None, dtls: bool = False, ignore: "str | Iterable[str]" = (),
    ):  # fmt: skip
        self.module = module
        self.ca: str | None = _path("ca", ca)
        self.cert: str | None = _path("cert", cert)
        self.key: str | None = _path("key", key)
        self.ca_extra: str | None = _path("ca_extra", ca_extra)
        self.password: str | None = _path("password", password)
        self.verify: bool = _flag("verify", verify)
        self.check_time: bool = _flag("check_time", check_time)
        self.sni: bool | None = sni if sni is None else _flag("sni", sni)
        self.dtls: bool = _flag("dtls", dtls)
        self.handshake_timeout_s: int = number("handshake_timeout_s", handshake_timeout_s, _SHORTEST_S, _LONGEST_S)
        self.version: tuple[int, int] = _version(version)
        self.ciphers: tuple[int, ...] = _ciphers(ciphers)
        self.ignore: tuple[str, ...] = (ignore,) if isinstance(ignore, str) else tuple(ignore)
        for name in self.ignore:
            if name not in IGNORABLE:
                raise ValueError("ignore takes names from: " + ", ".join(IGNORABLE))
        if (cert is None) != (key is None):
            raise ValueError("cert and key belong together: give both or none")
        self._settings = None
        if module.dialect is not None:
            self.settings()

    def settings(self):
        """Return the vendor's form of all this, made once. NotSupported for what the model lacks."""
        if self._settings is None:
            self._settings = self.module.part("tls").settings(self.module, self)
        return self._settings

    def ready(self):
        """ValueError for a context that would seem to verify and does not. Nothing has been sent then."""
        if self.verify and not (self.ca or self.ca_extra):
            raise ValueError(
                "no CA file: upload one with modem.files.put(name, ...) and pass ca=name, or pass verify=False (then anybody can "
                "pretend to be the server)"
            )
        return self.settings()

    def socket(
        self, af: int = AF_INET, type: int = SOCK_STREAM, proto: int = 0, *, access: "_Access" = "buffer", rxbuf: int = 1536
    ) -> AsyncSocket:
        """Make a TLS socket: same as `modem.socket(..., tls=context)`. Never awaited.

        With `getaddrinfo` and the constants of a socket module, a context can stand where a program expects `socket`:
        `umqtt.simple.socket = context`. The module does the TLS, so the program must not do it once more.
        """
        return make_socket(self.module, af, type, access, self, rxbuf)

    async def getaddrinfo(
        self, host: str, port: int, af: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        """Same as `modem.getaddrinfo`."""
        return address_info(host, port, af, type, proto)

    async def read(self) -> "dict[str, object] | None":
        """Return what the module reports as its settings, as a dict with the names of the parameters above.

        None for a context that no socket has used yet. Asks the module; CommandError when it refuses.
        """
        return await self.module.part("tls").read(self.module, self)


def _path(name, value):
    """Check the name of a file on the module. ValueError for a certificate itself in its place."""
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray)) or (isinstance(value, str) and "-----BEGIN" in value):
        raise ValueError("%s is the name of a file on the module: upload the data with modem.files.put(name, data) first" % name)
    return plain(name, value, _LONGEST_PATH).decode()


def _flag(name, value):
    if not isinstance(value, (bool, int)) or value not in (0, 1):
        raise TypeError("%s must be True or False" % name)
    return bool(value)


def _version(version):
    """Return (lowest, highest) as indexes into VERSIONS."""
    if version == "all":
        return (0, len(VERSIONS) - 1)
    low, high = version if isinstance(version, (tuple, list)) and len(version) == 2 else (version, version)
    if low not in VERSIONS or high not in VERSIONS or VERSIONS.index(low) > VERSIONS.index(high):
        raise ValueError('version must be "all", or one or a range of ' + ", ".join(VERSIONS))
    return (VERSIONS.index(low), VERSIONS.index(high))


def _ciphers(ciphers):
    """Return the numbers of cipher suites as a tuple; empty for all."""
    if ciphers is None or ciphers == "all":
        return ()
    if isinstance(ciphers, (str, int)):
        ciphers = (ciphers,)
    from .ciphers import code

    return tuple([code(c) if isinstance(c, str) else number("ciphers", c, 1, _LAST_SUITE) for c in ciphers])


# --- the module's clock: the dates of certificates are checked against it. One that was never set starts in 1970, 1980, 2000 or
# at the build date of the firmware.

EARLIEST = const(2025)  # a year before this cannot be now
_LIMIT_MS = const(5000)
_CENTURY = const(70)  # two digits from here on are of the 20th century, as in the epochs above


def utc():
    """Return this computer's or board's own time in UTC as time.gmtime() gives it, None when its clock is not set."""
    now = time.gmtime()
    return now if now[0] >= EARLIEST else None


async def year(m, deadline=None):
    """Return the year that the module's clock shows (AT+CCLK?, 3GPP TS 27.007, 8.15), None when it shows none."""
    lines = await m.attempt(b"+CCLK?", b"+CCLK:", _LIMIT_MS, deadline)
    values = split(lines[-1]) if lines else ()
    shown = values[0] if values else None
    if not isinstance(shown, str) or not shown[:2].isdigit():
        return None
    if shown[2:4].isdigit():  # four digits
        return int(shown[:4])
    return int(shown[:2]) + (1900 if int(shown[:2]) >= _CENTURY else 2000)


async def ensure(m, deadline=None):
    """Make sure that the module's clock is not obviously unset before certificates are checked against it.

    An unset clock is set to UTC from the clock of this computer or board; ModemError where that is not set either.
    """
    shown = await year(m, deadline)
    if shown is None or shown >= EARLIEST:
        return
    now = utc()
    if now is None:
        raise ModemError(
            "the module's clock is not set (it shows %d), so every certificate would look expired: call modem.sync_time(server) "
            "first, or use tls_context(check_time=False)" % shown
        )
    await m.cmd(b'+CCLK="%02d/%02d/%02d,%02d:%02d:%02d+00"' % ((now[0] % 100,) + tuple(now[1:6])), deadline=deadline)
