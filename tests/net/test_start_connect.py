"""start() and connect(): finding the module, pinning its settings, SIM card, registration, context, addresses."""

from modem import CommandError, ConnectionClosed, Modem, ModemError, ModemTimeout, NotSupported, RegistrationDenied, SimError
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, ready

OK = b"\r\nOK\r\n"
IDENTITY = [
    (b"AT+CGMI\r", b"\r\nQuectel\r\n" + OK),
    (b"AT+CGMM\r", b"\r\nEC600E-CN\r\n" + OK),
    (b"AT+CGMR\r", b"\r\nEC600ECNLAR01A01M04\r\n" + OK),
    (b"AT+CGSN\r", b"\r\n867034051234567\r\n" + OK),
]
PINS = [
    b"AT+QISDE=0\r",
    b"AT+QSCLK=0\r",
    b'AT+QICFG="viewmode",0\r',
    b'AT+QICFG="dataformat",0,0\r',
    b'AT+QICFG="recvind",0\r',
    b'AT+QICFG="close/mode",0\r',
    b'AT+QICFG="formatcfg",0\r',
    b'AT+QICFG="passiveclosed",0\r',
    b'AT+QICFG="udp/readmode",0\r',
    b'AT+QICFG="udp/sendmode",0\r',
    b'AT+QURCCFG="urcport","uart1"\r',
]


OWED = (b"AT+CMEE?\r", b"\r\n+CMEE: 0\r\n" + OK)  # answers may be owed: the line is lined up first


def _start(find=None, identity=IDENTITY, answer=OK, echo=b"\r\n+QISDE: 0\r\n"):
    if find is None:
        find = [(b"AT\r", b"AT\r" + OK), (b"AT\r", b"AT\r" + OK), (b"ATE0\r", b"ATE0\r" + OK)]
    dialogue = find + [(b"AT+CMEE=1\r", OK), (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)] + identity
    return dialogue + [(pin, answer) for pin in PINS] + [(b"AT+QISDE?\r", echo + OK)]


def test_start_pins_the_wire_format_and_reads_the_identity():
    port = ScriptedPort(_start())
    modem = Modem(port)
    modem.start()
    port.done()
    assert modem.config("imei") == "867034051234567" and modem.config("manufacturer") == "Quectel"
    assert modem.module.dialect.model == "ec600e" and modem.active() is True
    modem.config("model")


def test_flow_control_is_switched_on_at_both_ends():
    for answer in (OK, b"\r\nERROR\r\n"):
        dialogue = _start()
        at = [host for host, _ in dialogue].index(b"AT+CGSN\r") + 1
        port = ScriptedPort(dialogue[:at] + [(b"AT+IFC=2,2\r", answer)] + dialogue[at:])
        port.flow_control = True
        Modem(port).start()
        port.done()


def test_a_firmware_that_lacks_an_option_is_tolerated():
    for refusal in (b"\r\nERROR\r\n", b"\r\n+CME ERROR: 50\r\n"):
        port = ScriptedPort(_start(answer=refusal, echo=b""))
        Modem(port).start()
        port.done()


