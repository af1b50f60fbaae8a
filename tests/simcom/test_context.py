"""From the SIM card to the network service on A76XX: limits, orders of OK and result, errors. Scripted, on both Pythons."""

from modem import CommandError, ModemError, ModemTimeout, SimError
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
SIM = [(b"AT+CPIN?\r", b"\r\n+CPIN: READY\r\n" + OK)]
REGISTERED = [(b"AT+CEREG?\r", b"\r\n+CEREG: 0,1\r\n" + OK)]
DOMAINS = [
    (b"AT+CREG?\r", b"\r\n+CREG: 0,3\r\n" + OK),
    (b"AT+CGREG?\r", b"\r\n+CGREG: 0,0\r\n" + OK),
    (b"AT+CEREG?\r", b"\r\n+CEREG: 0,1\r\n" + OK),
]
CLOSED = (b"AT+NETOPEN?\r", b"\r\n+NETOPEN: 0\r\n" + OK)
IS_OPEN = (b"AT+NETOPEN?\r", b"\r\n+NETOPEN: 1\r\n" + OK)


def asked(service, active=0, apn=b"", login=b""):
    """What is asked before the service is opened: whether it is open, and what context 1 is."""
    shown = b'\r\n+NETOPEN: %d\r\n\r\n+CGACT: 1,%d\r\n\r\n+CGDCONT: 1,"IP","%s","0.0.0.0",0,0\r\n' % (service, active, apn)
    return (b"AT+NETOPEN?;+CGACT?;+CGDCONT?;+CGAUTH?\r", shown + login + OK)


FOUND_CLOSED = asked(0)
RADIO = (b"AT+CFUN?\r", b"\r\n+CFUN: 1\r\n" + OK)
DEFINE = [
    (b'AT+CGDCONT=1,"IP","CMNET";+CGAUTH=1,0;+CSOCKSETPN=1,1;+CIPMODE=0\r', OK),
    (b"AT+CGACT=1,1\r", OK),
]
OPEN = (b"AT+NETOPEN\r", [(0, OK), (800, b"\r\n+NETOPEN: 0\r\n")])
READY = [(b"AT+CIPRXGET=1;+IPADDR\r", b"\r\n+IPADDR: 10.148.0.17\r\n" + OK)]
ADDRESS = (b"AT+IPADDR\r", b"\r\n+IPADDR: 10.148.0.17\r\n" + OK)


def offline(dialogue):
    port = ScriptedPort(dialogue)
    return ready(port, "a76xx", connected=False), port


def connect(modem):
    modem.connect("CMNET")
    return modem.ifconfig()[0]


def test_the_steps_of_the_flow_chart_when_all_goes_well():
    dialogue = SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + [OPEN] + READY
    modem, port = offline(dialogue)
    check("S-261", connect(modem), "10.148.0.17")
    check("S-271", modem.ifconfig()[0], "10.148.0.17")
    assert modem.isconnected() and port.now >= 800
    port.done()

    def scene(m):
        m.module.connected = False
        return connect(m)

    assert feed_all_ways(dialogue, scene, "10.148.0.17", urc=b"\r\n+CGEV: ME PDN ACT 1\r\n", model="a76xx", step=3) > 60


def test_status_5_is_registered_and_a_sim_that_needs_a_moment_is_waited_for():
    roaming = [(line, answer.replace(b",1", b",5")) for line, answer in REGISTERED]
    slow = [(b"AT+CPIN?\r", b"\r\n+CME ERROR: 14\r\n"), RADIO, (b"AT+CPIN?\r", b"\r\n+CPIN: SIM PIN\r\n" + OK)]
    slow += [(b"AT+SPIC\r", b"\r\n+SPIC: 3,10,0,10\r\n" + OK)]
    slow += [(b'AT+CPIN="1234"\r', OK), (b"AT+CPIN?\r", b"\r\n+CPIN: READY\r\n" + OK)]
    modem, port = offline(slow + roaming + [FOUND_CLOSED] + DEFINE + [OPEN] + READY)
    modem.connect("CMNET", pin="1234")
    check("S-253", modem.isconnected(), True)
    port.done()


