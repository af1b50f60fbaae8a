# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The satellite receiver of the virtual modem, as each vendor's commands show it."""

from tests.rigs.virtual_modem import ERROR, OK, Rig
from tools.vmodem.gnss import FIRST_FIX_S, Fix, parse_fix, parse_script

CLOCK = 1_700_000_000  # 2023-11-14 22:13:20 UTC, the start of the rig's clock
SOUTH_WEST = Fix(-33.5, -70.123456, 520.5, 18.52, 271.5)


def rig(model, script=None, **options):
    made = Rig(model, places=script, **options)
    made.command("AT+CMEE=1")
    return made


def cme(code):
    return b"\r\n+CME ERROR: %d\r\n" % code


def test_quectel_from_start_to_end():
    each = rig("ec200u")
    assert each.command("AT+QGPSLOC=2") == each.command("AT+QGPSEND") == cme(505)
    assert each.command("AT+QGPS=1") == OK and each.command("AT+QGPS=1") == cme(504)
    assert each.command("AT+QGPS?") == b"\r\n+QGPS: 1\r\n" + OK
    assert each.command("AT+QGPSLOC=2") == cme(516), "no fix yet"
    each.pass_time(FIRST_FIX_S)
    got = each.command("AT+QGPSLOC=2")
    assert got == b"\r\n+QGPSLOC: 221325.0,52.52001,13.40495,1.0,34.0,3,0.00,0.0,0.0,141123,09\r\n" + OK
    assert each.command("AT+QGPSLOC=0").startswith(b"\r\n+QGPSLOC: 221325.0,5231.2005N,01324.2972E,1.0,")
    assert each.command("AT+QGPSLOC=1").startswith(b"\r\n+QGPSLOC: 221325.000,5231.200480,N,01324.297240,E,1.0,")
    assert each.command("AT+QGPSLOC?").startswith(b"\r\n+QGPSLOC: 221325.0,5231.2005N,")
    assert each.command("AT+QGPSEND") == OK and each.command("AT+QGPS?") == b"\r\n+QGPS: 0\r\n" + OK
    assert each.command("AT+QGPSLOC=9") == each.command("AT+QGPS=7") == each.command('AT+QGPSCFG="nosuch"') == cme(501)
    assert each.command('AT+QGPSCFG="nmeasrc",1') == OK
    assert each.command('AT+QGPSCFG="nmeasrc"') == b'\r\n+QGPSCFG: "nmeasrc",1\r\n' + OK


def test_nmea_sentences_have_a_right_checksum():
    each = rig("bg96", [(0.0, SOUTH_WEST)])
    each.command("AT+QGPS=1")
    for passed in (0, 10):
        each.pass_time(passed)
        for kind in ("GGA", "RMC"):
            line = each.command('AT+QGPSGNMEA="%s"' % kind).split(b"\r\n")[1]
            body, _, digits = line.partition(b"$")[2].partition(b"*")
            total = 0
            for byte in body:
                total ^= byte
            assert int(digits, 16) == total
            assert (b"3330.0000,S,07007.4074,W" in body) == bool(passed)
    assert b",10.0,271.5,141123," in each.command('AT+QGPSGNMEA="RMC"'), "18.52 km/h are 10 knots"


def test_a76xx_shows_decimal_degrees():
    each = rig("a76xx", [(0.0, SOUTH_WEST)])
    assert each.command("AT+CGNSSINFO") == b"\r\n+CGNSSINFO: ,,,,,,,,\r\n" + OK
    assert each.command("AT+CGNSSPWR=1") == OK and each.pass_time(4) == b"\r\n+CGNSSPWR: READY!\r\n"
    each.pass_time(2)
    want = b"3,09,,04,02,33.5000000,S,70.1234560,W,141123,221326.00,520.5,10.000,271.50,1.40,1.00,0.90,09"
    assert each.command("AT+CGNSSINFO") == b"\r\n+CGNSSINFO: " + want + b"\r\n" + OK
    assert each.command("AT+CGPSINFO") == b"\r\n+CGPSINFO: 3330.000000,S,07007.407360,W,141123,221326.0,520.5,10.0,271.5\r\n" + OK
    assert each.command("AT+CGPSHOT") == each.command("AT+CGNSSPWR=0") == OK
    assert each.command("AT+CGNSSINFO") == b"\r\n+CGNSSINFO: ,,,,,,,,\r\n" + OK and each.command("AT+CGPSHOT") == cme(3)
    assert each.command("AT+CGPS=1") == ERROR


def test_sim7100_shows_degrees_and_minutes():
    each = rig("sim7100", [(0.0, SOUTH_WEST)])
    assert each.command("AT+CGPS=1") == OK and each.command("AT+CGPS=1").startswith(b"\r\n+CME ERROR")
    each.pass_time(6)
    want = b"2,09,00,04,3330.000000,S,07007.407360,W,141123,221326.0,520.5,10.0,271.5,1.4,1.0,0.9"
    assert each.command("AT+CGNSSINFO") == b"\r\n+CGNSSINFO: " + want + b"\r\n" + OK
    assert each.command("AT+CGPS?") == b"\r\n+CGPS: 1,1\r\n" + OK
    assert each.command("AT+CGPS=0") == OK + b"\r\n+CGPS: 0\r\n"


def test_a_script_moves_the_module():
    script = parse_script("0 none\n10 1.5 2.5   # a comment\n\n30 -1 -2 100 50 90\n")
    each = rig("ec200u", script)
    each.command("AT+QGPS=1")
    got = []
    for _ in range(4):
        each.pass_time(9)
        got.append(each.command("AT+QGPSLOC=2").split(b",")[1:3])
    assert got == [[], [b"1.50000", b"2.50000"], [b"1.50000", b"2.50000"], [b"-1.00000", b"-2.00000"]]
    each.modem.gnss.place(None)
    assert each.command("AT+QGPSLOC=2") == cme(516)


def test_minutes_carry_over():
    assert Fix(59.99999999, 9.99999999).minutes(4) == ("6000.0000", "N", "01000.0000", "E")


def test_what_is_no_position():
    for text in ("1", "91 0", "0 181", "a b", "1 2 3 4 5 6", "nowhere"):
        for call, argument in ((parse_fix, text.split()), (parse_script, "0 " + text)):
            try:
                call(argument)
            except ValueError:
                continue
            raise AssertionError(text)
    assert parse_fix(["none"]) is None and parse_script("5 1 2\n1 none")[0] == (1.0, None)


def test_modules_without_a_receiver():
    for model, line in (("ec200u", "AT+QGPS=1"), ("a76xx", "AT+CGNSSPWR=1"), ("sim7100", "AT+CGPS=1")):
        assert Rig(model, quirks=["gnss"]).command(line) == ERROR


def test_a_restart_switches_the_receiver_off():
    each = rig("ec200u")
    each.command("AT+QGPS=1")
    each.command("AT+CFUN=1,1")
    each.pass_time(5)
    assert each.command("AT+QGPS?") == b"\r\n+QGPS: 0\r\n" + OK
