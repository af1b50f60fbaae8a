"""The module's clock: AT+CCLK, CTZU, CTZR and CLTS (3GPP TS 27.007, 8.15, 8.40, 8.41; CLTS: "SIM7500_SIM7600 Series AT Command
Manual" and its relatives)."""

import calendar
import time

from .commands import ParameterError, needs_parameters

QUARTER_S = 900
_DIGITS = 17  # of yy/MM/dd,hh:mm:ss


class Rtc:
    """`zone_quarters` is the time zone in quarters of an hour that the clock shows."""

    def __init__(self, modem):
        self._modem = modem
        self._offset_s = 0
        self.zone_quarters = 0
        table = modem.table
        table.add("+CCLK", test="", read=lambda: '+CCLK: "%s"' % self.text(), write=needs_parameters(self._write))
        modem.general.add_numbers("+CTZU", "(0-3)", (0,))
        modem.general.add_numbers("+CTZR", "(0-2)", (0,))

    def text(self):
        """The clock as AT+CCLK? prints it."""
        return time.strftime("%y/%m/%d,%H:%M:%S", time.gmtime(self.seconds())) + "%+03d" % self.zone_quarters

    def seconds(self):
        """The digits that the clock shows, as seconds since 1970."""
        return self._modem.clock.wall() + self._offset_s

    def set(self, seconds):
        """Set the clock: the digits it shows now, as seconds since 1970."""
        self._offset_s = seconds - self._modem.clock.wall()

    def network_time(self, zone_quarters=0):
        """The network reports the time (NITZ): the clock follows with AT+CTZU, and AT+CTZR announces it."""
        general, wall = self._modem.general, self._modem.clock.wall()
        if general.value("+CTZU"):
            self.zone_quarters = zone_quarters
            self.set(wall + QUARTER_S * zone_quarters)
        if general.value("+CTZR") == 1:
            self._modem.urc("+CTZV: %+03d" % zone_quarters)
        elif general.value("+CTZR") == 2:
            local = time.strftime("%Y/%m/%d,%H:%M:%S", time.gmtime(wall + QUARTER_S * zone_quarters))
            self._modem.urc('+CTZE: "%+03d",0,"%s"' % (zone_quarters, local))

    def _write(self, parameters):
        text = parameters.str(0, 22)
        try:
            moment = time.strptime(text[:_DIGITS], "%y/%m/%d,%H:%M:%S")
            zone = int(text[_DIGITS:] or self.zone_quarters)
        except ValueError:
            raise ParameterError() from None
        if not -96 <= zone <= 96:
            raise ParameterError()
        self.zone_quarters = zone
        self.set(calendar.timegm(moment))
