"""An AT console, and the module's files and troubles from a desktop.

    python3 -m tools.console PORT                      type AT commands; what the module says by itself is shown as it comes
    python3 -m tools.console PORT "AT+CSQ" ...         send these, show their answers; exit status 1 when one fails
    python3 -m tools.console PORT put ca.pem           store a file on the module, under its name or the one that follows
    python3 -m tools.console PORT get NAME [FILE]      fetch one; -f: over an existing file
    python3 -m tools.console PORT ls [PATTERN]         list them, and the room left
    python3 -m tools.console PORT rm NAME              delete one
    python3 -m tools.console PORT doctor HOST[:PORT]   why does the connection not come about?

PORT is a device (/dev/ttyUSB2, COM5), or any address that pyserial knows (socket://127.0.0.1:7000, rfc2217://...). In the
console, `.help` lists its own commands; Ctrl-Z and ESC go into the line as they are, so that a text after the `>` prompt can be
ended.
"""

import argparse
import contextlib
import io
import os
import pathlib
import re
import sys
import threading

_QUIET_S = 0.3  # an unfinished line (a prompt) is shown when nothing has followed for so long
_HISTORY = pathlib.Path("~/.modem_console_history").expanduser()
_HELP = """\
AT...                 send a command        .put FILE [NAME]   .get NAME [FILE]   .ls [PATTERN]   .rm NAME
.doctor HOST[:PORT]   check the connection  .quit              leave (also Ctrl-D)
Ctrl-Z at the end of a line sends it without CR: the end of a text after the > prompt. ESC does too, and cancels."""


