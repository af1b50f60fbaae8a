# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The command line of the virtual modem: names of models, help by topic, errors of one line, lines of an earlier program."""

import contextlib
import io
import socket
import threading

import serial

from tests.vmodem.test_process import OK, talk, vmodem
from tools.vmodem.command_line import TOPICS, parser
from tools.vmodem.run import main


def options(*arguments):
    return parser().parse_args(["--model", "ec600e", *arguments])


def refused(*arguments):
    """What is said of wrong arguments."""
    with contextlib.redirect_stderr(io.StringIO()) as told:
        try:
            code = main(arguments)
        except SystemExit as left:
            code = left.code
    assert code == 2, arguments
    return told.getvalue()


def helped(*arguments):
    """What --help prints."""
    with contextlib.redirect_stdout(io.StringIO()) as told:
        try:
            parser().parse_args(arguments)
        except SystemExit as left:
            assert left.code == 0
    return told.getvalue()


def test_model_when_named_in_capitals_or_in_full():
    for text in ("ec600e", "EC600E", "EC600E-CN", "Ec600e-cn"):
        assert parser().parse_args(["--model", text]).model == "ec600e"
    assert parser().parse_args(["--model", "SIM7100"]).model == "sim7100"
    assert parser().parse_args(["--model", "A7672E-FASE"]).model == "a76xx"


def test_name_of_a_relative():
    with vmodem("--name", "EC209") as (_, device), serial.Serial(device, timeout=5) as port:
        assert b"\r\nEC209\r\n" in talk(port, "AT+CGMM")
        assert b"\r\nEC209\r\n" in talk(port, "ATI")
    for wrong in ("", "EC\r", "ü"):
        assert "printable ASCII" in refused("--model", "ec600e", "--name", wrong)


def test_errors_when_options_are_wrong():
    model = ("--model", "ec600e")
    wrong = [
        ((), "--model"),
        (("--model", "ec25"), "sim7100"),
        ((*model, "--baud", "fast"), "'fast'"),
        ((*model, "--baud", "-1"), "-1"),
        ((*model, "--window", "0"), "0"),
        ((*model, "--fault", "drop"), "every="),
        ((*model, "--fault", "drop:every=0"), "every=0"),
        ((*model, "--fault", "nosuch"), "nosuch"),
        ((*model, "--quirk", "nosuch"), "nosuch"),
        ((*model, "--quirk", "prompt=maybe"), "plain"),
        ((*model, "--host", "x"), "NAME[:PORT]=ADDR[:PORT]"),
        ((*model, "--host", "x=y:99999"), "y:99999"),
        ((*model, "--fault", "drop:p=2"), "p=2"),
        ((*model, "--fault", "close"), "at= or after="),
        ((*model, "--fault", "fragment:max=0"), "max=0"),
        ((*model, "--fault", "busy:ms=3"), "It takes cmd="),
        ((*model, "--fault", "fail:cmd=+NOSUCH"), "no command +NOSUCH"),
        ((*model, "--tcp", "nowhere"), "--tcp takes HOST:PORT"),
        ((*model, "--rfc2217", "127.0.0.1:99999"), "--rfc2217 takes HOST:PORT"),
        ((*model, "--control", "x"), "--control takes"),
        ((*model, "--control", "99999"), "--control takes"),
        ((*model, "--latency-ms", "nan"), "nan"),
        ((*model, "--latency-ms", "inf"), "inf"),
        ((*model, "--sim", "pin=12"), "4 to 8 digits"),
        ((*model, "--sim", "puk=1"), "8 digits"),
        ((*model, "--sim", "tries=\xb2"), "digits"),
        ((*model, "--sms", "x,+49:Hi"), "--sms takes"),
        ((*model, "--sms", "nan,+49:Hi"), "--sms takes"),
        ((*model, "--sms", "\u0444:Hi"), "GSM alphabet"),
        ((*model, "--gnss", "999,13"), "latitude 999"),
        ((*model, "--help", "nosuch"), "nosuch"),
        ((*model, "--files", "/dev/null/x"), "/dev/null/x"),
        ((*model, "--nosuch"), "--nosuch"),
    ]
    for arguments, word in wrong:
        text = refused(*arguments)
        assert text.count("\n") == 1 and text.startswith("vmodem: ") and word in text, (arguments, text)


def test_help_by_topic():
    short = helped("--help")
    assert all(topic in short for topic in TOPICS) and short.count("\n") < 70
    assert "quirks of bg96" in helped("--help", "quirks") and "lose-line" not in helped("--help", "quirks")
    assert "lose-line" in helped("-h", "faults") and "SIM7100" in helped("--help", "models")
    assert "--allow-net" in helped("--help", "network") and "--before" in helped("--help", "examples")
    everything = helped("--help", "all")
    assert all(text("python3 -m tools.vmodem") in everything for text in TOPICS.values())


def test_window_when_given():
    assert options().window is None and options("--window", "65536").window == 65536


def test_data_phase_when_the_program_starts():
    server = socket.create_server(("127.0.0.1", 0))
    heard = []

    def serve():
        client, _ = server.accept()
        with client:
            heard.append(client.recv(100))
            client.sendall(b"payload")
            ended.wait(60)

    ended = threading.Event()
    thread = threading.Thread(target=serve)
    thread.start()
    earlier = ["AT+CMEE=2", "AT+QIACT=1", 'AT+QIOPEN=1,0,"TCP","127.0.0.1",%d,0,2' % server.getsockname()[1]]
    with vmodem(*[word for line in earlier for word in ("--before", line)]) as (_, name):
        with serial.Serial(name, 115200, timeout=0.05) as port:
            assert talk(port, "AT", b"payload") == b"payload", "nothing of the earlier program's answers, and no command mode"
            assert heard == [b"AT\r"]
            port.timeout = 1.2  # the silence before the escape sequence
            assert port.read(1) == b""
            port.write(b"+++")
            got = b""
            while not got.endswith(OK):
                got += port.read(1)
            assert talk(port, "AT+CMEE?") == b"\r\n+CMEE: 2\r\n" + OK
    ended.set()
    thread.join()
    server.close()


def test_settings_when_an_earlier_program_has_left_them():
    with vmodem("--before", "AT+CMEE=2", "--before", "AT+QIACT=1", "--baud", "115200") as (_, name):
        with serial.Serial(name, 115200, timeout=0.05) as port:
            assert b"+QIACT: 1,1" in talk(port, "AT+QIACT?")
            assert talk(port, "AT+CMEE?") == b"\r\n+CMEE: 2\r\n" + OK


def test_lines_of_an_earlier_program_that_fail():
    with vmodem("--before", "AT+NOSUCH=secret", "--before", "AT+CMEE=1", "--before", "AT+CFUN=9") as (process, _):
        process.terminate()
        text = process.communicate(timeout=60)[1]
    assert text == "vmodem: --before AT+NOSUCH: ERROR\nvmodem: --before AT+CFUN: +CME ERROR: 50\n"


def test_name_when_nothing_leads_to_it():
    with vmodem() as (process, name), serial.Serial(name, timeout=0.05) as port:
        talk(port, "AT+QIACT=1")
        talk(port, 'AT+QIDNSGIP=1,"example.com"', b'"dnsgip",565\r\n')
        process.terminate()
        text = process.communicate(timeout=60)[1]
    assert text.count("\n") == 1 and all(word in text for word in ("example.com", "--host", "--allow-net")), text
