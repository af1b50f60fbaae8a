"""Network tools: AT+QIDNSCFG, QIDNSGIP, QPING, QNTP ("EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.4.14-2.4.17).

The module's own view of the network: names come from the host map, time from the NTP server behind it.
"""

import time

from ..clients import EchoRun, TimeQuery
from ..commands import ParameterError
from ..hosts import literal
from . import errors

TTL_S = 300
PING_BYTES = 32
_DNS = {4: ("192.0.2.53", "192.0.2.54"), 6: ("2001:DB8::35", "2001:DB8::36")}
_REASONS = {None: 0, "dns": errors.DNS_FAILED, "timeout": errors.TIMEOUT}


class Resolver:
    """Name resolution with the cache and the retries of QICFG "dns/cache" and "dns/retry"."""

    def __init__(self, quectel):
        self._quectel = quectel
        self._modem = quectel.modem
        self._cache = {}  # name: (addresses, until)

    def reset(self):
        self._cache.clear()

    def find(self, name, found, failed):
        """`found(addresses)` or `failed(code)`, later."""
        cached = self._cached(name)
        if cached:
            self._modem.later(0, found, cached)
        elif literal(name) is None and self._modem.faults.on("dns-silent"):
            tries, wait_ms = self._quectel.config["dns/retry"]
            self._modem.later(tries * wait_ms / 1000, failed, errors.DNS_FAILED)
        else:

            def resolved(addresses):
                self._cache[name.lower()] = addresses, self._modem.clock.now() + TTL_S
                found(addresses)

            self._modem.net.resolve(name, resolved, lambda reason: failed(errors.DNS_FAILED))

    def _cached(self, name):
        addresses, until = self._cache.get(name.lower(), ((), 0))
        return addresses if self._quectel.config["dns/cache"] and self._modem.clock.now() < until else ()


