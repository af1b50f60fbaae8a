"""start() and connect(): finding the module, pinning its settings, SIM card, registration, context, addresses."""

from modem import CommandError, ConnectionClosed, Modem, ModemError, ModemTimeout, NotSupported, RegistrationDenied, SimError
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import Module
from tests.rigs.scripted_port import ScriptedPort, ready

OK = b"\r\nOK\r\n"
IDENTITY = [
    (b"AT+CGMI\r", b"\r\nQuectel\r\n" + OK),
    (b"AT+CGMM\r", b"\r\nEC600E-CN\r\n" + OK),
    (b"AT+CGMR\r", b"\r\nEC600ECNLAR01A01M04\r\n" + OK),
    (b"AT+CGSN\r", b"\r\n867034051234567\r\n" + OK),
]
PINS = [
    b"+QISDE=0",
    b"+QSCLK=0",
    b'+QICFG="viewmode",0',
    b'+QICFG="dataformat",0,0',
    b'+QICFG="recvind",0',
    b'+QICFG="close/mode",0',
    b'+QICFG="formatcfg",0',
    b'+QICFG="passiveclosed",0',
    b'+QICFG="udp/readmode",0',
    b'+QICFG="udp/sendmode",0',
]
URC_PORT = b'\r\n+QURCCFG: "urcport","uart1"\r\n'
MESSAGES = b"+CMGF=0;+CNMI=2,1,0,0,0"  # their texts never pass the line as they are
OWED = (b"AT+CMEE?\r", b"\r\n+CMEE: 0\r\n" + OK)  # answers may be owed: the line is resynchronised first
FILL = (b"\r" * 2048, b"")
IN_STEP = (b"AT+CMEE?\r", b"AT+CMEE?\r\r\n+CMEE: 0\r\n" + OK)
FOUND = [(b"AT\r", b"AT\r" + OK), IN_STEP]
FORMAT = [(b"ATE0+CMEE=1;+CMEE?\r", b"ATE0+CMEE=1;+CMEE?\r\r\n+CMEE: 1\r\n" + OK)]
LEFTOVERS = [(b"AT+QISTATE\r", OK)]
WHO = (b"AT+CGMI;+CGMM;+CGMR;+CGSN\r", b"\r\nQuectel\r\n\r\nEC600E-CN\r\n\r\nEC600ECNLAR01A01M04\r\n\r\n867034051234567\r\n" + OK)


def _pins(echo=b"\r\n+QISDE: 0\r\n", urc_port=URC_PORT):
    """The settings in one command line."""
    line = b"AT" + b";".join(PINS) + b';+QISDE?;+QURCCFG="urcport";' + MESSAGES + b"\r"
    return [(line, echo + urc_port + OK)]


def _single_pins(answer=OK, echo=b"\r\n+QISDE: 0\r\n"):
    """The same for a firmware that takes one command a line."""
    dialogue = [(_pins()[0][0], b"\r\nERROR\r\n")] + [(b"AT" + pin + b"\r", answer) for pin in PINS + [MESSAGES]]
    return dialogue + [(b"AT+QISDE?\r", echo + OK), (b'AT+QURCCFG="urcport"\r', URC_PORT + OK)]


def _start(find=None, identity=(WHO,), pins=None):
    return (FOUND if find is None else find) + FORMAT + list(identity) + (_pins() if pins is None else pins) + LEFTOVERS


def test_start_pins_the_wire_format_and_reads_the_identity():
    port = ScriptedPort(_start())
    modem = Modem(port)
    modem.start()
    port.done()
    assert modem.config("imei") == "867034051234567" and modem.config("manufacturer") == "Quectel"
    assert modem.module.dialect.model == "ec600e" and modem.active() is True
    modem.config("model")


def test_data_that_come_while_start_asks_are_ended_before_it_asks_again():
    pushed = b'\r\n+QIURC: "recv",0,40\r\n' + bytes(range(128, 148)) + b"\r\nOK\r\n" + bytes(range(128, 142)) + b"\r\n"
    table = {b"AT+QISTATE": lambda line: pushed if not port.count(b"AT+QIDEACT=1") else OK}
    port = Module(table, 1000)
    for line, answer in (WHO, _pins()[0], FORMAT[0]):
        port.table[line[:-1]] = answer
    port.table[b"AT+CMEE?"] = b"\r\n+CMEE: 1\r\n" + OK
    Modem(port).start()
    assert port.count(b"AT+QIDEACT=1") == 1 and port.count(b"AT+QISTATE") == 2


