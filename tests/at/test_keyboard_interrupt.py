# CPython only: it traces the lines of the driver.
"""A KeyboardInterrupt at every single line of the receive path and of a failing command: no hole in the data, no line left reserved."""

import sys

from modem import CommandError, LineBusy, ModemError
from tests.quectel.test_sockets import connected, module, opening, pulled, push
from tests.quectel.test_transparent import RawModule, opened
from tests.rigs.scripted_module import Module
from tests.rigs.scripted_port import modem_of

_INPUT_MS = 2000  # so long a module waits for data
_BLOCKS = [bytes([65 + n]) * 700 for n in range(3)]
_ALL = b"".join(_BLOCKS)


class _Interrupt:
    """Raises KeyboardInterrupt at the `nth` line of the driver that runs."""

    def __init__(self, nth):
        self.left = nth

    def __call__(self, frame, event, arg):
        if "/modem/" not in frame.f_code.co_filename.replace("\\", "/"):
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self


def _interrupted(call, nth):
    """Run `call`, interrupted at the `nth` line; return whether it was."""
    interrupt = _Interrupt(nth)
    sys.settrace(interrupt)
    try:
        call()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return interrupt.left <= 0


def _read_all(sock, got, size):
    buf = bytearray(4000)
    while len(got) < size:
        n = sock.recv_into(buf)
        if not n:
            return
        got += buf[:n]


def _usable(modem):
    """After any fault the next command works."""
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]
    assert not modem.module.busy()


def _receiving(make):
    """Interrupt a reader at each line in turn; what it has got is what was sent, up to an error."""
    nth = interrupted = 0
    while True:
        nth += 1
        sock = make()
        got = bytearray()
        if not _interrupted(lambda sock=sock, got=got: _read_all(sock, got, len(_ALL)), nth):
            return interrupted
        interrupted += 1
        start = len(got)
        try:
            sock.settimeout(30)
            _read_all(sock, got, len(_ALL))
        except OSError:
            pass
        # a read that was interrupted after it had taken data from the ring has lost them to the program, which knows where
        assert _ALL.startswith(bytes(got[:start])) and bytes(got[start:]) in _ALL, nth
        rest = _ALL[start:]
        assert bytes(got[start:]) == rest[: len(got) - start] or len(_ALL) - len(got) in (700, 1400, 2100), nth
        _usable(modem_of(sock))


def test_reading_in_buffer_mode():
    def make():
        port = module()
        port.table[b"AT+QIRD="] = pulled(*_BLOCKS)
        return connected(port)

    assert _receiving(make) > 200


def test_reading_in_push_mode():
    def make():
        port = module()
        sock = connected(port, access="push", rxbuf=4096)
        for n, block in enumerate(_BLOCKS):
            port.later(n, push(block))
        return sock

    assert _receiving(make) > 100


def test_a_command_that_fails_and_the_question_for_its_reason():
    nth = interrupted = 0
    while True:
        nth += 1
        port = module()
        port.table[b"AT+QISEND="] = b"\r\nERROR\r\n"
        port.table[b"AT+QIGETERROR"] = b"\r\n+QIGETERROR: 4711,x\r\n\r\nOK\r\n"
        sock = connected(port)

        def send(sock=sock):
            try:
                sock.send(b"x")
            except CommandError:
                pass

        if not _interrupted(send, nth):
            break
        interrupted += 1
        _usable(modem_of(sock))
        try:
            sock.close()
        except ModemError:
            raise AssertionError(nth)
        assert modem_of(sock).module.links == [None] * 12, nth
    assert interrupted > 100


class _Waiting(Module):
    """Takes whatever comes for the data that it has asked for, and gives them up after a while."""

    asked_at = 0

    def write(self, buf, off, n):
        if self.need and self.now - self.asked_at >= _INPUT_MS:
            self.need = 0
            self.unmatched = b""
        return super().write(buf, off, n)

    def _usual(self, line):
        answer = super()._usual(line)
        if self.need:
            self.asked_at = self.now
        return answer


def test_no_command_is_typed_in_place_of_data_that_were_not_written():
    nth = 0
    while True:
        nth += 1
        port = _Waiting({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
        port.after = b"\r\nSEND OK\r\n"
        sock = connected(port)
        if not _interrupted(lambda sock=sock: sock.send(b"hello"), nth):
            break
        _usable(modem_of(sock))
        assert port.payloads in ([], [b"hello"]), (nth, port.payloads)
    assert nth > 200


def test_no_command_is_typed_into_a_connection_that_has_the_line():
    nth = busy = 0
    while True:
        nth += 1
        port = RawModule()
        sock = opened(port)
        sock.send(b"x")
        sock.escape()
        before = len(port.raw)
        if not _interrupted(sock.resume, nth):
            break
        try:
            assert modem_of(sock).command("AT+CSQ") == [b"+CSQ: 28,99"]
        except LineBusy:
            busy += 1
        assert not any(b"AT" in data for _, data in port.raw[before:]), nth
    assert nth > 200 and busy
