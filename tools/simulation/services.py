"""The SIM7100's mail and file servers, and how work at them takes simulated time.

The module's FTP, POP3 and SMTP sessions are played as such, not as bytes of their protocols: `tools.vmodem` has its own tests
with real servers. What the module tells its host, and when, is what matters here.
"""

import random

from tools.vmodem.ftp_client import CLOSED, LOGIN, REJECTED, FtpError
from tools.vmodem.mail_clients import AUTH_REFUSED, NETWORK, PASSWORD_REFUSED, REFUSED, MailError

USER, PASSWORD = "user-7731", "pass-8842"
STEP_S = 0.12  # one exchange with a server
_BLOCK = 1024


class HungUp(Exception):
    """The server has ended the connection."""

    reason = NETWORK


class Worker:
    """Runs `run(worker)` at once, while what it tells and gives is delivered later, at the worker's own time."""

    handler = None

    def __init__(self, net, run, done):
        self._clock = net.clock
        self._run = run
        self._done = done
        self._at = self._clock.now()
        self._timers = []
        self._waits_for = None
        self.over = False

    def start(self):
        """Begin."""
        try:
            outcome = self._run(self), None
        except (FtpError, MailError) as error:
            outcome = None, error
        if self._waits_for is None:
            self.tell(self._finish, *outcome)
        return self

    def pass_time(self, seconds=STEP_S):
        """The worker has been busy for so long."""
        self._at += seconds

    def tell(self, callback, *args):
        self._timers.append(self._clock.call_later(self._at - self._clock.now(), callback, *args))

    give = tell

    def taken(self, count):
        """The host's line holds nothing up."""

    def wait_for(self, outbox, store):
        """The work ends when the host has given everything: `store(data)` then."""
        self._waits_for = outbox
        outbox.follow(self, store)

    def given(self, store, data):
        """The host has given everything."""
        self._at = self._clock.now()
        self.pass_time()
        self.tell(store, data)
        self.tell(self._finish, None, None)

    def _finish(self, result, error):
        if not self.over:
            self._stop()
            self._done(result, error)

    def _stop(self):
        self.over = True
        for timer in self._timers:
            timer.cancel()

    def hang_up(self):
        """The connection ends as if by the server."""
        if not self.over:
            self._stop()
            self._clock.call_soon(self._done, None, HungUp())

    def abort(self):
        self._stop()


class Outbox:
    """Bytes from the host for a worker."""

    def __init__(self, on_room):
        self._on_room = on_room
        self._data = bytearray()
        self._ended = False
        self._follower = None

    def put(self, data):
        self._data += data

    def end(self):
        self._ended = True
        self._check()

    def unsent(self):
        return 0

    def drop(self):
        """What has not been stored never will be."""

    def parts(self, worker):
        return self

    def follow(self, worker, store):
        self._follower = worker, store
        self._check()

    def _check(self):
        if self._ended and self._follower and not self._follower[0].over:
            worker, store = self._follower
            worker.given(store, bytes(self._data))


class FileServer:
    """Files by path. Directories are names that have been made."""

    def __init__(self, files=()):
        self.files = dict(files)
        self.folders = {"/"}
        self.stored = []  # (path, bytes), each time something has been stored

    def listing(self):
        """As LIST gives it."""
        return "".join(
            "-rw-r--r-- 1 u g %d Jan 01 00:00 %s\r\n" % (len(data), name) for name, data in self.files.items()
        ).encode()


