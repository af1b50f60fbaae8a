# MicroPython only: the port is for boards; the stand-in for their machine.UART is tests/rigs/fake_machine.py.
"""MachineUART on a stand-in for the UARTs of RP2040 and ESP32."""

from ports.machine_uart import MachineUART
from ports.tty_uart import TtyUart
from tests.rigs.fake_machine import Board, Pin, Signal
from tests.rigs.pty_line import LineOfPeer, pattern, start_peer


def boards():
    return Board("rp2"), Board("esp32"), Board("esp32", any_says_some=True)


def made(board, *args, **options):
    """A MachineUART on `board`, and the stand-in under it."""
    if board.name == "esp32":
        options.setdefault("tx", 17)
        options.setdefault("rx", 16)
    board.install()
    try:
        port = MachineUART(*args, **options)
    finally:
        board.remove()
    return port, board.made[-1]


def raises(exception, function, *args, **options):
    try:
        function(*args, **options)
    except exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_reads_what_came_and_never_waits():
    for board in boards():
        port, uart = made(board, 1)
        buf = bytearray(8)
        assert port.readinto(buf, 8) == 0 and port.wait(0) is False
        uart.feed(b"+CREG: 1\r\n")
        assert port.wait(0) is True
        got = b""
        while True:
            n = port.readinto(buf, 4)
            assert 0 <= n <= 4
            if not n:
                break
            got += bytes(buf[:n])
        assert got == b"+CREG: 1\r\n"
        assert uart.waits == 0, "a read asked for more than was there"


def test_the_stand_in_sees_a_read_that_waits():
    for board in boards():
        _, uart = made(board, 1)
        uart.feed(b"OK")
        assert uart.readinto(bytearray(8)) == 2 and uart.waits == 1
        assert uart.readinto(bytearray(8), 4) is None and uart.waits == 2
        assert uart.read(4) is None and uart.waits == 3


def test_short_writes_and_none_on_rp2():
    port, uart = made(Board("rp2"), 1)
    data = pattern(1000)
    assert port.write(data, 0, 1000) == 256
    assert port.write(data, 256, 744) == 0, "the stand-in says None"
    assert uart.sent(100) == data[:100]
    assert port.write(data, 256, 744) == 100
    assert uart.sent() == data[100:356]
    assert port.write(data, 3, 5) == 5 and uart.sent() == data[3:8]


def test_esp32_waits_for_no_more_than_one_buffer():
    port, uart = made(Board("esp32"), 1)
    data = pattern(1000)
    assert port.write(data, 0, 1000) == 256 and uart.stalled == 0
    assert port.write(data, 256, 744) == 256 and uart.stalled == 256
    port, uart = made(Board("esp32"), 1, txbuf=1024)
    assert port.write(data, 0, 1000) == 1000 and uart.stalled == 0
    port, uart = made(Board("rp2"), 1, txbuf=1024)
    assert port.write(data, 0, 1000) == 1000


def test_settings_of_a_uart_that_is_made():
    for board in boards():
        port, uart = made(board, 1, 460800, tx=8, rx=9, rts=11, cts=10, rxbuf=4096, invert=0)
        asked = uart.made_with
        assert uart.number == 1 and uart.baudrate == 460800 and port.baudrate == 460800
        assert uart.rxbuf == 4096 and port.rxbuf == 4096
        assert [asked[name].number for name in ("tx", "rx", "rts", "cts")] == [8, 9, 11, 10]
        assert asked["flow"] == uart.RTS | uart.CTS and asked["timeout"] == 0 and asked["invert"] == 0
        assert port.pollable is uart


def test_pins_that_are_not_given_are_the_first_of_the_uart_and_never_guessed_on_an_esp32():
    for number, pins in ((0, [0, 1]), (1, [4, 5])):
        asked = made(Board("rp2"), number)[1].made_with
        assert [asked[name].number for name in ("tx", "rx")] == pins
    board = Board("esp32")
    board.install()
    try:
        for options in ({}, {"tx": 17}, {"rx": 16}):
            assert "must be given" in str(raises(ValueError, MachineUART, 1, **options))
    finally:
        board.remove()


