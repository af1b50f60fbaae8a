"""Scenes where firmwares differ from each other, and of programs that use the driver in less usual ways: odd arguments, commands
of their own, many files, long waits.
"""

import array
import contextlib
import threading

from modem import CommandError, ModemError, NotSupported, ProtocolError, SimError
from modem.supervisor import Supervisor, restart_by_command

from . import peers
from .notices import QUECTEL
from .program import ASYNC, COMMAND_S, CONNECT_S, OPEN_S, SYNC, TIMEOUT_S, Cut
from .scenes import ALL, CLERK, ECHO, scene
from .scenes_net import FILES_S, TLS_MODELS, provided, refused
from .world import vendor_of

_ONE_OF_EACH = ("ec600e", "a76xx")
_QUECTEL = tuple(model for model in ALL if vendor_of(model) == QUECTEL)
_QUECTEL_TLS = tuple(model for model in TLS_MODELS if model in _QUECTEL)
_LATE, _LATE_S, _PATIENT_S = 301, 70.0, 200.0
_ENDLESS, _LONG = 302, 80000
_LINE = b"0123456789 and the rest\n"


def _late(world):
    world.net.serve(_LATE, lambda: peers.Halves(world.clock, _LATE_S))


@scene(prepare=_late)
async def waiting(p):
    """A reader that waits for more than a minute: the connection lives, and all of it comes."""
    stream = await p.open(_LATE)
    stream.sock.settimeout(None)
    stream.timeout_s = _PATIENT_S
    await stream.read(len(_LINE))
    await stream.close()


@scene(models=("ec200u", "bg96"), specs=("send-fail:every=3",))
async def crowded(p):
    """The module's send buffer is full from time to time: all arrives once."""
    stream = await p.open(CLERK)
    await stream.send(b"PUT 4000\n")
    for number in range(4):
        await stream.send(peers.seeded(1000, number))
    await stream.read(9)
    await stream.close()


@scene(models=tuple(model for model in TLS_MODELS if model != "sim7100"))
async def typed(p):
    """A command of the program's own that asks for data, and gets them."""
    data = peers.seeded(60, 5)
    command = 'AT+QFUPL="typed.pem",60' if p.world.vendor == QUECTEL else 'AT+CCERTDOWN="typed.pem",60'
    p.kept_files.add("typed.pem")
    await p.do("command", lambda: p.modem.command(command, data=data), COMMAND_S)
    if p.world.stored("typed.pem") != data and p.world.harmless():
        p.violate("b", "another file was stored")


def _many_operators(world):
    world.modem.radio.operators = world.modem.radio.operators * 30


@scene(models=_ONE_OF_EACH, prepare=_many_operators)
async def answers(p):
    """Commands of the program's own with other ends than OK, and with more lines, or longer ones, than most."""
    for command, words in (("ATD5551234", ""), ("AT+CMGR=250", "memory")):
        with contextlib.suppress(Cut):
            try:
                got = await p.do("command", lambda command=command: p.modem.command(command), COMMAND_S)
                p.violate("d", "%s is answered by %r" % (command, got), plausible=True)
            except CommandError as error:
                if words not in str(error) and p.world.harmless():
                    p.violate("d", "%s: %s" % (command, error))
    got = await p.do("command", lambda: p.modem.command("AT+CLAC", prefix="AT"), COMMAND_S)
    if len(got) < 70:
        p.violate("a", "%d lines of AT+CLAC" % len(got), plausible=True)
    try:
        got = await p.do("command", lambda: p.modem.command("AT+COPS=?"), COMMAND_S)
        if not got or len(got[0]) < 500:
            p.violate("a", "AT+COPS=? is answered by %r" % (got,), plausible=True)
    except ProtocolError:
        pass


@scene(models=_ONE_OF_EACH, begins="off", timed=False)
async def no_card(p):
    """There is no SIM card: the error says so."""
    p.world.modem.sim.inserted = False
    try:
        await p.start()
        await p.attach()
        p.violate("d", "connected without a card")
    except SimError as error:
        if "no SIM card" not in str(error) and p.world.harmless():
            p.violate("d", "the error says %s" % error)
    finally:
        p.world.modem.sim.inserted = True


_HOURS, _STEP_S, _LEAST = 1, 500.0, 3


