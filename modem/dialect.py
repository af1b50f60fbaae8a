"""The contract of a vendor's package: what the core asks of it. `Dialect`: the facts and commands of a family of modules;
`Transport`: one sort of connection, TCP and UDP or TLS.

A vendor's package (quectel/, simcom/) derives both; a model (models.py) gives a dialect its own facts. What a family does not
have keeps the default here, which refuses by name: nothing is sent.
"""

from .compat import Rare, rare, vendor_file
from .errors import NotSupported
from .net.link import BUFFER, LISTENER, PUSH, STREAM, Link

TYPE_CHECKING = False


class Dialect(Rare):
    """Facts of a family, units in the names; None or (): the family does not have it. Methods that send are coroutines.

    `module`: the Module whose conversation it is; `model`: a Model (models.py) with the facts that differ. Making a dialect
    registers its URCs; it lives as long as the program.
    """

    vendor: str  # name of the vendor's package: "quectel", "simcom"
    error_family: str  # error table in codes.py for the module's own numbers
    contexts = 1  # PDP contexts 1..n
    background = False  # contexts can be activated while the line stays free
    links: int  # places in the table of links
    max_send: int  # payload bytes of one send command
    max_read: int  # and of one read command
    sim_ms = 20000  # time allowed for the SIM card to become ready
    registration_ms = 90000  # and for the network to register it
    input_timeout_ms: "int | None"  # how long the module waits for payload after the prompt; None: for ever
    id_in_use: "int | str"  # error of an open: the connection id is taken
    no_context: "tuple[int, ...]"  # errors of an open: the context is down
    port_in_use: "tuple[int, ...]"  # errors of a bind
    send_closed: "tuple[int, ...]"  # errors of a send: the connection has ended
    end_frees = False  # an ended transparent connection frees its id
    carrier_lost = ()  # lines that end transparent mode, with their CR LFs, the longest first
    transparent_server = False  # a server's client can have the line
    server_ends_clients = False  # closing a server closes the connections of its clients
    pin_tries: "tuple[bytes, bytes, int]"  # command, prefix and field that tell how many tries of the PIN are left
    power_on_ms = 0  # press of PWRKEY that switches the module on, off; 0: not known (hardware manual)
    power_off_ms = 0
    power_off_wait_ms = 0  # how long it may take to switch off
    iccid: bytes  # command (without AT) that reads the card's number
    sleep_command: bytes  # and the one that lets the module sleep
    storage_full: "tuple[bytes, bytes | None]"  # URC: no message can be stored; command (without AT) that switches it on
    gnss: str  # the receiver's commands: names in gnss.py, of which the module has one
    tls = None  # what the module's TLS has: None, or the vendor's word for it
    services = ()  # SMTP and others that the module does itself

    def __init__(self, module, model):
        self.module = module
        self.model = model.name  # under which users know it
        self.document = model.document
        for name in model.facts:
            setattr(self, name, model.facts[name])

    @rare
    def lacks(self, what):
        """Return the NotSupported that says that this driver has no `what` for the model."""
        return NotSupported("this driver has no %s for %s (written from: %s)" % (what, self.model, self.document))

    @rare
    def forget(self):
        """The module has restarted: its settings have their defaults."""

    @rare
    def preload(self):
        """Load all files of the vendor's package that a call may load; see preload.py."""

    def on_lost(self):
        """Received bytes are lost: what was being received apart from connections has a hole. Links have been told."""

    def on_gap(self):
        """Bytes of what the module sends by itself may be lost; return whether something was being received."""
        return False

    # --- errors

    @rare
    def error_command(self):
        """Return a Command that asks for the reason of the last ERROR; None: there is none."""
        return None

    @rare
    def error_code(self, lines):
        """Return the number in the answer to it, None where it says nothing."""
        return None

    @rare
    def restart_reason(self, error=None):
        """Return why the vendor's flow chart restarts the module: for `error` of connect(), or for what came before; or None."""
        return None

    @rare
    def restarts_after(self, command):
        """Return whether the documents restart a module that has not answered `command` within its limit."""
        return False

    # --- the vendor's other files

    def part(self, name):
        """Return a file of the vendor's package; it is loaded when something in it is called. `m` is always the Module.

        settings.pin(m, deadline)           set what the driver relies on to read the module's lines; return what a restart undoes
                                            as has_restarted() of at/recovery.py takes it: (read command, prefix, answer) each
        settings.close_leftovers(m, deadline)         close connections that an earlier program has left, before there are others
        pdp.settings(apn, user, password, auth, ip)   check what describes a context; return it as the commands take it. `auth`:
                                            0 none, 1 PAP, 2 CHAP, 3 either; `ip`: 0 IPv4, 1 IPv6, 2 both
        pdp.define(m, params, deadline)     say what context `m.context` is, before the module registers. CommandError: too early
        pdp.attach(m, params, deadline)     activate it unless it is active with the same; return its addresses, IPv4 first
        pdp.detach(m, deadline)             deactivate it; the module closes its connections
        pdp.clear(m, context, deadline)     the network has taken `context` away: tell the module where it wants to be told
        pdp.addresses(m, deadline)          return the addresses of context `m.context`, None when it is not active
        resolver.name_servers(m, deadline)  return the name servers of the context, None when the module does not report them
        resolver.connections(m, link, context)        see Modem.connections
        resolver.resolve(m, host, timeout_ms)         see Modem.resolve
        resolver.dns(m, primary, secondary)           see Modem.dns
        resolver.ping(m, host, count, timeout_s)      see Modem.ping
        resolver.sync_time(m, server, port, set_clock, timeout_ms)   see Modem.sync_time
        options.configure(m, option, values)          see Modem.configure
        tls.settings(m, context)            return the settings of a TlsContext as this model writes them; NotSupported
        tls.read(m, context)                return what the module is set to for it: see TlsContext.read
        files.store(m, name, what)          return the FileStore (modem/files.py) that holds file `name`; ValueError naming `what`
                                            for a name that cannot be one
        cell.status(m, name)                "band", "cell", "rsrp", "rsrq" or "sinr": see Modem.status
        """
        return vendor_file(self.vendor, name)

    # --- connections and the rest

    def transport(self, tls):
        """Return the Transport for connections with `tls` (a TlsContext) or without (None)."""
        raise self.lacks("sockets")

    def service(self, name, arguments, options):
        """Return the client of an Internet service that the module does itself: "smtp", "pop3", "ftp", "http" and so on."""
        raise self.lacks("%s client" % name.upper())