class Tools:
    """The commands."""

    def __init__(self, quectel):
        self._quectel = quectel
        self.modem = quectel.modem
        self.resolver = Resolver(quectel)
        self.ping = None
        self.ntp = None
        self._asking = False
        span = "(1-%d)" % quectel.contexts.last
        quectel.add("+QIDNSCFG", test="+QIDNSCFG: %s,<pridnsaddr>,<secdnsaddr>" % span, write=self._servers)
        quectel.add("+QIDNSGIP", test="+QIDNSGIP: %s,<hostname>" % span, write=self._look_up)
        quectel.add("+QPING", test="+QPING: %s,<host>,(1-255),(1-10)" % span, write=self._ping)
        quectel.add("+QNTP", test="+QNTP: %s,<server>,(1-65535),(0,1)" % span, read=self._ntp_read, write=self._ntp)

    def reset(self):
        """A restart of the module."""
        self.resolver.reset()
        self._asking = False
        for run in (self.ping, self.ntp):
            if run:
                run.stop()
        self.ping = self.ntp = None

    def _servers(self, parameters):
        parameters.count(1, 3)
        context = self._quectel.contexts.need_active(parameters)
        if len(parameters) == 1:
            servers = [address for family in context.families() for address in context.dns.get(family, _DNS[family])]
            return "+QIDNSCFG: %d,%s" % (context.number, ",".join('"%s"' % address for address in servers))
        given = [literal(parameters.str(index, 45)) for index in range(1, len(parameters))]
        if None in given or any(address.version not in context.families() for address in given):
            raise ParameterError()
        if len({address.version for address in given}) != 1:
            raise ParameterError()
        family = given[0].version
        texts = [parameters.str(index) for index in range(1, len(parameters))]
        context.dns[family] = tuple(texts) + context.dns.get(family, _DNS[family])[len(texts) :]
        return None

    # AT+QIDNSGIP -------------------------------------------------------------------------------------------------------

    def _look_up(self, parameters):
        parameters.count(2, 2)
        context = self._quectel.contexts.need_active(parameters)
        name = parameters.str(1, 255)
        if not name:
            raise ParameterError()
        if self._asking:
            raise errors.TcpipError(errors.DNS_BUSY)
        self._asking = True
        self._quectel.after_reply("+QIDNSGIP", self._begin_look_up, context, name)

    def _begin_look_up(self, context, name, forced):
        if forced:
            self._not_found(forced)
        else:
            self.resolver.find(name, lambda addresses: self._found(context, addresses), self._not_found)

    def _found(self, context, addresses):
        addresses = [address for address in addresses if literal(address).version in context.families()]
        if not addresses:
            self._not_found(errors.DNS_FAILED)
            return
        self._asking = False
        self._quectel.last_error = 0
        self.modem.urc('+QIURC: "dnsgip",0,%d,%d' % (len(addresses), TTL_S))
        for address in addresses:
            self.modem.urc('+QIURC: "dnsgip","%s"' % address)

    def _not_found(self, code):
        self._asking = False
        self._quectel.last_error = code
        self.modem.urc('+QIURC: "dnsgip",%d' % code)

    # AT+QPING ----------------------------------------------------------------------------------------------------------

    def _ping(self, parameters):
        parameters.count(2, 4)
        self._quectel.contexts.need_active(parameters)
        host = parameters.str(1, 255)
        timeout_s, count = parameters.int(2, 1, 255, 4), parameters.int(3, 1, 10, 4)
        if self.ping:
            raise errors.TcpipError(errors.BUSY)
        self.ping = EchoRun(self.modem, host, count, timeout_s, self._echo, self._echoes_done)
        self._quectel.after_reply("+QPING", self._begin_ping, self.ping, host)

    def _begin_ping(self, run, host, forced):
        if forced:
            self.end_ping("+QPING: %d" % forced, forced)
        else:
            self.resolver.find(host, lambda addresses: run.next(), lambda code: self.end_ping("+QPING: %d" % code, code))

    def _echo(self, address, result, ttl):
        if address is None:
            self.modem.urc("+QPING: %d" % errors.TIMEOUT)
        else:
            self.modem.urc('+QPING: 0,"%s",%d,%d,%d' % (address, PING_BYTES, result, ttl))

    def _echoes_done(self, times):
        """The summary of a run; None: there is no such name."""
        if times is None:
            self.end_ping("+QPING: %d" % errors.DNS_FAILED, errors.DNS_FAILED)
            return
        count, received = self.ping.count, len(times)
        figures = (min(times), max(times), sum(times) // received) if times else (0, 0, 0)
        numbers = count, received, count - received, *figures
        self.end_ping("+QPING: 0,%d,%d,%d,%d,%d,%d" % numbers, 0)

    def end_ping(self, line, code):
        """Print the last line of a run."""
        self.ping = None
        self._quectel.last_error = code
        self.modem.urc(line)

    # AT+QNTP -----------------------------------------------------------------------------------------------------------

    def _ntp_read(self):
        return '+QNTP: "%s",%d' % (self.ntp.server, self.ntp.port) if self.ntp else None

    def _ntp(self, parameters):
        parameters.count(2, 4)
        self._quectel.contexts.need_active(parameters)
        server = parameters.str(1, 255)
        port, set_clock = parameters.int(2, 1, 65535, 123), parameters.int(3, 0, 1, 1)
        if not server:
            raise ParameterError()
        if self.ntp:
            raise errors.TcpipError(errors.BUSY)
        self.ntp = TimeQuery(self.modem, server, port, lambda reason, seconds: self._got_time(reason, seconds, set_clock))
        self._quectel.after_reply("+QNTP", self._begin_ntp, self.ntp)

    def _begin_ntp(self, run, forced):
        if forced:
            self._no_time(forced)
        else:
            self.resolver.find(run.server, lambda addresses: run.start(), self._no_time)

    def _no_time(self, code):
        """The server has not been asked at all."""
        if self.ntp:
            self.ntp.stop()
            self._synchronised(code)

    def _got_time(self, reason, seconds, set_clock):
        self._synchronised(_REASONS.get(reason, errors.CONNECT_FAILED), seconds, set_clock)

    def _synchronised(self, code, seconds=0.0, set_clock=False):
        """A run has ended: print the result, and set the clock if that was asked for.

        The digits are UTC, followed by the zone of the module's clock: the document leaves open which of the two they are, and
        modules in the field print UTC.
        """
        self.ntp = None
        self._quectel.last_error = code
        if code:
            self.modem.urc("+QNTP: %d" % code)
            return
        zone = self.modem.rtc.zone_quarters
        if set_clock:
            self.modem.rtc.set(seconds)
        self.modem.urc('+QNTP: 0,"%s%+03d"' % (time.strftime("%Y/%m/%d,%H:%M:%S", time.gmtime(seconds)), zone))
