"""Programs inside the module that use the network on their own: the NTP client, and the run of echo requests.

What they report is numbers and reasons; the dialects put them into lines.
"""

import struct

_NTP_1970 = 2208988800  # seconds from 1900, where NTP counts from, to 1970
_NTP_TRIES, _NTP_WAIT_S = 3, 5.0


class TimeQuery:
    """One question to an NTP server (RFC 1305), repeated when no answer comes; the handler of its UDP link.

    `done(reason, seconds)`: reason None, and the seconds since 1970 UTC; or "dns", "unreachable", "bind", "timeout".
    """

    def __init__(self, modem, server, port, done):
        self._modem = modem
        self.server = server
        self.port = port
        self._done = done
        self._left = _NTP_TRIES
        self._link = None
        self._timer = None

    def start(self):
        self._modem.net.udp(self, 0, (self.server, self.port))

    def link_open(self, link):
        self._link = link
        if self._done:
            self._ask()
        else:
            self.stop()

    def link_failed(self, link, reason):
        self._end(reason)

    def link_frozen(self, link):
        """The tries run out by themselves."""

    def _ask(self):
        if not self._left:
            self._end("timeout")
            return
        self._left -= 1
        self._link.write(b"\x1b" + bytes(47))  # version 3, client
        self._timer = self._modem.later(_NTP_WAIT_S, self._ask)

    def link_data(self, link, data, source=None):
        if len(data) >= 48 and data[0] & 7 == 4 and data[1]:
            seconds, fraction = struct.unpack_from("!II", data, 40)
            self._end(None, seconds - _NTP_1970 + fraction / 2**32)

    def _end(self, reason, seconds=0.0):
        done = self._done
        self.stop()
        if done:
            done(reason, seconds)

    def stop(self):
        """Forget the question; `done` is not called any more."""
        self._done = None
        if self._timer:
            self._timer.cancel()
        if self._link:
            self._link.abort()
            self._link = None


class EchoRun:
    """`count` echo requests one after the other, `interval_s` from an answer to the next request.

    `each(address, milliseconds, ttl)` for every answer (address None: there was none, and the second is the reason), then
    `done(times)` with the milliseconds of all answers; a name that does not exist ends the run at once with `done(None)`.
    """

    def __init__(self, modem, host, count, timeout_s, each, done, *, interval_s=0.0):
        self._modem = modem
        self._host = host
        self._left = self.count = count
        self._timeout_s = timeout_s
        self._each = each
        self._done = done
        self._interval_s = interval_s
        self.sent = 0
        self.times = []
        self._stopped = False

    def next(self):
        """Send the next request."""
        if self._stopped:
            return
        self._left -= 1
        self.sent += 1
        self._modem.net.ping(self._host, self._timeout_s, self._answered)

    def _answered(self, address, result, ttl):
        if self._stopped:
            return
        if address is None and result == "dns":
            self.stop()
            self._done(None)
            return
        if address is not None:
            self.times.append(result)
        self._each(address, result, ttl)
        if not self._left:
            self.stop()
            self._done(self.times)
        elif self._interval_s:
            self._modem.later(self._interval_s, self.next)
        else:
            self.next()

    def stop(self):
        """Send nothing more and report nothing more."""
        self._stopped = True