@scene(models=("ec200u", "bg96"), timed=False)
async def keeper_tls(p):
    """A supervisor that looks after the connection of a program with TLS."""
    context = p.modem.tls_context(ca=await provided(p))
    keeper = Supervisor(p.modem, "internet", restart=restart_by_command)
    end = p.world.clock.now() + _HOURS * 3600
    good = 0
    while p.world.clock.now() < end:
        up = await p.do("step", keeper.step, 4 * CONNECT_S)
        if up:
            try:
                stream = await p.open(CLERK, tls=context, timeout_s=60.0)
                await stream.send(b"GET 10\n")
                await stream.read(10)
                await stream.close()
                good += 1
            except (ModemError, Cut):
                for stream in p.streams:
                    await stream.close()
        await p.sleep(_STEP_S if up else 5)
    if good < _LEAST:
        p.violate("e", "%d answers in %d hour" % (good, _HOURS))


_QUIET_S = 2.0
_LEAVER, _LEAVES_S = 303, 190.0


def _leaver(world):
    world.net.serve(_LEAVER, lambda: peers.Leaver(world.clock, _LEAVES_S))


@scene(models=("ec200u", "bg96"), prepare=_leaver, timed=False)
async def quiet_tls(p):
    """A reader without a time-out, over TLS, of a peer that says nothing and leaves: it learns of that, or of what is wrong."""
    context = p.modem.tls_context(ca=await provided(p))
    stream = await p.open(_LEAVER, tls=context, timeout_s=60.0)
    stream.sock.settimeout(None)
    stream.timeout_s = _LEAVES_S + 30.0
    await stream.read_all()
    await stream.close()


@scene(models=_ONE_OF_EACH, quirks=("cmee=1",), timed=False)
async def noticed(p):
    """A restart that no line has told of is noticed by the second command after it, although AT+CMEE is what start() sets."""
    restarts = []
    await (await p.open(ECHO)).close()
    await p.sleep(_QUIET_S)  # a module that owes nothing may restart unseen
    p.world.modem.on_reset.append(lambda: restarts.append(True))
    for _ in range(4):
        before = list(restarts)
        with contextlib.suppress(ModemError, Cut):
            await p.do("status", lambda: p.modem.status("rssi"), COMMAND_S)
        with contextlib.suppress(ModemError, Cut):
            await p.do("command", lambda: p.modem.command("AT+CSQ"), COMMAND_S)
        if before and p.modem.isconnected():
            p.violate("e", "the restart has not been noticed")
    if restarts and not p.modem.isconnected():
        raise EOFError("the module has restarted")


@scene(models=_ONE_OF_EACH)
async def arguments(p):
    """Buffers of other items than bytes are sent whole; what means nothing is refused before anything is sent."""
    stream = await p.open(ECHO)
    for data in (array.array("H", range(50)), memoryview(array.array("I", range(9))), bytearray(b"once")):
        octets = bytes(data)
        stream.sent.append((octets, False))
        await p.do("sendall", lambda data=data: stream.sock.sendall(data), TIMEOUT_S)
        stream.sent[-1] = octets, True
        await stream.read(len(octets))
    for name, call in (
        ("recv(-1)", lambda: stream.sock.recv(-1)),
        ("recv(None)", lambda: stream.sock.recv(None)),
        ("a text", lambda: stream.sock.send("text")),
        ("another port", lambda: p.modem.create_connection(("peer.test", 70000))),
        ("no port", lambda: p.modem.create_connection(("peer.test", None))),
        ("another access", lambda: p.modem.create_connection(("peer.test", ECHO), access="fast")),
        ("a quote", lambda: p.modem.create_connection(('peer".test', ECHO))),
    ):
        await refused(p, name, call, ValueError, TypeError)
    await stream.close()


@scene(models=_QUECTEL_TLS)
async def no_dtls(p):
    """A datagram socket with TLS settings that are not for datagrams: refused, and never a stream."""
    context = p.modem.tls_context(verify=False)
    p.verifies = False
    sock = p.modem.socket(type=p.modem.SOCK_DGRAM, tls=context)
    stream = await p.open(ECHO)
    await refused(p, "connect", lambda: sock.connect(("peer.test", ECHO)), NotSupported)
    await stream.close()
    await p.do("close", sock.close, COMMAND_S)


_MANY_FILES = 90


def _many_files(world):
    for number in range(_MANY_FILES):
        world.modem.files.write("note%02d.pem" % number, b"%d" % number)


