"""The satellite receiver of the module: what `modem.gnss` is. The dialect says which commands the module has.

modem.gnss.start()
print(modem.gnss.position())
"""

from .at.params import split
from .compat import Operations, const
from .errors import CommandError, ModemError, NotSupported, ProtocolError

_LIMIT_MS = const(9000)
_STOP_MS = const(35000)
_SWITCH_MS = const(20000)  # some receivers take up to 9 s until they answer
_POLL_MS = const(500)
_FIRST_OWN = const(500)  # above: numbers of the vendor's own table (`own_errors`), not of 27.007
_NOT_FIXED = const(516)  # +CME ERROR of AT+QGPSLOC: no position yet
_SCALE = const(10000000)  # a place is calculated in units of 1e-7 degrees: a board's float has too few digits for minutes
_MINUTES = const(60)
_KNOT_KMH = 1.852

TYPE_CHECKING = False
if TYPE_CHECKING:
    _Utc = tuple[int, int, int, int, int, int, int]


class Position:
    """Where the module is. None: not reported."""

    def __init__(self, latitude_e7: int, longitude_e7: int) -> None:
        self.latitude_e7: int = latitude_e7  # in units of 1e-7 degrees: exact also where a board's float is not
        self.longitude_e7: int = longitude_e7
        self.latitude: float = latitude_e7 / _SCALE  # degrees, south is negative
        self.longitude: float = longitude_e7 / _SCALE  # degrees, west is negative
        self.altitude: float | None = None  # metres above the sea
        self.speed: float | None = None  # km/h over ground
        self.course: float | None = None  # degrees from north
        self.utc: _Utc | None = None  # (year, month, day, hour, minute, second, 0)
        self.fix: int | None = None  # 2: without altitude, 3: with
        self.hdop: float | None = None  # horizontal dilution of precision: below 2 is good, above 10 poor
        self.satellites: int | None = None

    def __repr__(self):
        shown = (self.latitude, self.longitude, self.altitude, self.fix, self.utc)
        return "Position(%s, %s, altitude=%s, fix=%s, utc=%s)" % shown


class Gnss(Operations):
    """The receiver. NotSupported where the module has none, or the driver has no commands for it.

    AT+QGPS: Quectel's GNSS application notes; AT+CGNSSPWR: "A76XX Series AT Command Manual" 1.09; AT+CGPS: "SIM7500_SIM7600
    Series GPS Application Note" 1.00. On BG95 and BG96 receiver and LTE share the radio: a fix takes longer while data flow.
    """

    def __init__(self, module):
        self.module = module

    async def start(self) -> None:
        """Switch the receiver on; nothing happens where it is on. The first position takes 30 s under a free sky, or minutes.

        An active antenna needs its supply: many boards have a pin for that. Raises CommandError, ModemTimeout after 20 s.
        """
        commands, on = await self._ask()
        if on:
            return
        m = self.module
        until = m.deadline(_SWITCH_MS)
        await self._cmd(commands, commands.start, None, _SWITCH_MS)
        if commands.own_errors:  # it is ready, and has a number for "no position yet"
            return
        while await m.attempt(commands.locate, _prefix(commands.locate), _LIMIT_MS) is None:  # refused until it is ready
            if not await m.pause(_POLL_MS, until):
                raise ModemError("the receiver does not become ready", command="AT" + commands.start.decode())

    async def stop(self) -> None:
        """Switch the receiver off, and wait until it is: 30 s on SIM7100 and SIM7600. Raises ModemError when it stays on."""
        commands, on = await self._ask()
        if not on:
            return
        m = self.module
        until = m.deadline(_STOP_MS)
        await self._cmd(commands, commands.stop, None, _SWITCH_MS)
        while (await self._ask())[1]:
            if not await m.pause(_POLL_MS, until):
                raise ModemError("the receiver stays on", command="AT" + commands.stop.decode())

    async def active(self) -> bool:
        """Return whether the receiver is on."""
        return (await self._ask())[1]

    async def position(self) -> "Position | None":
        """Return where the module is now, None without a fix. Raises ModemError while the receiver is off, CommandError."""
        commands, on = await self._ask()
        locate = commands.locate
        if not on:
            raise ModemError("the receiver is off: call start() first", command="AT" + locate.decode())
        try:
            lines = await self._cmd(commands, locate, _prefix(locate), _LIMIT_MS)
        except CommandError as error:
            if error.code == _NOT_FIXED and commands.own_errors:
                return None
            raise
        if not lines:
            raise ProtocolError("OK without a position", command="AT" + locate.decode())
        fields = [field.strip(b' "').decode() for field in lines[-1].partition(b":")[2].split(b",")]
        try:
            return commands.read(fields)
        except (ValueError, IndexError):
            raise ProtocolError("unexpected answer", command="AT" + locate.decode(), lines=lines)

    async def _ask(self):
        """Return the commands that the module has, and whether the receiver is on."""
        dialect = self.module.known()
        if dialect.gnss is None:
            raise dialect.lacks("satellite receiver")
        for name in dialect.gnss.split():
            commands = _COMMANDS[name]
            try:
                lines = await self._cmd(commands, commands.state, _prefix(commands.state), _LIMIT_MS)
            except CommandError as error:
                if not error.unknown_command():
                    raise
                continue
            values = split(lines[-1]) if lines else ()
            if not values or values[0] not in (0, 1):
                raise ProtocolError("unexpected answer", command="AT" + commands.state.decode(), lines=lines)
            return commands, values[0] == 1
        raise NotSupported("the module has no satellite receiver, or its firmware no commands for it: %s" % dialect.gnss)

    async def _cmd(self, commands, line, prefix, limit_ms):
        try:
            return await self.module.cmd(line, prefix, limit_ms)
        except CommandError as error:
            if commands.own_errors and isinstance(error.code, int) and error.code > _FIRST_OWN:
                error.family = commands.own_errors
            raise


