# CPython only: the console is a tool for desktops.
"""tools/console: the typed line, files with their progress bar, the doctor, and the interactive console in a terminal."""

import contextlib
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

from modem.at import redact
from tests.rigs.scene_runner import ROOT, data_server, vmodem
from tools.console.run import Lines, visible
from tools.vmodem.log import mask

CONSOLE = [sys.executable, "-m", "tools.console"]


def _run(device, *words, typed="", status=0, cwd=ROOT):
    """Run the console with `words`; return (stdout, stderr)."""
    done = subprocess.run(
        [*CONSOLE, device, *words],
        cwd=cwd,
        input=typed,
        capture_output=True,
        text=True,
        timeout=200,
        env=dict(os.environ, HOME="/", PYTHONPATH=str(ROOT)),
    )
    assert done.returncode == status, (words, done)
    return done.stdout, done.stderr


def test_lines_are_shown_whole_and_prompts_when_the_module_falls_silent():
    shown = []
    lines = Lines(shown.append)
    for part in (b"\r\n+CSQ: 2", b"3,99\r\n\r\nO", b"K\r\n\r\n> "):
        lines.feed(part)
    assert shown == ["+CSQ: 23,99", "OK"]
    lines.quiet()
    lines.quiet()
    assert shown == ["+CSQ: 23,99", "OK", "> "]
    lines.feed(b"\xff\x07\x1b[2J\r\n")
    assert visible(shown[-1]) == "\\xff\\x07\\x1b[2J", "what could upset a terminal is shown as text"


def test_files_go_onto_the_module_and_come_back():
    data = bytes(range(256)) * 20
    with vmodem(model="bg96") as device, tempfile.TemporaryDirectory() as folder:
        here, back = os.path.join(folder, "ca.pem"), os.path.join(folder, "back.pem")
        with open(here, "wb") as f:
            f.write(data)
        out, bar = _run(device, "put", here)
        assert "UFS:ca.pem" in out and "100%" in bar and "5.00k/5.00k" in bar
        out, _ = _run(device, "ls")
        assert re.search(r"5120  ca\.pem\n +\d+  bytes free", out)
        _run(device, "get", "UFS:ca.pem", back)
        with open(back, "rb") as f:
            assert f.read() == data
        assert "deleted" in _run(device, "rm", "UFS:ca.pem")[0]
        assert "CommandError" in _run(device, "rm", "UFS:ca.pem", status=1)[1]
        assert "ca.pem" not in _run(device, "ls")[0]
        assert "nowhere" in _run(device, "put", os.path.join(folder, "nowhere"), status=1)[1]


def test_what_the_module_or_a_user_names_is_shown_escaped():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "a\x1b[2Jb.txt"), "wb") as f:
            f.write(b"x")
        with vmodem("--files", folder, model="ec200u") as device:
            assert _run(device, "ls")[0].startswith("         1  a\\x1b[2Jb.txt\n")
            assert "a\\x1b[2Jb.txt" in _run(device, "AT+QFLST")[0]
            out, words = _run(device, "doctor", "--apn", "internet", "a\x1b[2Jb", status=1)
            assert "ValueError" in words and "\x1b" not in out + words, (out, words)
            assert "\\x1b[2J" in _run(device, "put", os.path.join(folder, "a\x1b[2Jb.txt"), "b.txt")[0]


def test_certificates_go_into_the_store_of_a_simcom_module():
    with tempfile.TemporaryDirectory() as folder:
        here = os.path.join(folder, "ca.pem")
        with open(here, "wb") as f:
            f.write(b"x" * 3000)
        for model, rest in (("a76xx", r"^ +ca\.pem\n$"), ("sim7100", r" ca\.pem\n +\d+  bytes free\n$")):
            with vmodem(model=model) as device:
                assert " as ca.pem" in _run(device, "put", here)[0]
                assert "ca.pem" in _run(device, "ls", "UFS:*.pem")[0]
                assert re.search(rest, _run(device, "ls")[0]), model
                assert "no download of files" in _run(device, "get", "UFS:ca.pem", status=1)[1]
                assert "deleted" in _run(device, "rm", "UFS:ca.pem")[0]
                assert "no such file" in _run(device, "rm", "UFS:ca.pem", status=1)[1]