def test_states_and_signal_in_the_printed_shapes():
    modem, port = offline(DOMAINS + [(b"AT+CSQ\r", b"\r\n+CSQ: 23,0\r\n" + OK)])
    check("S-259", (modem.status("registration"), modem.status("rssi")), ([3, 0, 1], -67))
    lte = [(line, answer.replace(b"0,1", b'2,5,"1A2B","01234567",7')) for line, answer in DOMAINS]
    port.dialogue = lte
    assert modem.status("registration") == [3, 0, 5]


def test_no_sim_within_10_s_and_no_registration_within_90_s():
    no_sim = (b"AT+CPIN?\r", b"\r\n+CME ERROR: 14\r\n")
    modem, port = offline([no_sim, RADIO] + [no_sim] * 30)
    with raises(SimError, "not ready"):
        modem.connect("CMNET")
    assert 9000 <= port.now <= 11000, port.now
    searching = [(line, answer.replace(b",1", b",2").replace(b",3", b",2")) for line, answer in DOMAINS]
    first = [searching[2], searching[1], searching[0], RADIO, (b'AT+CGDCONT=1,"IP","CMNET"\r', OK)]
    no_signal = (b"AT+CSQ\r", b"\r\n+CSQ: 99,99\r\n" + OK)
    modem, port = offline(SIM + first + searching + [no_signal] + searching * 179 + [no_signal])
    modem.module.registration_ms = 90000  # as the supervisor sets it
    with raises(ModemTimeout, "not registered"):
        modem.connect("CMNET")
    assert 89000 <= port.now <= 91000, port.now


def test_context_activation_is_waited_for_150_s_and_its_error_is_no_end():
    before = SIM + REGISTERED + [FOUND_CLOSED] + DEFINE[:1]
    modem, port = offline(before + [(b"AT+CGACT=1,1\r", b"")])
    with raises(ModemTimeout):
        modem.connect("CMNET")
    assert 150000 <= port.now <= 151000, port.now
    modem, port = offline(before + [(b"AT+CGACT=1,1\r", ERROR), OPEN] + READY)
    assert connect(modem) == "10.148.0.17"
    active = [asked(0, 1), DEFINE[0], OPEN]  # as a module that is attached in LTE shows it
    modem, port = offline(SIM + REGISTERED + active + READY)
    assert connect(modem) == "10.148.0.17"
    port.done()


def test_a_firmware_that_takes_one_command_a_line():
    single = [
        (FOUND_CLOSED[0], ERROR), CLOSED, (b"AT+CGACT?\r", b"\r\n+CGACT: 1,1\r\n" + OK), (DEFINE[0][0], ERROR),
        (b'AT+CGDCONT=1,"IP","CMNET"\r', OK), (b"AT+CGAUTH=1,0\r", ERROR), (b"AT+CSOCKSETPN=1,1\r", OK), (b"AT+CIPMODE=0\r", OK),
        OPEN, (READY[0][0], ERROR), (b"AT+CIPRXGET=1\r", OK), ADDRESS,
    ]  # fmt: skip
    modem, port = offline(SIM + REGISTERED + single)
    assert connect(modem) == "10.148.0.17"
    port.done()


def test_ok_alone_does_not_open_the_service():
    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + [(b"AT+NETOPEN\r", OK)] + [CLOSED] * 13)
    with raises(ModemTimeout, "no result"):
        modem.connect("CMNET")
    check("S-262", modem.isconnected(), False)
    check("S-257", 120000 < port.now < 130000, True)


def test_a_result_before_ok_counts_as_well():
    early = (b"AT+NETOPEN\r", b"\r\n+NETOPEN: 0\r\n" + OK)
    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + [early] + READY)
    check("S-021", connect(modem), "10.148.0.17")


