"""ports.trace: the wrapped port stays what it is, secrets stay secret, payload is told from lines."""

from ports import Port
from ports.trace import Trace


class Script(Port):
    """A port without a line: gives what `coming` holds, keeps what is written; the clock is set by hand."""

    def __init__(self):
        super().__init__(115200)
        self.coming = []
        self.gone = b""
        self.now = 1000
        self.room = 1 << 20
        self.broken = self.closed = False
        self.level = None
        self.pollable = "something to poll"
        self.rxbuf = 777

    def ticks_ms(self):
        return self.now

    def readinto(self, buf, n):
        if self.broken:
            raise OSError(5, "unplugged")
        if not self.coming:
            return 0
        data = self.coming.pop(0)
        if len(data) > n:
            self.coming.insert(0, data[n:])
            data = data[:n]
        buf[: len(data)] = data
        return len(data)

    def write(self, buf, off, n):
        if self.broken:
            raise OSError(5, "unplugged")
        n = min(n, self.room)
        self.gone += bytes(buf[off : off + n])
        return n

    def _look(self, timeout_ms, coming):
        self.now += timeout_ms
        return bool(self.coming)

    def set_baudrate(self, rate):
        self.baudrate = rate

    def dtr(self, level):
        self.level = level

    def close(self):
        self.closed = True


def traced(**options):
    port = Script()
    lines = []
    return port, Trace(port, lines.append, **options), lines


def come(trace, port, *parts):
    """Bytes come in these parts; what the driver reads must be exactly that."""
    buf = bytearray(512)
    for part in parts:
        port.coming.append(part)
        got = b""
        while len(got) < len(part):
            n = trace.readinto(buf, 512)
            assert n
            got += bytes(buf[:n])
        assert got == part
    assert trace.readinto(buf, 512) == 0


def go(trace, port, *parts):
    """The driver writes these parts; exactly that must go out."""
    before = len(port.gone)
    for part in parts:
        assert trace.write(b"xx" + part + b"yy", 2, len(part)) == len(part)
    assert port.gone[before:] == b"".join(parts)


def said(lines):
    """The lines without their times."""
    out = [line.split(" ", 1)[1] for line in lines]
    lines.clear()
    return out


def test_lines_both_ways_with_their_times():
    port, trace, lines = traced()
    go(trace, port, b"AT+CSQ\r")
    port.now += 12
    come(trace, port, b"AT+CSQ\r\r\n+CSQ: 24,99\r\n\r\n", b"O", b"K\r\n")
    port.now += 61234
    come(trace, port, b"\r\nRDY\r\n")
    assert lines == [
        "0.000 > AT+CSQ",
        "0.012 < AT+CSQ",
        "0.012 < +CSQ: 24,99",
        "0.012 < OK",
        "61.246 < RDY",
    ], lines


def test_the_port_is_still_the_port():
    port, trace, lines = traced()
    assert trace.pollable == "something to poll" and trace.rxbuf == 777 and trace.baudrate == 115200
    assert trace.ticks_ms() == 1000
    fed = []
    trace.idle = lambda: fed.append(1)
    trace.idle_ms = 250
    assert port.idle is trace.idle and port.idle_ms == trace.idle_ms == 250
    port.coming.append(b"x")
    assert trace.wait(10) is True
    port.room = 3
    assert trace.write(b"AT+CSQ\r", 0, 7) == 3
    port.room = 0
    assert trace.write(b"AT+CSQ\r", 3, 4) == 0
    port.room = 9
    assert trace.write(b"AT+CSQ\r", 3, 4) == 4
    assert said(lines) == ["> AT+CSQ"]
    trace.set_baudrate(921600)
    trace.dtr(True)
    trace.dtr(False)
    assert port.baudrate == trace.baudrate == 921600 and port.level is False
    trace.close()
    assert port.closed
    assert said(lines) == ["- baud rate 921600", "- DTR asserted", "- DTR released", "- closed"]


def test_a_port_that_lacks_an_option_still_says_so():
    trace = Trace(Port(), lambda line: None)
    for call in (trace.dtr, trace.set_baudrate):
        try:
            call(1)
        except OSError as error:
            assert error.args[0] == 95
        else:
            raise AssertionError("silently skipped")


