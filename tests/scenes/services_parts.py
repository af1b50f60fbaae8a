"""What the scenes of the Internet services share: contents, streams that are never in memory as a whole, errors as values."""

import hashlib

from both import do
from common import hexdigest, random_bytes

from modem import ModemError

USER, PASSWORD = "myname", "mypassword"
TRAPS = b"\r\nOK\r\n\r\n+CFTPGET: 0\r\n+CHTTPACT: 0\r\n\x03\x1a\x1b\x03\x03\r\nERROR\r\n+CFTPSGET: DATA,5\r\n\r\n+CME ERROR: 210\r\n> "


def content(n):
    """Return `n` bytes: every value, and what looks like the protocol."""
    block = TRAPS + bytes(random_bytes(1500)) + bytes(range(256))
    page = (block * 3)[:4096]
    return (page * (n // 4096 + 1))[:n]


class Hash:
    """A file that only knows what was written."""

    def __init__(self):
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data):
        self._hash.update(data)
        self.size += len(data)

    def digest(self):
        return hexdigest(self._hash)


class Stream:
    """A file to be read that is never in memory as a whole."""

    def __init__(self, n, fails_at=None):
        self._block = content(4096)
        self._n = n
        self._at = 0
        self._fails_at = fails_at

    def readinto(self, buf):
        if self._fails_at is not None and self._at >= self._fails_at:
            raise RuntimeError("the disk has gone")
        n = min(len(buf), self._n - self._at, 4096 - self._at % 4096)
        start = self._at % 4096
        buf[:n] = self._block[start : start + n]
        self._at += n
        return n


def digest(n):
    """The hash of what Stream(n) gives."""
    h = hashlib.sha256()
    block = content(4096)
    for at in range(0, n, 4096):
        h.update(memoryview(block)[: min(4096, n - at)])
    return hexdigest(h)


async def failure(value):
    """Return the code, or the sort, of the error that awaiting `value` raises."""
    try:
        await do(value)
    except ModemError as error:
        return type(error).__name__ if error.code is None else error.code
    except Exception as error:
        return type(error).__name__
    return "none"


async def attempt(function, *args, **options):
    """As `failure`, for a call that may raise at once."""
    try:
        return await failure(function(*args, **options))
    except ModemError as error:
        return type(error).__name__ if error.code is None else error.code
    except Exception as error:
        return type(error).__name__


async def body(client, url):
    """GET, and the whole body: [status, bytes, whether they are those of Stream]."""
    response = await do(client.get(url))
    h = Hash()
    buf = bytearray(700)
    while True:
        k = await do(response.readinto(buf))
        if not k:
            return [response.status, h.size, h.digest() == digest(h.size)]
        h.write(memoryview(buf)[:k])


async def mailer(modem, port):
    """The mail client, with server, log-in and sender."""
    s = modem.smtp()
    await do(s.server("srv", port))
    await do(s.login(USER, PASSWORD))
    await do(s.sender("me@a.example"))
    return s