def test_flow_control_is_set_as_far_as_pins_are_given():
    board = Board("rp2")
    assert "flow" not in made(board, 1)[1].made_with
    assert made(board, 1, rts=7)[1].made_with["flow"] == 2
    assert made(board, 1, cts=Pin(6))[1].made_with["flow"] == 1


def test_a_ready_uart_is_taken_as_it_is():
    for board in boards():
        board.install()
        try:
            uart = board.UART(1, 230400, rxbuf=1024, txbuf=512)
            port = MachineUART(uart)
            assert port.baudrate == uart.baudrate - uart.baudrate // 5000, "as the divider has it"
            assert port.rxbuf == 1024
            assert port.write(bytes(600), 0, 600) == 512
            assert MachineUART(uart, 230400).baudrate == 230400, "the caller's number, when it is that"
            raises(ValueError, MachineUART, uart, rts=3)
            raises(ValueError, MachineUART, uart, txbuf=3)
            raises(ValueError, MachineUART, board.UART(0, 115200))  # with the default buffer of 256 bytes
            port.close()
            assert uart.open, "it belongs to whoever made it"
        finally:
            board.remove()


def test_baud_change_keeps_the_buffers():
    for board in boards():
        port, uart = made(board, 1, rxbuf=4096, txbuf=1024)
        port.set_baudrate(921600)
        assert (uart.baudrate, uart.rxbuf, uart.txbuf) == (921600, 4096, 1024)
        assert port.baudrate == 921600
        board.install()
        try:
            ready = board.UART(1, 115200, rxbuf=3000)
            MachineUART(ready).set_baudrate(460800)
        finally:
            board.remove()
        assert (ready.baudrate, ready.rxbuf, ready.txbuf) == (460800, 3000, 256)


def test_dtr_is_low_when_asserted():
    board = Board("rp2")
    port, _ = made(board, 1, dtr=22)
    assert Pin.log[-1] == (22, 0) and port._dtr.mode == Pin.OUT
    port.dtr(False)
    assert Pin.log[-1] == (22, 1)
    port.dtr(True)
    assert Pin.log[-1] == (22, 0)
    port, _ = made(board, 1, dtr=Signal(Pin(21, Pin.OUT), invert=True))
    assert Pin.log[-1] == (21, 1)


def test_without_dtr_it_says_so():
    port, _ = made(Board("rp2"), 1)
    assert raises(OSError, port.dtr, True).args[0] == 95


def test_closed():
    for board in boards():
        port, uart = made(board, 1)
        port.close()
        port.close()
        assert not uart.open and port.pollable is None
        assert raises(OSError, port.readinto, bytearray(4), 4).args[0] == 9
        assert raises(OSError, port.write, b"AT", 0, 2).args[0] == 9
        assert raises(OSError, port.wait, 0).args[0] == 9
        assert raises(OSError, port.set_baudrate, 9600).args[0] == 9


class Naps:
    """Stands in for time.sleep_ms in the port: notes the naps, and lets bytes arrive meanwhile."""

    def __init__(self, uart, bytes_per_ms):
        self.uart, self.rate, self.naps, self.now = uart, bytes_per_ms, [], 0

    def sleep_ms(self, ms):
        self.naps.append(ms)
        self.now += ms
        if self.rate:
            self.uart.feed(bytes(ms * self.rate))

    def ticks_ms(self):
        return self.now

    def __enter__(self):
        import ports
        import ports.machine_uart as module

        self.saved = module.time, module.ticks_ms, ports.ticks_ms
        module.time, module.ticks_ms, ports.ticks_ms = self, self.ticks_ms, self.ticks_ms
        return self

    def __exit__(self, *_):
        import ports
        import ports.machine_uart as module

        module.time, module.ticks_ms, ports.ticks_ms = self.saved


