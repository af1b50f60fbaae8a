"""Finding the module and learning who it is: what `Modem.start()` does, once for both flavours."""

from .compat import const
from .errors import CommandError, ModemTimeout
from .late import part
from .params import text
from .request import LOST

KNOWN = ("ec600e", "ec800e", "ec200u", "eg915u", "bg96", "a76xx", "sim7100")  # the files in modem/profiles
_PROBE_MS = const(300)  # an idle module answers AT within some 10 ms; one that is waking up needs a second try
_LOCAL_MS = const(9000)  # for commands that need no network: the longest that a document allows them (A76XX TCPIP 1.04)
_RATES = (115200, 921600, 460800, 230400, 57600, 38400, 19200, 9600)


async def start(m, timeout_ms, rates):
    """See `Modem.start`."""
    deadline = m._deadline(timeout_ms)
    await _find(m, deadline, rates)
    await sure(m, m._cmd, deadline, b"E0")
    await sure(m, m._cmd, deadline, b"+CMEE=1")
    lines = await sure(m, m._cmd, deadline, b"+CMEE?", b"+CMEE:")
    m._cmee = lines[-1] if lines else None
    await identify(m, deadline)
    use_profile(m, m._wanted or m.identity["model"])
    told = m.identity["manufacturer"] + " " + m.identity["model"]
    if _maker(told.lower()) not in (None, m.dialect.vendor):
        from .errors import NotSupported

        raise NotSupported("the module is no %s: it calls itself %s" % (m.dialect.model, told))
    if getattr(m._port, "flow_control", False):
        await m._try(b"+IFC=2,2", deadline=deadline)  # V.250, 6.2.12: RTS/CTS on the module's side too
    await part(m.dialect, "wire").pin(m, deadline)
    m._started = True


async def _find(m, deadline, rates):
    """Send AT until it is answered twice in a row; with several rates, at each in turn.

    A module that was busy answers all of them at last: whatever is still owed then is waited for before the next command.
    """
    owed = False
    tried = _RATES if rates is True else rates or m._rates or (None,)
    engine = m._engine
    while True:
        for rate in tried:
            if rate is not None:
                m._port.set_baudrate(rate)
            engine.parser.reset()
            for _ in range(2 if rate else 1):
                if await _answers(m, deadline) and await _answers(m, deadline):
                    m._rate = rate if rates else None
                    engine.desync = owed
                    return
                owed = True
            if m._left_ms(deadline) == 0:
                raise ModemTimeout("no module answers AT: check power, wiring and baud rate")


async def _answers(m, deadline):
    engine = m._engine
    engine.desync = False
    try:
        await m._cmd(b"", limit_ms=_PROBE_MS, deadline=deadline)
        return True
    except CommandError:
        return False
    except ModemTimeout:
        if engine.request is not None:  # the caller's deadline came before the probe's own
            engine.stop(LOST)
        return False
    finally:
        engine.desync = False


async def sure(m, run, deadline, line, prefix=None, *bare):
    """Have `run` (`_cmd` or `_try`) do a command, and once more when its answer was lost: a line just come up loses bytes."""
    for last in (False, True):
        try:
            return await run(line, prefix, _LOCAL_MS, deadline, *bare)
        except ModemTimeout:
            if last or not m._engine.desync:  # not desync: the caller's deadline has passed
                raise


async def identify(m, deadline):
    """Read manufacturer, model, revision and IMEI into `m.identity`."""
    found = m.identity
    for name, line in (("manufacturer", b"+CGMI"), ("model", b"+CGMM"), ("revision", b"+CGMR"), ("imei", b"+CGSN")):
        lines = await sure(m, m._cmd, deadline, line, line + b":", True)
        value = text(lines[0]) if lines else ""
        if ":" in value[:12]:
            value = value[value.find(":") + 1 :]
        found[name] = value.strip(' "')


def use_profile(m, model):
    """Have `m` speak the dialect of a model, unless it does already. NotSupported as for `profile_class`."""
    wanted = profile_class(model)
    if type(m.dialect) is not wanted:
        m._links.extend([None] * (wanted.links - len(m._links)))
        m.dialect = wanted(m)


def name_of(model):
    """Return the profile's name for what AT+CGMM or a user says ("EC800E-CN", "ec600e"), None for an unknown model."""
    plain = str(model or "").lower().replace("-", "").replace("_", "").replace(" ", "")
    for name in KNOWN:
        if name.rstrip("x") in plain:  # A7670E, A7672S, ... are all a76xx
            return name
    return None


def _maker(told):
    """Return who makes a module that says `told` of itself, None where that is not known. An A76XX does not name its maker."""
    return "simcom" if "simcom" in told or "a76" in told else "quectel" if "quectel" in told else None


def profile_class(model):
    """Return the profile class for a model name as the user or the module writes it.

    Raises NotSupported listing the known names.
    """
    name = name_of(model)
    if name is None:
        from .errors import NotSupported

        known = ", ".join(sorted(KNOWN))
        raise NotSupported("unknown model %s; known are: %s (pass one as model=)" % (model or "without a name", known))
    module = __import__("modem.profiles." + name, None, None, ("Profile",))
    return module.Profile
