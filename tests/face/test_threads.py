# CPython only: MicroPython's boards have one thread that matters.
"""One thread at a time uses a modem: another one is told so before a byte is sent, and the first goes on undisturbed."""

import threading

from tests.quectel.test_sockets import module, pulled
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ready


class _SlowPort:
    """Makes a wait of the first thread last until the second has tried."""

    def __init__(self, port):
        self.entered, self.go_on = threading.Event(), threading.Event()
        wait = port.wait

        def slow(timeout_ms, coming=1):
            self.entered.set()
            assert self.go_on.wait(10)
            return wait(timeout_ms, coming)

        port.wait = slow


def test_a_second_thread_gets_a_runtime_error_and_sends_nothing():
    port = module()
    port.table[b"AT+QIRD="] = pulled(b"data")
    modem = ready(port)
    sock = modem.create_connection(("10.0.0.1", 80))
    for call in (
        lambda: sock.recv(10),
        lambda: sock.recv_into(bytearray(10)),
        lambda: modem.command("AT+CSQ"),
        lambda: modem.status("rssi"),
    ):
        port.table[b"AT+QIRD="] = pulled(b"data")
        sock.link.ready = True
        slow = _SlowPort(port)
        results = []
        first = threading.Thread(target=lambda call=call, results=results: results.append(call()))
        first.start()
        assert slow.entered.wait(10)
        lines = len(port.lines)
        for other in (lambda: modem.command("AT+CCLK?"), lambda: sock.send(b"x"), lambda: sock.recv(1), modem.poll, sock.close):
            with raises(RuntimeError, "another thread"):
                other()
        assert len(port.lines) == lines
        slow.go_on.set()
        first.join(10)
        assert len(results) == 1 and results[0]
        del port.wait  # the port's own again


def test_one_thread_after_the_other_may_use_it():
    modem = ready(module())
    results = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: results.append(modem.status("rssi")))
        thread.start()
        thread.join(10)
    assert results == [-57, -57, -57]


def test_a_callback_may_use_the_modem_that_calls_it():
    port = module()
    modem = ready(port)
    seen = []
    modem.on_event(lambda kind, detail: seen.append((kind, modem.status("rssi"))))
    port.later(0, b'\r\n+QIURC: "incoming full"\r\n')
    modem.poll(10)
    assert seen == [("incoming full", -57)]
