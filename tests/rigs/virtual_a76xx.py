"""A virtual A76XX under a clock that tests turn by hand (see tests/rigs/virtual_modem.py). CPython only."""

from tests.rigs.tls_network import ADDRESS, HOST, Authority, TlsNetwork, server_context
from tests.rigs.virtual_modem import ERROR, OK, Rig

PROMPT = b"\r\n>"
PEER = "117.131.85.139"


def frames(*lines):
    """Lines between CR LF pairs, one frame each."""
    return b"".join(b"\r\n" + line.encode("latin-1") + b"\r\n" for line in lines)


def block(*lines):
    """Lines of one information response."""
    return b"\r\n" + b"\r\n".join(line.encode("latin-1") for line in lines) + b"\r\n"


class SimcomRig(Rig):
    """A virtual A76XX whose echo is off; `quirks` as on the command line."""

    def __init__(self, **options):
        super().__init__("a76xx", payload_echo=True, **options)

    def service(self):
        """Open the TCP/IP service."""
        assert self.command("AT+NETOPEN") == OK + frames("+NETOPEN: 0")
        return self

    def tcp(self, number=1, port=5253):
        """Open a TCP link; its peer."""
        got = self.command('AT+CIPOPEN=%d,"TCP","%s",%d' % (number, PEER, port))
        assert got == OK + frames("+CIPOPEN: %d,0" % number), got
        return self.net.links[-1]

    def udp(self, number=1, port=5000):
        """Open a UDP link; its peer."""
        got = self.command('AT+CIPOPEN=%d,"UDP",,,%d' % (number, port))
        assert got == frames("+CIPOPEN: %d,0" % number) + OK, got
        return self.net.links[-1]

    def transparent(self, parameters='"TCP","%s",5253' % PEER):
        """Make the line transparent for link 0; its peer."""
        assert self.command("AT+CIPMODE=1") == OK
        self.service()
        assert self.command("AT+CIPOPEN=0," + parameters) == frames("CONNECT 115200")
        return self.net.links[-1]

    def escape(self):
        """The escape sequence with its silences; what comes back."""
        return self.pass_time(1.1) + self.host(b"+++") + self.pass_time(1.1)

    def server(self, number=0, port=8080):
        """Listen."""
        assert self.command("AT+SERVERSTART=%d,%d" % (port, number)) == OK
        return self.net.listeners[-1]


class SimcomTlsRig(SimcomRig):
    """The same with an authority, and servers that show a good certificate."""

    def __init__(self, **options):
        super().__init__(**options)
        self.net = self.modem.net = TlsNetwork(self.clock)
        self.net.names[HOST] = [ADDRESS]
        self.authority = Authority()
        self.serve(self.authority.issue(HOST, ADDRESS))
        self.modem.files.write("ca_cert.pem", self.authority.pem)

    def serve(self, identity, **options):
        """What the servers show from now on."""
        self.net.server = server_context(identity, **options)

    def configure(self, context=0, **values):
        """AT+CSSLCFG with each of the values."""
        for item, value in values.items():
            shown = '"%s"' % value if isinstance(value, str) else value
            assert self.command('AT+CSSLCFG="%s",%d,%s' % (item, context, shown)) == OK, item
        return self

    def start(self, settings=None):
        """Start the channel service, with AT+CCHSET=`settings` before it."""
        assert settings is None or self.command("AT+CCHSET=" + settings) == OK
        assert self.command("AT+CCHSTART") == OK + frames("+CCHSTART: 0")
        return self

    def session(self, number=0, host=HOST, port=443):
        """Open a TLS session: its result."""
        got = self.command('AT+CCHOPEN=%d,"%s",%d,2' % (number, host, port)) + self.pass_time()
        start = OK + b"\r\n+CCHOPEN: %d," % number
        assert got.startswith(start) and got.endswith(b"\r\n"), got
        return int(got[len(start) : -2])


__all__ = ["ADDRESS", "ERROR", "HOST", "OK", "PEER", "PROMPT", "SimcomRig", "SimcomTlsRig", "block", "frames"]