def test_errors_pass_through_and_are_noted():
    port, trace, lines = traced()
    port.broken = True
    for call in (lambda: trace.readinto(bytearray(4), 4), lambda: trace.write(b"AT\r", 0, 3)):
        try:
            call()
        except OSError as error:
            assert error.args[0] == 5
        else:
            raise AssertionError("swallowed")
    reading, writing = said(lines)
    assert reading.startswith("- reading failed") and writing.startswith("- writing failed")


SECRETS = (
    (b"AT+CPIN=7531", "AT+CPIN=***"),
    (b'AT+CPIN="75310000","8642"', "AT+CPIN=***"),
    (b'at+cpin="7531"', "at+cpin=***"),
    (b"AT+CPIN = 7531", "AT+CPIN =***"),
    (b"AT+CMEE=1;+CPIN=7531", "AT+CMEE=1;+CPIN=***"),
    (b'AT+QICSGP=1,1,"internet","7531","8642",1', 'AT+QICSGP=1,1,"internet",***'),
    (b'+QICSGP: 1,"internet","7531","8642",1', '+QICSGP: 1,"internet",***'),
    (b'AT+QICSGP=1,1,"in,ter","7531","8642",1', 'AT+QICSGP=1,1,"in,***'),
    (b'AT+CGAUTH=1,1,"7531","8642"', "AT+CGAUTH=1,1,***"),
    (b'+CGAUTH: 1,1,"7531","8642"', "+CGAUTH: 1,1,***"),
    (b'AT+SMTPAUTH=1,"7531","8642"', "AT+SMTPAUTH=1,***"),
    (b'+SMTPAUTH: 1, "7531", "8642"', "+SMTPAUTH: 1,***"),
    (b'AT+POP3SRV="mail.example","7531","8642",110', 'AT+POP3SRV="mail.example",***'),
    (b'+POP3SRV: "mail.example", "7531", "8642", 110', '+POP3SRV: "mail.example",***'),
    (b'AT+POP3IN="7531","8642"', "AT+POP3IN=***"),
    (b'AT+CFTPUN="7531"', "AT+CFTPUN=***"),
    (b'AT+CFTPPW="7531"', "AT+CFTPPW=***"),
    (b'+CFTPPW: "7531"', "+CFTPPW:***"),
    (b'AT+CFTPSLOGIN="ftp.example",990,"7531","8642",3', 'AT+CFTPSLOGIN="ftp.example",990,***'),
    (b'AT+CLCK="SC",1,"7531"', 'AT+CLCK="SC",1,***'),
    (b'AT+CPWD="SC","7531","8642"', 'AT+CPWD="SC",***'),
    (b'AT+QMTCONN=0,"client","7531","8642"', 'AT+QMTCONN=0,"client",***'),
    (b'ATE0;+CPIN="7531"', "ATE0;+CPIN=***"),
    (b'at+cpin ="7531"', "at+cpin =***"),
    (b'AT+HTTPPARA="USERDATA","authorization: Basic 7531"', 'AT+HTTPPARA="USERDATA","authorization:***'),
    (b'AT+CMQTTCONNECT=0,"tcp://h:1883",60,1,"7531","8642"', 'AT+CMQTTCONNECT=0,"tcp://h:1883",60,1,***'),
    (b'AT+HTTPPARA="USERDATA","Cookie: id=7531"', 'AT+HTTPPARA="USERDATA","Cookie:***'),
    (b'AT+HTTPPARA="USERDATA","X-Api-Key: 7531"', 'AT+HTTPPARA="USERDATA","X-Api-Key:***'),
    (b"Set-Cookie: id=7531", "Set-Cookie:***"),
    (b'AT+HTTPPARA="URL","https://h/?token=7531"', 'AT+HTTPPARA="URL","https://h/?token=***'),
    (b'AT+CSSLCFG="keypwd",0,"7531"', 'AT+CSSLCFG="keypwd",***'),
    (b'AT+CSSLCFG="password",0,"7531"', 'AT+CSSLCFG="password",***'),
    (b'AT+QSSLCFG="psk",0,"client","7531"', 'AT+QSSLCFG="psk"***'),
    (b'AT+CSMTPSAUTH=1,"7531","8642"', "AT+CSMTPSAUTH=1,***"),
)
URLS = (
    (b'AT+HTTPPARA="URL","https://7531:8642@h/"', 'AT+HTTPPARA="URL","https://***'),
    (b"https://7531@h:8443/a@b", "https://***"),
)

