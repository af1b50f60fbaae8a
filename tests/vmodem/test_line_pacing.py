# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem's serial line: bytes come no sooner than a real line would carry them, idle time is not saved up."""

from tests.rigs.virtual_modem import ERROR, OK, Rig


def arrivals(rig, seconds, step_s=0.001):
    """How many bytes the host has after each step."""
    counts, total = [], 0
    for _ in range(round(seconds / step_s)):
        total += len(rig.pass_time(step_s))
        counts.append(total)
    return counts


def test_output_when_paced():
    rig = Rig(rate=115200)
    rig.pass_time(10)
    rig.modem.send(bytes(11520))
    counts = arrivals(rig, 1.01)
    for milliseconds in range(1, 1000, 7):
        assert 0 <= milliseconds * 11.52 - counts[milliseconds - 1] <= 25  # never early, at most 2 ms late
    assert counts[-1] == 11520


def test_output_when_the_line_was_idle():
    rig = Rig(rate=9600)
    rig.pass_time(3600)
    rig.modem.send(bytes(960))
    assert len(rig.pass_time(0.5)) <= 480
    assert len(rig.pass_time(0.51)) >= 480


def test_input_when_paced():
    rig = Rig(rate=9600)
    rig.pass_time(1)
    rig.line.heard(b"AT\rAT+CREG?\r")  # 12 bytes: 12.5 ms, the answer to the first after 3.1 ms
    assert rig.pass_time(0.003) == b""
    first = rig.pass_time(0.0125 - 0.003)
    assert 1 <= len(first) <= len(OK)
    assert (first + rig.pass_time(0.1)).endswith(b"+CREG: 0,1\r\n" + OK)


def test_latency_when_paced():
    rig = Rig(rate=115200, latency_s=0.005)
    rig.pass_time(1)
    rig.line.heard(b"AT\r")
    sent = 3 / 11520
    assert rig.pass_time(sent + 0.005) == b""
    assert rig.pass_time(7 / 11520) == OK


def test_exchanges_when_timers_are_late():
    """A clock that rounds every timer up to 1.7 ms: what a byte sets off still counts from when the byte was there."""
    rig = Rig(rate=115200, latency_s=0.002)
    plain = rig.clock.call_later
    rig.clock.call_later = lambda seconds, callback, *args: plain(-(-seconds // 0.0017) * 0.0017, callback, *args)
    rig.pass_time(1)
    start = rig.clock.now()
    for _ in range(20):
        rig.line.heard(b"AT\r")
        got = b""
        while got != OK:
            got += rig.pass_time(0.0001)
    ideal = 20 * (9 / 11520 + 0.002)
    assert ideal <= rig.clock.now() - start <= ideal + 20 * 0.0018


def test_rate_when_changed():
    rig = Rig(rate=115200)
    rig.pass_time(1)
    assert rig.command("AT+IPR?") == b"\r\n+IPR: 115200\r\n" + OK
    rig.line.heard(b"AT+IPR=9600\r")
    assert rig.pass_time(0.1) == OK
    assert rig.line.rate == 9600
    rig.modem.send(bytes(960))
    assert len(rig.pass_time(0.5)) <= 480
    rig.pass_time(1)
    assert rig.command("AT+IPR=1234") == ERROR
    rig.command("AT+CFUN=1,1")
    rig.pass_time(20)
    assert rig.command("AT+IPR?") == b"\r\n+IPR: 115200\r\n" + OK
    assert rig.line.rate == 115200


def test_rate_when_saved():
    rig = Rig(rate=115200)
    rig.command("AT+IPR=921600;&W")
    rig.command("AT+CFUN=1,1")
    rig.pass_time(5)
    assert rig.line.rate == 921600
    assert rig.command("AT+IPR?") == b"\r\n+IPR: 921600\r\n" + OK


def test_a_restart_by_command_comes_after_the_last_byte_of_its_ok():
    for stored in (921600, 9600):
        rig = Rig(rate=115200)
        rig.pass_time(1)
        rig.command("AT+IPR=%d;&W" % stored)
        rig.command("AT+IPR=57600")
        assert rig.command("AT+CFUN=1,1") == OK
        assert b"RDY" in rig.pass_time(5)


def test_traffic_when_the_host_has_another_rate():
    rig = Rig(rate=115200)
    rig.pass_time(1)
    rig.port.rate = 9600
    got = rig.command("AT")
    assert b"OK" not in got
    rig.modem.send(OK)
    assert rig.pass_time(1) != OK
    rig.port.rate = 115200
    rig.command("")
    assert rig.command("AT") == OK
    rig.command("AT+IPR=0")
    rig.port.rate = 9600  # the module finds the rate by itself
    assert rig.command("AT") == OK


def test_host_when_it_writes_faster_than_the_line():
    rig = Rig(rate=9600)
    rig.line.heard(bytes(1000))
    assert not rig.port.listening
    rig.pass_time(1)
    assert rig.port.listening


def test_host_when_it_does_not_read():
    rig = Rig(rate=115200)
    rig.pass_time(1)
    rig.port.room = 100
    rig.modem.send(bytes(1000))
    rig.pass_time(5)
    assert rig.line.backlog() == 900
    rig.port.take()
    rig.port.room = None
    rig.line.writable()
    assert len(rig.pass_time(0.01)) <= 116  # the time that was lost is lost
    assert len(rig.pass_time(0.1)) >= 780


def test_line_when_unpaced():
    rig = Rig()
    rig.modem.send(bytes(1_000_000))
    assert len(rig.port.take()) == 1_000_000
