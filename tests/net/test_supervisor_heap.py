# MicroPython only: it counts what the heap holds.
"""Days under a supervisor leave nothing behind: restarts, lost contexts and connections, each with modules loaded and let go."""

import gc

from tests.net.test_supervisor import watched
from tests.quectel.test_sockets import opening, pulled
from tests.rigs.scripted_module import Module


def _held():
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def _growth(story, warm, rounds):
    """Return by how many bytes `rounds` rounds of a story make the heap grow, after `warm` rounds."""
    for _ in range(warm):
        story()
    before = _held()
    for _ in range(rounds):
        story()
    return _held() - before


def _supervised():
    port = Module({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
    port.keeps = False
    supervisor = watched(port, free_restarts=1000)
    supervisor.cure = True
    events = [0]

    def event(kind, detail):
        events[0] += 1

    supervisor.modem.on_event(event)
    assert supervisor.step()
    return port, supervisor


def test_two_hundred_restarts_leave_nothing_behind():
    port, supervisor = _supervised()

    def restart():
        port.dead, port.up = True, False
        supervisor.request_restart("test")
        del supervisor.done[:]
        assert supervisor.step() and len(supervisor.done) == 1

    grown = _growth(restart, 10, 200)
    assert grown <= 64, grown


def test_two_hundred_lost_contexts_leave_nothing_behind():
    port, supervisor = _supervised()

    def lose():
        sock = supervisor.modem.create_connection(("10.0.0.1", 80))
        sock.sendall(b"hello")
        del port.payloads[:]
        port.up = False
        port.later(0, b'\r\n+QIURC: "pdpdeact",1\r\n')
        assert supervisor.step() and supervisor.modem.isconnected()
        sock.close()

    grown = _growth(lose, 10, 200)
    assert grown <= 64, grown


def test_two_hundred_boot_lines_and_services_leave_nothing_behind():
    port, supervisor = _supervised()
    modem = supervisor.modem
    zero = b"\r\nOK\r\n\r\n+QPING: 0,1,1,0,5,5,5\r\n"
    port.table.update(
        {b"AT+QPING=": zero, b"AT+QIDNSGIP=": b'\r\nOK\r\n\r\n+QIURC: "dnsgip",0,1,9\r\n\r\n+QIURC: "dnsgip","10.0.0.1"\r\n'}
    )

    def use():
        port.up = False
        port.later(0, b"\r\nRDY\r\n")
        assert supervisor.step()
        assert modem.resolve("srv") == (["10.0.0.1"], 9) and modem.ping("srv", 1)[0][0] == 1
        assert modem.configure("transwaittm", 3) is None and modem.status("rssi") == -57

    grown = _growth(use, 10, 200)
    assert grown <= 64, grown
