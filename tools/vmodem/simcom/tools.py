"""Network tools: AT+CDNSGIP, CDNSCFG, CPING, CPINGSTOP, CNTP (AT, chapters "TCPIP" and "Internet service")."""

import re

from ..clients import EchoRun, TimeQuery
from ..commands import AtError, ParameterError
from ..core import PENDING, Result
from ..hosts import literal

DNS_FAILED = 10  # of +CDNSGIP: a list of its own
NTP_PARAMETER, NTP_NETWORK, NTP_TIMEOUT = 2, 4, 6
_DNS_LIMIT_S = 6
_DNS_SERVERS = {4: ("192.0.2.53", "192.0.2.54"), 6: ("2001:db8::35", "2001:db8::36")}
_NTP_PORT = 123
_ZONE = re.compile("[+-]?[0-9]{1,2}")  # quarters of an hour


class Tools:
    """The commands."""

    def __init__(self, simcom):
        self._simcom = simcom
        self._modem = simcom.modem
        self._ping = self._query = None
        self.reset()
        add = simcom.add
        add("+CDNSGIP", test="", write=self._look_up)
        add(
            "+CDNSCFG",
            free=True,
            test='+CDNSCFG: ("Primary DNS"),("Secondary DNS"),type',
            read=self._list_servers,
            write=self._set_servers,
        )
        add("+CPING", test="+CPING: IP address,(1,2),(1-5),(4-188),(1000-10000),(10000-100000),(16-255)", write=self._begin_ping)
        add("+CPINGSTOP", test="", execute=self._stop_ping)
        add(
            "+CNTP",
            test='+CNTP: "HOST",(-96~96)',
            read=lambda: '+CNTP: "%s",%d' % (self._ntp_host, self._ntp_zone),
            write=self._set_ntp,
            execute=self._begin_ntp,
        )

    def reset(self):
        """A restart of the module."""
        self._servers = dict(_DNS_SERVERS)
        self._ntp_host, self._ntp_zone = "", 32
        for run in (self._ping, self._query):
            if run:
                run.stop()
        self._ping = self._query = None

    # Names -------------------------------------------------------------------------------------------------------------

    def _look_up(self, parameters):
        parameters.count(1, 1)
        name = parameters.str(0, 254)
        if not name or max(map(len, name.split("."))) > 63:
            raise ParameterError()
        job = self._modem.job
        if not self._modem.radio.attached:
            self._modem.later(0, self._not_found, job)
        elif literal(name) is None and self._modem.faults.on("dns-silent"):
            self._modem.later(_DNS_LIMIT_S, self._not_found, job)
        else:
            self._modem.net.resolve(name, lambda found: self._found(job, name, found), lambda reason: self._not_found(job))
        return PENDING

    def _found(self, job, name, addresses):
        family = self._simcom.service.family
        addresses = [address for address in addresses if literal(address).version == family]
        if not addresses:
            self._not_found(job)
            return
        step = int(self._simcom.quirk("dns-index", "counted"))
        lines = ['+CDNSGIP: %d,"%s","%s"' % (1 + n * step, name, address) for n, address in enumerate(addresses)]
        self._modem.complete(job, lambda: self._simcom.block(lines))

    def _not_found(self, job):
        self._modem.complete(job, lambda: Result("ERROR", ["+CDNSGIP: 0,%d" % DNS_FAILED]))

    def _list_servers(self):
        return [
            "Primary IPv%d DNS: %s,Secondary IPv%d DNS: %s" % (family, pair[0], family, pair[1])
            for family, pair in self._servers.items()
        ]

    def _set_servers(self, parameters):
        parameters.count(1, 3)
        family = 6 if parameters.int(2, 0, 1, 0) else 4
        texts = [parameters.str(index, 45, default="", bare=True) for index in (0, 1)]
        for text in filter(None, texts):
            address = literal(text)
            if address is None or address.version != family:
                raise ParameterError()
        old = self._servers[family]
        self._servers[family] = (texts[0] or old[0], texts[1] or old[1])

    # AT+CPING ----------------------------------------------------------------------------------------------------------

    def _begin_ping(self, parameters):
        parameters.count(2, 7)
        host, family = parameters.str(0, 255), parameters.int(1, 1, 2)
        count, size = parameters.int(2, 1, 5, 4), parameters.int(3, 4, 188, 64)
        interval_ms, wait_ms = parameters.int(4, 1000, 10000, 2000), parameters.int(5, 10000, 100000, 10000)
        parameters.int(6, 16, 255, 255)
        if not host or self._ping or family == 2:  # 2, IPv6, is "reserved"
            raise AtError()

        def each(address, result, ttl):
            self._simcom.urc("+CPING: 2" if address is None else "+CPING: 1,%s,%d,%d,%d" % (address, size, result, ttl))

        self._ping = EchoRun(self._modem, host, count, wait_ms / 1000, each, self._end_ping, interval_s=interval_ms / 1000)
        self._simcom.after_reply("+CPING", self._start_ping)

    def _start_ping(self, forced):
        if self._modem.radio.attached and not forced:
            self._ping.next()
        else:
            self._end_ping(None)

    def _end_ping(self, times):
        """The summary; without a network, or a name that exists, nothing has been sent and it is all zeros."""
        run, self._ping = self._ping, None
        sent = 0 if times is None else run.sent
        times = times or []
        spread = (min(times), max(times), sum(times) // len(times)) if times else (0, 0, 0)
        self._simcom.urc("+CPING: 3,%d,%d,%d,%d,%d,%d" % (sent, len(times), sent - len(times), *spread))

    def _stop_ping(self):
        if not self._ping:
            raise AtError()
        self._ping.stop()
        self._modem.later(0, self._end_ping, self._ping.times)

    # AT+CNTP -----------------------------------------------------------------------------------------------------------

    def _set_ntp(self, parameters):
        parameters.count(1, 2)
        host = parameters.str(0, 255)
        text = parameters.str(1, 3, default=str(self._ntp_zone), bare=True)
        if not host or not _ZONE.fullmatch(text) or not -96 <= int(text) <= 96:
            raise ParameterError()
        self._ntp_host, self._ntp_zone = host, int(text)

    def _begin_ntp(self):
        if self._query:
            raise AtError()
        self._query = TimeQuery(self._modem, self._ntp_host, _NTP_PORT, self._got_time)
        self._simcom.after_reply("+CNTP", self._start_ntp)

    def _start_ntp(self, forced):
        code = forced or (0 if self._ntp_host else NTP_PARAMETER)
        if not code and not self._modem.radio.attached:
            code = NTP_NETWORK
        if code:
            self._query.stop()
            self._end_ntp(code)
        else:
            self._query.start()

    def _got_time(self, reason, seconds):
        if reason is None:
            rtc = self._modem.rtc
            rtc.zone_quarters = self._ntp_zone
            rtc.set(seconds + 900 * self._ntp_zone)
        self._end_ntp({None: 0, "timeout": NTP_TIMEOUT}.get(reason, NTP_NETWORK))

    def _end_ntp(self, code):
        self._query = None
        self._simcom.urc("+CNTP: %d" % code)
