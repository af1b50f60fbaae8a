# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem as a program: pseudo-terminal, TCP and RFC 2217 ports, its command line, its log."""

import contextlib
import io
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

import serial

from tools.vmodem.run import main

ROOT = pathlib.Path(__file__).resolve().parents[2]
OK = b"\r\nOK\r\n"


@contextlib.contextmanager
def vmodem(*options):
    """Run it; yields (process, what it says is ready)."""
    command = [sys.executable, "-m", "tools.vmodem", "--model", "ec600e", "--echo", "0", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process, process.stdout.readline().removeprefix("ready ").strip()
    finally:
        process.terminate()
        process.communicate(timeout=60)


def talk(port, line, until=OK, timeout_s=30):
    """Send a line to a pyserial port; what comes back."""
    port.write(line.encode() + b"\r")
    got, end = b"", time.monotonic() + timeout_s
    while until not in got and time.monotonic() < end:
        got += port.read(max(1, port.in_waiting))
    return got


def test_pseudo_terminal_when_opened_twice():
    with tempfile.TemporaryDirectory() as folder, vmodem("--pty", folder + "/modem") as (process, name):
        assert name == folder + "/modem"
        for _ in range(2):
            with serial.Serial(name, 115200, timeout=0.05) as port:
                assert talk(port, "AT+CGMM") == b"\r\nEC600E-CN\r\n" + OK
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert not os.path.lexists(name)


def test_pseudo_terminal_when_used_by_any_program():
    with vmodem() as (process, name):
        fd = os.open(name, os.O_RDWR | os.O_NOCTTY)  # raw already: nothing is set here
        os.write(fd, b"ATE1\rAT\r")
        got = b""
        while select.select([fd], [], [], 20)[0]:
            got += os.read(fd, 100)
            if got.endswith(b"AT\r" + OK):
                break
        os.close(fd)
        assert got == OK + b"AT\r" + OK
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_line_faults_when_asked_for():
    faults = (
        "lose-line:line=+CSQ,times=1",
        "double-line:line=+QISTATE,times=1",
        "delay-line:line=+CREG,ms=300",
        "reboot:cmd=+CGSN,times=1,down_ms=100",
    )
    with vmodem(*(word for fault in faults for word in ("--fault", fault))) as (_, name):
        with serial.Serial(name, 115200, timeout=0.05) as port:
            assert talk(port, "AT+CSQ") == OK
            assert talk(port, "AT+CSQ").startswith(b"\r\n+CSQ: ")
            assert b"RDY" in talk(port, "AT+CGSN", b"RDY")
            assert talk(port, "AT+CGSN").endswith(OK)


def test_pseudo_terminal_when_the_rate_is_wrong():
    with vmodem("--baud", "57600") as (_, name):
        with serial.Serial(name, 115200, timeout=0.05) as port:
            assert talk(port, "AT", timeout_s=0.3) == b""
        with serial.Serial(name, 57600, timeout=0.05) as port:
            talk(port, "", timeout_s=0.1)
            assert talk(port, "AT") == OK
            assert talk(port, "AT+IPR?") == b"\r\n+IPR: 57600\r\n" + OK
            assert talk(port, "AT+IPR=115200") == OK
            port.baudrate = 115200
            assert talk(port, "AT") == OK


def test_tcp_port_when_hosts_come_and_go():
    with vmodem("--tcp", "127.0.0.1:0") as (_, address):
        with serial.serial_for_url("socket://" + address, timeout=0.05) as port:
            assert talk(port, "AT+CMEE=2") == OK
        host, number = address.split(":")
        with socket.create_connection((host, int(number))) as first:
            with serial.serial_for_url("socket://" + address, timeout=0.05) as port:  # takes the place of the first
                assert talk(port, "AT+CMEE?") == b"\r\n+CMEE: 2\r\n" + OK
                assert first.recv(1) == b""


def test_rfc2217_port_when_dtr_and_rate_matter():
    server = socket.create_server(("127.0.0.1", 0))
    with vmodem("--rfc2217", "127.0.0.1:0", "--baud", "115200") as (_, address):
        with serial.serial_for_url("rfc2217://" + address, 115200, timeout=0.05) as port:
            assert talk(port, "AT+QIACT=1;&D1") == OK
            assert not port.cd
            opened = talk(port, 'AT+QIOPEN=1,0,"TCP","127.0.0.1",%d,0,2' % server.getsockname()[1], b"CONNECT\r\n")
            assert opened == b"\r\nCONNECT\r\n"
            peer, _ = server.accept()
            port.write(b"up \xff\xff up")
            got = b""
            while len(got) < 8:
                got += peer.recv(100)
            assert got == b"up \xff\xff up"
            peer.sendall(b"down \xff\xff")
            got = b""
            while len(got) < 7:
                got += port.read(7 - len(got))
            assert got == b"down \xff\xff"
            end = time.monotonic() + 30
            while not port.cd:
                assert time.monotonic() < end
                time.sleep(0.02)
            port.dtr = False
            got, end = b"", time.monotonic() + 30
            while got != OK and time.monotonic() < end:
                got += port.read(6)
            assert got == OK
            port.dtr = True
            assert b'"TCP"' in talk(port, "AT+QISTATE")
            port.baudrate = 9600
            assert OK not in talk(port, "AT", timeout_s=0.3)
            peer.close()
    server.close()


def test_log_when_written():
    with tempfile.TemporaryDirectory() as folder:
        with vmodem("--log", folder + "/log", "--baud", "921600") as (_, name):
            with serial.Serial(name, 921600, timeout=0.05) as port:
                talk(port, 'AT+QICSGP=1,1,"apn","me","secret",1')
                talk(port, "AT+QICSGP=1")
        text = pathlib.Path(folder, "log").read_text()
        assert 'AT+QICSGP=1,1,"apn","***","***",1\\r' in text and '+QICSGP: 1,"apn","***","***",1' in text
        assert "secret" not in text
        times = [float(line.split()[0]) for line in text.splitlines() if not line.startswith("#")]
        assert times == sorted(times) and len(times) >= 4


def test_command_line_when_wrong():
    def run(*options):
        told = io.StringIO()
        with contextlib.redirect_stderr(told):
            try:
                code = main(options)
            except SystemExit as left:  # argparse
                code = left.code
        return code, told.getvalue()

    done = subprocess.run([sys.executable, "-m", "tools.vmodem"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "--model" in done.stderr
    assert run("--model", "nosuch")[0] == 2
    code, text = run("--model", "ec600e", "--fault", "nosuch")
    assert code == 2 and "unknown fault" in text and "Traceback" not in text
    for wrong in (("--tcp", "7000"), ("--rfc2217", "localhost"), ("--baud", "-1"), ("--latency-ms", "-5")):
        code, text = run("--model", "ec600e", *wrong)
        assert code == 2 and wrong[1] in text and "Traceback" not in text, (wrong, text)
    code, text = run("--model", "ec600e", "--host", "x")
    assert code == 2 and "NAME[:PORT]=ADDR[:PORT]" in text and "Traceback" not in text
    code, text = run("--model", "ec600e", "--log", "/nonexistent/folder/log")
    assert code == 2 and "Traceback" not in text
    code, text = run("--model", "ec600e", "--pty", __file__)  # must not replace a file
    assert code == 2 and "symbolic link" in text and pathlib.Path(__file__).exists()


def test_command_line_when_a_package_is_missing():
    told = io.StringIO()
    kept = sys.modules.get("cryptography")
    sys.modules["cryptography"] = None
    try:
        for model in ("ec600e", "ec200u"):
            with contextlib.redirect_stderr(told):
                assert main(["--model", model, "--tcp", "7000"]) == 2
    finally:
        del sys.modules["cryptography"]
        if kept is not None:
            sys.modules["cryptography"] = kept
    assert told.getvalue().count("needs the package cryptography") == 1, told.getvalue()


def test_several_modems_when_side_by_side():
    with vmodem() as (_, first), vmodem() as (_, second):
        assert first != second
        with serial.Serial(first, timeout=0.05) as one, serial.Serial(second, timeout=0.05) as two:
            assert talk(one, "AT+QIACT=1") == OK
            assert talk(two, "AT+QIACT?") == OK
            assert b"+QIACT: 1,1" in talk(one, "AT+QIACT?")


def test_peers_beyond_loopback_when_not_allowed():
    with vmodem() as (_, name), serial.Serial(name, timeout=0.05) as port:
        talk(port, "AT+QIACT=1")
        got = talk(port, 'AT+QIOPEN=1,0,"TCP","192.0.2.1",80', b"+QIOPEN: 0,566\r\n")
        assert got == OK + b"\r\n+QIOPEN: 0,566\r\n"
