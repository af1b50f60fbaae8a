# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""Short messages on the virtual modem: text mode and PDU mode, arrival, reports, full memories."""

from tests.rigs.virtual_modem import OK, Rig
from tools.vmodem import pdu
from tools.vmodem.sms import SIZES, parse_arrival

FROM = "+491701234567"
TIME = '"23/11/14,22:13:20+00"'


def text_mode(model="ec600e", **options):
    rig = Rig(model, **options)
    assert rig.command("AT+CMGF=1") == OK
    return rig


def cms(code):
    return b"\r\n+CMS ERROR: %d\r\n" % code


def lines(*texts):
    """One response of several lines."""
    return b"\r\n" + b"\r\n".join(text if isinstance(text, bytes) else text.encode("latin-1") for text in texts) + b"\r\n"


def sends(rig, command, data):
    """Type a message; what comes after the prompt, with the time the network takes."""
    assert rig.command(command) == b"\r\n> "
    return rig.host(data) + rig.pass_time(1.5)


def test_a_message_that_arrives_is_announced_read_and_deleted():
    for model in ("ec600e", "a76xx"):
        rig = text_mode(model)
        rig.modem.messages.receive(FROM, "Hello {world}")
        assert rig.port.take() == b'\r\n+CMTI: "SM",0\r\n'
        rig.command('AT+CSCS="IRA"')
        shown = lines('+CMGR: "REC UNREAD","%s",,%s' % (FROM, TIME), "Hello {world}")
        assert rig.command("AT+CMGR=0") == shown + OK
        assert rig.command("AT+CMGR=0") == shown.replace(b"UNREAD", b"READ") + OK
        assert rig.command("AT+CMGD=?") == b"\r\n+CMGD: (0),(0-4)\r\n" + OK
        assert rig.command("AT+CMGD=0") == OK and rig.command("AT+CMGR=0") == cms(321) == rig.command("AT+CMGD=0")


def test_messages_that_are_listed():
    rig = text_mode()
    for text in ("one", "two"):
        rig.modem.messages.receive(FROM, text)
    rig.port.take()
    rig.command("AT+CMGR=0")
    row = '+CMGL: %d,"%s","' + FROM + '",,' + TIME
    assert rig.command('AT+CMGL="REC READ"') == lines(row % (0, "REC READ"), "one") + OK
    assert rig.command('AT+CMGL="ALL",1') == lines(row % (0, "REC READ"), "one", row % (1, "REC UNREAD"), "two") + OK
    assert rig.command("AT+CMGL") == lines(row % (1, "REC UNREAD"), "two") + OK
    assert rig.command("AT+CMGL") == OK and rig.command('AT+CMGL="SOME"') == cms(305)
    assert rig.command("AT+CMGD=0,1") == OK and rig.command('AT+CMGL="ALL"') == OK
    assert rig.command('AT+CMGL="REC UNREAD"') == OK


def test_a_message_that_is_shown_at_once():
    rig = text_mode()
    rig.command("AT+CNMI=2,2")
    rig.modem.messages.receive(FROM, 'OK\nERROR\n+QIURC: "closed",0\nRDY')
    text = b'OK\nERROR\n+QIURC: "closed",0\nRDY'
    assert rig.port.take() == lines('+CMT: "%s",,%s' % (FROM, TIME), text)
    rig.command("AT+CSDH=1")
    rig.modem.messages.receive(FROM, "x")
    details = ',145,4,0,0,"+15550000000",145,1'
    assert rig.port.take() == lines('+CMT: "%s",,%s%s' % (FROM, TIME, details), "x")
    assert rig.command('AT+CMGL="ALL"') == OK, "it is not kept"
    rig.command("AT+CMGF=0")
    rig.modem.messages.receive(FROM, "x")
    head, body = rig.port.take().strip().split(b"\r\n")
    octets = bytes.fromhex(body.decode())
    assert head == b"+CMT: ,%d" % (len(octets) - 8) and pdu.parse(octets[8:]).text() == "x"
    rig.command("AT+CNMI=2,0")
    rig.modem.messages.receive(FROM, "silent")
    assert rig.port.take() == b"" and b"+CMGL: 0,0,,25" in rig.command("AT+CMGL=4")


def test_characters_in_the_character_set_of_the_host():
    rig = text_mode()
    rig.modem.messages.receive(FROM, "@é€")
    rig.modem.messages.receive(FROM, "жж")
    rig.port.take()
    assert b"\r\n\x00\x05\x1be\r\n" in rig.command("AT+CMGR=0"), "GSM: as the network carries it"
    assert b"\r\n04360436\r\n" in rig.command("AT+CMGR=1"), "UCS-2 is shown in hexadecimal digits"
    rig.command('AT+CSCS="UCS2"')
    got = rig.command("AT+CMGR=0")
    assert b"\r\n004000E920AC\r\n" in got and FROM.encode("utf-16-be").hex().upper().encode() in got
    assert rig.command('AT+CSCS="8859-1"') == cms(305)


