"""Scenes of the module itself: start and connect, names, ping, time, files, sleep, a supervisor over hours."""

import calendar
import functools
import gc
import operator

from modem import ModemError
from modem.supervisor import Supervisor, restart_by_command
from tools.vmodem.hosts import literal

from . import peers
from .net import ADDRESS, NAMES
from .notices import SIMCOM
from .program import COMMAND_S, CONNECT_S, Cut
from .scenes import ECHO, scene
from .scenes_net import FILES_S, TLS_MODELS

_APN_USER, _APN_PASSWORD = "apn-user-5512", "apn-word-6623"
_RESOLVE_S = 40.0
_PING_S = 80.0
_TIME_S = 130.0
_ZONE, _OFF_S = 32, 900.0  # quarters of an hour; a zone is off by more than this
_HOURS = 2
# What the file of the scene is called on the module's side, and for the driver
_FILES = {"a76xx": ("note.pem", "note.pem"), "sim7100": ("C:/note.bin", "C:/note.bin")}
_STEP_S = 1500.0
_LEAST = 3


@scene(begins="off", secrets=(_APN_USER, _APN_PASSWORD))
async def start(p):
    """Find the module, connect with a user and a password, look at it, disconnect."""
    await p.start()
    await p.attach(user=_APN_USER, password=_APN_PASSWORD, auth="chap")
    if p.world.harmless() and (not p.modem.isconnected() or p.modem.ifconfig()[0] in ("", "0.0.0.0")):
        p.violate("d", "connected without an address: %r" % (p.modem.ifconfig(),))
    for name, want in (("model", None), ("imei", "004401001122338"), ("imsi", "001010123456789")):
        got = await p.do("config", lambda name=name: p.modem.config(name), COMMAND_S)
        if want not in (None, got):
            p.violate("a", "%s is %r" % (name, got), plausible=got.isdigit() and abs(len(got) - 15) < 2)
    await p.do("disconnect", p.modem.disconnect, COMMAND_S)


@scene()
async def names(p):
    """Two lookups; a name that is given up does not answer for the next."""
    for name in ("peer.test", "other.test"):
        try:
            found = await p.do("resolve", lambda name=name: p.modem.resolve(name, 20000), _RESOLVE_S)
        except (ModemError, Cut):
            continue
        if list(found[0]) != NAMES[name]:
            p.violate("a", "%s is %r" % (name, found[0]), plausible=all(map(literal, found[0])))


@scene(about=("late",))
async def hurried(p):
    """Lookups that are given up after three seconds, and others at once and a while later: what comes late answers neither."""
    for name, timeout_s, pause_s in (("peer.test", 3, 0), ("other.test", 20, 0), ("peer.test", 3, 10), ("other.test", 20, 0)):
        try:
            found = await p.do("resolve", lambda: p.modem.resolve(name, timeout_s * 1000), timeout_s)  # noqa: B023
        except (ModemError, Cut):
            found = None
        if found and list(found[0]) != NAMES[name]:
            p.violate("a", "%s is %r" % (name, found[0]), plausible=all(map(literal, found[0])))
        await p.sleep(pause_s)


@scene()
async def ping(p):
    """Two echo requests."""
    summary, replies = await p.do("ping", lambda: p.modem.ping("peer.test", count=2), _PING_S)
    wrong = [reply for reply in replies if reply is not None and reply[0] != ADDRESS]
    if wrong:
        p.violate("a", "%r" % wrong, plausible=all(literal(reply[0]) for reply in wrong))


def _far_east(world):
    world.modem.rtc.zone_quarters = _ZONE


@scene(prepare=_far_east)
async def time(p):
    """The time of a server, in UTC although the module's clock is set to another zone."""
    got = await p.do("sync_time", lambda: p.modem.sync_time("time.test", timeout_ms=120000), _TIME_S)
    off_s = calendar.timegm(got[:6]) - p.world.clock.wall()
    if abs(off_s) > _OFF_S:
        p.violate("a", "it is %r, %.0f s off" % (got, off_s), plausible=2000 <= got[0] < 2100)