def test_typed_lines_are_sent_and_answers_and_urcs_are_shown():
    with vmodem(model="ec200u") as device:
        out, _ = _run(device, typed='AT+QICSGP=1,1,"internet"\nAT+QIACT=1\nAT+NONSENSE\n.ls\n.nonsense\nAT+CFUN=1,1\n' + "\n" * 8)
        assert out.count("OK") >= 3 and "ERROR" in out and "bytes free" in out and ".help" not in out
        assert ".doctor HOST[:PORT]" in out, "what is not known is answered by the list"
        assert "RDY" in out, "a line that the module says by itself"


def test_commands_on_the_command_line():
    with vmodem(model="ec200u") as device:
        out, _ = _run(device, "AT+CSQ", "ATE0;+CMEE=2")
        assert re.fullmatch(r"\+CSQ: \d+,\d+\nOK\nOK\n", out), out
        out, _ = _run("--baud", "115200", device, "at+cpin?", "AT+NONSENSE", "AT+CSQ", status=1)
        assert out.startswith("+CPIN: READY\nOK\n") and "[AT+NONSENSE]" in out and "CSQ" not in out
        assert "control character" in _run(device, "send", "AT\x1b", status=1)[1]


def test_a_fetched_file_goes_where_the_user_said():
    with vmodem(model="bg96") as device, tempfile.TemporaryDirectory() as folder:
        here = os.path.join(folder, "b.txt")
        with open(here, "wb") as f:
            f.write(b"new")
        _run(device, "put", here, "UFS:b.txt")
        with open(here, "wb") as f:
            f.write(b"old")
        assert "exists" in _run(device, "get", "UFS:b.txt", here, status=1)[1]
        with open(here, "rb") as f:
            assert f.read() == b"old"
        _run(device, "get", "-f", "UFS:b.txt", here)
        with open(here, "rb") as f:
            assert f.read() == b"new"
        for name in (
            "C:/a/b.txt",
            "UFS:../../b.txt",
            "a\\b.txt",
            "/b.txt",
        ):  # the module has none of them: only the last name counts
            assert "b.txt exists" in _run(device, "get", name, status=1, cwd=folder)[1], name


def test_the_doctor_prints_its_findings():
    with vmodem(model="ec200u") as device, data_server() as port:
        assert "not HOST[:PORT]: 'srv:x'" in _run(device, "doctor", "srv:x", status=1)[1]
        assert "--apn NAME" in _run(device, "doctor", "srv:%d" % port, status=1)[0]
        out, _ = _run(device, "doctor", "srv:%d" % port, "--apn", "internet")
        assert "ok SIM: ready" in out and "ok TCP: port %d is open" % port in out and "!!" not in out
        out, _ = _run(device, "doctor", "nowhere.example:80", "--apn", "internet", status=1)
        assert "!! name lookup: nowhere.example is not known" in out
        out, _ = _run(device, "doctor", "srv:%d" % port, "--ca", "UFS:nowhere.pem", status=1)
        assert "!! certificate files: not on the module: UFS:nowhere.pem" in out
    with vmodem("--name", "EC25-E", "--fault", "need-apn:apn=internet", model="ec200u") as device:
        out, _ = _run(device, "doctor", "--apn", "wrong", "127.0.0.1:80", status=1)
        assert "ok module: EC25-E, driven as ec200u, " in out and "561" in out and "is it the operator's?" in out, out


def test_a_port_that_is_not_there_is_named():
    assert "/dev/nowhere" in _run("/dev/nowhere", "ls", status=2)[1]