def _prefix(command):
    return command.partition(b"=")[0].rstrip(b"?") + b":"


def _in_degrees(fields):
    """<UTC>,<latitude>,<longitude>,<HDOP>,<altitude>,<fix>,<course>,<km/h>,<knots>,<date>,<satellites>; mode 2: degrees."""
    found = Position(_degrees(fields[1], "", 90), _degrees(fields[2], "", 180))
    found.hdop, found.altitude = _float(fields[3]), _float(fields[4])
    found.fix = int(fields[5]) if fields[5] else None
    found.course, found.speed = _float(fields[6]), _float(fields[7])
    found.utc = _utc(fields[9], fields[0])
    found.satellites = int(fields[10]) if fields[10:] and fields[10] else None
    return found


def _by_hemisphere(fields):
    """Around the hemispheres: ...,<latitude>,N,<longitude>,E,<date>,<UTC>,<altitude>,<knots>,<course>[,<PDOP>,<HDOP>,<VDOP>...].

    AT+CGNSSINFO has the mode of the fix before it, and counts of satellites, as many as the firmware has systems.
    """
    at = fields.index("N") if "N" in fields else fields.index("S") if "S" in fields else 0
    if not at:
        if [field for field in fields if field.strip("0")]:
            raise ValueError("no hemisphere")
        return None
    found = Position(_degrees(fields[at - 1], fields[at], 90), _degrees(fields[at + 1], fields[at + 2], 180))
    found.utc = _utc(fields[at + 3], fields[at + 4])
    found.altitude, knots, found.course = [_float(field) for field in fields[at + 5 : at + 8]]
    found.speed = None if knots is None else knots * _KNOT_KMH
    if at > 1:
        found.fix = int(fields[0])
        found.hdop = _float(fields[at + 9])
        found.satellites = sum([int(field) for field in fields[1 : at - 1] if field])
    return found


def _float(field):
    return float(field) if field else None


def _degrees(field, side, most):
    """Return a coordinate in units of 1e-7 degrees: decimal degrees, or degrees and minutes as dddmm.mmmm. ValueError else."""
    sign = -1 if side in ("S", "W") else 1
    if field[:1] == "-":
        sign, field = -sign, field[1:]
    whole, _, rest = field.partition(".")
    if not whole.isdigit() or (rest and not rest.isdigit()) or side not in ("", "N", "S", "E", "W"):
        raise ValueError("no coordinate")
    fraction = int((rest + "0000000")[:7])
    if len(whole) > 3:
        fraction += int(whole[-2:]) * _SCALE
        fraction, whole = (fraction + _MINUTES // 2) // _MINUTES, whole[:-2]
    found = int(whole) * _SCALE + fraction
    if found > most * _SCALE:
        raise ValueError("no coordinate")
    return sign * found


def _utc(date, clock):
    """Return (year, month, day, hour, minute, second, 0) of ddmmyy and hhmmss.s, None where they are empty."""
    if not date or not clock:
        return None
    day, month, year = int(date[:2]), int(date[2:4]), int(date[4:6])
    return (2000 + year, month, day, int(clock[:2]), int(clock[2:4]), int(clock[4:6]), 0)


class _Commands:
    """The commands of a family, without AT. `read`: function of the fields of an answer to `locate`; None: no fix.

    `own_errors`: error table of the numbers above 500 (codes.py), of a vendor that has some.
    """

    def __init__(self, state, start, stop, locate, read, own_errors=None):
        self.state = state
        self.start = start
        self.stop = stop
        self.locate = locate
        self.read = read
        self.own_errors = own_errors


_COMMANDS = {
    # "EC2x&EG2x&EG9x&EM05 Series GNSS Application Note" 1.1, 2.2; the notes of the other series have the same commands
    "qgps": _Commands(b"+QGPS?", b"+QGPS=1", b"+QGPSEND", b"+QGPSLOC=2", _in_degrees, "quectel-gnss"),
    # "A76XX Series AT Command Manual" 1.09, chapter 24
    "cgnsspwr": _Commands(b"+CGNSSPWR?", b"+CGNSSPWR=1", b"+CGNSSPWR=0", b"+CGNSSINFO", _by_hemisphere),
    # "SIM7500_SIM7600 Series GPS Application Note" 1.00, 2.1 and 2.2; some firmware refuses the short form AT+CGPS=1
    "cgps": _Commands(b"+CGPS?", b"+CGPS=1,1", b"+CGPS=0", b"+CGPSINFO", _by_hemisphere),
}