class FtpSession:
    """What `tools.vmodem.ftp_client.FtpSession` does."""

    def __init__(self, net, **options):
        self._net = net
        self._folder = "/"
        self._open = False

    def open(self, worker, host, port, user, password):
        worker.pass_time()
        if self._net.files is None:
            raise FtpError(CLOSED)
        worker.pass_time()
        if (user, password) != (USER, PASSWORD):
            raise FtpError(LOGIN)
        self._open = True

    def _need(self, worker):
        worker.pass_time()
        if not self._open:
            raise FtpError(CLOSED)
        return self._net.files

    def quit(self, worker):
        self._need(worker)

    def command(self, worker, method, *args):
        server = self._need(worker)
        if method == "pwd":
            return self._folder
        if method == "cwd":
            self._folder = args[0]
        elif method == "mkd":
            server.folders.add(args[0])
        elif method == "rmd":
            if args[0] not in server.folders:
                raise FtpError(REJECTED)
            server.folders.discard(args[0])
        elif server.files.pop(args[0], None) is None:
            raise FtpError(REJECTED)
        return None

    def retrieve(self, worker, line, kind, give):
        server = self._need(worker)
        verb, _, path = line.partition(" ")
        data = server.listing() if verb == "LIST" else server.files.get(path)
        if data is None:
            raise FtpError(REJECTED)
        for at in range(0, len(data), _BLOCK):
            worker.pass_time(0.02)
            give(data[at : at + _BLOCK])

    def store(self, worker, line, kind, parts):
        server = self._need(worker)
        path = line.partition(" ")[2]

        def stored(data):
            server.files[path] = data
            server.stored.append((path, data))

        if isinstance(parts, Outbox):
            worker.wait_for(parts, stored)
        else:
            stored(b"".join(parts))

    def cut(self):
        self._open = False

    close = cut


class MailServer:
    """Mails that wait, and those that have been taken."""

    def __init__(self, waiting=()):
        self.waiting = list(waiting)
        self.taken = []


class PopSession:
    """What `tools.vmodem.mail_clients.PopSession` does."""

    def __init__(self, net):
        self._net = net
        self._open = False
        self._marked = set()

    def open(self, worker, host, port, user, password, timeout_s):
        worker.pass_time()
        if self._net.mail is None:
            raise MailError(NETWORK)
        worker.pass_time()
        if (user, password) != (USER, PASSWORD):
            raise MailError(PASSWORD_REFUSED)
        self._open = True

    def _need(self, worker):
        worker.pass_time()
        if not self._open:
            raise MailError(NETWORK)
        return self._net.mail.waiting

    def _one(self, worker, number):
        mails = self._need(worker)
        if not 1 <= number <= len(mails):
            raise MailError(REFUSED)
        return mails[number - 1]

    def status(self, worker):
        mails = self._need(worker)
        return len(mails), sum(map(len, mails))

    def sizes(self, worker):
        return [(number, len(mail)) for number, mail in enumerate(self._need(worker), 1)]

    def size(self, worker, number):
        return number, len(self._one(worker, number))

    def header(self, worker, number):
        return self._one(worker, number).partition(b"\r\n\r\n")[0]

    def fetch(self, worker, number):
        return self._one(worker, number)

    def mark(self, worker, number):
        self._marked.add(self._one(worker, number))

    def quit(self, worker):
        mails = self._need(worker)
        worker.tell(self._leave, mails)

    def _leave(self, mails):
        mails[:] = [mail for mail in mails if mail not in self._marked]

    def cut(self):
        self._open = False

    close = cut


class SmtpSending:
    """What `tools.vmodem.mail_clients.SmtpSending` does."""

    def __init__(self, net, host, port, credentials, mail, timeout_s, began, patient=True):
        self._net = net
        self._credentials = credentials
        self._mail = mail
        self._began = began

    def run(self, worker):
        worker.pass_time()
        if self._net.mail is None:
            raise MailError(NETWORK)
        worker.pass_time()
        if self._credentials not in (None, (USER, PASSWORD)):
            raise MailError(AUTH_REFUSED)
        worker.tell(self._began)
        worker.pass_time()
        worker.tell(self._net.mail.taken.append, self._mail)


def seeded(count, seed):
    """`count` bytes of every value, with what looks like the protocol among them; the same for the same seed."""
    rng = random.Random(seed)
    out = bytearray()
    while len(out) < count:
        out += rng.randbytes(rng.randint(40, 200))
        out += rng.choice(_LOOK_ALIKES)
    return bytes(out[:count])


_LOOK_ALIKES = (
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\n> ",
    b'\r\n+QIURC: "closed",0\r\n',
    b'\r\n+QIURC: "recv",0\r\n',
    b"\r\n+IPCLOSE: 0,1\r\n",
    b"\r\n+CIPRXGET: 1,0\r\n",
    b"\r\nRDY\r\n",
    b"\r\n+QIRD: 20\r\n",
    b"+++",
    b"\r\n\r\n",
)
