"""How a machine.UART is made, how to read the settings of one that exists, and what is left of a port after close()."""

import errno

_SMALLEST = 512  # the default of machine.UART, 256 bytes, holds no block of data
_TXBUF = 256
_TXBUF_CTS = 4096  # of ESP32 with CTS: half of it is sure to be had, and that shall be a whole send
_SMALLEST_CTS = 512
_FIRST_PINS = ((0, 1), (4, 5))  # tx and rx of UART0 and UART1 of RP2040 and RP2350

# RP2040 Datasheet, 2.2.3, and RP2350 Datasheet, 2.2.4: base addresses of the UARTs; 4.2.8 and 12.1.8: their registers
_RP2040 = (0x40034000, 0x40038000)
_RP2350 = (0x40070000, 0x40078000)
_UARTRSR = 0x04
_UARTCR = 0x30
_RTSEN = 1 << 14


def check(rxbuf):
    """ValueError for a receive buffer that holds no block of data."""
    if rxbuf < _SMALLEST:
        raise ValueError("a receive buffer of %d bytes holds no block of data: rxbuf=2048" % rxbuf)


def printed(uart, baudrate, rxbuf, platform):
    """Return (baudrate, rxbuf, txbuf, number, whether it has RTS, whether CTS) of `uart`; what it does not print is as given.

    There is no other way to ask: "UART(1, baudrate=115177, bits=8, ..., txbuf=256, rxbuf=256, timeout=0, ...)".
    """
    text = str(uart)
    rxbuf = _printed(text, "rxbuf=", rxbuf)
    check(rxbuf)
    txbuf = _printed(text, "txbuf=", _TXBUF)
    real = _printed(text, "baudrate=", baudrate)
    # A divider never gives the rate exactly: only a difference that matters replaces the caller's value.
    if abs(real - baudrate) * 50 > baudrate:
        baudrate = real
    number = _printed(text, "UART(", 0)
    flow = text[text.find("flow=") :] if "flow=" in text else ""  # on ESP32, such as flow=RTS|CTS
    rts, cts = "RTS" in flow, "CTS" in flow
    if platform == "rp2":  # which does not print it
        from machine import mem32

        rts = bool(mem32[_base(number) + _UARTCR] & _RTSEN)
    elif cts and platform == "esp32":
        _check_cts(txbuf)
    return baudrate, rxbuf, txbuf, number, rts, cts


def overrun_flag(number, platform):
    """Return (memory, address) of the register with the overrun flag of UART `number`, cleared; (None, None): there is none."""
    if platform != "rp2":
        return None, None
    from machine import mem32

    address = _base(number) + _UARTRSR
    mem32[address] = 0
    return mem32, address


def _base(number):
    import sys

    return (_RP2350 if "RP2350" in sys.implementation._machine else _RP2040)[number]


def _check_cts(txbuf):
    if txbuf < _SMALLEST_CTS:
        raise ValueError("with CTS a transmit buffer of %d bytes is too small: txbuf=4096" % txbuf)


def make(number, baudrate, tx, rx, rts, cts, rxbuf, extra, platform):
    """Make UART `number`; return (the UART, its settings without the rate, its transmit buffer in bytes)."""
    from machine import UART

    if tx is None or rx is None:
        if platform != "rp2":
            raise ValueError("tx and rx must be given: the pins that the module's RXD and TXD are connected to")
        first_tx, first_rx = _FIRST_PINS[number & 1]
        tx, rx = first_tx if tx is None else tx, first_rx if rx is None else rx
    settings = {"tx": _pin(tx), "rx": _pin(rx), "rxbuf": rxbuf, "timeout": 0, "timeout_char": 0}
    if cts is not None and platform == "esp32":
        settings["txbuf"] = _TXBUF_CTS
    flow = 0
    if rts is not None:
        settings["rts"] = _pin(rts)
        flow |= UART.RTS
    if cts is not None:
        settings["cts"] = _pin(cts)
        flow |= UART.CTS
    if flow:
        settings["flow"] = flow
    settings.update(extra)
    if cts is not None and platform == "esp32":
        _check_cts(settings["txbuf"])
    # ESP32 has no way to say "no buffer" but 0, and then waits for the whole write: pieces stay small there too.
    return UART(number, baudrate=baudrate, **settings), settings, settings.get("txbuf") or _TXBUF


def _pin(pin):
    """ESP32 wants Pin objects where RP2040 takes numbers too."""
    if isinstance(pin, int):
        from machine import Pin

        return Pin(pin)
    return pin


def _printed(text, name, default):
    """Return the number after `name` in the text that a UART prints."""
    at = text.find(name)
    if at < 0:
        return default
    at += len(name)
    end = at
    while text[end : end + 1].isdigit():
        end += 1
    return int(text[at:end]) if end > at else default


class Closed:
    """Stands in for a stream or poll object after close(): whatever is asked of it is an OSError(EBADF)."""

    def __getattr__(self, name):
        raise OSError(errno.EBADF, "the port is closed")