@scene(models=tuple(model for model in TLS_MODELS if model != "sim7100"), prepare=_many_files)
async def crammed(p):
    """A module with many files: all are listed, and one more is stored."""
    p.kept_files.update(p.world.files())
    p.kept_files.add("more.pem")
    listed = await p.do("list", lambda: p.modem.files.list(), FILES_S)
    if len(listed) != _MANY_FILES:
        p.violate("a", "%d files are listed" % len(listed), plausible=True)
    await p.do("put", lambda: p.modem.files.put("more.pem", b"more" * 20), FILES_S)
    if p.world.stored("more.pem") != b"more" * 20:
        p.violate("b", "another file was stored", plausible=True)


def _endless(world):
    world.net.serve(_ENDLESS, lambda: peers.Endless(_LONG))


@scene(flavours=(ASYNC,), models=("ec600e", "a76xx"), prepare=_endless, timed=False)
async def endless(p):
    """A peer that sends no LF: asyncio's reader has a limit."""
    reader, writer = await p.do("open_connection", lambda: p.modem.open_connection("peer.test", _ENDLESS, TIMEOUT_S), TIMEOUT_S)
    p.later.append(writer.wait_closed)
    p.expected = (ValueError,)
    try:
        while True:
            line = await p.do("readline", reader.readline, 100.0)
            if len(line) > 65536:
                p.violate("a", "a line of %d bytes" % len(line))
            if not line:
                break
    except ValueError:
        pass
    finally:
        p.expected = ()
        writer.close()


@scene(models=_ONE_OF_EACH, flavours=(SYNC,))
async def polled(p):
    """A program that polls its listener, as select.poll on MicroPython does: readable when a client waits, and not before."""
    server = p.modem.socket()
    server.settimeout(TIMEOUT_S)
    await p.do("bind", lambda: server.bind(("", _POLLED_PORT)), OPEN_S)
    await p.do("listen", lambda: server.listen(2), OPEN_S)
    p.later.append(server.close)
    if await p.do("poll", lambda: server.ioctl(_POLL, _READABLE), COMMAND_S) and p.world.harmless():
        p.violate("a", "readable without a client")
    for listening in p.world.net.listeners[-1:]:
        p.world.net.client(listening, peers.Client(0))
    for _ in range(_POLLS):
        await p.sleep(1)
        if await p.do("poll", lambda: server.ioctl(_POLL, _READABLE), COMMAND_S):
            break
    else:
        raise EOFError("never readable")
    stream = await p.accept(server)
    await stream.send(await stream.recv())
    await stream.close()


_POLL, _READABLE, _POLLS, _POLLED_PORT = 3, 1, 40, 2021


@scene(models=_ONE_OF_EACH, flavours=(SYNC,))
async def threads(p):
    """Another thread uses the modem while a call runs: RuntimeError, and the call goes on."""
    stream = await p.open(CLERK)
    found = []

    def beside():
        try:
            found.append(p.modem.command("AT+CSQ"))
        except Exception as error:
            found.append(error)

    def on_event(kind):
        if not found:
            thread = threading.Thread(target=beside)
            thread.start()
            thread.join()

    p.on_event = on_event
    await stream.send(b"GET 1000\n")
    p.world.modem.urc('+CMTI: "SM",3')
    await stream.read(1000)
    p.on_event = None
    if any(not isinstance(each, RuntimeError) for each in found):
        p.violate("d", "another thread got %r" % found)
    if not found and p.world.harmless():
        p.violate("d", "no event")
    await stream.close()


_WRONG_S = 40 * 365 * 86400


@scene(models=("ec200u", "bg96", "a76xx"))
async def wrong_clock(p):
    """The module's clock is wrong, but could be right: the certificate has expired for it. diagnose() names the clock, and once
    it is set all is well.
    """
    p.world.modem.rtc.set(p.world.clock.wall() + _WRONG_S)
    context = p.modem.tls_context(ca=await provided(p))
    try:
        stream = await p.open(CLERK, tls=context, timeout_s=60.0)
        p.violate("g", "TLS came up with an expired certificate", plausible=True)
        await stream.close()
    except OSError:
        pass
    p.verifies = False  # diagnose() tries without
    found = await p.do("diagnose", lambda: p.modem.diagnose("peer.test", CLERK, context), 900.0)
    if not any(not each.ok and "clock" in each.text for each in found) and p.world.harmless():
        p.violate("d", "diagnose() does not name the clock: %r" % (found,))
    await p.do("sync_time", lambda: p.modem.sync_time("time.test", set_clock=True, timeout_ms=120000), 130.0)
    stream = await p.open(CLERK, tls=context, timeout_s=60.0)
    await stream.send(b"GET 5\n")
    await stream.read(5)
    await stream.close()
