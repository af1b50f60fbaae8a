"""GNSS: AT+QGPS, QGPSEND, QGPSLOC, QGPSGNMEA, QGPSCFG, QGPSDEL.

"EC2x&EG2x&EG9x&EM05 Series GNSS Application Note" 1.1, chapter 2; the other families' notes have the same commands.
"""

import time

from ..commands import CmeError, ParameterError
from ..gnss import KNOT_KMH
from .named import NamedValues

_INVALID, _ONGOING, _NOT_ACTIVE, _NOT_FIXED = 501, 504, 505, 516
_SETTINGS = {
    "outport": ('"none","usbnmea","uartnmea"', '"usbnmea"'),
    "nmeasrc": ("(0,1)", "0"),
    "gpsnmeatype": ("(0-31)", "31"),
    "glonassnmeatype": ("(0-7)", "0"),
    "galileonmeatype": ("(0,1)", "0"),
    "beidounmeatype": ("(0-3)", "0"),
    "gnssconfig": ("(0-6)", "1"),
    "autogps": ("(0,1)", "0"),
}


class Gnss:
    """The commands."""

    def __init__(self, modem):
        self._receiver = modem.gnss
        self._modem = modem
        if modem.model.quirks["gnss"] == "missing":
            return
        add = self._add
        add("+QGPS", test="+QGPS: (1-4),(1-255),(0-1000),(0-1000),(1-65535)", read=self._state, write=self._start)
        add("+QGPSEND", test="", execute=self._stop)
        add("+QGPSLOC", test="+QGPSLOC: (0-2)", read=lambda: self._location(0), write=lambda p: self._location(p.int(0, 0, 2)))
        add("+QGPSGNMEA", test='+QGPSGNMEA: ("GGA","RMC")', write=self._sentence)
        add("+QGPSDEL", test="+QGPSDEL: (0-3)", write=self._forget)
        self.settings = NamedValues(modem, "+QGPSCFG", _SETTINGS, _INVALID)

    def _add(self, name, **forms):
        self._modem.table.add(name, **{form: self._checked(each) if callable(each) else each for form, each in forms.items()})

    @staticmethod
    def _checked(handler):
        def checked(*args):
            try:
                return handler(*args)
            except ParameterError:
                raise CmeError(_INVALID) from None

        return checked

    def _state(self):
        return "+QGPS: %d" % self._receiver.on

    def _start(self, parameters):
        parameters.count(1, 5)
        parameters.int(0, 1, 4)
        if self._receiver.on:
            raise CmeError(_ONGOING)
        self._receiver.switch_on()

    def _need_on(self):
        if not self._receiver.on:
            raise CmeError(_NOT_ACTIVE)

    def _stop(self):
        self._need_on()
        self._receiver.switch_off()

    def _forget(self, parameters):
        parameters.int(0, 0, 3)
        if self._receiver.on:
            raise CmeError(_ONGOING)

    def _location(self, mode):
        self._need_on()
        fix = self._receiver.fix()
        if fix is None:
            raise CmeError(_NOT_FIXED)
        if mode == 2:
            place = "%.5f,%.5f" % (fix.latitude, fix.longitude)
        else:
            north, south, east, west = fix.minutes(6 if mode else 4)
            place = ("%s,%s,%s,%s" if mode else "%s%s,%s%s") % (north, south, east, west)
        utc = self._receiver.utc()
        clock, date = time.strftime("%H%M%S", utc) + (".000" if mode == 1 else ".0"), time.strftime("%d%m%y", utc)
        motion = "%.2f,%.1f,%.1f" % (fix.course, fix.speed, fix.speed / KNOT_KMH)
        return "+QGPSLOC: %s,%s,%.1f,%.1f,3,%s,%s,%02d" % (clock, place, fix.hdop, fix.altitude, motion, date, fix.satellites)

    def _sentence(self, parameters):
        self._need_on()
        kind = parameters.str(0, 3).upper()
        if kind not in ("GGA", "RMC"):
            raise ParameterError()
        return "+QGPSGNMEA: " + self._receiver.sentence(kind)