def test_a_result_other_than_0_is_a_failure_and_the_sim_card_is_asked_about():
    failed = [(b"AT+NETOPEN\r", OK + b"\r\n+NETOPEN: 1\r\n"), CLOSED]
    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + failed + SIM)
    with raises(CommandError, "network failure") as error:
        modem.connect("CMNET")
    check("S-263", (error.value.code, error.value.family), (1, "simcom"))
    check("S-442", modem.module.engine.command is None and not port.dialogue, True)
    locked = [(b"AT+CPIN?\r", b"\r\n+CPIN: SIM PUK\r\n" + OK)]
    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + failed + locked)
    with raises(SimError) as error:
        modem.connect("CMNET")
    check("S-441", "SIM PUK" in str(error.value), True)


def test_a_service_that_is_open_already():
    twice = [(b"AT+NETOPEN\r", b"\r\n+IP ERROR: Network is already opened\r\n" + ERROR), IS_OPEN]
    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + twice + READY)
    check("S-266", connect(modem), "10.148.0.17")
    refused = [(b"AT+NETOPEN\r", b"\r\n+IP ERROR: Network is already opened\r\n" + ERROR), CLOSED]
    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + refused + SIM)
    with raises(CommandError, "Network is already opened") as error:
        modem.connect("CMNET")
    check(
        "S-265",
        (error.value.code, error.value.family, error.value.lines),
        (4, "simcom-ip", [b"+IP ERROR: Network is already opened"]),
    )


def test_a_service_left_open_with_other_settings_is_closed_first_and_its_links_with_it():
    close = (b"AT+NETCLOSE\r", OK + b"\r\n+CIPCLOSE: 3,0\r\n\r\n+NETCLOSE: 0\r\n")
    secret = b'\r\n+CGAUTH: 1,2,"me","other"\r\n'
    lost = asked(1, 0, b"CMNET")  # the network has gone away unseen: the context is not active any more
    for found in (lost, asked(1, 1, b"other"), asked(1, 1, b"CMNET", secret), (FOUND_CLOSED[0], b"\r\n+NETOPEN: 1\r\n" + OK)):
        again = [found, close] + DEFINE[: 1 if b"+CGACT: 1,1" in found[1] else 2]
        modem, port = offline(SIM + REGISTERED + again + [OPEN] + READY)
        check("S-264", connect(modem), "10.148.0.17")
        port.done()
        check("S-268", modem.module.engine.unknown, 0)
    port.dialogue = SIM + REGISTERED + [asked(1, 1, b"CMNET"), ADDRESS]
    assert connect(modem) == "10.148.0.17"  # the same settings: nothing is done anew
    port.done()


def test_a_service_that_an_earlier_program_has_opened_with_the_same_settings_is_used():
    modem, port = offline(SIM + REGISTERED + [asked(1, 1, b"CMNET"), ADDRESS])
    assert connect(modem) == "10.148.0.17"
    port.done()
    login = b'\r\n+CGAUTH: 1,2,"me","secret"\r\n'
    modem, port = offline(SIM + REGISTERED + [asked(1, 1, b"CMNET", login), ADDRESS])
    modem.connect("CMNET", "me", "secret", "chap")
    port.done()


def test_no_address_however_the_module_says_it():
    for answer, item in (
        (b"\r\n+IP ERROR: Network not opened\r\n" + ERROR, "S-272"),
        (b"\r\n+IPADDR: Network not opened\r\n" + OK, "S-273"),
    ):
        single = [(READY[0][0], ERROR), (b"AT+CIPRXGET=1\r", OK), (b"AT+IPADDR\r", answer)]
        modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + [OPEN] + single)
        with raises(CommandError) as error:
            modem.connect("CMNET")
        check(item, "Network not opened" in str(error.value), True)