PLAIN = (
    b"AT+CPIN?",
    b"AT+CPIN=?",
    b"+CPIN: READY",
    b"+CPIN: SIM PIN",
    b"AT+QICSGP=1",
    b'AT+QICSGP=1,1,"internet"',
    b'+POP3IN: "mail.example"',
    b"AT+CGAUTH?",
    b"AT+SMTPAUTH=0",
    b'AT+QIOPEN=1,0,"TCP","example.com",80,0,0',
    b'AT+HTTPPARA="URL","https://h/a@b"',
    b"+CME ERROR: incorrect password",
)


def test_secrets_are_masked_whole():
    for line, shown in SECRETS + URLS:
        port, trace, lines = traced()
        go(trace, port, line + b"\r")
        assert said(lines) == ["> " + shown]
        come(trace, port, line + b"\r\r\n")
        assert said(lines) == ["< " + shown]


def test_secrets_are_masked_however_they_are_cut():
    for line, shown in SECRETS:
        for cut in range(1, len(line) + 1):
            port, trace, lines = traced()
            go(trace, port, line[:cut])
            come(trace, port, line[:cut])  # the echo comes as fast as the writes go
            go(trace, port, (line + b"\r")[cut:])
            come(trace, port, (line + b"\r\r\n")[cut:])
            assert said(lines) == ["> " + shown, "< " + shown], (line, cut)
        port, trace, lines = traced()
        for i in range(len(line)):
            go(trace, port, line[i : i + 1])
        go(trace, port, b"\r")
        assert said(lines) == ["> " + shown]


def test_secrets_of_unfinished_lines_are_masked_at_the_end():
    for line, _ in SECRETS:
        for cut in range(1, len(line) + 1):
            port, trace, lines = traced()
            go(trace, port, line[:cut])
            come(trace, port, line[:cut])
            trace.close()
            for text in said(lines):
                assert "753" not in text and "864" not in text, text


def test_secrets_beyond_the_limit_are_not_shown():
    line = b'AT+QICSGP=1,1,"an.access.point.name","7531","8642",1\r'
    for limit in range(4, len(line)):
        port, trace, lines = traced(limit=limit)
        go(trace, port, line)
        (text,) = said(lines)
        assert "753" not in text and "864" not in text
        assert text.startswith("> " + line[: min(limit, 37)].decode()), text


def test_what_is_no_secret_is_shown():
    for line in PLAIN:
        port, trace, lines = traced()
        go(trace, port, line + b"\r")
        come(trace, port, line + b"\r\n")
        assert said(lines) == ["> " + line.decode(), "< " + line.decode()]


def test_long_lines_and_odd_bytes():
    port, trace, lines = traced(limit=10)
    come(trace, port, b"\r\n+X: 123456789\r\n", b"\x00\xffA\tB\r\n")
    assert said(lines) == ["< +X: 123456 ... 5 more bytes", "< \\x00\\xffA\\x09B"]


def test_a_fixed_length_send_is_payload():
    port, trace, lines = traced()
    go(trace, port, b"AT+QISEND=0,18\r")
    come(trace, port, b"\r\n> ")
    go(trace, port, b"AT+CPIN=7531\r", b"\nOK\r\n")
    come(trace, port, b'\r\n+QIURC: "recv",1\r\n', b"\r\nSEND OK\r\n")
    go(trace, port, b"AT\r")
    assert said(lines) == [
        "> AT+QISEND=0,18",
        "< >",
        "> [13 bytes]",
        "> [5 bytes]",
        '< +QIURC: "recv",1',
        "< SEND OK",
        "> AT",
    ]


