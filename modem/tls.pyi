"""Made by tools/stubs.py: do not edit."""

from typing import Final, Literal

from modem.sockets import AsyncSocket, Socket, _Access

_Version = Literal["ssl3", "tls1.0", "tls1.1", "tls1.2", "all"]
VERSIONS: tuple[str, ...]
IGNORABLE: tuple[str, ...]
EARLIEST: Final = 2025

class TlsContext:
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
    context sends nothing."""

    AF_INET: Final = 2
    AF_INET6: Final = 10
    SOCK_STREAM: Final = 1
    SOCK_DGRAM: Final = 2
    ca: str | None
    cert: str | None
    key: str | None
    ca_extra: str | None
    password: str | None
    verify: bool
    check_time: bool
    sni: bool | None
    dtls: bool
    handshake_timeout_s: int
    version: tuple[int, int]
    ciphers: tuple[int, ...]
    ignore: tuple[str, ...]

    def socket(self, af: int = 2, type: int = 1, proto: int = 0, *, access: _Access = "buffer", rxbuf: int = 1536) -> AsyncSocket:
        """Make a TLS socket: same as `modem.socket(..., tls=context)`. Never awaited.

        With `getaddrinfo` and the constants of a socket module, a context can stand where a program expects `socket`:
        `umqtt.simple.socket = context`. The module does the TLS, so the program must not do it once more."""

    async def getaddrinfo(
        self, host: str, port: int, af: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        """Same as `modem.getaddrinfo`."""

    async def read(self) -> dict[str, object] | None:
        """Return what the module reports as its settings, as a dict with the names of the parameters above.

        None for a context that no socket has used yet. Asks the module; CommandError when it refuses."""

class BlockingTlsContext:
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
    context sends nothing."""

    AF_INET: Final = 2
    AF_INET6: Final = 10
    SOCK_STREAM: Final = 1
    SOCK_DGRAM: Final = 2
    ca: str | None
    cert: str | None
    key: str | None
    ca_extra: str | None
    password: str | None
    verify: bool
    check_time: bool
    sni: bool | None
    dtls: bool
    handshake_timeout_s: int
    version: tuple[int, int]
    ciphers: tuple[int, ...]
    ignore: tuple[str, ...]
    operations: TlsContext

    def socket(self, af: int = 2, type: int = 1, proto: int = 0, *, access: _Access = "buffer", rxbuf: int = 1536) -> Socket:
        """Make a TLS socket: same as `modem.socket(..., tls=context)`. Never awaited.

        With `getaddrinfo` and the constants of a socket module, a context can stand where a program expects `socket`:
        `umqtt.simple.socket = context`. The module does the TLS, so the program must not do it once more."""

    def getaddrinfo(
        self, host: str, port: int, af: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        """Same as `modem.getaddrinfo`."""

    def read(self) -> dict[str, object] | None:
        """Return what the module reports as its settings, as a dict with the names of the parameters above.

        None for a context that no socket has used yet. Asks the module; CommandError when it refuses."""