class Transport(Rare):
    """One sort of connection of a module. Stateless; a Link has the state. One object for all connections of its sort.

    `kinds`: the kinds of links that it can open; `accesses`: the access modes. Checked before a byte is sent.
    """

    kinds = ()
    accesses = (BUFFER, PUSH)
    link_class = Link
    keeps_ended = False  # a connection that its peer has ended keeps its id until it is closed
    refused = ()  # errors of an open: the peer refuses, or cannot be reached
    unknown_host = ()  # errors of an open: the name has no address

    if TYPE_CHECKING:  # every transport has its own

        def reader(self, link):
            """Return the ReadCommand that fetches a block of `link`; None where the module pushes, or has nothing to read."""

        async def open(self, link, host, port, deadline):
            """Open `link`. Raises CommandError with the module's code, ModemTimeout, ValueError before anything is sent."""

        async def close(self, link, deadline=None):
            """Close `link`. Raises CommandError, ModemTimeout where the module has not confirmed it: holds() tells then."""

        async def send(self, link, data, off, n, deadline, peer=b""):
            """Have the module take `data[off:off+n]`; return when it has. Never sends a byte twice.

            SocketTimeout when the module's buffer stays full until `deadline` or the result is still owed; ConnectionClosed.
            """

        async def is_open(self, link, deadline):
            """Ask the module whether `link` is open; True unless it says that the connection has ended."""

        async def holds(self, link, deadline):
            """Ask the module whether `link`'s id is in use, by a connection that is open or has ended."""

        async def counters(self, link, deadline):
            """Return (sent, acknowledged, pending) bytes as the module counts them. NotSupported where it does not."""

        async def handed_out(self, link, deadline):
            """Return how many received bytes of `link` the module has handed out in all; None where it does not count them."""

        async def switch(self, link, access, deadline):
            """Change the access mode of the open link to BUFFER or PUSH; the line is in command mode."""

    # what else one of several accesses or kinds needs:
    #
    #     on_pushed(link, buf, s, e)   PUSH: a URC says that data have come; plain, no allocation. `s` in `buf`: after the id
    #     peer(host, port)             SERVICE: what send() appends to name the receiver of a datagram
    #     resume_line(link)            TRANSPARENT: the command (with AT) that makes the line transparent for `link` again

    def __init__(self, module):
        self.module = module

    def slots(self, kind=STREAM):
        """Return (first, count) of the places in the table of links for a kind of connection."""
        return 0, self.module.dialect.links

    @property
    def max_send(self):
        """The most payload bytes of one send."""
        return self.module.dialect.max_send

    async def is_client(self, link, deadline):
        """Return whether `link`, which a URC has announced as a client of a listener, is one."""
        return True

    def check(self, kind, access):
        """NotSupported where this sort of connection has no such kind or access mode."""
        if kind not in self.kinds:
            raise self.module.dialect.lacks("%s over this transport" % ("streams", "datagrams", "datagrams", "servers")[kind])
        if access not in self.accesses and kind != LISTENER:
            raise self.module.dialect.lacks("such an access mode for this transport")
