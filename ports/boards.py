"""Boards on sale with a module on them: their pins, from their makers' public pages. `open()` makes a port and a power key.

    from modem import Modem
    from ports import boards

    port, power = boards.open("lilygo-t-a7670")
    modem = Modem(port, power=power)

For MicroPython on the board itself. None of this has been tried on hardware. Where the figures come from:

LilyGO     repository LilyGO-T-A76XX (now LilyGo-Modem-Series): examples/ATdebug/utilities.h and ATdebug.ino; its README for
           T-A7608-V2, docs/en/esp32s3/sim7600g-s3-standard and docs/en/esp32/pcie-series-esp32; repository T-SIM7600X:
           examples/PowefOffModem
Waveshare  documents of ESP32-S3-A7670E-4G and ESP32-S3-SIM7670G-4G: FAQ, "How to power off the 4G module" and "What is the
           function of each DIP switch", and the demo GNSS-With-WaveshareCloud; demo of SIM7600X-4G-HAT
Sixfab     repository pico_lte_micropython-sdk: core/utils/atcom.py and core/modules/base.py
M5Stack    documents, module/comx_lte: "PinMap"; guide/dip_switch: pins of Core, Core2 and CoreS3; unit/cat_m, base/iot_base_catm,
           module/lte
Olimex     repository NB-IoT; repository ESP32-P4-PC: SOFTWARE/Ardunio/ESP32-P4-PC-and-USB-LTE4G-EU
Makerfabs  repository ESP32-S3-4G-LTE-CAT1-A7670X: example/ESP32_S3_4G_HTTP_AT_Command
SB Comp.   SB Components; repositories Pico_Cell_4G_Software: examples/lib/eg25.py, and IoTFi_4G_Software: Library/IoTFi_4G.py

A Pico-SIM7600 is not here: neither it nor a figure of it was found among Waveshare's pages and repositories.
"""

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from modem.power_key import PowerKey

    from .machine_uart import MachineUART


class Board:
    """What is known of a board. A pin is a GPIO number; None: not connected, or the maker does not say.

    `module`: the module on it; `uart`, `tx`, `rx`: the UART of the board, tx to the module's RXD; `pwrkey`: the pin that presses
    PWRKEY while it is high, for `on_ms` and `off_ms` (None: as long as the module wants); `reset`: (pin, level that resets), for
    `reset_ms`; `dtr`: low keeps the module awake; `held`: (pin, level) of what has to stand for the module to run, such as its
    supply; `status`: (pin, level while the module is on); `antenna`: commands that give the satellite antenna its supply, for
    Modem.command().
    """

    uart = 1
    pwrkey: int | None = None
    on_ms: int | None = None
    off_ms: int | None = None
    reset: tuple[int, int] | None = None
    reset_ms = 2600
    dtr: int | None = None
    held: tuple[tuple[int, int], ...] = ()
    status: tuple[int, int] | None = None
    antenna: tuple[str, ...] = ()

    def __init__(self, module: str, tx: int, rx: int, **facts: "Any") -> None:
        self.module = module
        self.tx = tx
        self.rx = rx
        for name in facts:
            setattr(self, name, facts[name])


def _lilygo(module, tx, rx, pwrkey, dtr, on_ms=100, **facts):
    return Board(module, tx, rx, pwrkey=pwrkey, dtr=dtr, on_ms=on_ms, off_ms=3000, **facts)


def _t_pcie(module, on_ms, **facts):
    return _lilygo(module, 27, 26, 4, 32, on_ms, held=((25, 1),), **facts)


_AUXILIARY = ("AT+CVAUXS=1",)  # the module's auxiliary supply
_AUXILIARY_2V8 = ("AT+CVAUXV=2800", "AT+CVAUXS=1")


def _pin_of_module(number):
    return "AT+CGDRT=%d,1" % number, "AT+CGSETV=%d,1" % number


