"""modem.gnss on scripted modules of both vendors. On both Pythons."""

from modem import CommandError, ModemError, NotSupported, ProtocolError
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import ready

QGPSLOC = b"\r\n+QGPSLOC: 091918.0,-31.22217,121.35438,1.2,32.9,3,255.00,12.5,6.7,131117,09\r\n"
UTC = (2017, 11, 13, 9, 19, 18, 0)
COMMANDS = {
    "ec200u": (b"AT+QGPS?", b"AT+QGPS=1", b"AT+QGPSEND", b"AT+QGPSLOC=2", b"+QGPS"),
    "bg96": (b"AT+QGPS?", b"AT+QGPS=1", b"AT+QGPSEND", b"AT+QGPSLOC=2", b"+QGPS"),
    "a76xx": (b"AT+CGNSSPWR?", b"AT+CGNSSPWR=1", b"AT+CGNSSPWR=0", b"AT+CGNSSINFO", b"+CGNSSPWR"),
    "sim7100": (b"AT+CGPS?", b"AT+CGPS=1,1", b"AT+CGPS=0", b"AT+CGPSINFO", b"+CGPS"),
}


def receiver(model, locate, on=True):
    """A module whose receiver is on or off, and answers the question for the position with `locate`."""
    state, start, stop, where, name = COMMANDS[model]
    port = Module()
    port.on = on
    tail = b",0,1" if model == "a76xx" else b",1" if model == "sim7100" else b""

    def switch(to):
        def answer(line):
            port.on = to
            return OK

        return answer

    port.table[state] = lambda line: b"\r\n%s: %d%s\r\n" % (name, port.on, tail) + OK
    port.table[start], port.table[stop] = switch(True), switch(False)
    port.table[where] = locate
    if model == "sim7100":
        port.table[b"AT+CGNSSPWR?"] = ERROR  # it has the older commands only
    return port


def position(model, answer):
    return ready(receiver(model, answer if answer == ERROR else answer + OK), model).gnss.position()


def test_it_is_switched_on_and_off_once():
    for model, (_, start, stop, _, _) in COMMANDS.items():
        port = receiver(model, b"\r\n+X: 1\r\n" + OK, on=False)
        gnss = ready(port, model).gnss
        assert gnss.active() is False
        for _ in range(2):
            gnss.start()
        assert port.count(start) == 1 and gnss.active() is True
        for _ in range(2):
            gnss.stop()
        assert port.count(stop) == 1 and port.on is False


def test_a_sim7600_that_stops_late_is_waited_for():
    port = receiver("sim7100", ERROR)
    port.table[b"AT+CGPS=0"] = OK
    off_at = 12000
    port.table[b"AT+CGPS?"] = lambda line: b"\r\n+CGPS: %d,1\r\n" % (port.now < off_at) + OK
    ready(port, "sim7100").gnss.stop()
    assert 12000 <= port.now < 13000 and port.count(b"AT+CGPS=0") == 1
    off_at = 1 << 30
    with raises(ModemError, "stays on"):
        ready(port, "sim7100").gnss.stop()
    assert 40000 < port.now < 60000


def test_an_a76xx_is_waited_for():
    port = receiver("a76xx", lambda line: OK if port.now > 9000 else ERROR, on=False)
    ready(port, "a76xx").gnss.start()
    assert 9000 < port.now < 10000
    port = receiver("a76xx", ERROR, on=False)
    with raises(ModemError, "AT+CGNSSPWR=1"):
        ready(port, "a76xx").gnss.start()
    assert 20000 <= port.now < 30000


def test_quectel_positions():
    found = position("ec200u", QGPSLOC)
    assert (found.latitude_e7, found.longitude_e7) == (-312221700, 1213543800)
    assert abs(found.latitude + 31.22217) < 1e-4 and abs(found.longitude - 121.35438) < 1e-4
    assert (found.altitude, found.speed, found.course, found.hdop) == (32.9, 12.5, 255.0, 1.2)
    assert (found.fix, found.satellites, found.utc) == (3, 9, UTC)
    bare = position("ec200u", b"\r\n+QGPSLOC: 091918.0,31.2,121,,,2,,,,131117\r\n")
    assert (bare.latitude_e7, bare.longitude_e7, bare.altitude, bare.satellites) == (312000000, 1210000000, None, None)


def test_simcom_positions():
    decimal = position(
        "a76xx", b"\r\n+CGNSSINFO: 3,14,,05,02,22.6542780,N,114.0599520,W,180425,072255.00,169.9,0.540,,10.40,6.39,8.20,07\r\n"
    )
    assert (decimal.latitude_e7, decimal.longitude_e7) == (226542780, -1140599520)
    assert (decimal.fix, decimal.hdop, decimal.satellites, decimal.course) == (3, 6.39, 21, None)
    assert abs(decimal.speed - 1.0) < 0.001 and decimal.utc == (2025, 4, 18, 7, 22, 55, 0) and decimal.altitude == 169.9
    minutes = position("sim7100", b"\r\n+CGPSINFO: 3113.343286,S,12121.234064,E,131117,091918.0,32.9,0.0,255.0\r\n")
    assert (minutes.latitude_e7, minutes.longitude_e7) == (-312223881, 1213539011)
    assert (minutes.fix, minutes.hdop, minutes.satellites) == (None, None, None)
    assert (minutes.utc, minutes.altitude, minutes.speed, minutes.course) == (UTC, 32.9, 0.0, 255.0)
    info = position(
        "a76xx", b"\r\n+CGNSSINFO: 2,09,05,00,3113.330650,N,00021.262554,E,131117,091918.0,32.9,0.0,255.0,1.1,0.8,0.7\r\n"
    )
    assert (info.latitude_e7, info.longitude_e7, info.fix, info.satellites, info.hdop) == (312221775, 3543759, 2, 14, 0.8)
    south = position("sim7100", b"\r\n+CGPSINFO: 0000.006000,S,00000.600000,W,131117,091918.0,1,0,0\r\n")
    assert (south.latitude_e7, south.longitude_e7) == (-1000, -100000)