class _Terminal:
    """A program in a terminal of its own, as a person sees it."""

    def __init__(self, command, home):
        self._master, slave = pty.openpty()
        environment = dict(os.environ, TERM="xterm", HOME=home, PROMPT_TOOLKIT_NO_CPR="1")
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, env=environment)
        os.close(slave)
        self.seen = ""

    def type(self, text):
        os.write(self._master, text.encode())

    def wait_for(self, words, timeout_s=90):
        """Wait until `words` are on the screen behind what was looked for before."""
        end = time.monotonic() + timeout_s
        while words not in self.seen:
            assert time.monotonic() < end, "%r never came: %r" % (words, self.seen)
            if select.select([self._master], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):
                    self.seen += os.read(self._master, 65536).decode(errors="replace")
        self.seen = self.seen[self.seen.index(words) + len(words) :]

    def end(self):
        """Type Ctrl-D until the program has ended (between two prompts it is lost); return the exit status."""
        try:
            for _ in range(40):
                self.type("\x04")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return self._process.wait(0.5)
            raise AssertionError("the console does not end")
        finally:
            self._process.kill()
            os.close(self._master)


def test_a_person_types_in_a_terminal_and_has_a_history_without_secrets():
    with vmodem(model="ec200u") as device, tempfile.TemporaryDirectory() as home:
        screen = _Terminal([*CONSOLE, device], home)
        screen.wait_for("leave (also Ctrl-D)")
        screen.type("AT+CSQ\r")
        screen.wait_for("+CSQ: ")
        screen.wait_for("OK")
        screen.type("AT+CPIN=1234\r")
        screen.wait_for("ERROR")
        screen.type("\x1b[A\x1b[A\r")
        screen.wait_for("+CSQ: ")
        assert screen.end() == 0
        with open(os.path.join(home, ".modem_console_history")) as f:
            history = f.read()
            assert os.stat(f.fileno()).st_mode & 0o777 == 0o600
        assert "AT+CSQ" in history and "1234" not in history


def test_what_the_module_says_by_itself_is_shown_while_a_person_types():
    lost = [
        word for at in (4, 20, 50) for word in ("--fault", "context-loss:at=%d" % at)
    ]  # on a busy machine 4 s may be too early
    with vmodem(*lost, model="ec200u") as device, tempfile.TemporaryDirectory() as home:
        with open(os.path.join(home, "ca.pem"), "wb") as f:
            f.write(bytes(3000))
        screen = _Terminal([*CONSOLE, device], home)
        screen.wait_for("leave (also Ctrl-D)")
        screen.type("AT+QIACT=1\r")
        screen.wait_for("OK")
        screen.type("AT+CS")  # half a line
        screen.wait_for('+QIURC: "pdpdeact",1')
        screen.type("Q\r")
        screen.wait_for("+CSQ: ")
        screen.wait_for("OK")
        screen.type(".put %s/ca.pem\r" % home)
        screen.wait_for("is on the module as UFS:ca.pem")
        screen.type(".ls\r")
        screen.wait_for("3000  ca.pem")
        screen.type(".get UFS:ca.pem %s/back.pem\r" % home)
        screen.wait_for("3000 bytes")
        screen.type(".rm UFS:ca.pem\r")
        screen.wait_for("is deleted")
        screen.type(".doctor nowhere.example:1\r")
        screen.wait_for("!! context")
        assert screen.end() == 0
        screen = _Terminal([*CONSOLE, device], home)  # the history outlives the program
        screen.wait_for("leave (also Ctrl-D)")
        screen.type("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\r")
        screen.wait_for("+CSQ: ")
        assert screen.end() == 0
        with open(os.path.join(home, "back.pem"), "rb") as f:
            assert f.read() == bytes(3000)


def test_driver_and_virtual_modem_hide_the_same_secrets():
    for name, in_command, in_reply in redact.SECRETS:
        first, sign = (in_command, " = ") if in_command is not None else (in_reply, ": ")
        line = "AT%s%s%s" % (name.decode(), sign, ",".join(["1"] * first + ['"sesame"']))
        assert "sesame" not in mask(line) and "sesame" not in redact.redacted(line.encode()), line
    lines = ['AT+HTTPPARA="X","%s": sesame' % word.decode().strip('"') for word in redact.WORDS]
    for line in [*lines, 'AT+HTTPPARA="URL","https://me:sesame@host/"']:
        assert "sesame" not in mask(line) and "sesame" not in redact.redacted(line.encode()), line