# functions, so that a board has the one that it asks for in its memory
BOARDS = {
    "lilygo-t-a7670": lambda: _lilygo("A7670", 26, 27, 4, 25, reset=(5, 1), held=((12, 1),)),
    "lilygo-t-call-a7670-v1.0": lambda: _lilygo("A7670", 26, 25, 4, 14, reset=(27, 0)),
    "lilygo-t-call-a7670-v1.1": lambda: _lilygo("A7670", 27, 26, 4, 32, reset=(5, 0)),
    "lilygo-t-a7670-s3-standard": lambda: _lilygo("A7670", 4, 5, 46, 7, antenna=_pin_of_module(1)),
    "lilygo-t-a7608": lambda: _lilygo("A7608", 26, 27, 4, 25, 1000, reset=(5, 1), held=((12, 1),), antenna=_AUXILIARY),
    "lilygo-t-a7608-v2": lambda: _lilygo("A7608", 26, 27, 4, 25, 1000, antenna=_AUXILIARY),
    "lilygo-t-a7608-s3": lambda: _lilygo("A7608", 17, 18, 15, 7, 1000, reset=(16, 0), antenna=_AUXILIARY),
    "lilygo-t-sim7600": lambda: _lilygo("SIM7600", 27, 26, 4, 32, 500, held=((25, 1),), antenna=_AUXILIARY),  # 25: flight mode
    "lilygo-t-sim7600-s3-standard": lambda: _lilygo("SIM7600G", 4, 5, 46, 7, 500, antenna=_AUXILIARY_2V8),
    "lilygo-t-sim7670g-s3": lambda: _lilygo("SIM7670G", 11, 10, 18, 9, reset=(17, 0), antenna=_pin_of_module(4)),
    "lilygo-t-sim7670g-s3-standard": lambda: _lilygo("SIM7670G", 4, 5, 46, 7, antenna=_pin_of_module(1)),
    "lilygo-t-eth-elite-a7670": lambda: _lilygo("A7670", 6, 4, 3, 5),
    "lilygo-t-eth-elite-sim7600": lambda: _lilygo("SIM7600", 6, 4, 3, 5, 500, antenna=_AUXILIARY),
    "lilygo-t-eth-elite-sim7670g": lambda: _lilygo("SIM7670G", 6, 4, 3, 5, antenna=_pin_of_module(4)),
    "lilygo-t-pcie-a7670": lambda: _t_pcie("A7670", 100),
    "lilygo-t-pcie-sim7600": lambda: _t_pcie("SIM7600", 500),
    "lilygo-t-pcie-sim7670g": lambda: _t_pcie("SIM7670G", 100, antenna=_pin_of_module(4)),
    # the DIP switch "4G" is the supply: ON
    "waveshare-esp32-s3-sim7670g": lambda: Board("SIM7670G", 18, 17),
    "waveshare-esp32-s3-a7670e": lambda: Board("A7670E", 18, 17),
    "sixfab-pico-lte": lambda: Board("BG95", 0, 1, uart=0, pwrkey=15, on_ms=2000, off_ms=2000, status=(14, 0)),
    "makerfabs-esp32-s3-a7670": lambda: Board("A7670", 48, 47, pwrkey=4, on_ms=3000, held=((5, 0),)),  # 5: RESET
    "sb-components-pico-cell-4g": lambda: Board("EG25-G", 0, 1, uart=0, pwrkey=22, on_ms=4000),
    "sb-components-iotfi-4g": lambda: Board("SIM7600G-H", 0, 1, uart=0, pwrkey=15, on_ms=4000),
    # with a USB-LTE4G-EU, a stick with a Quectel module, at UEXT by a level shifter (1.8 V) and with a supply of its own
    "olimex-esp32-p4-pc": lambda: Board("Quectel", 37, 38),
    # COM.LTE, COM.LTE-Data and COM.Cat1 have the same base; its DIP switches 16 and 17: ON
    "m5stack-com-lte": lambda: Board("SIM7600G", 17, 16),
    "m5stack-com-lte-core2": lambda: Board("SIM7600G", 14, 13),
    "m5stack-com-lte-cores3": lambda: Board("SIM7600G", 17, 18),
}

# Boards that cannot be opened: the module on them, which this driver refuses with its reason, or the reason
REFUSED = {
    "lilygo-t-sim7000g": "SIM7000G",
    "lilygo-t-sim7000g-s3-standard": "SIM7000G",
    "lilygo-t-pcie-sim7000g": "SIM7000G",
    "lilygo-t-sim7070g": "SIM7070G",
    "lilygo-t-sim7080g-s3-standard": "SIM7080G",
    "lilygo-t-pcie-sim7080g": "SIM7080G",
    "lilygo-t-sim7080g-s3": "SIM7080G",
    "lilygo-t-call-sim800": "SIM800L",
    "waveshare-pico-sim7080g": "SIM7080G",
    "waveshare-pico-sim7020e": "SIM7020E",
    "waveshare-pico-sim868": "SIM868",
    "waveshare-sim7600-hat": "a HAT for a Raspberry Pi, which runs no MicroPython. Use SerialUART of ports.pyserial_uart with "
    "/dev/serial0; PWRKEY is on GPIO 6, high for 2 s. On another board: MachineUART and PowerKey with the pins you have wired",
    "m5stack-unit-catm": "SIM7080G",
    "m5stack-iot-base-catm": "SIM7080G",
    "m5stack-module-lte": "M8321",
    "m5stack-unit-cat1-cn": "ML307R",
    "olimex-nb-iot-devkit": "BC66",
}


def find(name: str) -> Board:
    """Return the Board of that name. ValueError listing the names; NotSupported where the driver cannot drive its module."""
    make = BOARDS.get(name)
    if make is not None:
        return make()
    reason = REFUSED.get(name)
    if reason is not None:
        from modem.errors import NotSupported
        from modem.models import known

        if " " not in reason:
            known(reason)  # raises
        raise NotSupported("%s is %s" % (name, reason))
    raise ValueError("unknown board %r; known are: %s" % (name, ", ".join(sorted(BOARDS))))


def open(name: str, baudrate: int = 115200, **options: "Any") -> "tuple[MachineUART, PowerKey | None]":
    """Return (port, power key) of the board called `name`; the key is None where the board has none.

    Switches the module's supply on where a pin does that. `options`: further arguments of MachineUART, such as rxbuf=4096.
    ValueError for an unknown name, listing the known ones; NotSupported for a board whose module has other commands;
    OSError(EOPNOTSUPP) on a Python without the module `machine`.
    """
    board = find(name)
    try:
        from machine import Pin, Signal
    except ImportError:
        raise OSError(
            errno.EOPNOTSUPP, "boards.open() is for MicroPython on the board; on a desktop: SerialUART of ports.pyserial_uart"
        )
    from .machine_uart import MachineUART

    for number, level in board.held:
        Pin(number, Pin.OUT, value=level)
    power = None
    if board.pwrkey is not None:
        from modem.power_key import PowerKey

        status = reset = None
        if board.status is not None:
            status = Signal(Pin(board.status[0], Pin.IN), invert=not board.status[1])
        if board.reset is not None:
            number, level = board.reset
            reset = Signal(Pin(number, Pin.OUT, value=1 - level), invert=not level)
        key = Pin(board.pwrkey, Pin.OUT, value=0)
        power = PowerKey(key, board.on_ms, board.off_ms, status=status, reset=reset, reset_ms=board.reset_ms)
    port = MachineUART(board.uart, baudrate, board.tx, board.rx, dtr=board.dtr, **options)
    return port, power