def test_naps_are_short_at_first_and_never_longer_than_the_buffer_allows():
    for rate, rxbuf, longest in ((115200, 2048, 10), (921600, 1024, 2), (921600, 512, 1), (9600, 512, 10)):
        port, uart = made(Board("rp2"), 1, rate, rxbuf=rxbuf)
        with Naps(uart, 0) as naps:
            assert port.wait(500) is False
            assert sum(naps.naps) == 500
            assert set(naps.naps[:50]) == {1} and max(naps.naps) == longest, naps.naps


def test_a_long_wait_loses_nothing():
    for rate, rxbuf in ((115200, 2048), (115200, 512), (921600, 2048), (921600, 512)):
        port, uart = made(Board("rp2"), 1, rate, rxbuf=rxbuf)
        buf = bytearray(rxbuf)
        with Naps(uart, 0) as naps:
            port.wait(200)
            naps.rate = rate // 10000 + 1
            for _ in range(100):
                assert port.wait(1000)
                while port.readinto(buf, rxbuf):
                    pass
        assert uart.overflow == 0


def test_the_hook_runs_while_it_waits():
    port, uart = made(Board("rp2"), 1)
    with Naps(uart, 0) as naps:
        fed = []
        port._fed_ms = 0
        port.idle = lambda: fed.append(naps.now)
        port.idle_ms = 200
        port.wait(1000)
        assert fed == [200, 400, 600, 800], fed


def test_over_a_pty():
    for board in boards():
        board.wire = TtyUart(start_peer())
        port, uart = made(board, 1, rxbuf=8192)
        peer = LineOfPeer(port)
        peer.tell("burst 4096")
        assert peer.take(4096) == pattern(4096)
        peer.tell("sink 3000")
        peer.send(pattern(3000))
        assert peer.line().endswith(" pattern")
        assert uart.waits == 0 and uart.overflow == 0
        board.wire.close()


def test_the_stand_in_loses_what_does_not_fit_without_a_word():
    port, uart = made(Board("rp2"), 1, rxbuf=512)
    uart.feed(pattern(600))
    buf = bytearray(600)
    assert port.readinto(buf, 600) == 512 and buf[:512] == pattern(512)
    assert port.readinto(buf, 600) == 0
    assert uart.overflow == 88


def test_a_receive_buffer_that_holds_no_block_is_refused():
    for board in boards():
        for rxbuf in (0, 64, 256, 511):
            assert "rxbuf=2048" in str(raises(ValueError, made, board, 1, rxbuf=rxbuf))
        assert made(board, 1, rxbuf=512)[0].rxbuf == 512


def _all(port, buf):
    n = total = port.readinto(buf, len(buf))
    while n:
        n = port.readinto(buf, len(buf))
        total += n
    return total


def test_input_that_was_lost_is_told_once():
    buf = bytearray(500)
    for board in (Board("rp2"), Board("rp2", keeps=False), Board("esp32")):
        port, uart = made(board, 1, rxbuf=2048)
        assert not port.lost()
        uart.feed(pattern(1900))
        assert _all(port, buf) == 1900 and not port.lost() and not uart.overflow
        uart.feed(pattern(3000))
        assert port.readinto(buf, 500) == 500 and uart.overflow
        assert port.lost() and not port.lost(), "told with the first bytes that are read after it"
        _all(port, buf)
        port.lost()
        uart.feed(pattern(100))
        assert _all(port, buf) == 100 and not port.lost()


def test_bytes_lost_while_interrupts_were_off_show_on_rp2():
    port, uart = made(Board("rp2"), 1)
    uart.feed(pattern(50))
    uart.lose(300)
    uart.feed(pattern(50))
    buf = bytearray(500)
    assert port.readinto(buf, 500) == 100 and port.lost() and not port.lost()
    board = Board("rp2")
    board.mem32[0x40038004] = 8
    assert not made(board, 1)[0].lost(), "what was lost before the port was made"