def test_disconnecting_closes_the_service():
    modem = ready(ScriptedPort([(b"AT+NETCLOSE\r", OK + b"\r\n+NETCLOSE: 0\r\n"), (b"AT+CGACT=0,1\r", OK)]), "a76xx")
    modem.disconnect()
    check("S-267", (modem.isconnected(), modem.module.port.dialogue), (False, []))
    refused = [(b"AT+NETCLOSE\r", b"\r\n+NETCLOSE: 2\r\n" + ERROR), CLOSED, (b"AT+CGACT=0,1\r", ERROR)]
    modem = ready(ScriptedPort(refused), "a76xx")
    modem.disconnect()  # not open is as good as closed
    modem.module.port.done()


def test_three_refused_deactivations_in_a_row_are_an_error():
    refused = [(b"AT+NETCLOSE\r", OK + b"\r\n+NETCLOSE: 0\r\n"), (b"AT+CGACT=0,1\r", ERROR)]
    modem = ready(ScriptedPort(refused * 3), "a76xx")
    modem.disconnect()
    modem.module.connected = True
    modem.disconnect()
    modem.module.connected = True
    with raises(ModemError, "restart the module"):
        modem.disconnect()


def _defined(old, new):
    return [(DEFINE[0][0].replace(old, new), OK), DEFINE[1]]


def test_ipv6_is_chosen_before_the_service_is_opened():
    lines = [(_defined(b'"IP"', b'"IPV6"')[0][0].replace(b"PN=1,1", b"PN=1,6"), OK), DEFINE[1]]
    address = b"2409:8960:1e64:94d8:1:0:3b3b:7118"
    shown = [(READY[0][0], b"\r\n+IPADDR: " + address + b"\r\n" + OK)]
    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + lines + [OPEN] + shown)
    modem.connect("CMNET", ip="ipv6")
    sent = bytes(port.sent)
    check("S-385", 0 < sent.find(b'"IPV6"') < sent.find(b"CSOCKSETPN=1,6") < sent.find(b"AT+NETOPEN\r"), True)
    check("S-386", modem.ipconfig("addr6")[0][0], address.decode())


def test_both_families_show_both_addresses():
    lines = _defined(b'"IP"', b'"IPV4V6"')
    shown = (b"AT+CGPADDR=1\r", b"\r\n+CGPADDR: 1,10.148.0.17,2409:8960::1\r\n" + OK)
    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + lines + [OPEN] + READY + [shown])
    modem.connect("CMNET", ip="ipv4v6")
    assert modem.ipconfig("addr4")[0] == "10.148.0.17" and modem.ipconfig("addr6")[0][0] == "2409:8960::1"


def test_user_and_password_go_to_cgauth_and_stay_out_of_errors():
    lines = _defined(b"CGAUTH=1,0", b'CGAUTH=1,2,"me","secret"')
    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + lines + [OPEN] + READY)
    modem.connect("CMNET", "me", "secret", "chap")
    port.done()
    refused = [(lines[0][0], ERROR), (b'AT+CGDCONT=1,"IP","CMNET"\r', OK), (b'AT+CGAUTH=1,2,"me","secret"\r', ERROR)]
    modem, port = offline(SIM + REGISTERED + [FOUND_CLOSED] + refused)
    with raises(CommandError, "user and password") as error:
        modem.connect("CMNET", "me", "secret", "chap")
    assert "secret" not in str(error.value), error.value
    for bad in ({"auth": "md5"}, {"ip": "ipx"}, {"user": 'a"b'}):
        modem, port = offline([])
        with raises(ValueError):
            modem.connect("CMNET", **bad)


