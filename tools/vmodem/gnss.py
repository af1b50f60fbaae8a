"""A satellite receiver with a scripted position. The vendors' commands are in `quectel.gnss` and `simcom.gnss`.

A script is a list of lines `SECONDS LATITUDE LONGITUDE [ALTITUDE [SPEED [COURSE]]]` or `SECONDS none`: degrees, metres, km/h,
degrees; seconds since the start. What a line says lasts until the next one.
"""

import time

FIRST_FIX_S = 5.0  # from switching on; real receivers take 1 s to a minute
KNOT_KMH = 1.852
_LIMITS = (("latitude", -90, 90), ("longitude", -180, 180), ("altitude", -500, 20000), ("speed", 0, 2000), ("course", 0, 360))


class Fix:
    """A position: degrees, metres above the sea, km/h, degrees from north."""

    satellites, used_beidou, used_galileo = 9, 4, 2
    hdop, pdop, vdop = 1.0, 1.4, 0.9

    def __init__(self, latitude, longitude, altitude=34.0, speed=0.0, course=0.0):
        self.latitude, self.longitude = latitude, longitude
        self.altitude, self.speed, self.course = altitude, speed, course

    def minutes(self, digits):
        """`ddmm.mmmm`, N or S, `dddmm.mmmm`, E or W, with so many decimals."""
        return self._with_sides(_minutes(abs(self.latitude), 2, digits), _minutes(abs(self.longitude), 3, digits))

    def decimal(self, digits):
        """Degrees, N or S, degrees, E or W, with so many decimals."""
        return self._with_sides("%.*f" % (digits, abs(self.latitude)), "%.*f" % (digits, abs(self.longitude)))

    def _with_sides(self, north, east):
        return north, "NS"[self.latitude < 0], east, "EW"[self.longitude < 0]


def _minutes(degrees, width, digits):
    scale = 10**digits
    units = round(degrees * 60 * scale)
    whole, rest = divmod(units, 60 * scale)
    return "%0*d%0*.*f" % (width, whole, digits + 3, digits, rest / scale)


def parse_fix(words):
    """A `Fix` out of words, None for `none`. ValueError for what is no position."""
    if list(words) == ["none"]:
        return None
    if not 2 <= len(words) <= len(_LIMITS):
        raise ValueError("a position is LATITUDE LONGITUDE [ALTITUDE [SPEED [COURSE]]] or none")
    numbers = [float(word) for word in words]
    for number, (name, low, high) in zip(numbers, _LIMITS):
        if not low <= number <= high:
            raise ValueError("%s %g is not from %d to %d" % (name, number, low, high))
    return Fix(*numbers)


def parse_script(text):
    """The steps of a script: (seconds, `Fix` or None), in order. ValueError with the number of the bad line."""
    steps = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        try:
            if words:
                steps.append((float(words[0]), parse_fix(words[1:])))
        except ValueError as error:
            raise ValueError("line %d of the positions: %s" % (number, error)) from None
    return sorted(steps, key=lambda step: step[0])


class Receiver:
    """The receiver. `place(fix)` moves it by hand, and ends the script."""

    def __init__(self, modem, script=None):
        self._modem = modem
        self._script = [(0.0, Fix(52.520008, 13.404954))] if script is None else script
        self._since = None  # when it was switched on
        self._start = modem.clock.now()
        modem.on_reset.append(self.switch_off)

    @property
    def on(self):
        """Whether it runs."""
        return self._since is not None

    def switch_on(self):
        """Begin to search."""
        if not self.on:
            self._since = self._modem.clock.now()

    def switch_off(self):
        """Stop."""
        self._since = None

    def place(self, fix):
        """The module is here from now on; None: under a roof."""
        self._script = [(0.0, fix)]

    def fix(self):
        """The position, or None."""
        now = self._modem.clock.now()
        if not self.on or now - self._since < FIRST_FIX_S:
            return None
        past = [fix for seconds, fix in self._script if seconds <= now - self._start]
        return past[-1] if past else None

    def utc(self):
        """UTC as the satellites have it: a time.struct_time."""
        return time.gmtime(self._modem.clock.wall())

    def sentence(self, kind):
        """One NMEA 0183 sentence, GGA or RMC."""
        fix, utc = self.fix(), self.utc()
        clock, date = time.strftime("%H%M%S.00", utc), time.strftime("%d%m%y", utc)
        place = ",".join(fix.minutes(4)) if fix else ",,,"
        if kind == "GGA":
            tail = "1,%02d,%.1f,%.1f,M,45.0,M,," % (fix.satellites, fix.hdop, fix.altitude) if fix else "0,,,,,,,,"
            body = "GPGGA,%s,%s,%s" % (clock, place, tail)
        else:
            motion = "%.1f,%.1f" % (fix.speed / KNOT_KMH, fix.course) if fix else ","
            body = "GPRMC,%s,%s,%s,%s,%s,,,%s" % (clock, "A" if fix else "V", place, motion, date, "A" if fix else "N")
        total = 0
        for char in body:
            total ^= ord(char)
        return "$%s*%02X" % (body, total)