def test_the_prompt_in_every_shape():
    for prompt in ((b"\r\n> ",), (b"\r\n>",), (b"\r\n", b">", b" "), (b"> \r\n",), (b"\r\n>\r\n",)):
        port, trace, lines = traced()
        go(trace, port, b"AT+CIPSEND=0,4\r")
        come(trace, port, *prompt)
        go(trace, port, b"\x00\x01\x02\r")
        come(trace, port, b"\r\nOK\r\n\r\n+CIPSEND: 0,4,4\r\n")
        go(trace, port, b"AT\r")
        assert said(lines) == ["> AT+CIPSEND=0,4", "< >", "> [4 bytes]", "< OK", "< +CIPSEND: 0,4,4", "> AT"], prompt


def test_an_echo_of_the_payload_is_payload():
    port, trace, lines = traced()
    go(trace, port, b'AT+CCERTDOWN="key.pem",40\r')
    come(trace, port, b"\r\n>")
    go(trace, port, b"-----BEGIN KEY-----\r\n+secret/secret==\r\n")
    come(trace, port, b"-----BEGIN KEY-----\r\n+secret/secret==\r\n\r\nOK\r\n")
    out = said(lines)
    assert out == ['> AT+CCERTDOWN="key.pem",40', "< >", "> [39 bytes]", "< [21 bytes]", "< [18 bytes]", "< OK"], out


COUNTED = (
    b"+QIRD: %d",
    b'+QIRD: %d,"10.7.76.34",7687',
    b"+QSSLRECV: %d",
    b'+QIURC: "recv",0,%d',
    b'+QIURC: "recv",2,%d,"10.7.76.34",7687',
    b'+QSSLURC: "recv",4,%d',
    b"+CIPRXGET: 2,0,%d,17",
    b"+IPD%d",
    b"+IPD %d",
    b"+RECEIVE,0,%d",
    b"+CHTTPACT: DATA,%d",
    b"+CFTPGET: DATA, %d",
    b"+CFTPSGET: DATA, %d,",
    b"+CCHRECV: DATA,1,%d",
)


def test_counted_payload_in_every_shape():
    payload = b"\r\nOK\r\n+CPIN=7531\r\n> \r\nERROR\r\n\x00"
    for header in COUNTED:
        header = header % len(payload)
        data = b"\r\n" + header + b"\r\n" + payload + b"\r\n\r\nOK\r\n"
        for cut in range(len(data)):
            port, trace, lines = traced()
            come(trace, port, data[:cut] or b"\r", data[cut:])
            assert said(lines) == ["< " + header.decode(), "< [%d bytes]" % len(payload), "< OK"], (header, cut)
            go(trace, port, b"AT\r")
            assert said(lines) == ["> AT"], "a prompt inside the payload is none"


def test_lines_with_numbers_that_are_no_counts():
    for line in (
        b"+QIRD: 0",
        b"+QIRD: 100,60,40",
        b"+QIRD: (0-11),(1-1500)",
        b'+QIURC: "recv",0',
        b"+CIPRXGET: 1,0",
        b"+CIPRXGET: 4,0,1500",
        b"+CHTTPACT: 0",
    ):
        port, trace, lines = traced()
        come(trace, port, line + b"\r\n\r\nOK\r\n")
        assert said(lines) == ["< " + line.decode(), "< OK"]


def test_recvind_counts_are_told_beforehand():
    port, trace, lines = traced()
    go(trace, port, b'AT+QICFG="recvind",1\r')
    come(trace, port, b'\r\nOK\r\n\r\n+QIURC: "recv",0,3\r\n\r\n+QIURC: "closed",0\r\n')
    go(trace, port, b'AT+QICFG="recvind",0\r')
    come(trace, port, b'\r\nOK\r\n\r\n+QIURC: "recv",0,3\r\nABC\r\n+QIURC: "closed",0\r\n')
    assert said(lines) == [
        '> AT+QICFG="recvind",1',
        "< OK",
        '< +QIURC: "recv",0,3',
        '< +QIURC: "closed",0',
        '> AT+QICFG="recvind",0',
        "< OK",
        '< +QIURC: "recv",0,3',
        "< [3 bytes]",
        '< +QIURC: "closed",0',
    ]