def visible(text):
    """`text` with everything that a terminal would act on as \\xNN, except line ends: it may come from the module or a server."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def say(text):
    """Show a text to the user: the one way to the terminal."""
    print(visible(text), flush=True)


class Lines:
    """Bytes from the module, cut into lines to show; an unfinished one is shown when the module falls silent."""

    def __init__(self, show):
        self._show = show
        self._rest = bytearray()

    def feed(self, data):
        """Take what has come."""
        self._rest += data
        while (end := self._rest.find(b"\n")) >= 0:
            self._put(self._rest[:end])
            del self._rest[: end + 1]

    def quiet(self):
        """Nothing has come for a while."""
        if self._rest.strip():
            self._put(self._rest)
            self._rest.clear()

    def _put(self, line):
        text = bytes(line).decode("utf-8", "backslashreplace").strip("\r\n")
        if text.strip():
            self._show(text)


class Listener:
    """A thread that shows what comes; `paused()` keeps it off the port while the driver has it."""

    def __init__(self, port, show):
        self._port = port
        self._lines = Lines(show)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.error = None

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._stop.set()
        self._thread.join(2)

    def paused(self):
        """Return a context in which the port belongs to the caller."""
        return self._lock

    def _run(self):
        block = bytearray(4096)
        while not self._stop.is_set():
            try:
                with self._lock:
                    n = self._port.readinto(block, len(block)) if self._port.wait(int(_QUIET_S * 1000)) else 0
            except OSError as error:
                self.error = error
                self._lines.feed(b"\r\n(the port is gone: %s)\r\n" % str(error).encode())
                return
            if n:
                self._lines.feed(block[:n])
            else:
                self._lines.quiet()
            self._stop.wait(0.005)  # lets a waiting paused() in


class Console:
    """What a typed line does."""

    def __init__(self, port, listener, options, show=say):
        self._port = port
        self._listener = listener
        self._options = options
        self._show = show

    def line(self, text):
        """Carry out one typed line; return False when it was the last."""
        if text.startswith("."):
            words = text[1:].split()
            if words[:1] in (["quit"], ["q"], ["exit"]):
                return False
            self._own(words)
        elif text:
            ends = text[-1] in "\x1a\x1b"
            data = text.encode() + (b"" if ends else b"\r")
            at = 0
            while at < len(data):
                at += self._port.write(data, at, len(data) - at)
        return self._listener.error is None

    def _own(self, words):
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                options = _arguments([self._options.port, *words])
        except SystemExit:
            self._show(_HELP)
            return
        for name in ("port", "baud", "model", "rtscts"):  # these are the console's own
            setattr(options, name, getattr(self._options, name))
        if options.action is None:
            self._show(_HELP)
            return
        try:
            with self._listener.paused():
                act(options, self._port, self._show)
        except (OSError, ValueError) as error:
            self._show(f"{type(error).__name__}: {error}")


# --- what the words do


def act(options, port, show=say):
    """Carry out put, get, ls, rm, doctor or send over an open port; return the exit status."""
    from modem import Modem

    modem = Modem(port, options.model)
    if options.action == "send":
        return _send(modem, options, show)
    modem.start()
    return {"put": _put, "get": _get, "ls": _ls, "rm": _rm, "doctor": _doctor}[options.action](modem, options, show)


def _send(modem, options, show):
    """Send command lines as they are, without start(); the first that fails is the last."""
    from modem import CommandError

    for line in options.line:
        try:
            lines, end = modem.command(line, timeout_ms=int(options.timeout * 1000)), "OK"
        except CommandError as error:
            lines, end = error.lines, str(error)
        for shown in lines:
            show(bytes(shown).decode("utf-8", "backslashreplace"))
        show(end)
        if end != "OK":
            return 1
    return 0


@contextlib.contextmanager
def _bar(name, total):
    """A progress bar; yields the callable that moves it to where the transfer is."""
    from tqdm import tqdm

    with tqdm(total=total, unit="B", unit_scale=True, unit_divisor=1024, desc=visible(name), file=sys.stderr) as bar:

        def move(done, total):
            bar.total = total
            bar.update(done - bar.n)

        yield move


def _put(modem, options, show):
    path = pathlib.Path(options.file)
    name = options.name or ("UFS:" if modem.module.dialect.vendor == "quectel" else "") + path.name
    with path.open("rb") as file, _bar(name, path.stat().st_size) as move:
        modem.files.put(name, file, move)
    show(f"{path} is on the module as {name}")
    return 0


def _get(modem, options, show):
    path = pathlib.Path(options.file or re.split(r"[:/\\]", options.name)[-1])
    if path.name in ("", ".."):
        raise ValueError("name the FILE to write")
    if path.exists() and not options.force:
        raise ValueError(f"{path} exists: name another FILE, or give -f to overwrite it")
    with _bar(options.name, 0) as move:
        data = modem.files.get(options.name, progress=move)
    path.write_bytes(data)
    show(f"{options.name} is here as {path}, {len(data)} bytes")
    return 0


def _ls(modem, options, show):
    from modem import NotSupported

    patterns = [options.pattern] if options.pattern else ["*"]
    if not options.pattern and modem.module.dialect.model == "sim7100":
        patterns.append("*.pem")  # the certificate store beside the files
    for pattern in patterns:
        for name, size in sorted(modem.files.list(pattern)):
            show(f"{'' if size is None else size:>10}  {name}")
    with contextlib.suppress(NotSupported):  # a certificate store tells neither sizes nor room
        show(f"{modem.files.free():10d}  bytes free")
    return 0


def _rm(modem, options, show):
    modem.files.remove(options.name)
    show(f"{options.name} is deleted")
    return 0


def _host_and_port(text):
    """HOST, HOST:PORT or [IPV6]:PORT as (host, port or None); an IPv6 address without brackets has no port."""
    host, colon, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "")
    host = host.strip("[]")
    if not host or (colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
        raise ValueError(f"not HOST[:PORT]: {text!r}")
    return host, int(port) if colon else None


def _doctor(modem, options, show):
    host, port = _host_and_port(options.host)
    wants_tls = options.tls or options.ca is not None or options.insecure
    if options.apn and not modem.isconnected():
        try:
            modem.connect(options.apn)
        except OSError as error:
            show(f"!! connect: {error}")
    tls = modem.tls_context(ca=options.ca, verify=not options.insecure) if wants_tls else None
    findings = modem.diagnose(host, port or (443 if wants_tls else 80), tls)
    for finding in findings:
        show(str(finding))
        if finding.ok is False and finding.step == "context" and not options.apn:
            show("   with --apn NAME the doctor connects first")
    return 0 if all(finding.ok is not False for finding in findings) else 1


# --- the two ways to type


def interactive(port, options):
    """Read lines from a terminal, with history and editing, until Ctrl-D."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
    from prompt_toolkit.history import FileHistory
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.patch_stdout import patch_stdout

    from modem.at.redact import redacted

    class History(FileHistory):
        """Lines with passwords and PINs stay out of the file."""

        def store_string(self, string):
            if redacted(string.encode()) == string.strip():
                super().store_string(string)

    _HISTORY.touch(mode=0o600)
    _HISTORY.chmod(0o600)  # one of an earlier version was readable for others
    keys = KeyBindings()

    @keys.add("c-z")
    def _(event):
        event.current_buffer.insert_text("\x1a")

    session = PromptSession(history=History(str(_HISTORY)), auto_suggest=AutoSuggestFromHistory(), key_bindings=keys)
    print(f"{options.port}, {options.baud} Bd. {_HELP}")
    with patch_stdout(), Listener(port, say) as listener:
        console = Console(port, listener, options)
        while True:
            try:
                if not console.line(session.prompt("")):
                    return 0
            except KeyboardInterrupt:
                continue
            except EOFError:
                return 0


