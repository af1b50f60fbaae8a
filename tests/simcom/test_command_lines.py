"""What the note's commands look like on the line, typed by a program: `modem.command`. Scripted, on both Pythons."""

from modem import CommandError
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready
from tests.rigs.transcripts import transcript

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
NO_DATA = b"\r\n+IP ERROR: No data\r\n" + ERROR


def modem_for(*dialogue):
    return ready(ScriptedPort(dialogue), "a76xx")


def test_reading_in_other_ways_than_the_driver_does():
    modem = modem_for(
        (b"AT+CIPRXGET=3,1,5\r", b"\r\n+CIPRXGET: 3,1,5,6\r\n66726F6D20\r\n" + OK),
        (b"AT+CIPRXGET=4,1\r", b"\r\n+CIPRXGET: 1,1\r\n\r\n+CIPRXGET: 4,1,16\r\n" + OK),
        (b"AT+CIPRXGET=4,1\r", b"\r\n+CIPRXGET: 4,1,0\r\n" + OK),
        (b"AT+CIPRXGET=2,2\r", NO_DATA),
        (b"AT+CIPRXGET=2,1\r", b"\r\n+CIPRXGET: 2,1,6,0\r\nserver\r\n" + OK),
        (b'AT+CIPOPEN=10,"TCP","h",80\r', b"\r\n+IP ERROR: Invalid parameter\r\n" + ERROR),
    )
    check("S-323", modem.command("AT+CIPRXGET=3,1,5")[-1], b"66726F6D20")
    check("S-324", modem.command("AT+CIPRXGET=4,1")[-1], b"+CIPRXGET: 4,1,16")
    check("S-327", modem.command("AT+CIPRXGET=4,1"), [b"+CIPRXGET: 4,1,0"])
    with raises(CommandError, "No data") as error:
        modem.command("AT+CIPRXGET=2,2")
    check("S-328", (error.value.code, error.value.family), (22, "simcom-ip"))
    check("S-325", modem.command("AT+CIPRXGET=2,1")[-1], b"server")
    with raises(CommandError, "Invalid parameter") as error:
        modem.command('AT+CIPOPEN=10,"TCP","h",80')
    check("S-281", (error.value.code, error.value.family), (12, "simcom-ip"))


def etx(data):
    """Escape as the AT manual says for variable-length sends: 1A, 1B and 03 get 03 in front."""
    out = b""
    for c in data:
        out += (b"\x03" if c in (0x1A, 0x1B, 3) else b"") + bytes([c])
    return out


def test_a_send_of_variable_length():
    modem = modem_for((b"AT+CIPSEND=1\r", b"\r\n>"), (b"HELLO\x1a", OK + b"\r\n+CIPSEND: 1,5,5\r\n"))
    modem.command("AT+CIPSEND=1", data=b"HELLO\x1a")
    check("S-295", modem.module.port.dialogue, [])
    example = transcript("GK-CIPSEND-ESCAPED")
    turns = [data for side, data in example.turns if side == "host"]
    modem = modem_for((turns[0], b"\r\n>"), (turns[1], OK + b"\r\n+CIPSEND: 1,4,4\r\n"))
    modem.command("AT+CIPSEND=1", data=etx(b"A\x1a\x1b\x03") + b"\x1a")
    check("S-300", bytes(modem.module.port.sent), example.host())
    for answer in (OK, ERROR):
        modem = modem_for((b"AT+CIPSEND=1\r", b"\r\n>"), (b"\x1b", answer), (b"AT\r", OK))
        try:
            modem.command("AT+CIPSEND=1", data=b"\x1b")
        except CommandError:
            pass
        check("S-302", modem.command("AT"), [])


def test_lines_between_a_command_and_its_result_are_delivered():
    modem = modem_for((b"AT+CSQ\r", b"\r\n*COPN\r\n\r\n+CSQ: 23,0\r\n\r\n+CGEV: ME PDN ACT 1\r\n" + OK))
    events = []
    modem.on_event(lambda kind, detail: events.append((kind, detail)))
    check("S-012", modem.status("rssi"), 2 * 23 - 113)
    check("S-013", events, [("urc", b"*COPN"), ("urc", b"+CGEV: ME PDN ACT 1")])


def test_no_command_before_the_result_of_the_last():
    from modem.at.command import Command

    modem = modem_for((b"AT+A\r", [(5000, OK)]), (b"AT+B\r", OK))
    modem.module.engine.begin(Command(b"AT+A\r"))
    modem.command("AT+B")
    check("S-009", (modem.module.port.now >= 5000, modem.module.port.dialogue), (True, []))


def test_ok_alone_and_empty_strings_and_a_bare_prompt():
    check("S-022", modem_for((b"AT+CIPMODE=0\r", OK)).command("AT+CIPMODE=0"), [])
    from modem.at.params import split

    check("S-025", split(b'+CSSLCFG: 0,4,0,1,300,"","","","",0')[5:9], ["", "", "", ""])

    def scene(m):
        s = m.create_connection(("h", 80))
        s.send(b"hello")
        return s.link.sent

    dialogue = [(b'AT+CIPOPEN=0,"TCP","h",80\r', OK + b"\r\n+CIPOPEN: 0,0\r\n"), (b"AT+CIPSEND=0,5\r", b"\r\n>")]
    dialogue.append((b"hello", OK + b"\r\n+CIPSEND: 0,5,5\r\n"))
    check("S-016", feed_all_ways(dialogue, scene, 5, urc=b"\r\n+CIPRXGET: 1,7\r\n", model="a76xx") > 50, True)