def test_positions_that_users_of_such_modules_have_shown():
    for model, answer, place, rest in (
        (
            "a76xx",
            b"+CGNSSINFO: 3,13,,07,00,42.4344826,N,59.5115700,E,210624,065131.01,58.0,0.047,,2.47,1.70,1.80,06",
            (424344826, 595115700),
            (58.0, 3, 1.70),
        ),
        (
            "sim7100",
            b"+CGPSINFO: 4429.967842,N,01124.141582,E,250325,160319.0,57.7,0.0,",
            (444994640, 114023597),
            (57.7, None, None),
        ),
        (
            "sim7100",
            b"+CGPSINFO: 3433.035574,S,05829.585934,W,310520,210511.0,6.6,0.0,0.0",
            (-345505929, -584930989),
            (6.6, None, None),
        ),
        (
            "sim7100",
            b"+CGPSINFO:3433.035574,S,05829.585934,W,310520,210511.0,6.6,0.0,0.0",
            (-345505929, -584930989),
            (6.6, None, None),
        ),
        (
            "bg96",
            b"+QGPSLOC: 202008.0,-22.98486,-43.35916,2.5,4.0,2,0.00,0.0,0.0,290119,09",
            (-229848600, -433591600),
            (4.0, 2, 2.5),
        ),
        (
            "ec200u",
            b"+QGPSLOC: 061951.000,29.97580,-95.36047,1.2,32.5,2,0.00,0.0,0.0,110824,09",
            (299758000, -953604700),
            (32.5, 2, 1.2),
        ),
    ):
        found = position(model, b"\r\n" + answer + b"\r\n")
        assert (found.latitude_e7, found.longitude_e7) == place, answer
        assert (found.altitude, found.fix, found.hdop) == rest, answer
        assert found.utc is not None


def test_without_a_fix_there_is_no_position():
    assert position("ec200u", b"\r\n+CME ERROR: 516\r\n") is None
    for model, answer in (("a76xx", b"\r\n+CGNSSINFO: ,,,,,,,,\r\n"), ("sim7100", b"\r\n+CGPSINFO: ,,,,,,,,\r\n")):
        assert position(model, answer) is None
    assert position("a76xx", b"\r\n+CGNSSINFO: ,,,,,,,,,,,,,,,\r\n") is None
    assert position("a76xx", b"\r\n+CGNSSINFO: 0,00,00,00,00,,,,,,,,,,,,,\r\n") is None
    assert position("a76xx", b"\r\n+CGNSSINFO: ,,,,,,,,,,,,,,,,,\r\n") is None


def test_a_receiver_that_is_off_is_named():
    for model in COMMANDS:
        port = receiver(model, ERROR, on=False)
        with raises(ModemError, "start()") as error:
            ready(port, model).gnss.position()
        assert not isinstance(error.value, CommandError) and not port.count(COMMANDS[model][3])


def test_other_errors_keep_their_numbers_and_meanings():
    port = receiver("ec200u", b"\r\n+CME ERROR: 503\r\n")
    with raises(CommandError, "GNSS subsystem busy", "AT+QGPSLOC=2") as error:
        ready(port, "ec200u").gnss.position()
    assert error.value.code == 503
    with raises(CommandError):
        position("a76xx", ERROR)
    port = receiver("ec200u", QGPSLOC, on=False)
    port.table[b"AT+QGPS=1"] = b"\r\n+CME ERROR: 514\r\n"
    with raises(CommandError, "GNSS locked"):
        ready(port, "ec200u").gnss.start()


def test_a_module_without_a_receiver():
    for model, (state, _, _, _, _) in COMMANDS.items():
        for answer in (ERROR, b"\r\n+CME ERROR: 58\r\n", b"\r\n+CME ERROR: 4\r\n"):
            with raises(NotSupported, "receiver"):
                ready(Module({state: answer, b"AT+CGNSSPWR?": answer, b"AT+CGPS?": answer}), model).gnss.start()
    modem = ready(Module(), "ec200u")
    modem.module.dialect.gnss = None
    with raises(NotSupported, "ec200u"):
        modem.gnss.start()


def test_answers_that_make_no_sense():
    for model, answer in (
        ("ec200u", b""),
        ("ec200u", b"\r\n+QGPSLOC: 091918.0\r\n"),
        ("ec200u", QGPSLOC.replace(b"-31.22217", b"91.0")),
        ("ec200u", QGPSLOC.replace(b"121.35438", b"1e2")),
        ("ec200u", QGPSLOC.replace(b"131117", b"13x117")),
        ("sim7100", b"\r\n+CGPSINFO: 3113.343286,S,12121.234064\r\n"),
        ("sim7100", b"\r\n+CGPSINFO: 9113.343286,S,12121.234064,E,131117,091918.0,32.9,0.0,255.0\r\n"),
        ("a76xx", b"\r\n+CGNSSINFO: 3,14,,05,02,22.65,X,114.05,W,180425,072255.00,169.9,0.5,,1,1,1\r\n"),
        ("a76xx", b"\r\n+CGNSSINFO: 3,1x,,05,02,22.65,N,114.05,W,180425,072255.00,169.9,0.5,,1,1,1\r\n"),
    ):
        with raises(ProtocolError, "AT+"):
            position(model, answer)
    for answer in (b"", b"\r\n+QGPS: 7\r\n"):
        with raises(ProtocolError, "AT+QGPS?"):
            ready(Module({b"AT+QGPS?": answer + OK}), "ec200u").gnss.active()