def test_a_block_that_stalls_shows_at_the_end():
    port, trace, lines = traced()
    come(trace, port, b"\r\n+QIRD: 1500\r\n", b"x" * 1000)
    trace.close()
    assert said(lines) == ["< +QIRD: 1500", "< [1000 of 1500 bytes]", "- closed"]


def test_hex_shows_every_byte():
    port, trace, lines = traced(data="hex")
    come(trace, port, b"\r\n+QIRD: 34\r\n", bytes(range(33)), b"\xff\r\n\r\nOK\r\n")
    go(trace, port, b"AT+QISEND=0,2\r")
    come(trace, port, b"> ")
    go(trace, port, b"\x1a\x1b")
    out = said(lines)
    assert out[0] == "< +QIRD: 34"
    assert out[1] == "< " + " ".join("%02x" % i for i in range(32))
    assert out[2:] == ["< 20", "< ff", "< OK", "> AT+QISEND=0,2", "< >", "> 1a 1b"], out


def test_transparent_mode_is_payload_both_ways():
    data = b"x\r\nOK\r\nERROR\r\nAT+CPIN=1\r\n\r\nNO CARRIE"
    end = b"\r\nNO CARRIER\r\n"
    for cut in range(1, len(end)):
        port, trace, lines = traced()
        go(trace, port, b'AT+QIOPEN=1,0,"TCP","h",1,0,2\r')
        come(trace, port, b"\r\nCONNECT\r\n")
        go(trace, port, b"AT+CPIN=7531\r")
        come(trace, port, data)
        assert said(lines) == ['> AT+QIOPEN=1,0,"TCP","h",1,0,2', "< CONNECT", "> [13 bytes]", "< [%d bytes]" % len(data)]
        come(trace, port, end[:cut], end[cut:] + b"\r\n+X: 1\r\n")
        out = said(lines)
        assert out[-2:] == ["< NO CARRIER", "< +X: 1"], out
        go(trace, port, b"AT\r")
        assert said(lines) == ["> AT"]


def test_transparent_mode_ends_with_an_escape():
    port, trace, lines = traced()
    go(trace, port, b"ATO\r")
    come(trace, port, b"\r\nCONNECT 115200\r\n", b"data")
    go(trace, port, b"more", b"+++")
    come(trace, port, b"tail", b"\r\nOK\r\n")
    go(trace, port, b"AT\r")
    assert said(lines) == [
        "> ATO",
        "< CONNECT 115200",
        "< [4 bytes]",
        "> [4 bytes]",
        "> +++",
        "< [4 bytes]",
        "< OK",
        "> AT",
    ]


def test_files_up_and_down():
    port, trace, lines = traced()
    go(trace, port, b'AT+QFUPL="key.pem",6\r')
    come(trace, port, b"\r\nCONNECT\r\n")
    go(trace, port, b"secret")
    come(trace, port, b"\r\n+QFUPL: 6,3a21\r\n\r\nOK\r\n")
    go(trace, port, b"AT+QFREAD=1,10\r")
    come(trace, port, b"\r\nCONNECT 10\r\n\r\nOK\r\n7531\r\n\r\nOK\r\n")
    go(trace, port, b"AT\r")
    assert said(lines) == [
        '> AT+QFUPL="key.pem",6',
        "< CONNECT",
        "> [6 bytes]",
        "< +QFUPL: 6,3a21",
        "< OK",
        "> AT+QFREAD=1,10",
        "< CONNECT 10",
        "< [10 bytes]",
        "< OK",
        "> AT",
    ]


def test_a_reboot_ends_a_data_phase():
    port, trace, lines = traced()
    go(trace, port, b"AT+QISEND=0,5\r")
    come(trace, port, b"> ", b"\r\nRDY\r\n")
    go(trace, port, b"ATE0\r")
    assert said(lines) == ["> AT+QISEND=0,5", "< >", "< RDY", "> ATE0"]


class File:
    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


def test_where_it_goes():
    port, file = Script(), File()
    trace = Trace(port, file)
    go(trace, port, b"AT\r")
    assert file.text == "0.000 > AT\n"
    try:
        Trace(port, file, data="text")
    except ValueError:
        pass
    else:
        raise AssertionError("unknown form taken")
