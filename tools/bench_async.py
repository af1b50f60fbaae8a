"""What tools/bench.py measures of AsyncModem inside one Python; runs on CPython and on MicroPython. See bench_program.py."""

import asyncio

from modem import AsyncModem
from ports.tty_uart import TtyUart


async def goodput(device, port, n, rate, line, clock, elapsed_us):
    """Receive a line of `line` bytes and `n` more by awaited buffer-mode calls; return (bytes, microseconds, whole).

    The clock starts after the first block, as in bench_line.goodput().
    """
    modem = AsyncModem(TtyUart(device, rate))
    await modem.start()
    await modem.connect("internet")
    sock = await modem.create_connection(("srv", port))
    await sock.sendall(b"HOLD 1 %d\n" % n)
    await sock.recv_into(bytearray(line))
    buf = bytearray(1500)
    got = 0
    first = sock.link.ring.any()
    start = clock()
    while got < n:
        k = await sock.recv_into(buf)
        if not k:
            break
        got += k
    took = elapsed_us(clock(), start)
    await sock.close()
    await modem.close()
    return got - first, took, got == n


def run(*arguments):
    """Run goodput()."""
    return asyncio.run(goodput(*arguments))
