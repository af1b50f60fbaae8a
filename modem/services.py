"""What the module does for the program besides sockets: names, ping, time, options, states of connections.

Thin methods; the work is in the dialect's modules, loaded on first use, and so are they: see late.py.
"""

from .late import part


class Extra:
    """Methods of BaseModem: services of the module."""

    def resolve(self, host, timeout_ms=None):
        """Return `([address, ...], ttl_s)` of a host name, asked by the module. Raises CommandError with the module's code
        (565 on Quectel: unknown name), ModemTimeout after 60 s or `timeout_ms`, ModemError when not connected.
        """
        return self._drive(part(self._known(), "net").resolve(self, host, timeout_ms))

    def gethostbyname(self, host):
        """Return the first address of a host name; an address comes back as it is. Errors as for `resolve`."""
        return self._drive(self._gethostbyname(host))

    async def _gethostbyname(self, host):
        from .datagrams import is_address

        return host if is_address(host) else (await part(self._known(), "net").resolve(self, host, None))[0][0]

    def dns(self, primary=None, secondary=None):
        """Return the name servers of the context as a tuple of addresses; with arguments, set them first.

        The module forgets them at its next restart. Raises CommandError, ModemError when not connected, ValueError for a name.
        """
        return self._drive(self._dns_servers(primary, secondary))

    async def _dns_servers(self, primary, secondary):
        from .datagrams import is_address

        for name, value in (("primary", primary), ("secondary", secondary)):
            if value is not None and not (value and is_address(value)):
                raise ValueError("%s must be an address" % name)
        found = await part(self._known(), "net").dns(self, primary, secondary)
        if found:
            self._dns = found
        return found

    def ping(self, host, count=4, timeout_s=4):
        """Send `count` (1 to 10) echo requests to `host`, each waited for `timeout_s` (1 to 255) seconds.

        Returns `((sent, received, lost, min_ms, max_ms, avg_ms), replies)`; a reply is `(address, bytes, time_ms, ttl)`, or None
        for a request without answer. The figures are the module's. Raises CommandError when the run cannot begin (565: unknown
        name).
        """
        return self._drive(part(self._known(), "net").ping(self, host, count, timeout_s))

    def sync_time(self, server, port=123, set_clock=True, timeout_ms=None):
        """Ask a time server (NTP) through the module; `set_clock`: set the module's own clock (AT+CCLK) by it.

        Returns `(year, month, day, hour, minute, second, zone)`, `zone` in minutes east of UTC, as the module gives it. The hour
        is UTC by the document ("EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.4.15), and on SIMCom because zone 0 is
        asked for. The document's example carries zone +32 all the same: compare with AT+CCLK? where it matters. Takes up to
        125 s, 700 s at most (event "slow" after 125 s); `timeout_ms` makes it ModemTimeout sooner.
        """
        return self._drive(part(self._known(), "net").sync_time(self, server, port, set_clock, timeout_ms))

    def connections(self, link=None, context=None):
        """Return what the module itself says about its connections: all, the one with id `link`, or those of a `context`.

        One tuple each: (id, service, address, remote port, local port, state, context, server id, access mode, port name), with
        the states "initial", "opening", "connected", "listening", "closing". TLS connections, whose ids are a series of
        their own, follow as service "SSLCLIENT".
        """
        return self._drive(part(self._known(), "net").states(self, link, context))

    def configure(self, option, *values):
        """Set an option of the module's TCP/IP stack by its name in the document; without values, return what is set.

        For example `configure("tcp/keepalive", 1, 60, 25, 3)`. The module forgets options at its next restart. Raises ValueError
        for an unknown option or a value out of range (before anything is sent), and for options that would change what the
        driver reads on the line; CommandError when this firmware lacks the option.
        """
        return self._drive(part(self._known(), "options").configure(self, option, values))

    def _known(self):
        """Return the dialect; ModemError while nobody has said or found out which model it is."""
        if self.dialect is None:
            from .errors import ModemError

            raise ModemError("which model it is is not known yet: call start() first")
        return self.dialect

    def _online(self):
        """ModemError unless connected: the commands that use the network answer nothing helpful without it."""
        if not self._connected:
            from .errors import ModemError

            raise self._gone or ModemError("not connected: call connect() first")

    # --- mail, FTP, HTTP by the module (SIM7100)

    def smtp(self):
        """Return the module's mail client: see simcom.smtp.Smtp. NotSupported on models without one."""
        return self._service("smtp").Smtp(self)

    def pop3(self, server, user, password, port=110):
        """Return the module's mailbox client: see simcom.pop3.Pop3. NotSupported on models without one."""
        return self._service("pop3").Pop3(self, server, user, password, port)

    def ftp(self, server, user="anonymous", password="", port=21, **options):
        """Return the module's FTP client: see simcom.ftp.Ftp. NotSupported on models without one."""
        return self._service("ftp").Ftp(self, server, user, password, port, **options)

    def ftps(self, server, user="anonymous", password="", port=21, **options):
        """Return the module's FTPS client: see simcom.ftps.Ftps. It wants `verify=False`: the server is not verified."""
        return self._service("ftps").Ftps(self, server, user, password, port, **options)

    def http(self, **options):
        """Return the module's HTTP client: see simcom.http.Http. NotSupported on models without one."""
        return self._service("http").Http(self, **options)

    def https(self, **options):
        """Return the module's HTTPS client: see simcom.https.Https. It wants `verify=False`: the server is not verified."""
        return self._service("https").Https(self, **options)

    def _service(self, name):
        from .errors import NotSupported

        dialect = self._known()
        if name not in getattr(dialect, "services", ()):
            raise NotSupported(
                "%s has no %s client of its own (%s): use a socket" % (dialect.model, name.upper(), dialect.document)
            )
        return part(dialect, name)