def test_a_message_that_is_sent_as_text():
    rig = text_mode("a76xx")
    assert sends(rig, 'AT+CMGS="%s"' % FROM, b"Hello\x1a") == b"\r\n+CMGS: 1\r\n" + OK
    assert rig.command('AT+CMGS="%s"' % FROM) == b"\r\n> "
    assert rig.host(b"first lin\x08\x08ine\r") == b"\r\n> ", "each line has its prompt"
    assert rig.host(b"second\x1a") + rig.pass_time(2) == b"\r\n+CMGS: 2\r\n" + OK
    assert list(rig.modem.messages.sent) == [(FROM, "Hello"), (FROM, "first line\r\nsecond")]
    assert rig.command('AT+CMGS="%s"' % FROM) == b"\r\n> " and rig.host(b"never\x1b") == OK
    assert len(rig.modem.messages.sent) == 2
    assert sends(rig, 'AT+CMGS="%s"' % FROM, b"x" * 160 + b"\x1a").startswith(b"\r\n+CMGS: 3")
    assert sends(rig, 'AT+CMGS="%s"' % FROM, b"x" * 161 + b"\x1a") == cms(305)
    assert rig.command('AT+CMGS=""') == rig.command("AT+CMGS=12x") == cms(305)


def test_a_message_in_ucs2():
    rig = text_mode()
    rig.command('AT+CSCS="UCS2";+CSMP=17,167,0,8')
    number = FROM.encode("utf-16-be").hex().upper()
    assert sends(rig, 'AT+CMGS="%s"' % number, "Grüße 😀".encode("utf-16-be").hex().encode() + b"\x1a").startswith(
        b"\r\n+CMGS: 1"
    )
    assert list(rig.modem.messages.sent) == [(FROM, "Grüße 😀")]
    assert sends(rig, 'AT+CMGS="%s"' % number, b"nonsense\x1a") == cms(305)
    assert rig.command('AT+CMGS="%s"' % FROM) == cms(305), "the number too is in UCS2"


def test_a_message_that_is_sent_as_a_pdu():
    rig = Rig()
    body = b"0011000B916407281553F80000AA0AE8329BFD4697D9EC37"
    assert sends(rig, "AT+CMGS=23", body + b"\x1a") == b"\r\n+CMGS: 1\r\n" + OK
    assert list(rig.modem.messages.sent) == [("+46708251358", "hellohello")]
    assert sends(rig, "AT+CMGS=22", body + b"\x1a") == cms(304) == sends(rig, "AT+CMGS=23", body[:-1] + b"\x1a")
    assert sends(rig, "AT+CMGS=23", b"00" + b"04" + body[4:] + b"\x1a") == cms(304)
    assert rig.command("AT+CMGS=7") == rig.command("AT+CMGS=165") == cms(304)


def test_messages_that_are_kept_and_sent_later():
    rig = text_mode()
    assert sends(rig, 'AT+CMGW="%s"' % FROM, b"draft\x1a") == b"\r\n+CMGW: 0\r\n" + OK
    assert rig.command('AT+CMGL="STO UNSENT"') == lines('+CMGL: 0,"STO UNSENT","%s",,' % FROM, "draft") + OK
    assert rig.command("AT+CMSS=0") + rig.pass_time(2) == b"\r\n+CMSS: 1\r\n" + OK
    assert list(rig.modem.messages.sent) == [(FROM, "draft")] and b'"STO SENT"' in rig.command("AT+CMGR=0")
    assert rig.command("AT+CMSS=5") == cms(321)
    rig.command("AT+CMGF=0")
    assert b"\r\n+CMGR: 3,,19\r\n07915155000000F0" in rig.command("AT+CMGR=0")


def test_a_report_of_delivery():
    rig = text_mode()
    rig.command("AT+CNMI=2,1,0,1,0")
    rig.command("AT+CSMP=49,167,0,0")
    assert sends(rig, 'AT+CMGS="%s"' % FROM, b"x\x1a").startswith(b"\r\n+CMGS: 1")
    got = rig.pass_time(3)
    assert got.startswith(b'\r\n+CDS: 2,1,"%s",145,"23/11/14,22:13:2' % FROM.encode()) and got.endswith(b",0\r\n")
    rig.command("AT+CNMI=2,1,0,2,0")
    sends(rig, 'AT+CMGS="%s"' % FROM, b"y\x1a")
    assert rig.pass_time(3) == b'\r\n+CDSI: "SR",0\r\n'
    rig.command('AT+CPMS="SR"')
    assert rig.command("AT+CMGR=0").startswith(b'\r\n+CMGR: "REC UNREAD",2,2,"%s",145,' % FROM.encode())
    plain = text_mode()
    plain.command("AT+CNMI=2,1,0,1,0")
    sends(plain, 'AT+CMGS="%s"' % FROM, b"x\x1a")
    assert plain.pass_time(10) == b"", "none was asked for"