def test_a_network_that_went_away_ends_sockets_and_is_opened_anew():
    modem = ready(ScriptedPort([(b'AT+CIPOPEN=0,"TCP","h",80\r', OK + b"\r\n+CIPOPEN: 0,0\r\n")]), "a76xx")
    port = modem.module.port
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    s = modem.create_connection(("h", 80))
    port.dialogue = [
        (b"AT+CIPRXGET=2,0,1500\r", b"\r\n+IP ERROR: No data\r\n" + ERROR + b"\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n")
    ]
    with raises(ModemError, "unexpectedly"):
        s.recv(10)
    close = (b"AT+NETCLOSE\r", OK + b"\r\n+NETCLOSE: 0\r\n")
    port.dialogue = [(b"AT+CIPCLOSE=0\r", OK + b"\r\n+CIPCLOSE: 0,0\r\n"), IS_OPEN, close]
    modem.poll()
    check("S-382", (modem.isconnected(), events), (False, ["context lost"]))
    check("S-383", port.dialogue, [])
    s.close()
    port.dialogue = SIM + REGISTERED + [FOUND_CLOSED] + DEFINE + [OPEN] + READY
    connect(modem)
    assert modem.isconnected() and not port.dialogue


def test_a_network_that_went_away_is_closed_before_it_is_opened_anew_and_not_after():
    modem = ready(ScriptedPort([(b'AT+CIPOPEN=0,"TCP","h",80\r', OK + b"\r\n+CIPOPEN: 0,0\r\n")]), "a76xx")
    port = modem.module.port
    s = modem.create_connection(("h", 80))
    port.dialogue = [
        (b"AT+CIPRXGET=2,0,1500\r", b"\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n\r\n+IP ERROR: No data\r\n" + ERROR)
    ]
    with raises(ModemError, "unexpectedly"):
        s.recv(10)
    close = (b"AT+NETCLOSE\r", OK + b"\r\n+NETCLOSE: 0\r\n")
    free = (b"AT+CIPCLOSE=0\r", OK + b"\r\n+CIPCLOSE: 0,0\r\n")
    port.dialogue = SIM + REGISTERED + [free, IS_OPEN, close, FOUND_CLOSED] + DEFINE + [OPEN] + READY
    connect(modem)  # at once, with no poll() in between
    port.done()
    port.dialogue = [(b'AT+CIPOPEN=1,"TCP","h",80\r', OK + b"\r\n+CIPOPEN: 1,0\r\n")]
    modem.create_connection(("h", 80))
    port.done()


def _supervised(dialogue):
    """Return (modem, supervisor, list of restarts) of a module whose restart cannot be seen on the line."""
    from modem.supervisor import Supervisor

    modem, port = offline(dialogue)
    made = []

    def restart(m):
        made.append(port.now)
        m.module.started = True

    return modem, Supervisor(modem, "CMNET", restart=restart), made


def _step(supervisor):
    """One step; what the module is asked after a restart is of no interest here."""
    try:
        return supervisor.step()
    except AssertionError:
        return None


def test_the_flow_chart_restarts_after_three_refused_deactivations_and_when_the_service_does_not_open():
    modem, supervisor, made = _supervised([])
    restarts = []
    for answer in (ERROR, ERROR, OK, ERROR, ERROR, ERROR):  # one that is accepted begins the count anew
        modem.module.connected = True
        modem.module.port.dialogue += [(b"AT+NETCLOSE\r", OK + b"\r\n+NETCLOSE: 0\r\n"), (b"AT+CGACT=0,1\r", answer)]
        try:
            modem.disconnect()
        except ModemError:
            restarts.append("refused")
        if not modem.module.connected and modem.module.dialect.failed_deactivations == 3:
            _step(supervisor)
        restarts.append(len(made))
    check("S-255", restarts, [0, 0, 0, 0, 0, "refused", 1])
    failed = DEFINE + [(b"AT+NETOPEN\r", OK + b"\r\n+NETOPEN: 1\r\n"), CLOSED] + SIM
    modem, supervisor, made = _supervised((SIM + REGISTERED + [FOUND_CLOSED] + failed) * 3)
    for _ in range(3):
        supervisor.step()
        modem.module.port.now += 11000  # the pause between attempts grows
    _step(supervisor)
    check("S-274", len(made), 1)
