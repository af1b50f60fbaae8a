"""What tools/bench.py measures of AsyncModem inside one Python; runs on CPython and on MicroPython. See bench_program.py."""

import asyncio

from modem import AsyncModem
from ports.tty_uart import TtyUart


async def goodput(device, port, n, rate, clock, elapsed_us):
    """Receive `n` bytes in buffer mode by awaited calls; return (bytes, reads, microseconds, whether all came).

    The clock starts with the first block, as in bench_program.goodput().
    """
    modem = AsyncModem(TtyUart(device, rate))
    await modem.start()
    await modem.connect("internet")
    sock = await modem.create_connection(("srv", port))
    await sock.sendall(b"HOLD 1 %d\n" % n)
    await sock.readline()
    buf = bytearray(1500)
    got = first = await sock.recv_into(buf)
    reads = 0
    start = clock()
    while got < n:
        k = await sock.recv_into(buf)
        if not k:
            break
        got += k
        reads += 1
    took = elapsed_us(clock(), start)
    await sock.close()
    await modem.close()
    return got - first, reads, took, got == n


def run(*arguments):
    """Run goodput()."""
    return asyncio.run(goodput(*arguments))