def test_a_start_takes_few_command_lines():
    port = ScriptedPort(_start())
    Modem(port).start()
    assert port.sent.count(b"\r") == 6


def test_settings_of_messages_that_are_refused_while_the_card_is_not_ready():
    line, answer = _pins()[0]
    port = ScriptedPort(_start(pins=[(line, answer[: -len(OK)] + b"\r\n+CMS ERROR: 310\r\n")]))
    Modem(port).start()
    port.done()


def test_flow_control_is_switched_on_at_both_ends():
    for answer in (OK, b"\r\nERROR\r\n"):
        dialogue = _start()
        at = dialogue.index(WHO) + 1
        port = ScriptedPort(dialogue[:at] + [(b"AT+IFC=2,2\r", answer)] + dialogue[at:])
        port.flow_control = True
        Modem(port).start()
        port.done()


def test_a_firmware_that_takes_no_extended_command_after_a_basic_one():
    for answer in (b"\r\nERROR\r\n", b"ATE0+CMEE=1;+CMEE?\r" + OK):
        whole = _start()
        single = [(b"ATE0\r", OK), (b"AT+CMEE=1\r", OK), (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)]
        port = ScriptedPort(FOUND + [(FORMAT[0][0], answer)] + single + whole[3:])
        Modem(port).start()
        port.done()


def test_a_firmware_that_takes_one_command_a_line_or_lacks_an_option_is_tolerated():
    for refusal in (OK, b"\r\nERROR\r\n", b"\r\n+CME ERROR: 50\r\n"):
        port = ScriptedPort(_start(identity=[(WHO[0], b"\r\nERROR\r\n")] + IDENTITY, pins=_single_pins(refusal)))
        modem = Modem(port)
        modem.start()
        port.done()
        assert modem.config("imei") == "867034051234567"


def test_a_module_without_imei_is_started_and_asked_again_later():
    refused = (IDENTITY[3][0], b"\r\n+CME ERROR: 14\r\n")
    port = ScriptedPort(_start(identity=[(WHO[0], b"\r\nERROR\r\n")] + IDENTITY[:3] + [refused]))
    modem = Modem(port)
    modem.start()
    assert modem.identity["imei"] == ""
    port.dialogue = [IDENTITY[3]]
    assert modem.config("imei") == "867034051234567" == modem.config("imei")


def test_an_identity_with_other_lines_in_between_is_asked_for_again():
    good = WHO
    torn = (WHO[0], b"\r\nx7: lost\r\n" + b"\r\nINCORPORATED\r\n\r\nEC600E-CN\r\n\r\nR01\r\n\r\n867034051234567\r\n" + OK)
    more = (IDENTITY[1][0], b"\r\nrest\r\n\r\nEC600E-CN\r\n" + OK)
    single = [torn, IDENTITY[0], more] + IDENTITY[2:]
    for identity in (single + [good], single + [torn, IDENTITY[0], more] + IDENTITY[2:]):
        port = ScriptedPort(_start(identity=identity))
        modem = Modem(port)
        if identity[-1] is good:
            modem.start()
            port.done()
            assert modem.identity["model"] == "EC600E-CN"
        else:  # the same twice: it is what the firmware says
            with raises(NotSupported, "rest"):
                modem.start()


def test_urcs_come_on_the_port_in_use():
    for shown, answers in ((b"usbat", [OK]), (b"usbmodem", [b"\r\nERROR\r\n", OK]), (b"all", []), (b"uart1", [])):
        pins = _pins(urc_port=b'\r\n+QURCCFG: "urcport","%s"\r\n' % shown)
        for port_name, answer in zip((b"all", b"uart1"), answers):
            pins.append((b'AT+QURCCFG="urcport","%s"\r' % port_name, answer))
        port = ScriptedPort(_start(pins=pins))
        Modem(port).start()
        port.done()


