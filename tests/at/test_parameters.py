"""AT parameters: what is refused going out, what is understood coming in."""

from modem.at.params import digits, number, plain, quoted, split, text
from modem.at.redact import redacted
from tests.conformance import check
from tests.rigs.assertions import raises


def test_quoted_refuses_whatever_could_end_the_parameter():
    for bad in ('"', "\r", "\n", "\0", "\x1a", "\x1b", "\x7f", "\t"):
        with raises(ValueError, "apn"):
            quoted("apn", "inter" + bad + "net")
        with raises(ValueError, "apn"):
            quoted("apn", (bad + "x").encode())
    check("Q-011", (quoted("apn", "UNINET"), b"%d" % number("port", 80, 0, 65535)), (b'"UNINET"', b"80"))


def test_quoted_counts_bytes_and_wants_text():
    assert quoted("user", "\u00e9" * 63, 127) == b'"' + "\u00e9".encode() * 63 + b'"'
    with raises(ValueError, "user", "127"):
        quoted("user", "\u00e9" * 64, 127)
    for bad in (None, 5, ["x"]):
        with raises(TypeError, "user"):
            plain("user", bad)


def test_number_wants_an_int_within_its_range():
    assert number("port", 0, 0, 65535) == 0 and number("port", 65535, 0, 65535) == 65535
    for bad in (-1, 65536):
        with raises(ValueError, "port", "65535"):
            number("port", bad, 0, 65535)
    for bad in (True, "80", 80.0, None):
        with raises(TypeError, "port"):
            number("port", bad, 0, 65535)


def test_split_understands_quotes_numbers_and_gaps():
    assert split(b'+QIACT: 1,1,1,"10.7.157.1"') == [1, 1, 1, "10.7.157.1"]
    assert split(b'+COPS: 0,0,"a,b",7') == [0, 0, "a,b", 7]
    assert split(b"+CREG:2, 1 ,,x") == [2, 1, None, "x"]
    assert split(b'"open end') == ["open end"]
    assert split(b"+QIGETERROR: 565,dns failed") == [565, "dns failed"]


def test_text_survives_bytes_that_are_no_utf8():
    assert text(b"caf\xc3\xa9") == "caf\u00e9"
    assert text(b"a\xff") == "a\\xff"


def test_digits_reads_a_number_in_place():
    line = bytearray(b'"recv", 12,5')
    assert digits(line, 7, len(line)) == 12
    assert digits(line, 1, len(line)) == -1
    assert digits(line, 12, 12) == -1


def test_masked_hides_secrets_and_nothing_else():
    assert redacted(b'AT+QICSGP=1,1,"apn","me","pw",1\r') == 'AT+QICSGP=1,1,"apn",***'
    assert redacted(b'at+cpin="1234"\r') == "AT+CPIN=***" or redacted(b'at+cpin="1234"\r').endswith("***")
    assert "1234" not in redacted(b'AT+CPIN="1234"\r')
    assert redacted(b"AT+CSQ\r") == "AT+CSQ"
    assert redacted(b'AT+QMTCONN=0,"client","me","pw"') == 'AT+QMTCONN=0,"client",***'
    for line in (
        b'AT+CPIN2="sesame"', b'AT+CSOCKAUTH=1,1,"me","sesame"', b'AT$QCPDPP=1,1,"sesame","me"', b'AT+QHTTPCFG="auth","me:sesame"',
        b'+CGAUTH: 1,1,"me","sesame"', b'AT+CMQTTCONNECT=0,"tcp://h",60,1,"me","sesame"', b'ate0+cmee=1;+cgauth = 1,1,"me","sesame"',
    ):  # fmt: skip
        assert "sesame" not in redacted(line) and "***" in redacted(line), line
    assert redacted(b"ATE0;+CPIN=1234") == "ATE0;+CPIN=***" and redacted(b'AT+CPIN ="1234"') == "AT+CPIN =***"
