"""Boards on sale: what opening one does to their pins, and that no default pin presses a key of theirs."""

import sys

from modem import NotSupported
from ports import boards
from tests.rigs.assertions import raises
from tests.rigs.fake_machine import Board, Pin
from tests.rigs.scripted_module import Module
from tests.rigs.scripted_port import ready

MICROPYTHON = sys.implementation.name == "micropython"


def test_every_board_has_pins_that_do_not_collide():
    assert len(boards.BOARDS) > 12
    for name in boards.BOARDS:
        board = boards.find(name)
        pins = [board.tx, board.rx, board.pwrkey, board.dtr] + [pin for pin, _ in board.held]
        pins += [each[0] for each in (board.reset, board.status) if each is not None]
        pins = [pin for pin in pins if pin is not None]
        assert len(set(pins)) == len(pins) and not [pin for pin in pins if not 0 <= pin <= 48], name
        assert (board.pwrkey is None) == (board.on_ms is None), name
        assert board.off_ms is None or 0 < board.on_ms <= board.off_ms, name


def test_commands_for_the_antenna_are_commands():
    found = [command for name in boards.BOARDS for command in boards.find(name).antenna]
    assert "AT+CGSETV=4,1" in found and "AT+CVAUXS=1" in found
    modem = ready(Module(), "a76xx")
    for command in found:
        assert modem.command(command) == []


def test_default_pins_are_no_power_key_or_reset_of_a_board_with_that_uart():
    from ports.machine_setup import _FIRST_PINS  # plain data, which .mpy files keep

    defaults = {pin for pins in _FIRST_PINS for pin in pins}
    for name in boards.BOARDS:
        board = boards.find(name)
        if board.uart == 0:  # an RP2040: ESP32 has no default pins
            assert board.pwrkey not in defaults and (board.reset or (None,))[0] not in defaults, name


def test_what_is_not_to_be_had_says_so():
    with raises(ValueError, "unknown board 'arduino'", "lilygo-t-a7670, lilygo-t-a7670-s3-standard"):
        boards.open("arduino")
    for name in boards.REFUSED:
        assert name not in boards.BOARDS
        with raises(NotSupported):
            boards.open(name)
    with raises(NotSupported, "SIM7080G is not supported: it is an NB-IoT"):
        boards.open("waveshare-pico-sim7080g")
    with raises(NotSupported, "BC66", "NB-IoT module of Quectel"):
        boards.open("olimex-nb-iot-devkit")
    with raises(NotSupported, "/dev/serial0", "GPIO 6"):
        boards.open("waveshare-sim7600-hat")
    if not MICROPYTHON:
        with raises(OSError, "on the board", "SerialUART"):
            boards.open("lilygo-t-a7670")


def _opened(name, kind, **options):
    """(port, power key, stand-in for the UART, what was done to pins) of a board."""
    machine = Board(kind)
    machine.install()
    del Pin.log[:]
    try:
        port, power = boards.open(name, **options)
    finally:
        machine.remove()
    return port, power, machine.made[0], list(Pin.log)


def test_every_board_opens_with_its_pins_at_rest():
    if not MICROPYTHON:
        return
    for name in boards.BOARDS:
        board = boards.find(name)
        port, power, uart, log = _opened(name, "esp32" if board.uart else "rp2", rxbuf=4096)
        asked = uart.made_with
        assert (uart.number, asked["tx"].number, asked["rx"].number) == (board.uart, board.tx, board.rx), name
        assert uart.baudrate == 115200 and port.rxbuf == 4096
        levels = dict(log)  # the last level of each pin
        wanted = dict(board.held)
        if board.pwrkey is not None:
            wanted[board.pwrkey] = 0
        if board.reset is not None:
            wanted[board.reset[0]] = 1 - board.reset[1]
        if board.dtr is not None:
            wanted[board.dtr] = 0
        assert levels == wanted, (name, levels)
        assert len([1 for pin, level in log if level != wanted[pin]]) == 0, "a pin was pressed for a moment"
        assert log[: len(board.held)] == list(board.held), "the supply comes first"
        assert (power is None) == (board.pwrkey is None)


class _Module:
    """As much of a Module as a power key needs: time that passes."""

    dialect = None

    def __init__(self):
        self.waits = []

    async def pause(self, ms):
        self.waits.append(ms)

    class port:
        ticks_ms = staticmethod(lambda: 0)


def _run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration:
        pass


def test_the_key_presses_for_as_long_as_the_maker_does_and_resets_by_the_level_of_the_board():
    if not MICROPYTHON:
        return
    _, power, _, _ = _opened("lilygo-t-sim7670g-s3", "esp32")
    module = _Module()
    del Pin.log[:]
    _run(power.switch_on(module))
    assert Pin.log == [(18, 1), (18, 0)] and module.waits == [100]
    del Pin.log[:]
    _run(power.restart(module))  # RESET is low here, high on a T-A7670
    assert Pin.log == [(17, 0), (17, 1)] and module.waits == [100, 2600]
    _, power, _, _ = _opened("lilygo-t-a7670", "esp32")
    del Pin.log[:]
    _run(power.restart(module))
    assert Pin.log == [(5, 1), (5, 0)]
    assert power.is_on() is None


def test_a_status_line_that_is_low_while_the_module_is_on():
    if not MICROPYTHON:
        return
    levels = {14: 1}
    machine = Board("rp2")

    class _Pin(Pin):
        def value(self, level=None):
            return levels[self.number] if level is None and self.number in levels else Pin.value(self, level)

    machine.Pin = _Pin
    machine.install()
    try:
        _, power = boards.open("sixfab-pico-lte")
    finally:
        machine.remove()
    assert power.is_on() is False
    levels[14] = 0
    assert power.is_on() is True