def test_a_long_message_arrives_in_parts():
    rig = Rig()
    text = "0123456789" * 40
    rig.modem.messages.receive(FROM, text)
    assert rig.port.take().count(b"+CMTI") == 3
    parts = [bytes.fromhex(line.decode())[8:] for line in rig.command("AT+CMGL=4").split(b"\r\n") if line.startswith(b"0791")]
    messages = sorted(map(pdu.parse, parts), key=lambda message: message.header[-1])
    assert "".join(message.text() for message in messages) == text and len({message.header[3] for message in messages}) == 1


def test_a_full_memory():
    rig = text_mode()
    rig.command('AT+QINDCFG="smsfull",1')
    for number in range(SIZES["SM"]):
        rig.modem.messages.receive(FROM, str(number))
    rig.port.take()
    assert rig.command("AT+CPMS?").startswith(b'\r\n+CPMS: "SM",50,50,')
    rig.modem.messages.receive(FROM, "late")
    assert rig.port.take() == b'\r\n+QIND: "smsfull","SM"\r\n'
    assert sends(rig, 'AT+CMGW="1"', b"x\x1a") == cms(322)
    assert rig.command("AT+CMGD=7") == b'\r\n+CMTI: "SM",7\r\n' + OK and b"late" in rig.command("AT+CMGR=7")
    other = text_mode("a76xx")
    for number in range(SIZES["SM"] + 1):
        other.modem.messages.receive(FROM, str(number))
    assert other.port.take().endswith(b"+SMS FULL\r\n")


def test_memories_and_what_stays():
    rig = text_mode()
    assert rig.command('AT+CPMS="ME","ME","ME"') == b"\r\n+CPMS: 0,100,0,100,0,100\r\n" + OK
    rig.modem.messages.receive(FROM, "kept")
    assert rig.port.take() == b'\r\n+CMTI: "ME",0\r\n'
    rig.command("AT+CFUN=1,1")
    rig.pass_time(5)
    rig.command("AT+CMGF=1")
    assert b"kept" in rig.command("AT+CMGR=0")
    assert rig.command('AT+CPMS="XX"') == rig.command('AT+CPMS="SM","SR"') == cms(305)


def test_when_nothing_can_be_sent():
    rig = text_mode(faults=["denied"])
    assert sends(rig, 'AT+CMGS="%s"' % FROM, b"x\x1a") == cms(331)
    rig = text_mode()
    assert rig.command('AT+CSCA=""') == OK and sends(rig, 'AT+CMGS="%s"' % FROM, b"x\x1a") == cms(330)
    rig.command('AT+CSCA="+49171",145')
    assert rig.command("AT+CSCA?") == b'\r\n+CSCA: "+49171",145\r\n' + OK
    assert Rig(faults=["no-sim"]).command('AT+CMGS="1"') == cms(310)
    assert rig.command("AT+CNMA") == cms(302) and rig.command("AT+CSMS=1;+CNMA") == b"\r\n+CSMS: 1,1,1\r\n" + OK


def test_a_message_to_the_own_number_comes_back():
    rig = text_mode()
    sends(rig, 'AT+CMGS="%s"' % rig.modem.model.number, b"echo\x1a")
    assert rig.pass_time(3) == b'\r\n+CMTI: "SM",0\r\n' and b"echo" in rig.command("AT+CMGR=0")


def test_what_waits_in_the_network():
    rig = text_mode()
    rig.modem.radio.force(2)
    rig.modem.messages.receive(FROM, "later")
    assert rig.port.take() == b""
    rig.modem.radio.force(None)
    assert rig.port.take() == b'\r\n+CMTI: "SM",0\r\n'


def test_arrivals_of_the_command_line():
    assert parse_arrival("+49:Hi: there") == (3.0, "+49", "Hi: there") and parse_arrival("0.5,INFO:x") == (0.5, "INFO", "x")
    for text in ("no colon", ":x", "5,:x"):
        try:
            parse_arrival(text)
        except ValueError as error:
            assert "--sms" in str(error)
        else:
            raise AssertionError(text)