def _checksum(data):
    """What the module tells of a file: its length, and its words of 16 bits, one XOR the other."""
    even, odd = (functools.reduce(operator.xor, data[start::2], 0) for start in (0, 1))
    return len(data), even, odd


@scene(models=TLS_MODELS)
async def files(p):
    """A file is stored, found, read where that can be, and removed."""
    file, name = _FILES.get(p.world.model, ("note.bin", "UFS:note.bin"))
    data = peers.seeded(1300, 8)
    p.kept_files.add(file)
    await p.do("put", lambda: p.modem.files.put(name, data), FILES_S)
    listed = await p.do("list", lambda: p.modem.files.list(), FILES_S)
    if not any(each[0].endswith(name.rpartition(":")[2].lstrip("/")) for each in listed):
        p.violate("a", "the file is not listed: %r" % (listed,), plausible=True)
    if p.world.stored(file) != data:
        renamed = data in [p.world.stored(each) for each in p.world.files()]
        p.violate("b", "another file was stored", plausible=renamed)
    if p.world.model != "a76xx":
        got = await p.do("get", lambda: p.modem.files.get(name), FILES_S)
        if got != data:
            p.violate("a", "the file reads otherwise", plausible=_checksum(got) == _checksum(data))  # two changes cancel out
    await p.do("remove", lambda: p.modem.files.remove(name), FILES_S)
    p.kept_files.discard(file)


@scene()
async def sleep(p):
    """The module sleeps after silence, and is woken by the next call."""
    await p.do("sleep", lambda: p.modem.sleep(idle_ms=4000), COMMAND_S)
    await p.sleep(60)
    await p.do("status", lambda: p.modem.status("rssi"), COMMAND_S)
    await p.sleep(20)
    stream = await p.open(ECHO)
    await stream.send(b"awake")
    await stream.read(5)
    await stream.close()


@scene(begins="off", timed=False)
async def supervisor(p):
    """Hours of looking after the connection, with an echo now and then."""
    keeper = Supervisor(p.modem, "internet", restart=restart_by_command)
    end = p.world.clock.now() + _HOURS * 3600
    good = 0
    failed = None
    while p.world.clock.now() < end:
        up = await p.do("step", keeper.step, 4 * CONNECT_S)
        if up:
            try:
                stream = await p.open(ECHO)
                await stream.send(b"still here")
                await stream.read(10)
                await stream.close()
                good += 1
                failed = None
            except (ModemError, Cut) as error:
                failed = error
                for stream in p.streams:
                    await stream.close()
        await p.sleep(_STEP_S if up else 5)
    if failed is not None:
        raise failed
    if good < _LEAST:
        p.violate("e", "%d echoes in %d hours" % (good, _HOURS))


def _off(world):
    world.modem.radio.functionality = 0


@scene(begins="off", prepare=_off)
async def radio(p):
    """The radio is off, as an earlier program left it: connect() switches it on."""
    await p.start()
    await p.attach()


_TRYING_S = 1800
_PIN, _WRONG_PIN = "4711", "9753"


@scene(begins="off", specs=("pin:pin=" + _PIN,), secrets=(_PIN,))
async def pin(p):
    """A SIM card with a PIN, which is sent once and shown to nobody."""
    p.pin = _PIN
    await p.start()
    await p.attach(pin=_PIN)


@scene(begins="off", timed=False, specs=("pin:pin=" + _PIN,), secrets=(_WRONG_PIN,))
async def wrong_pin(p):
    """A wrong PIN is not sent again by a supervisor that tries for half an hour."""
    keeper = Supervisor(p.modem, "internet", pin=_WRONG_PIN, restart=restart_by_command)
    p.pin = _PIN
    end = p.world.clock.now() + _TRYING_S
    while p.world.clock.now() < end:
        if await p.do("step", keeper.step, 4 * CONNECT_S):
            p.violate("d", "up with a wrong PIN")
            break
        await p.sleep(30)