def test_the_echo_of_the_payload_is_skipped_where_it_cannot_be_switched_off():
    port = ScriptedPort(_start(echo=b"\r\n+QISDE: 1\r\n"))
    modem = Modem(port)
    modem.start()
    modem.module.connected = True
    port.dialogue += [
        (b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', OK + b"\r\n+QIOPEN: 0,0\r\n"),
        (b"AT+QISEND=0,9\r", b"\r\n> "),
        (b"\r\nERROR\r\n", b"\r\nERROR\r\n\r\nSEND OK\r\n"),
    ]
    assert modem.create_connection(("srv", 80)).send(b"\r\nERROR\r\n") == 9


def test_a_module_that_boots_slowly_is_waited_for_and_one_that_is_not_there_is_not():
    slow = [(b"AT\r", b"")] * 2 + [(b"AT\r", b"\xff\xfe\r\nRDY\r\n\r\n+CFUN: 1\r\n")]
    slow += [(b"AT\r", OK), (b"AT\r", OK), OWED, (b"ATE0\r", OK)]
    port = ScriptedPort(_start(find=slow))
    Modem(port).start()
    port.done()
    port = ScriptedPort([(b"AT\r", b"")] * 100)
    with raises(ModemTimeout, "no module answers"):
        Modem(port).start(timeout_ms=5000)
    assert 5000 <= port.now <= 6000


def test_a_busy_module_that_answers_everything_at_last_is_not_misunderstood():
    for owed in range(1, 9):
        echo = b"AT\r" + OK
        late = [(b"AT\r", b"")] * owed + [(b"AT\r", [(0, b"\r\nRDY\r\n" + echo), (1, echo)])]  # the rest is still to come
        late += [(b"AT\r", b""), (b"AT+CMEE?\r", echo * owed + b"AT+CMEE?\r\r\n+CMEE: 0\r\n" + OK), (b"ATE0\r", b"ATE0\r" + OK)]
        port = ScriptedPort(_start(find=late))
        modem = Modem(port)
        modem.start()
        port.done()
        assert modem.identity["model"] == "EC600E-CN", modem.identity


def test_a_list_of_rates_is_tried_in_turn():
    silent = [(b"AT\r", b"")] * 2
    port = ScriptedPort(_start(find=silent * 2 + [(b"AT\r", OK), (b"AT\r", OK), OWED, (b"ATE0\r", OK)]))
    Modem(port).start(rates=[9600, 115200, 921600])
    assert port.rates == [9600, 115200, 921600]
    port.done()


def test_an_unknown_model_is_told_which_are_known():
    identity = list(IDENTITY)
    identity[1] = (b"AT+CGMM\r", b"\r\nEC20\r\n" + OK)
    find = [(b"AT\r", OK), (b"AT\r", OK), (b"ATE0\r", OK), (b"AT+CMEE=1\r", OK), (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)]
    with raises(NotSupported, "EC20", "bg96, ec200u, ec600e"):
        Modem(ScriptedPort(find + identity)).start()
    with raises(NotSupported, "known"):
        Modem(ScriptedPort(), "ec21")


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


def test_connect_goes_from_the_sim_card_to_an_address():
    port = ScriptedPort(SIM_READY + _states(3, 5, 5) + ATTACH)
    modem = ready(port, connected=False)
    modem.module.addresses = ()
    modem.connect("internet")
    assert modem.isconnected() and modem.ifconfig()[0] == "10.7.157.1" and modem.ipconfig("addr4")[0] == "10.7.157.1"


def test_a_sim_card_that_is_missing_or_locked_has_its_own_error():
    missing = ready(ScriptedPort([(b"AT+CPIN?\r", b"\r\n+CME ERROR: 10\r\n")]), connected=False)
    with raises(SimError, "no SIM card", "10") as error:
        missing.connect("internet")
    assert error.value.code == 10
    locked = ready(ScriptedPort([(b"AT+CPIN?\r", b"\r\n+CPIN: SIM PIN\r\n" + OK)]), connected=False)
    with raises(SimError, "PIN"):
        locked.connect("internet")
    wrong = [(b"AT+CPIN?\r", b"\r\n+CPIN: SIM PIN\r\n" + OK), (b'AT+CPIN="1234"\r', b"\r\n+CME ERROR: 16\r\n")]
    with raises(SimError, "not accepted", "16") as error:
        ready(ScriptedPort(wrong), connected=False).connect("internet", pin="1234")
    assert "1234" not in str(error.value)


def test_a_pin_that_cannot_be_one_is_named_before_anything_is_sent():
    port = ScriptedPort([])
    for wrong, kind in (('12"4', ValueError), ("123456789", ValueError), (1234, TypeError)):
        with raises(kind, "pin"):
            Modem(port, "ec600e").connect("internet", pin=wrong)
    assert not port.sent


def test_the_pin_is_given_once_and_a_sim_card_that_is_still_busy_is_waited_for():
    dialogue = [
        (b"AT+CPIN?\r", b"\r\n+CME ERROR: 14\r\n"),
        (b"AT+CPIN?\r", b"\r\n+CPIN: SIM PIN\r\n" + OK),
        (b'AT+CPIN="1234"\r', OK),
        (b"AT+CPIN?\r", b"\r\n+CME ERROR: 13\r\n"),
    ]
    port = ScriptedPort(dialogue + SIM_READY + _states(0, 1, 0) + ATTACH)
    modem = ready(port, connected=False)
    modem.connect("internet", pin="1234")
    assert modem.isconnected()


def test_a_denied_registration_is_believed_after_a_while_and_has_its_own_error():
    port = ScriptedPort(SIM_READY + _states(3, 3, 0) * 200)
    with raises(RegistrationDenied):
        ready(port, connected=False).connect("internet")
    assert 25000 < port.now < 60000


def test_searching_without_success_says_what_was_seen():
    port = ScriptedPort()
    modem = ready(port, connected=False)
    port.dialogue = SIM_READY + _states(2, 2, 2) * 3 + [(b"AT+CSQ\r", b"\r\n+CSQ: 5,99\r\n" + OK)]
    with raises(ModemError) as error:
        modem.connect("internet", timeout_ms=1400)
    assert isinstance(error.value, ModemTimeout)
    assert "-103" in str(error.value)


def test_a_refused_context_is_an_error_with_its_code():
    refused = [(b"AT+QIACT?\r", OK), ATTACH[1], (b"AT+QIACT=1\r", b"\r\nERROR\r\n")]
    refused += [(b"AT+QIGETERROR\r", b"\r\n+QIGETERROR: 574,APN not configured\r\n" + OK), (b"AT+QIACT?\r", OK)]
    modem = ready(ScriptedPort(SIM_READY + _states(1, 1, 1) + refused), connected=False)
    modem.module.dialect.registration_ms = 1000
    try:
        modem.connect("internet")
    except CommandError as error:
        assert error.code == 574 and "APN not configured" in str(error)
    else:
        raise AssertionError("nothing was raised")


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
