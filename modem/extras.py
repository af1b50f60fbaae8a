"""What a modem can do besides starting, connecting and sockets: see late.py."""

from .errors import ConnectionClosed
from .late import part
from .params import plain
from .sockets import AF_INET, SOCK_STREAM, address_of, octets


class Extra:
    """Methods of BaseModem."""

    def disconnect(self, timeout_ms=None):
        """Deactivate the PDP context; the module closes its sockets. Raises CommandError when the module refuses,
        ModemTimeout after `timeout_ms` (None: the document's own limit); the module goes on with it then.
        """
        return self._drive(self._disconnect(timeout_ms))

    async def _disconnect(self, timeout_ms):
        if self._connected:
            self._connected = False
            self._end_links(ConnectionClosed("the PDP context was deactivated"), self.context)
            await part(self.dialect, "ending").detach(self, self._deadline(timeout_ms))

    def active(self, flag=None):
        """Without argument, and never awaited: whether the radio is in use as far as the driver knows. True starts the module,
        False switches the radio off (AT+CFUN=0); `connect()` switches it on again."""
        if flag is None:
            return self._started
        return self._drive(self._active(flag))

    async def _active(self, flag):
        if flag:
            if not self._started:
                await self._start(30000, None)
            await self._cmd(b"+CFUN=1", limit_ms=15000)
        else:
            await self._disconnect(None)
            await self._cmd(b"+CFUN=0", limit_ms=15000)
            self._started = False
        self._radio_off = not flag

    def sleep(self, idle_ms=None):
        """Let the module sleep while nothing is going on; it loses what wakes it, so it is woken before the next command.

        Without `idle_ms` by DTR, once: it may sleep from now on; the next command switches DTR on again. With `idle_ms` (1 to
        3600000) by itself, after some 5 s of silence, again and again: a command that comes after `idle_ms` without a byte from
        the module is preceded by AT; choose less than the module's time. 0: no more, as after start(). Waking takes 0.2 s. Data
        that come wake the module by themselves; a read that waits asks for them every 20 s. Raises CommandError where the
        firmware cannot, NotSupported where the port has no DTR, ModemError before start(). AT+QSCLK and AT+CSCLK, of the
        vendors' general AT manuals; start() switches them off.
        """
        from .sleeping import sleep

        return self._drive(sleep(self, idle_ms))

    def set_baudrate(self, rate, store=False):
        """Change the baud rate of the module and of the port, and see whether the module is heard at it.

        `rate`: 300 to 4000000 bits per second, as far as both can. `store`: the module keeps it for its next start (AT&W, with
        its other settings); otherwise it comes back at the old one, and start() finds it there. Best done right after start().
        Raises ModemError before start(), while connections are open, and when the module does not answer at the new rate (the
        line is at the old one again); CommandError when the module refuses the rate, NotSupported when the port does, before
        anything is changed; ModemTimeout when it is heard at neither rate. AT+IPR of V.250, 6.2.10.
        """
        from .rate import change

        return self._drive(change(self, rate, store))

    def ipconfig(self, name):
        """Return one item: "addr4" (address, netmask), "addr6" (list), "dns"."""
        found = self._addresses if self._connected else ()
        four = [a for a in found if ":" not in a]
        if name == "addr4":
            return (four[0] if four else "0.0.0.0", "255.255.255.255")
        if name == "addr6":
            return [(a, 0, 0, 0) for a in found if ":" in a]
        if name == "dns":
            return self._dns[0]
        raise ValueError("name must be one of addr4, addr6, dns")

    def status(self, name=None):
        """ "rssi": signal in dBm or None; "registration": status of CREG, CGREG, CEREG; without name: "connected", "started"...

        Asks the module, except without a name.
        """
        return self._drive(self._status(name))

    async def _status(self, name):
        from .network import registration, rssi_dbm

        if name == "rssi":
            return await rssi_dbm(self, None)
        if name == "registration":
            return await registration(self)
        if name is None:
            return "connected" if self._connected else "started" if self._started else "down"
        raise ValueError("name must be None, rssi or registration")

    def config(self, name):
        """Return "imei", "manufacturer", "model" or "revision" as read by start(), "imsi" or "iccid" from the SIM card."""
        return self._drive(self._config(name))

    async def _config(self, name):
        if name in self.identity:
            return self.identity[name]
        command = {"imsi": b"+CIMI", "iccid": self.dialect.iccid if self.dialect else b""}.get(name)
        if not command:
            raise ValueError("name must be one of imei, manufacturer, model, revision (after start()), imsi, iccid")
        lines = await self._cmd(command, b"+", bare=True)
        return "".join([chr(c) for line in lines[-1:] for c in line[line.find(b":") + 1 :] if 48 <= c <= 57 or 65 <= c <= 70])

    def command(self, line, *, prefix=None, data=None, timeout_ms=60000):
        """Run any AT command and return its information lines as bytes.

        `line`: text from "AT" on, without CR. `prefix`: of the information lines, such as "+CSQ:"; None takes lines that begin
        with the command's own name and bare ones. `data`: payload for the prompt, sent as it is (end it with Ctrl-Z yourself in
        variable-length modes). `timeout_ms`: when the command is given up. Raises CommandError, ModemTimeout,
        LineBusy, ValueError for control characters in `line`.
        """
        return self._drive(self._command(line, prefix, data, timeout_ms))

    async def _command(self, line, prefix, data, timeout_ms):
        from .request import SEND, Request

        text = plain_command(line)
        if prefix is None:
            prefix = text[2:].split(b"=")[0].split(b"?")[0] + b":"
        elif isinstance(prefix, str):
            prefix = prefix.encode()
        request = Request(text + b"\r", prefix if len(prefix) > 1 else None, timeout_ms, kind=SEND, bare=True)
        if data is not None:
            request.payload(octets(data))
        lines = (await self._run(request)).lines
        return lines if data is None else [line for line in lines if line != b"> "]  # of a text, each line has a prompt

    def tls_context(self, **settings):
        """Return settings for TLS connections, to be passed as `tls=`: ca, cert, key, verify, version, ciphers, sni...

        See tls.TlsContext for all of them and for what each model checks. Nothing is sent. Raises ValueError, NotSupported.
        """
        from .tls import TlsContext

        return TlsContext(self, **settings)

    def diagnose(self, host=None, port=None, tls=None, timeout_ms=None):
        """Walk the documents' checklist for connections that do not come about; return findings (diagnose.Finding), in its order.

        SIM, registration, signal, context, DNS servers, name lookup, clock, certificate files, TCP, TLS. `timeout_ms`: for all of
        it; None: each step has its own limit. Raises only what the line itself raises (ModemTimeout, LineBusy, OSError): a step
        that fails is a finding.
        """
        from .diagnose import diagnose

        return self._drive(diagnose(self, host, port, tls, self._deadline(timeout_ms)))

    def create_connection(self, address, timeout_ms=None, tls=None, access="buffer", rxbuf=1536):
        """Make a stream socket and connect it to `(host, port)`; errors as for `connect`.

        `timeout_ms`: time-out of the socket, for connecting and for all later calls; None waits without limit.
        """
        return self._drive(self._create_connection(address, timeout_ms, tls, access, rxbuf))

    async def _create_connection(self, address, timeout_ms, tls, access, rxbuf):
        sock = self.socket(access=access, tls=tls, rxbuf=rxbuf)
        if timeout_ms is not None and timeout_ms < 0:
            raise ValueError("timeout_ms must be None, 0 or more")
        sock._timeout_ms = timeout_ms
        await sock._connect(address)
        return sock

    def getaddrinfo(self, host, port, af=0, type=0, proto=0, flags=0):
        """Return a list with one 5-tuple whose address is `(host, port)`: the module resolves the name when it connects."""
        host, port = address_of((host, port))
        plain("host", host)
        return self._drive(self._answer([(af or AF_INET, type or SOCK_STREAM, proto, "", (host, port))]))

    async def _answer(self, value):
        return value


def plain_command(line):
    """Return a command line as bytes; ValueError for control characters, or when it does not begin with AT."""
    text = line.encode() if isinstance(line, str) else bytes(line)
    if text[:2].upper() != b"AT":
        raise ValueError("line must begin with AT")
    for c in text:
        if c < 32 or c == 127:
            raise ValueError("line must not contain a control character")
    return text