@scene(about=("late", "restart"))
async def words(p):
    """A program that wants errors in words (AT+CMEE=2): that is no mark of a restart."""
    await p.do("command", lambda: p.modem.command("AT+CMEE=2"), COMMAND_S)
    stream = await p.open(ECHO)
    await stream.send(b"words")
    await stream.read(5)
    try:
        await p.do("command", lambda: p.modem.command("AT+NOSUCH"), COMMAND_S)
    except OSError:
        pass
    await stream.send(b"still")
    await stream.read(5)
    await stream.close()


@scene()
async def raw(p):
    """Commands of the program's own, whose answers begin like unsolicited lines."""
    stream = await p.open(ECHO)
    first = b"+CIPCLOSE:" if p.world.vendor == SIMCOM else b"+QISTATE:"
    query = "AT+CIPCLOSE?" if p.world.vendor == SIMCOM else "AT+QISTATE=1,%d" % stream.sock.connection_id()
    for command, prefix in ((query, first), ("AT+CREG?", b"+CREG: ")):
        answer = await p.do("command", lambda command=command: p.modem.command(command), COMMAND_S)
        if not answer or not all(line.startswith(prefix) for line in answer):
            p.violate("a", "%s is answered by %r" % (command, answer), plausible=True)
        if command == query and len(answer) > 1 and p.world.harmless():
            p.violate("a", "%s is answered by %r, of which one line was asked for" % (command, answer))
    await stream.send(b"own")
    await stream.read(3)
    await stream.close()


_DAY_S, _DAYS = 86400.0, 7
_ONE_OF_EACH = ("ec600e", "a76xx")


@scene(models=_ONE_OF_EACH, timed=False)
async def week(p):
    """A transparent connection that only receives, for a week: ticks have gone round, and it is left as on the first day."""
    stream = await p.open(ECHO, access="transparent", rxbuf=8192)
    await stream.send(b"begin")
    await stream.read(5)
    stream.sock.settimeout(_DAY_S)
    for _ in range(_DAYS):
        try:
            await p.do("recv", lambda: stream.sock.recv(10), _DAY_S)
        except (TimeoutError, Cut):
            pass
    await p.do("escape", stream.sock.escape, 30.0)
    await stream.close()


@scene(models=_ONE_OF_EACH, timed=False)
async def hibernation(p):
    """A module that sleeps for a week is woken by the next call."""
    await p.do("sleep", lambda: p.modem.sleep(idle_ms=4000), COMMAND_S)
    await p.sleep(_DAYS * _DAY_S)
    await p.do("status", lambda: p.modem.status("rssi"), COMMAND_S)


_CYCLES = 4  # connections before the objects are counted, and again as many before they are counted once more
_MOST_CYCLES = 20  # those that fail are made again: what could not be closed yet is no leak
_SPARE = 3  # objects that may have come to stay


def _objects(p):
    for error in p.errors:
        error.__traceback__ = error.__context__ = None  # they hold what the driver was doing then
    gc.collect()
    found = [each for each in gc.get_objects() if not isinstance(each, BaseException)]  # those are the program's
    return sum(type(each).__module__.partition(".")[0] == "modem" for each in found)


@scene(models=_ONE_OF_EACH, timed=False)
async def cycles(p):
    """Connections one after the other: the driver's objects do not become more."""
    counts = []
    done = 0
    for _ in range(_MOST_CYCLES):
        try:
            stream = await p.open(ECHO)
            await stream.send(b"cycle")
            await stream.read(5)
            done += 1
        except (OSError, EOFError, Cut):
            if not p.modem.isconnected():
                await p.start()
                await p.attach()
        for each in p.streams:
            await each.close()
            each.sock = None
        await p.do("poll", p.modem.poll, COMMAND_S)  # what could not be closed is closed now
        if done == (len(counts) + 1) * _CYCLES:
            counts.append(_objects(p))
        if done == 2 * _CYCLES:
            break
    if len(counts) > 1 and counts[1] > counts[0] + _SPARE:
        p.violate("f", "the driver's objects became %d more in %d connections" % (counts[1] - counts[0], _CYCLES))