def test_a_full_buffer_is_no_loss_where_rts_holds_the_module_back():
    buf = bytearray(500)
    for board in (Board("rp2"), Board("esp32")):
        board.install()
        try:
            ready = board.UART(1, 115200, rxbuf=2048, rts=Pin(7), cts=Pin(6), flow=3, txbuf=4096)
            ports = MachineUART(ready), MachineUART(1, tx=4, rx=5, rts=7)
        finally:
            board.remove()
        for port, uart in zip(ports, board.made):
            assert port.flow_control
            uart.feed(pattern(1920))
            uart.feed(pattern(128 if board.name == "rp2" else 100))
            assert _all(port, buf) >= 2020 and not port.lost() and not uart.overflow
        uart.lose(1)
        _all(port, buf)
        assert port.lost() == (board.name == "rp2")


def test_a_board_that_tells_only_some_never_says_that_input_was_lost():
    port, uart = made(Board("esp32", any_says_some=True), 1)
    uart.feed(pattern(3000))
    assert _all(port, bytearray(500)) and not port.lost()


def test_write_never_stands_still_while_the_module_keeps_cts_off():
    board = Board("esp32")
    board.install()
    try:
        ready = board.UART(0, 115200, rxbuf=2048, cts=Pin(6), flow=1, txbuf=4096)
        ports = MachineUART(1, tx=17, rx=16, cts=6), MachineUART(ready)
        for txbuf in (0, 256, 511):
            raises(ValueError, MachineUART, 1, tx=17, rx=16, cts=6, txbuf=txbuf)
        raises(ValueError, MachineUART, board.UART(0, 115200, rxbuf=2048, cts=Pin(6), flow=1))
    finally:
        board.remove()
    data = pattern(1500)
    for port, uart in zip(ports, (board.made[1], board.made[0])):
        uart.held = True
        assert port.write(data, 0, 1500) == 1500, "a whole block fits"
        done = 0
        for _ in range(1000):
            done += port.write(data, done, 1500 - done)
        assert 0 < done < 1500 and uart.stalled == 0
        uart.held = False
        assert uart.sent() == data + data[:done]
        assert port.write(data, done, 1500 - done) == 1500 - done and uart.sent() == data[done:]


def test_a_module_that_keeps_cts_off_is_one_that_does_not_answer():
    from modem import Modem, ModemTimeout

    port, uart = made(Board("esp32"), 1, cts=6)
    with Naps(uart, 0) as naps:
        port.ticks_ms = naps.ticks_ms
        fed = []
        port._fed_ms = 0

        def idle():
            fed.append(naps.now)
            naps.naps = []

        port.idle = idle
        modem = Modem(port, "ec600e")
        uart.held = True
        for n in range(1, 30):
            raises(ModemTimeout, modem.start, timeout_ms=4000)
            assert naps.now <= 4100 * n and len(fed) >= 3 * n, (naps.now, len(fed))


def test_a_wait_for_a_block_sleeps_until_it_is_there_or_half_the_buffer_is_full():
    cases = ((115200, 4096, 1500, 130), (115200, 2048, 1500, 88), (921600, 4096, 1500, 16), (9600, 2048, 100, 104))
    for rate, rxbuf, coming, first in cases:
        port, uart = made(Board("rp2"), 1, rate, rxbuf=rxbuf)
        with Naps(uart, rate // 10000 + 1) as naps:
            assert port.wait(5000, coming) and naps.naps == [first]
            there = uart.any()
            assert port.wait(5000, there), "no nap for what is there"
            assert naps.naps == [first]
        port, uart = made(Board("rp2"), 1, rate, rxbuf=rxbuf)
        with Naps(uart, 0) as naps:
            assert not port.wait(50, coming) and sum(naps.naps) == 50
            assert not port.wait(500, coming) and sum(naps.naps) == 550, "a module that stops"


async def test_asyncio_polls_the_uart():
    import asyncio

    port, uart = made(Board("rp2"), 1)

    async def later():
        await asyncio.sleep_ms(20)
        uart.feed(b"OK")

    def readable():
        yield asyncio.core._io_queue.queue_read(port.pollable)

    task = asyncio.create_task(later())
    await asyncio.wait_for(readable(), 60)
    assert port.readinto(bytearray(4), 4) == 2
    await task
