# CPython only: MicroPython's unix port has no ioctl.
"""Input that the system has lost: the counters of Linux' serial drivers, and the full buffer of Windows' one."""

import errno
import fcntl
import struct
import sys

import pytest
import serial

from ports.overruns import Overruns
from ports.pyserial_uart import SerialUART
from ports.tty_uart import TtyUart
from tests.rigs.pty_line import start_peer

_COUNT = 0x545D


class Driver:
    """Stands in for ioctl(): a driver with counters, like serial_core.c, or without."""

    def __init__(self, monkeypatch):
        self.counters = [0] * 20
        self.error = None
        self._ioctl = fcntl.ioctl
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setattr(fcntl, "ioctl", self.ioctl)

    def ioctl(self, fd, request, *args):
        if request != _COUNT:
            return self._ioctl(fd, request, *args)
        if self.error is not None:
            raise OSError(self.error, "")
        args[0][:] = struct.pack("20i", *self.counters)
        return 0


def test_the_counters_tell_once_what_has_been_lost(monkeypatch):
    driver = Driver(monkeypatch)
    driver.counters[7] = 5  # before the port was opened
    overruns = Overruns(3)
    assert not overruns.lost()
    for counter in (7, 10):  # the UART, the system
        driver.counters[counter] += 2
        driver.counters[5] += 100  # received
        assert overruns.lost() and not overruns.lost()
    driver.counters[6] += 1  # a framing error, a parity error and a break are no loss
    driver.counters[8] += 1
    driver.counters[9] += 1
    assert not overruns.lost()


def test_a_device_without_counters_is_asked_once(monkeypatch):
    driver = Driver(monkeypatch)
    driver.error = errno.ENOTTY
    overruns = Overruns(3)
    driver.error = None
    driver.counters[7] = 1
    assert not overruns.lost()


@pytest.mark.parametrize("kind", [TtyUart, SerialUART])
def test_both_ports_ask(monkeypatch, kind):
    driver = Driver(monkeypatch)
    port = kind(start_peer())
    assert not port.lost()
    driver.counters[10] += 1
    assert port.lost() and not port.lost()
    port.close()
    with pytest.raises(OSError, match="closed"):
        port.lost()


def test_a_real_pty_never_says_so():
    port = TtyUart(start_peer())
    assert not port.lost()
    port.close()


class WindowsLike(serial.serialutil.SerialBase):
    """What SerialUART sees of pyserial on Windows: no file number, and a buffer whose size it sets."""

    def __init__(self, *args, **options):
        options.pop("do_not_open", None)
        options.pop("exclusive", None)
        super().__init__(None, **options)
        self.waiting = 0

    def open(self):
        self.is_open = True

    def close(self):
        self.is_open = False

    def fileno(self):
        raise OSError("no file number")

    def set_buffer_size(self, rx_size):
        self.size = rx_size

    def _reconfigure_port(self):
        pass

    _update_rts_state = _update_dtr_state = _reconfigure_port

    @property
    def in_waiting(self):
        return self.waiting

    def read(self, n=1):
        self.waiting -= n
        return b"x" * n


@pytest.mark.parametrize("rtscts", [False, True])
def test_a_full_buffer_on_windows_is_a_loss_unless_rts_holds_the_module_back(monkeypatch, rtscts):
    device = WindowsLike()
    monkeypatch.setattr(serial, "serial_for_url", lambda *args, **options: device)
    port = SerialUART("COM7", rtscts=rtscts, rxbuf=1000)
    assert port.pollable is None and device.size == 1000
    buf = bytearray(600)
    device.waiting = 999
    assert port.readinto(buf, 600) == 600 and not port.lost()
    device.waiting = 1000
    assert port.readinto(buf, 600) == 600 and port.lost() == (not rtscts) and not port.lost()
    port.close()