def test_connections_of_an_earlier_program_are_closed():
    rows = b'\r\n+QISTATE: 0,"TCP","1.2.3.4",80,5000,2,1,0,1,"uart1"\r\n+QISTATE: 7,"TCP LISTENER","127.0.0.1",0,80,3,1,7,0,"uart1"\r\n'
    dialogue = _start()[:-1] + [(b"AT+QISTATE\r", rows + OK), (b"AT+QICLOSE=0\r", OK), (b"AT+QICLOSE=7\r", OK)]
    port = ScriptedPort(dialogue)
    Modem(port).start()
    port.done()


def test_a_restart_in_the_middle_begins_again():
    whole = _start()
    for k in range(2, len(whole)):
        boot = (whole[k][0], whole[k][1] + b"\r\nRDY\r\n")
        port = ScriptedPort(whole[:k] + [boot] + whole[k + 1 :] + whole)
        modem = Modem(port)
        modem.start()
        port.done()
        assert modem.active()


def test_the_echo_of_the_payload_is_skipped_where_it_cannot_be_switched_off():
    port = ScriptedPort(_start(pins=_pins(echo=b"\r\n+QISDE: 1\r\n")))
    modem = Modem(port)
    modem.start()
    modem.module.connected = True
    port.dialogue += [
        (b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', OK + b"\r\n+QIOPEN: 0,0\r\n"),
        (b"AT+QISEND=0,9\r", b"\r\n> "),
        (b"\r\nERROR\r\n", b"\r\nERROR\r\n\r\nSEND OK\r\n"),
    ]
    assert modem.create_connection(("srv", 80)).send(b"\r\nERROR\r\n") == 9


BASICS = (b"\nATQ0V1S3=13S4=10\r\n", b"")  # what an earlier program may have changed of result codes


def test_a_module_that_boots_slowly_is_waited_for_and_one_that_is_not_there_is_not():
    slow = [(b"AT\r", b"")] * 2 + [(b"+++", b""), BASICS] + [(b"AT\r", b"\xff\xfe\r\nRDY\r\n\r\n+CFUN: 1\r\n")]
    slow += [(b"AT\r", OK), OWED]
    port = ScriptedPort(_start(find=slow))
    Modem(port).start()
    port.done()
    silent = [(b"AT\r", b"")] * 2
    port = ScriptedPort(silent + [(b"+++", b""), BASICS] + silent + [(b"\x1b\x1a", b"")] + (silent + [FILL]) * 5)
    with raises(ModemTimeout, "no module answers", "rates=True"):
        Modem(port).start(timeout_ms=12000)
    assert 12000 <= port.now <= 13000


def test_a_busy_module_that_answers_everything_at_last_is_not_misunderstood():
    for owed in range(1, 9):
        echo = b"AT\r" + OK
        silent = [(b"AT\r", b"")] * 2
        late = silent + [(b"+++", b""), BASICS] + silent + [(b"\x1b\x1a", b"")] + silent + [FILL] + silent + [FILL]
        late = late[: owed + 2 * (owed > 1) + (owed > 3) + (owed > 5) + (owed > 7)]
        late += [(b"AT\r", [(0, b"\r\nRDY\r\n" + echo), (1, echo)])]  # the rest is still to come
        late += [(b"AT+CMEE?\r", echo * owed + b"AT+CMEE?\r\r\n+CMEE: 0\r\n" + OK)]
        port = ScriptedPort(_start(find=late))
        modem = Modem(port)
        modem.start()
        port.done()
        assert modem.identity["model"] == "EC600E-CN", modem.identity


def test_a_list_of_rates_is_tried_in_turn():
    silent = [(b"AT\r", b"")] * 2
    port = ScriptedPort(_start(find=silent * 2 + [(b"AT\r", OK), OWED]))
    Modem(port).start(rates=[9600, 115200, 921600])
    assert port.rates == [9600, 115200, 921600]
    port.done()


def test_an_unknown_model_is_told_which_are_known():
    identity = list(IDENTITY)
    identity[1] = (b"AT+CGMM\r", b"\r\nXYZ20\r\n" + OK)
    find = FOUND + FORMAT + [(WHO[0], b"\r\nERROR\r\n")]
    with raises(NotSupported, "XYZ20", "bg96, ec200u, ec600e"):
        Modem(ScriptedPort(find + identity)).start()
    with raises(NotSupported, "known"):
        Modem(ScriptedPort(), "xyz21")


DOMAINS = (b"+CREG", b"+CGREG", b"+CEREG")
ATTACH = [
    (b"AT+QIACT?\r", OK),
    (b'AT+QICSGP=1,1,"internet","","",0\r', OK),
    (b"AT+QIACT=1\r", OK),
    (b"AT+QIACT?\r", b'\r\n+QIACT: 1,1,1,"10.7.157.1"\r\n' + OK),
]
SIM_READY = [(b"AT+CPIN?\r", b"\r\n+CPIN: READY\r\n" + OK)]


def _states(*states):
    """The three registration questions and their answers."""
    return [(b"AT%s?\r" % DOMAINS[i], b"\r\n%s: 0,%d\r\n" % (DOMAINS[i], states[i]) + OK) for i in range(3)]


CEREG = (b"AT+CEREG?\r", b"\r\n+CEREG: 0,1\r\n" + OK)
SIGNAL = (b"AT+CSQ\r", b"\r\n+CSQ: 5,99\r\n" + OK)


def _searching(*states):
    """What is asked when the module is not registered at once: the domains, the radio; then the APN is given."""
    first = [(b"AT%s?\r" % DOMAINS[i], b"\r\n%s: 0,%d\r\n" % (DOMAINS[i], states[i]) + OK) for i in (2, 1, 0)]
    return first + [(b"AT+CFUN?\r", b"\r\n+CFUN: 1\r\n" + OK), ATTACH[1]]


def tries(n):
    """What AT+QPINC tells: tries left of the PIN and of the PUK."""
    return (b'AT+QPINC="SC"\r', b'\r\n+QPINC: "SC",%d,10\r\n' % n + OK)


def test_connect_goes_from_the_sim_card_to_an_address():
    port = ScriptedPort(SIM_READY + [(b"AT+CEREG?\r", b"\r\n+CEREG: 0,5\r\n" + OK)] + ATTACH)
    modem = ready(port, connected=False)
    modem.module.addresses = ()
    modem.connect("internet")
    assert modem.isconnected() and modem.ifconfig()[0] == "10.7.157.1" and modem.ipconfig("addr4")[0] == "10.7.157.1"


def test_a_sim_card_that_is_missing_or_locked_has_its_own_error():
    radio = (b"AT+CFUN?\r", b"\r\n+CFUN: 1\r\n" + OK)
    no_card = (b"AT+CPIN?\r", b"\r\n+CME ERROR: 10\r\n")
    missing = ready(ScriptedPort([no_card, radio] + [no_card] * 100), connected=False)
    with raises(SimError, "no SIM card", "10") as error:
        missing.connect("internet")
    assert error.value.code == 10
    assert 15000 < missing.module.port.now < 30000  # it may still be coming up
    in_words = (b"AT+CPIN?\r", b"\r\n+CME ERROR: SIM not inserted\r\n")
    verbose = ready(ScriptedPort([in_words, radio] + [in_words] * 100), connected=False)
    with raises(SimError, "no SIM card"):
        verbose.connect("internet")
    late = [no_card, radio] + [no_card] * 12 + SIM_READY + [CEREG] + ATTACH
    modem = ready(ScriptedPort(late), connected=False)
    modem.connect("internet")
    assert modem.isconnected()
    locked = ready(ScriptedPort([WANTS_PIN, tries(3)]), connected=False)
    with raises(SimError, "PIN", "3 tries left"):
        locked.connect("internet")
    locked = ready(ScriptedPort([(b"AT+CPIN?\r", b"\r\n+CPIN: SIM PUK\r\n" + OK)]), connected=False)
    with raises(SimError, "PUK", "operator", "AT+CPIN=") as error:
        locked.connect("internet", pin="1234")
    assert error.value.tries_left == 0
    last = ready(ScriptedPort([WANTS_PIN, tries(1)]), connected=False)
    with raises(SimError, "pin_retry=True", "(1 try left)"):
        last.connect("internet", pin="1234")


def test_locks_that_no_pin_opens_and_those_that_do_not_matter():
    for answer, word in (
        (b"+CPIN: PH-NET PIN", "locked to"),
        (b"+CPIN: PH-SIM PIN", "locked to"),
        (b"+CME ERROR: 5", "locked to"),
    ):
        end = b"\r\n" if b"ERROR" in answer else b"\r\n" + OK
        modem = ready(ScriptedPort([(b"AT+CPIN?\r", b"\r\n" + answer + end)]), connected=False)
        with raises(SimError, word) as error:
            modem.connect("internet", pin="1234")
        assert error.value.step is None  # so that a supervisor does not restart the module for it
    for answer in (b"SIM PIN2", b"SIM PUK2"):
        modem = ready(ScriptedPort([(b"AT+CPIN?\r", b"\r\n+CPIN: " + answer + b"\r\n" + OK), CEREG] + ATTACH), connected=False)
        modem.connect("internet")
        assert modem.isconnected()
    for answer in (b"11", b"SIM PIN required"):
        wants = (b"AT+CPIN?\r", b"\r\n+CME ERROR: " + answer + b"\r\n")
        modem = ready(ScriptedPort([wants, tries(3), (PIN, OK)] + SIM_READY + [CEREG] + ATTACH), connected=False)
        modem.connect("internet", pin="1234")
        assert modem.isconnected()
    for answer in (b"12", b"SIM PUK required"):
        modem = ready(ScriptedPort([(b"AT+CPIN?\r", b"\r\n+CME ERROR: " + answer + b"\r\n")]), connected=False)
        with raises(SimError, "PUK"):
            modem.connect("internet", pin="1234")


def test_cts_that_stays_off_is_named():
    port = ScriptedPort()
    port.flow_control = True
    port.write = lambda buf, off, n: 0
    with raises(ModemTimeout, "CTS stays off"):
        Modem(port).start(5000)


WANTS_PIN = (b"AT+CPIN?\r", b"\r\n+CPIN: SIM PIN\r\n" + OK)
PIN = b'AT+CPIN="1234"\r'
REFUSED = (PIN, b"\r\n+CME ERROR: 16\r\n")


def test_a_denied_registration_is_believed_after_a_while_and_has_its_own_error():
    port = ScriptedPort(SIM_READY + _searching(3, 3, 0) + _states(3, 3, 0) + [SIGNAL] + _states(3, 3, 0) * 200)
    with raises(RegistrationDenied, "denied by the network"):
        ready(port, connected=False).connect("internet")
    assert 25000 < port.now < 60000


def test_searching_without_success_says_what_was_seen():
    port = ScriptedPort()
    modem = ready(port, connected=False)
    port.dialogue = SIM_READY + _searching(2, 2, 2) + _states(2, 2, 2) + [SIGNAL] + _states(2, 2, 2) * 2 + [SIGNAL]
    with raises(ModemError) as error:
        modem.connect("internet", timeout_ms=1400)
    assert isinstance(error.value, ModemTimeout)
    assert "-103" in str(error.value)


def test_a_refused_context_is_an_error_with_its_code():
    refused = [(b"AT+QIACT?\r", OK), ATTACH[1], (b"AT+QIACT=1\r", b"\r\nERROR\r\n")]
    refused += [(b"AT+QIGETERROR\r", b"\r\n+QIGETERROR: 574,APN not configured\r\n" + OK), (b"AT+QIACT?\r", OK)]
    modem = ready(ScriptedPort(SIM_READY + [CEREG] + refused), connected=False)
    try:
        modem.connect("internet")
    except CommandError as error:
        text = "command failed (APN 'internet': is it the operator's?): 574 (APN not configured) [AT+QIACT=1]"
        assert error.code == 574 and str(error) == text and repr(error) == "CommandError(%r)" % text
    else:
        raise AssertionError("nothing was raised")


def test_a_context_that_the_network_took_away_before_the_program_began_is_deactivated_first():
    refused = [ATTACH[2], (b"AT+QIGETERROR\r", b"\r\n+QIGETERROR: 572,operation not allowed\r\n" + OK), (b"AT+QIACT?\r", OK)]
    refused[0] = (refused[0][0], b"\r\nERROR\r\n")
    port = ScriptedPort(SIM_READY + [CEREG] + ATTACH[:2] + refused + [(b"AT+QIDEACT=1\r", OK)] + ATTACH[2:])
    modem = ready(port, connected=False)
    modem.connect("internet")
    port.done()


def test_disconnect_ends_the_sockets_and_deactivates_the_context():
    port = ScriptedPort([(b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', OK + b"\r\n+QIOPEN: 0,0\r\n"), (b"AT+QIDEACT=1\r", OK)])
    modem = ready(port)
    s = modem.create_connection(("srv", 80))
    modem.disconnect()
    assert not modem.isconnected()
    with raises(ConnectionClosed, "deactivated"):
        s.send(b"x")
    with raises(ModemError, "connect()"):
        modem.create_connection(("srv", 80))
    port.done()


def test_the_largest_ring_is_what_both_pythons_can_make():
    for access, kind in (("buffer", 1), ("push", 1), ("buffer", 2)):
        modem = ready(ScriptedPort([]))
        with raises(ValueError, "rxbuf"):
            modem.socket(type=kind, access=access, rxbuf=65535)
        sock = modem.socket(type=kind, access=access, rxbuf=65534)
        modem.module.port.dialogue = [(b'AT+QIOPEN=1,0,"%s","1.2.3.4",80,0,%d\r' % ((b"TCP", b"UDP")[kind - 1], access == "push"),
                                 OK + b"\r\n+QIOPEN: 0,0\r\n")]  # fmt: skip
        sock.connect(("1.2.3.4", 80))
        assert sock.link.ring.size == 65534


def test_the_signal_is_in_dbm_or_not_known():
    for answer, want in ((b"24,99", -65), (b"0,0", -113), (b"31,99", -51), (b"99,99", None)):
        assert ready(ScriptedPort([(b"AT+CSQ\r", b"\r\n+CSQ: " + answer + b"\r\n" + OK)])).status("rssi") == want


def test_a_notice_is_no_registration_state():
    port = Module({b"AT+CREG?": b'\r\n+CREG: 0,5\r\n\r\n+CREG: 5,1234,"0023C1B7",7\r\n' + OK})
    assert ready(port).status("registration")[0] == 5


def test_the_registration_may_take_as_long_as_the_caller_allows_and_is_shown_meanwhile():
    port = ScriptedPort()
    modem = ready(port, connected=False)
    port.dialogue = SIM_READY + _searching(2, 2, 2) + _states(2, 2, 2) + [SIGNAL] + _states(2, 2, 2) * 239
    port.dialogue += _states(0, 0, 11) + [SIGNAL] + _states(0, 0, 1) + ATTACH
    seen = []
    modem.on_event(lambda kind, detail: seen.append((kind, detail)))
    modem.connect("internet", timeout_ms=300000)
    assert port.now > 115000 and modem.isconnected()
    assert seen == [("registration", ((2, 2, 2), -103)), ("registration", ((0, 0, 11), -103))]


def test_a_radio_that_is_off_is_switched_on():
    for state in (0, 4):
        off = [(b"AT+CEREG?\r", b"\r\n+CEREG: 0,0\r\n" + OK), (b"AT+CGREG?\r", b"\r\n+CGREG: 0,0\r\n" + OK)]
        off += [
            (b"AT+CREG?\r", b"\r\n+CREG: 0,0\r\n" + OK),
            (b"AT+CFUN?\r", b"\r\n+CFUN: %d\r\n" % state + OK),
            (b"AT+CFUN=1\r", OK),
        ]
        port = ScriptedPort(SIM_READY + off + [ATTACH[1]] + _states(0, 0, 1) + ATTACH)
        modem = ready(port, connected=False)
        modem.connect("internet")
        port.done()


def test_a_context_that_is_up_with_the_same_settings_is_used_as_it_is():
    up = [ATTACH[3], (b"AT+QICSGP=1\r", b'\r\n+QICSGP: 1,"internet","","",0\r\n' + OK)]
    port = ScriptedPort(SIM_READY + [CEREG] + up)
    modem = ready(port, connected=False)
    modem.connect("internet")
    port.done()
    assert modem.ifconfig()[0] == "10.7.157.1"


def test_an_address_of_zeros_is_none():
    zeros = [ATTACH[0], ATTACH[1], ATTACH[2], (b"AT+QIACT?\r", b'\r\n+QIACT: 1,1,1,"0.0.0.0"\r\n' + OK)]
    modem = ready(ScriptedPort(SIM_READY + [CEREG] + zeros), connected=False)
    with raises(ModemError, "no address", "internet"):
        modem.connect("internet")
    assert not modem.isconnected()