def scripted(port, options, lines):
    """Read lines from a pipe; after the last, wait until the module has been silent for a second."""
    from time import monotonic, sleep

    heard = [monotonic()]

    def show(text):
        heard[0] = monotonic()
        say(text)

    with Listener(port, show) as listener:
        console = Console(port, listener, options, show)
        for line in lines:
            if not console.line(line.rstrip("\n")):
                break
            sleep(2 * _QUIET_S)
        while monotonic() - heard[0] < 1 and listener.error is None:
            sleep(0.05)
    return 0 if listener.error is None else 1


def _arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="tools.console", description=__doc__.split("\n\n")[0], epilog=__doc__.split("\n\n", 1)[1],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("port", help="serial device or pyserial URL")
    parser.add_argument("--baud", type=int, default=115200, help="line rate (default: %(default)s)")
    parser.add_argument("--model", help="the module's name, where it does not tell it itself")
    parser.add_argument("--rtscts", action="store_true", help="hardware flow control")
    actions = parser.add_subparsers(dest="action", metavar="send|put|get|ls|rm|doctor")
    put = actions.add_parser("put", help="store a file on the module")
    put.add_argument("file")
    put.add_argument("name", nargs="?")
    get = actions.add_parser("get", help="fetch a file from the module")
    get.add_argument("name")
    get.add_argument("file", nargs="?")
    get.add_argument("-f", "--force", action="store_true", help="overwrite an existing file")
    listed = actions.add_parser("ls", help="list the files on the module")
    listed.add_argument("pattern", nargs="?", help='such as "*.pem", in quotes')
    actions.add_parser("rm", help="delete a file on the module").add_argument("name")
    doctor = actions.add_parser("doctor", help="find out why a connection does not come about")
    doctor.add_argument("host", metavar="HOST[:PORT]")
    doctor.add_argument("--apn", help="connect with this access point name first")
    doctor.add_argument("--tls", action="store_true", help="check TLS too (port 443)")
    doctor.add_argument("--ca", help="name of the CA file on the module; implies --tls")
    doctor.add_argument("--insecure", action="store_true", help="TLS without verification; implies --tls")
    send = actions.add_parser("send", help="send AT commands and show their answers; the word can be left out")
    send.add_argument("line", nargs="+")
    send.add_argument("--timeout", type=float, default=60, metavar="SECONDS", help="for each (default: %(default)s)")
    for n, word in enumerate(arguments):
        if word in actions.choices:
            break
        if n and word[:2].upper() == "AT":
            arguments = [*arguments[:n], "send", *arguments[n:]]
            break
    return parser.parse_args(arguments)


def main(arguments=None):
    """Do what the command line says; return the exit status."""
    options = _arguments(sys.argv[1:] if arguments is None else arguments)
    from ports.pyserial_uart import SerialUART

    try:
        port = SerialUART(options.port, options.baud, rtscts=options.rtscts)
    except OSError as error:
        print(visible(f"{options.port}: {error}"), file=sys.stderr)
        return 2
    try:
        if options.action:
            return act(options, port)
        if sys.stdin.isatty() and os.environ.get("TERM") != "dumb":
            return interactive(port, options)
        return scripted(port, options, sys.stdin)
    except (OSError, ValueError) as error:
        print(visible(f"{type(error).__name__}: {error}"), file=sys.stderr)
        return 1
    finally:
        port.close()
