"""How a machine.UART is made, and how to read the settings of one that exists; for machine_uart.py."""

_SMALLEST = 512  # the default of machine.UART, 256 bytes, holds no block of data
_TXBUF = 256


def printed(uart, baudrate, rxbuf):
    """Return (baudrate, rxbuf, txbuf) of `uart`; what it does not print is as given.

    There is no other way to ask: "UART(1, baudrate=115177, bits=8, ..., txbuf=256, rxbuf=256, timeout=0, ...)".
    """
    text = str(uart)
    rxbuf = _printed(text, "rxbuf=", rxbuf)
    if rxbuf < _SMALLEST:
        raise ValueError("the UART has a receive buffer of %d bytes: make it with rxbuf=2048" % rxbuf)
    real = _printed(text, "baudrate=", baudrate)
    # A divider never gives the rate exactly: only a difference that matters replaces the caller's value.
    if abs(real - baudrate) * 50 > baudrate:
        baudrate = real
    return baudrate, rxbuf, _printed(text, "txbuf=", _TXBUF)


def make(number, baudrate, tx, rx, rts, cts, rxbuf, extra):
    """Make UART `number`; return (the UART, its settings without the rate, its transmit buffer in bytes)."""
    from machine import UART

    settings = {"tx": _pin(tx), "rx": _pin(rx), "rxbuf": rxbuf, "timeout": 0, "timeout_char": 0}
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
