"""GNSS: AT+CGNSSPWR and CGNSSINFO as on A76XX, AT+CGPS and CGPSINFO as on SIM7100 and its relatives.

"A76XX Series AT Command Manual" 1.09, chapter 24; "SIM7500_SIM7600 Series GPS Application Note" 1.00. The example lines of both
differ in the form of degrees: decimal degrees on A76XX, degrees and minutes on the others.
"""

import time

from ..commands import CmeError, Ranges, needs_parameters
from ..errors import NOT_ALLOWED
from ..gnss import KNOT_KMH

_READY_S = 3.0
_EMPTY = ",,,,,,,,"


class Gnss:
    """The commands. `decimal`: the commands and the form of A76XX."""

    def __init__(self, modem, decimal):
        self._modem = modem
        self._receiver = modem.gnss
        self._decimal = decimal
        if modem.model.quirks["gnss"] == "missing":
            return
        add = modem.table.add
        if decimal:
            power = needs_parameters(self._power)
            add("+CGNSSPWR", test="+CGNSSPWR: (0,1)", read=lambda: "+CGNSSPWR: %d" % self._receiver.on, write=power)
            for name in ("+CGPSCOLD", "+CGPSWARM", "+CGPSHOT"):
                add(name, test="", execute=self._need_on)
        else:
            start = needs_parameters(self._start)
            add("+CGPS", test="+CGPS: (0,1),(1-3)", read=lambda: "+CGPS: %d,1" % self._receiver.on, write=start)
        info = Ranges("(0-255)").only()
        add("+CGNSSINFO", test="+CGNSSINFO: (0-255)", execute=self._info, read=lambda: "+CGNSSINFO: 0", write=info)
        add("+CGPSINFO", test="+CGPSINFO: (0-255)", execute=self._gps_info, read=lambda: "+CGPSINFO: 0", write=info)

    def _need_on(self):
        if not self._receiver.on:
            raise CmeError(NOT_ALLOWED)

    def _power(self, parameters):
        wanted = parameters.int(0, 0, 1)
        if wanted and not self._receiver.on:
            self._receiver.switch_on()
            self._modem.later(_READY_S, self._ready)
        elif not wanted:
            self._receiver.switch_off()

    def _ready(self):
        if self._receiver.on:
            self._modem.urc("+CGNSSPWR: READY!")

    def _start(self, parameters):
        wanted = parameters.int(0, 0, 1)
        parameters.int(1, 1, 3, 1)
        if bool(wanted) == self._receiver.on:
            raise CmeError(NOT_ALLOWED)
        if wanted:
            self._receiver.switch_on()
        else:
            self._receiver.switch_off()
            self._modem.later(0, self._modem.urc, "+CGPS: 0")

    def _clock(self, form):
        return time.strftime(form, self._receiver.utc())

    def _info(self):
        fix = self._receiver.fix()
        if fix is None:
            return "+CGNSSINFO: " + _EMPTY
        if self._decimal:
            form = "3,%02d,,%02d,%02d,%s,%s,%.1f,%.3f,%.2f,%.2f,%.2f,%.2f,%02d"
            seen = (fix.satellites, fix.used_beidou, fix.used_galileo)
            place, ending, tail = fix.decimal(7), ".00", (fix.satellites,)
        else:
            form = "2,%02d,00,%02d,%s,%s,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f"
            seen = (fix.satellites, fix.used_beidou)
            place, ending, tail = fix.minutes(6), ".0", ()
        motion = (fix.altitude, fix.speed / KNOT_KMH, fix.course, fix.pdop, fix.hdop, fix.vdop)
        return "+CGNSSINFO: " + form % (*seen, ",".join(place), self._clock("%d%m%y,%H%M%S" + ending), *motion, *tail)

    def _gps_info(self):
        fix = self._receiver.fix()
        if fix is None:
            return "+CGPSINFO: " + _EMPTY
        motion = "%.1f,%.1f,%.1f" % (fix.altitude, fix.speed / KNOT_KMH, fix.course)
        return "+CGPSINFO: %s,%s,%s" % (",".join(fix.minutes(6)), self._clock("%d%m%y,%H%M%S.0"), motion)
