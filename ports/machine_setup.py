"""How a machine.UART is made, or what one that is ready says of itself; for machine_uart.py."""

_SMALLEST = 512  # the default of machine.UART, 256 bytes, holds no block of data


def take(port, uart):
    """Use `uart` as it is."""
    # There is no other way to ask: "UART(1, baudrate=115177, bits=8, ..., txbuf=256, rxbuf=256, timeout=0, ...)".
    text = str(uart)
    port._uart = uart
    port.rxbuf = _printed(text, "rxbuf=", port.rxbuf)
    if port.rxbuf < _SMALLEST:
        raise ValueError("the UART has a receive buffer of %d bytes: make it with rxbuf=2048" % port.rxbuf)
    port._piece = _printed(text, "txbuf=", 256)
    real = _printed(text, "baudrate=", port.baudrate)
    # A divider never gives the rate exactly: only a difference that matters replaces what the caller said.
    if abs(real - port.baudrate) * 50 > port.baudrate:
        port.baudrate = real
    port._settings = {"rxbuf": port.rxbuf, "txbuf": port._piece}


def make(port, number, tx, rx, rts, cts, extra):
    """Make UART `number`."""
    from machine import UART

    port._settings = settings = {"tx": _pin(tx), "rx": _pin(rx), "rxbuf": port.rxbuf, "timeout": 0, "timeout_char": 0}
    flow = 0
    if rts is not None:
        settings["rts"] = _pin(rts)
        flow |= UART.RTS
        port.flow_control = True
    if cts is not None:
        settings["cts"] = _pin(cts)
        flow |= UART.CTS
    if flow:
        settings["flow"] = flow
    settings.update(extra)
    # ESP32 has no way to say "no buffer" but 0, and then waits for the whole write: pieces stay small all the same.
    port._piece = settings.get("txbuf") or 256
    port._uart = UART(number, baudrate=port.baudrate, **settings)


def _pin(pin):
    """ESP32 wants Pin objects where RP2040 takes numbers too."""
    if isinstance(pin, int):
        from machine import Pin

        return Pin(pin)
    return pin


def _printed(text, name, default):
    """The number behind `name` in what a UART prints of itself."""
    at = text.find(name)
    if at < 0:
        return default
    at += len(name)
    end = at
    while text[end : end + 1].isdigit():
        end += 1
    return int(text[at:end]) if end > at else default
