"""Undocumented behaviour of real modules: each test plays one habit that logs of real devices show.

Seen on Quectel BG96, BG77, BG95, EC200U, EC25 and EG800K, and on SIMCom A76xx and SIM7x00. The virtual modem has many of these
habits as quirks, which whole programs meet in tests/quectel/test_quirk_scenes.py and tests/simcom/test_quirk_scenes.py; here, and in
tests/net/test_undocumented_behaviour.py, are single moments.
"""

from modem import CommandError, Modem, ModemRestarted, ModemTimeout
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready

OPEN = (b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', OK + b"\r\n+QIOPEN: 0,0\r\n")
LINED_UP = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)


def connected(*dialogue, **options):
    port = ScriptedPort([OPEN] + list(dialogue))
    modem = ready(port)
    return port, modem, modem.create_connection(("srv", 80), **options)


# --- answers that are lost, or never given


def test_whoever_reads_after_an_answer_was_lost_lines_up_first():
    block = (b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 5\r\nhello\r\n" + OK)
    port, modem, s = connected((b"AT+X\r", b"\r\nK\r\n"), LINED_UP, block)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    assert s.recv(10) == b"hello"
    port.done()


def test_a_module_that_has_fallen_silent_is_an_error_for_whoever_reads():
    silent = [(b"AT+X\r", b"")] + [(line, b"") for line in (b"AT+CMEE?\r", b"AT+CSQ\r", b"AT+CFUN?\r", b"AT+COPS?\r")]
    port, modem, s = connected(*silent)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    with raises(ModemTimeout, "does not answer"):
        s.recv(10)
    port.done()


def test_sockets_that_do_not_wait_line_up_as_well():
    sent = [(b"AT+QISEND=0,2\r", b"\r\n> "), (b"hi", b"\r\nSEND OK\r\n")]
    port, modem, s = connected((b"AT+X\r", b""), LINED_UP, *sent)
    s.setblocking(False)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    assert s.send(b"hi") == 2
    port.done()
    port, modem, s = connected((b"AT+X\r", b""), LINED_UP, (b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 2\r\nhi\r\n" + OK))
    s.setblocking(False)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    assert s.recv(10) == b"hi"
    service = Module({b"AT+X": None, b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n", b"AT+QISEND=": b"\r\n> "})
    modem = ready(service)
    s = modem.socket(type=modem.SOCK_DGRAM)
    s.bind(("", 3030))
    s.setblocking(False)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    service.table[b"AT+QISEND="] = _takes(service, 2)
    assert s.sendto(b"hi", ("10.0.0.1", 80)) == 2


def _takes(port, n):
    def prompt(line):
        port.need = n
        port.after = b"\r\nSEND OK\r\n"
        return b"\r\n> "

    return prompt


def test_what_waits_is_fetched_before_the_mode_changes_although_an_answer_was_lost():
    block = (b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 0\r\n" + OK)
    port, modem, s = connected((b"AT+X\r", b""), LINED_UP, block, (b"AT+QISWTMD=0,1\r", OK), rxbuf=4096)
    with raises(ModemTimeout):
        modem.command("AT+X", timeout_ms=1000)
    s.switch("push")
    port.done()


def test_a_module_that_answers_nothing_to_the_mode_command_is_asked_what_is_in_force():
    for shown, works in ((b"0", True), (b"1", False)):
        port = simcom({b"AT+CIPRXGET=0": None, b"AT+CIPRXGET?": b"\r\n+CIPRXGET: " + shown + b"\r\n" + OK})
        modem = ready(port, "a76xx")
        modem.module.dialect.link_headers = True
        if works:
            s = modem.create_connection(("10.0.0.1", 80), access="push")
            port.later(0, b"\r\n+RECEIVE,0,5:\r\nhello")
            assert s.recv(10) == b"hello"
        else:
            with raises(ModemTimeout, "AT+CIPRXGET=0"):
                modem.create_connection(("10.0.0.1", 80), access="push")
        assert modem.command("AT+CSQ", prefix="+CSQ:") == [b"+CSQ: 28,99"]


def test_a_command_that_hangs_newer_firmware_is_never_sent_to_it():
    port = Module({b"AT+CGMM": b"\r\nBG96\r\n" + OK, b"AT+CGACT=": None})
    modem = Modem(port)
    modem.start()
    modem.connect("internet")
    assert modem.isconnected() and not [line for line in port.lines if line.startswith(b"AT+CGACT")]


def test_a_byte_lost_while_the_module_is_started_is_not_the_end():
    one_by_one = {b"AT+QISDE=": ERROR}  # several commands in a line are refused
    for lost, table in (
        (b"ATE0", {}), (b"AT+CMEE=1", {}), (b"AT+CMEE?", {}), (b"AT+CGMM", {}), (b"AT+CGSN", {}), (b"AT+QISDE=", {}),
        (b"AT+QISDE=0", one_by_one), (b"AT+QISDE?", one_by_one),
    ):  # fmt: skip
        port = Module(table)
        port.table[lost] = once(port, lost, b"\r\nK\r\n")
        modem = Modem(port)
        modem.start()
        assert modem.identity["model"] == "EC600E-CN" and port.now < 30000, (lost, port.now)
        assert len([line for line in port.lines if line.startswith(lost)]) >= 2


def once(port, line, answer):
    """Answer `line` so once, and as usual from then on."""

    def play(_):
        del port.table[line]
        return answer

    return play


def simcom(table=None):
    """Return a scripted A76XX that answers what a connection takes; `table` as for Module."""
    usual = {
        b"AT+CGMI": b"\r\nSIMCOM INCORPORATED\r\n" + OK,
        b"AT+CGMM": b"\r\nA7672E-FASE\r\n" + OK,
        b"AT+CGMR": b"\r\n+CGMR: A7672M7_V1.11.1\r\n" + OK,
        b"AT+NETOPEN?": b"\r\n+NETOPEN: 0\r\n" + OK,
        b"AT+NETOPEN": OK + b"\r\n+NETOPEN: 0\r\n",
        b"AT+IPADDR": b"\r\n+IPADDR: 10.148.0.17\r\n" + OK,
        b"AT+CIPOPEN=": OK + b"\r\n+CIPOPEN: 0,0\r\n",
        b"AT+CIPCLOSE=": OK + b"\r\n+CIPCLOSE: 0,0\r\n",
    }
    usual.update(table or {})
    return Module(usual)


# --- framing and echo


def test_the_echo_ends_with_cr_cr_lf():
    def scene(modem):
        with modem.create_connection(("srv", 80)) as s:
            return modem.command("AT"), modem.command("AT+CSQ"), s.recv(100)

    dialogue = [
        (OPEN[0], OPEN[0] + b"\r\n" + OK[2:] + b"\r\n+QIOPEN: 0,0\r\n"),
        (b"AT\r", b"AT\r\r\nOK\r\n"),
        (b"AT+CSQ\r", b"AT+CSQ\r\r\n+CSQ: 24,99\r\n" + OK),
        (b"AT+QIRD=0,1500\r", b"AT+QIRD=0,1500\r\r\n+QIRD: 5\r\nhello\r\n" + OK),
        (b"AT+QICLOSE=0\r", b"AT+QICLOSE=0\r\r\nOK\r\n"),
    ]
    assert feed_all_ways(dialogue, scene, ([], [b"+CSQ: 24,99"], b"hello"), opaque=(b"hello",), step=3) > 60


class Echoing(Module):
    """A module whose echo is on until ATE0, and again after a restart; ATE1 is not echoed, ATE0 is."""

    echo = True

    def _line(self, line):
        if self.echo and line != b"ATE1":
            self.later(0, line + b"\r")
        if line in (b"ATE0", b"ATE1"):
            self.echo = line == b"ATE1"
        Module._line(self, line)


def test_the_echo_is_on_again_after_a_restart_or_by_command():
    port = Echoing()
    modem = Modem(port)
    modem.start()
    assert not port.echo and modem.identity["imei"] == "861536030196001"
    modem.connect("internet")
    modem.command("ATE1")
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"] and modem.command("ATE0") == []
    port.echo, port.up = True, False
    port.later(0, b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n")
    modem.poll(10)
    assert not modem.isconnected()
    modem.connect("internet")
    assert modem.isconnected() and not port.echo


def test_a_summary_that_arrives_without_its_last_digits_is_waited_for():
    replies = [b'\r\n+QPING: 0,"10.0.0.1",32,45,255\r\n', b"\r\n+QPING: 0,1,1,0,45,45,4"]
    port = Module({b"AT+QPING=": [(0, OK), (50, replies[0]), (10, replies[1]), (400, b"5\r\n")]})
    assert ready(port).ping("srv", 1)[0] == (1, 1, 0, 45, 45, 45)


def test_prefixes_are_not_always_the_commands_name():
    port = simcom({b"AT+CICCID": b"\r\n+ICCID: 89860318760238610932\r\n" + OK, b"AT+CIMI": b"\r\n460001234567890\r\n" + OK})
    modem = Modem(port)
    modem.start()
    assert modem.config("iccid") == "89860318760238610932" and modem.config("imsi") == "460001234567890"
    assert modem.config("revision") == "A7672M7_V1.11.1" and modem.config("imei") == "861536030196001"


def test_what_test_forms_answer_is_no_line_of_another_sort():
    answer = b"\r\n+QPING: (1-15),<host>,(1-255)(1-10) \r\n" + OK
    sms = b'\r\n%CMGS: "> "\r\n' + OK
    modem = ready(Module({b"AT+QPING=?": answer, b"AT%CMGS=?": sms}))
    assert modem.command("AT+QPING=?") == [b"+QPING: (1-15),<host>,(1-255)(1-10) "]
    assert modem.command("AT%CMGS=?") == [b'%CMGS: "> "']


# --- prompts


def test_the_blank_of_the_prompt_may_stand_before_the_result():
    def scene(modem):
        return modem.create_connection(("srv", 80)).send(b"hello")

    dialogue = [OPEN, (b"AT+QISEND=0,5\r", b"\r\n>"), (b"hello", b" \r\nSEND OK\r\n")]
    feed_all_ways(dialogue, scene, 5)


def test_only_the_first_of_many_prompts_asks_for_the_text():
    text = b"first line\rsecond line\x1a"
    dialogue = [(b'AT+CMGS="+4915112345678"\r', b"\r\n> "), (text, b"\r\n> \r\n+CMGS: 12\r\n" + OK)]

    def scene(modem):
        return modem.command('AT+CMGS="+4915112345678"', data=text)

    feed_all_ways(dialogue, scene, [b"+CMGS: 12"])


# --- unsolicited lines in odd places


def test_registration_is_read_from_the_reply_and_not_from_a_notice():
    cases = (
        (b'\r\n+CREG: 2\r\n\r\n+CREG: 2,1,"1A2B","01234567",7\r\n', 1),
        (b'\r\n+CREG: 1,"1A2B","01234567",7\r\n\r\n+CREG: 2,2\r\n', 2),
        (b'\r\n+CREG: 2,4\r\n\r\n+CREG: 5,"5678","01234567",7\r\n', 4),
        (b"\r\n+CREG: 0,11\r\n", 11),
    )
    for answer, state in cases:
        port = Module({b"AT+CREG?": answer + OK, b"AT+CGREG?": b"\r\n+CGREG: 0,5\r\n" + OK})
        assert ready(port).status("registration") == [state, 5, 1], answer


def test_lines_between_a_command_and_its_answer_belong_to_others():
    table = {
        b"AT+CPSI?": b"\r\nSMS DONE\r\n\r\n+CPSI: LTE,Online,460-00\r\n" + OK,
        b"AT+CSQ": b"\r\n+CIPEVENT: PDP DEACT\r\nAT+CSQ\r\r\n+CSQ: 24,99\r\n" + OK,
        b"AT+CFUN=0": b"\r\n+SIMCARD: NOT AVAILABLE\r\n" + OK,
        b"AT+CGMM": b"\r\nPB DONE\r\n\r\nA7672E-FASE\r\n" + OK,
        b"AT+CGATT=1": ERROR + b"\r\n\r\n\r\n+CGEV: NW DETACH\r\n\r\n\r\n\r\n+CGEV: ME PDN DEACT 1\r\n",
    }
    modem = ready(Module(table), "a76xx")
    assert modem.command("AT+CPSI?") == [b"+CPSI: LTE,Online,460-00"] and modem.command("AT+CSQ") == [b"+CSQ: 24,99"]
    assert modem.command("AT+CFUN=0") == [] and modem.command("AT+CGMM") == [b"A7672E-FASE"]
    with raises(CommandError):
        modem.command("AT+CGATT=1")
    assert modem.command("AT+CGMM") == [b"A7672E-FASE"]


def test_notices_glued_behind_ok_are_heard():
    port, modem, s = connected((b"AT+CSQ\r", b'\r\n+CSQ: 24,99\r\n\r\nOK\r\n+QIURC: "closed",0\r\n'), LAST)
    modem.command("AT+CSQ")
    assert s.recv(10) == b""


LAST = (b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 0\r\n" + OK)


def test_no_carrier_ends_no_command_that_does_not_dial():
    modem = ready(Module({b"AT+CSQ": b"\r\nNO CARRIER\r\n\r\n+CSQ: 24,99\r\n" + OK}))
    assert modem.command("AT+CSQ", prefix="+CSQ:")[-1] == b"+CSQ: 24,99"
    assert modem.command("AT+CGMM", prefix="+")[-1] == b"EC600E-CN"


def test_a_sim_card_asked_too_early_says_failure_and_is_ready_later():
    for refusal in (b"\r\n+CME ERROR: 13\r\n", b"\r\n+CME ERROR: SIM failure\r\n", b"\r\n+CPIN: NOT READY\r\n" + OK, ERROR):
        port = Module()
        port.table[b"AT+CPIN?"] = once(port, b"AT+CPIN?", refusal + b"\r\n+CPIN: READY\r\n")
        modem = ready(port, connected=False)
        modem.connect("internet")
        assert modem.isconnected() and port.count(b"AT+CPIN?") == 2


def test_lines_of_the_boot_that_come_minutes_later_are_no_restart():
    for model, lines in (("ec600e", (b"+CPIN: READY", b"+QUSIM: 1", b"+QIND: SMS DONE", b"+QIND: PB DONE")),
                         ("a76xx", (b"+CPIN: READY", b"SMS DONE", b"PB DONE", b'*ISIMAID: "A0000000871004"'))):  # fmt: skip
        port = Module()
        modem = ready(port, model)
        for line in lines:
            port.later(60000, b"\r\n" + line + b"\r\n")
        modem.poll(400000)
        assert modem.isconnected() and modem.module.started


# --- boot


def test_lines_of_the_boot_are_nobodys_name():
    for line in (b'*ISIMAID: "A0000000871004"', b"SMS DONE", b"+CPIN: READY", b"PB DONE"):
        for command in (b"AT+CGMI", b"AT+CGMM", b"AT+CGMR", b"AT+CGSN"):
            port = simcom()
            usual = port.table.get(command, b"\r\n861536030196001\r\n" + OK)
            port.table[command] = b"\r\n" + line + b"\r\n" + usual
            modem = Modem(port)
            modem.start()
            found = [modem.identity[name] for name in ("manufacturer", "model", "revision", "imei")]
            assert found == ["SIMCOM INCORPORATED", "A7672E-FASE", "A7672M7_V1.11.1", "861536030196001"], (line, found)


def test_the_end_of_the_boot_that_the_module_was_found_in_is_no_second_restart():
    port = Module({b"AT+CGMM": b"\r\nBG96\r\n" + OK})
    modem = Modem(port)
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    port.later(0, b"\r\nRDY\r\n")
    modem.start()
    port.later(2500, b"\r\nAPP RDY\r\n")
    modem.connect("internet")
    s = modem.socket()
    port.table[b"AT+QIOPEN="] = OK + b"\r\n+QIOPEN: 0,0\r\n"
    s.connect(("10.0.0.1", 80))
    modem.poll(5000)
    assert modem.isconnected() and "reboot" not in events and "context lost" not in events
    assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"] and modem.isconnected()
    port.later(60000, b"\r\nAPP RDY\r\n")  # over USB there is no RDY before it
    modem.poll(70000)
    assert events[-1] == "reboot" and not modem.isconnected()


def test_a_second_boot_whose_first_line_was_lost_shows_all_the_same():
    port = Module({b"AT+CGMM": b"\r\nBG96\r\n" + OK})
    modem = Modem(port)
    modem.start()
    modem.connect("internet")
    port.later(2500, b"\r\nAPP RDY\r\n")
    modem.poll(3000)
    port.table[b"AT+CMEE?"] = b"\r\n+CMEE: 0\r\n" + OK
    port.table[b"AT+QISDE?"] = b"\r\n+QISDE: 1\r\n" + OK
    modem.command("AT+CSQ")
    assert not modem.isconnected()


def test_a_restart_in_place_of_the_result_of_an_open():
    boot = b"\r\n*ATREADY: 1\r\n\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n"
    port = simcom({b"AT+CIPOPEN=": [(0, OK), (3000, boot)]})
    modem = ready(port, "a76xx")
    with raises(ModemRestarted):
        modem.create_connection(("10.0.0.1", 80))
    assert not modem.isconnected() and port.now < 10000
    port.table[b"AT+CIPOPEN="] = OK + b"\r\n+CIPOPEN: 0,0\r\n"
    modem.connect("internet")
    assert modem.create_connection(("10.0.0.1", 80)).connection_id() == 0
