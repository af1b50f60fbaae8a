"""Drives Quectel and SIMCom cellular modules over a UART with AT commands: sockets that feel like Python's own.

`from modem import Modem, AsyncModem` and the errors; everything else is loaded on first use.

THE MAP
=======

Layers, from the line to the user. A file imports from its own layer and from those above it in this list, late imports included
(tests/tools/test_structure.py draws the graph):

    ports/            Port: bytes in, bytes out, a clock. The only files that do I/O
    compat, desktop   what differs between MicroPython and CPython: constants, ticks, rings, the blocking face (socket_habits,
                      ssl_sockets: what sockets have on CPython besides)
    errors, codes     exceptions; the meaning of the module's error numbers
    at/               the conversation; no I/O, no clock of its own
      parser          bytes -> line | prompt | counted payload. Knows no meaning
      command         Command: what one AT command expects, and what came of it; ReadCommand fetches a block
      engine          Engine: one command in flight, URC table, flow of payload. Never waits
      session         Session: whose turn it is on the line, deadlines, late answers, events; how to wait (BlockingWait)
      events          the queue of events; lines that no table knows: what they look like
      questions       does the module answer at all, several commands in one line
      recovery        error reasons, resynchronising after a lost answer, signs of a restart
      params, redact  parameters both ways, checks of arguments; secrets in command lines
    net/              connections, the same for every vendor
      link, rings     Link: one connection id: its state, its ring. rings: those that know where a block or datagram ends
      connect         ids handed out, open, close
      link_recovery   what a connection is after a failed read, what became of a failed send; connections nobody wants any more
      server, datagram, transparent, escape (NO CARRIER and OK among the payload)
    dialect           the contracts of a vendor's package: Dialect (facts and commands of a family), Transport (its connections)
    quectel/ simcom/  the vendors: the same file names for the same things
      dialect         facts and URC table
      tcp, udp, tls   transports      server, urcs   what comes by itself      settings   what start() pins
      pdp             PDP contexts    resolver       DNS, ping, time, list of connections      options, files, cell
      services/       mail, FTP, HTTP of SIM7100 (simcom only)
    models            the ONE list of models: names, vendor, facts      relatives   those driven as one of them, those refused
    module            Module: what the driver knows of the module; everything internal hangs on it
    startup, attach   start(), connect(); sim, registration and power_key belong to them
    tls, files, ...   one feature a file: sms (with its codec sms_pdu), gnss, network_info, psm, ppp, diagnose, supervisor,
                      power_saving, baudrate, raw_command, deferred
    preload           all that a call may load, before data may come by themselves
    sockets           AsyncSocket: every operation of a socket; Socket: its blocking face
    modem, aio        BaseModem: every operation of a modem; Modem: its blocking face; AsyncModem and how asyncio waits
    streams           asyncio reader, writer, server

Who calls whom

    the user calls connect()     sockets -> net/connect -> quectel/tcp -> at/session -> at/engine -> Port.write
    a byte arrives               Port.readinto -> at/engine.pump -> at/parser.feed -> at/engine.on_line
                                   -> Command.on_info / on_done | URC handler of the dialect -> Link.on_...

An operation is written once, as a coroutine. AsyncModem hands it to asyncio. Modem runs it to its end, which works because a
blocking wait never suspends (compat.run, session.BlockingWait). What runs for every block in a blocking program is a plain
function: Socket.recv_into -> Link.look -> Engine.begin.

Reading order: at/parser, at/command, at/engine, at/session, net/link, sockets, dialect, quectel/dialect, quectel/tcp,
net/connect.

How to add

    a relative    a word in relatives.DRIVEN_AS, what differs in relatives.OWN_FACTS; `python3 tools/tables.py`
    a board       a row in ports/boards.py, with its maker's page as the source; `python3 tools/tables.py`
    a model       a Model in models.MODELS with the facts that differ from the vendor's dialect; the same in the virtual modem; a
                  row in the README's table. One that was a relative leaves DRIVEN_AS, and the names in tests/face/test_models.py;
                  `python3 tools/tables.py`
    a feature     a file with `async def f(m, ...)`, where m is the Module; a method in modem.BaseModem that imports and awaits
                  it; the import in preload.py where it may be called beside pushed data; where not every program needs it, a
                  slice in tools/package.py (APART), and compat.apart() in place of the import; `python3 tools/stubs.py` and
                  `python3 tools/package.py`; its commands in tools/vmodem; a test in tests/features
    a URC         engine.urc(prefix, handler) in the dialect's __init__: handler(buf, s, e) gets the line after the prefix and
                  returns False for "not mine"; no allocation where payload may follow
    a vendor      a package with dialect.py: class VendorDialect(Dialect), a Transport, and the functions that Dialect.part
                  lists; codes.py with its error texts; rows in models.MODELS

Rules

    - what runs while data may be pushed allocates nothing and loads nothing: preload.py has everything that a call may load
    - a function on the receive path has at most 11 words of locals and operands: MicroPython takes more from the heap
    - no state is set before the command has gone out (Command.on_begin); after an await everything is looked at again
    - success needs every part that must come before it: OK without the awaited header is a failure
    - every wait has a deadline, and what waits for data asks the module from time to time
    - nothing taken from a ring lives in a local variable across an await (AsyncSocket.kept)
    - moments are compared by compat.is_due and age_ms where they may be days old
    - what is seldom called is marked `@rare` (compat): on a board it is in a file of its own (tools/fold.py). A rare method does
      not stand in for one of a base class, and none is on the receive path
    - every limit names its document; every error that a user can meet names the command

Glossary

    module           the cellular module; `m` in the code is the Module object
    URC              unsolicited result code: a line that the module sends by itself
    link             one connection of the module, with its id          transport  how such connections are opened, read, written
    slot             place of a link in Module.links                    ticket     who waits for a turn on the line
    out of sync      answers of earlier commands may still come          resynchronise  ask until an unmistakable answer comes
    probe            a command sent only to find out how things are      abandoned  a link that no socket holds any more
    deferred result  a result that comes as URC after OK                 unknown line   one that no table knows
    face             the blocking face of an object with operations      mark       a setting that a restart undoes
"""

__version__ = "0.1.0"

_WHERE = (
    ("modem", "Modem"),
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
