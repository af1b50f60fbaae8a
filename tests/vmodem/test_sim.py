# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The SIM card of the virtual modem: PIN, PUK, the tries that are left, and a card that is absent, busy or broken."""

from tests.rigs.virtual_modem import ERROR, OK, Rig
from tools.vmodem.sim import Secret, nibbles_swapped, parse_card

READY = OK + b"\r\n+CPIN: READY\r\n"


def cme(code):
    return b"\r\n+CME ERROR: %d\r\n" % code


def locked(model="ec600e", **card):
    """A rig whose card wants the PIN 1234, with numeric errors."""
    rig = Rig(model, card={"pin": "1234", **card})
    rig.command("AT+CMEE=1")
    return rig


def tries(rig):
    """Tries left of PIN and PUK, as the vendor's own command has them."""
    if rig.modem.table.find("+SPIC", "execute"):
        return tuple(map(int, rig.command("AT+SPIC").split(b"\r\n")[1].split(b": ")[1].split(b",")[:2]))
    return tuple(map(int, rig.command('AT+QPINC="SC"').split(b"\r\n")[1].split(b",")[1:]))


def test_wrong_pins_are_counted_and_lock_the_card():
    for model in ("ec600e", "a76xx"):
        rig = locked(model)
        assert rig.command("AT+CPIN?") == b"\r\n+CPIN: SIM PIN\r\n" + OK and tries(rig) == (3, 10)
        assert rig.command("AT+CPIN=9999") == cme(16) and tries(rig) == (2, 10)
        assert rig.command('AT+CPIN="9999"') == cme(16) and tries(rig) == (1, 10)
        assert rig.command("AT+CPIN=9999") == cme(12) and tries(rig) == (0, 10)
        assert rig.command("AT+CPIN?") == b"\r\n+CPIN: SIM PUK\r\n" + OK
        assert rig.command("AT+CPIN=1234") == cme(12), "the right PIN comes too late"
        assert rig.command("AT+CIMI") == cme(12)
        assert rig.command('AT+CPIN="12345678","4321"') == READY and tries(rig) == (3, 10)


def test_the_right_pin_restores_the_tries():
    rig = locked()
    rig.command("AT+CPIN=0000")
    rig.command("AT+CPIN=0000")
    assert rig.command("AT+CPIN=1234") == READY and tries(rig) == (3, 10)
    assert rig.command("AT+CPIN=1234") == cme(3), "nothing is asked for"


def test_tries_outlive_a_restart_and_a_power_cut():
    rig = locked()
    rig.command("AT+CPIN=0000")
    rig.command("AT+CFUN=1,1")
    boot = rig.pass_time(5)
    assert b"\r\n+CPIN: SIM PIN\r\n" in boot and b"READY" not in boot
    assert tries(rig) == (2, 10)
    rig.modem.power.cut()
    rig.modem.power.restore()
    rig.pass_time(5)
    rig.command("AT+CMEE=1")
    assert tries(rig) == (2, 10) and rig.command("AT+CPIN=0000") == cme(16) and rig.command("AT+CPIN=1234") == READY
    rig.command("AT+CFUN=1,1")
    assert b"\r\n+CPIN: SIM PIN\r\n" in rig.pass_time(5), "each restart asks again"


def test_the_puk_locks_for_good():
    rig = locked(tries=0, puk_tries=2)
    assert rig.command('AT+CPIN="11111111","4321"') == cme(16)
    assert rig.command('AT+CPIN="11111111","4321"') == cme(13)
    assert rig.command("AT+CPIN?") == cme(13) == rig.command('AT+CPIN="12345678","4321"')
    rig.command("AT+CFUN=1,1")
    rig.pass_time(5)
    rig.command("AT+CMEE=1")
    assert rig.command("AT+CPIN?") == cme(13)


def test_what_cannot_be_a_pin_costs_no_try():
    rig = locked()
    for line in ("AT+CPIN=12", "AT+CPIN=abcd", 'AT+CPIN=""', "AT+CPIN=123456789"):
        assert rig.command(line) in (cme(16), cme(50)), line
    assert rig.command("AT+CPIN=") == cme(50) and tries(rig) == (3, 10)


def test_remaining_tries_as_3gpp_has_them():
    rig = locked()
    rig.command("AT+CPIN=0000")
    lines = b"\r\n+CPINR: SIM PIN,2,3\r\n\r\n+CPINR: SIM PUK,10,10\r\n\r\n+CPINR: SIM PIN2,3,3\r\n\r\n+CPINR: SIM PUK2,10,10\r\n"
    assert rig.command("AT+CPINR") == rig.command('AT+CPINR="SIM*"') == lines + OK
    assert rig.command('AT+CPINR="SIM PIN"') == b"\r\n+CPINR: SIM PIN,2,3\r\n" + OK
    assert rig.command('AT+CPINR="NO PIN"') == cme(50)
    assert Rig("a76xx", quirks=["cpinr"]).command("AT+CPINR") == ERROR
    assert rig.command("AT+QPINC?") == b'\r\n+QPINC: "SC",2,10\r\n\r\n+QPINC: "P2",3,10\r\n' + OK


def test_lock_and_password_of_the_card():
    rig = Rig()
    rig.command("AT+CMEE=1")
    assert rig.command('AT+CLCK="SC",2') == b"\r\n+CLCK: 0\r\n" + OK
    assert rig.command('AT+CPWD="SC","1234","9876"') == cme(3), "a PIN that is not asked for cannot be changed"
    assert rig.command('AT+CLCK="SC",1,"0000"') == cme(16) and tries(rig) == (2, 10)
    assert rig.command('AT+CLCK="SC",1,"1234"') == OK and rig.command('AT+CLCK="SC",2') == b"\r\n+CLCK: 1\r\n" + OK
    assert rig.command('AT+CPWD="SC","1234","9876"') == OK and rig.command("AT+CPIN?") == b"\r\n+CPIN: READY\r\n" + OK
    rig.command("AT+CFUN=1,1")
    rig.pass_time(5)
    assert rig.command("AT+CPIN?") == b"\r\n+CPIN: SIM PIN\r\n" + OK
    assert rig.command("AT+CPIN=1234") == ERROR and rig.command("AT+CPIN=9876") == READY
    assert rig.command('AT+CLCK="SC",0,"9876"') == OK and rig.command('AT+CLCK="AO",2') == b"\r\n+CLCK: 0\r\n" + OK


def test_nothing_works_before_the_pin():
    rig = locked("ec200u")
    for line in ("AT+CIMI", "AT+QCCID", "AT+CNUM", "AT+CGACT=1,1", 'AT+COPS=1,2,"00102"', "ATD*99#"):
        assert rig.command(line) == cme(11), line
    assert rig.command("AT+CREG?") == b"\r\n+CREG: 0,0\r\n" + OK
    assert rig.command('AT+CMGS="1"') == b"\r\n+CMS ERROR: 311\r\n"
    rig.command("AT+CREG=1")
    assert rig.command("AT+CPIN=1234") == READY + b"\r\n+CREG: 1\r\n"


def test_a_card_that_is_busy_or_broken_for_a_while():
    for code in (10, 13, 14):
        rig = Rig("a76xx", card={"error": code, "ms": 6000})
        rig.command("AT+CMEE=1")
        assert rig.command("AT+CPIN?") == cme(code) == rig.command("AT+CIMI") == rig.command("AT+SPIC")
        assert rig.command("AT+CREG?").startswith(b"\r\n+CREG: 0,0")
        rig.pass_time(5.9)
        assert rig.command("AT+CPIN?") == cme(code)
        rig.pass_time(0.2)
        assert rig.command("AT+CPIN?") == b"\r\n+CPIN: READY\r\n" + OK
    rig = Rig(card={"error": 14})
    rig.command("AT+CMEE=2")
    rig.pass_time(3600)
    assert rig.command("AT+CPIN?") == b"\r\n+CME ERROR: SIM busy\r\n"


def test_a_card_that_is_pulled_and_pushed_in():
    rig = Rig("ec200u")
    rig.command("AT+QSIMSTAT=1")
    rig.modem.sim.insert(False)
    assert rig.port.take() == b"\r\n+QSIMSTAT: 1,0\r\n\r\n+CPIN: NOT READY\r\n"
    rig.command("AT+CMEE=1")
    assert rig.command("AT+CPIN?") == cme(10) and rig.command("AT+QSIMSTAT?") == b"\r\n+QSIMSTAT: 1,0\r\n" + OK
    assert rig.command("AT+QINISTAT") == b"\r\n+QINISTAT: 0\r\n" + OK
    rig.modem.sim.insert(True)
    assert rig.port.take() == b"\r\n+QSIMSTAT: 1,1\r\n\r\n+CPIN: READY\r\n"
    other = Rig("a76xx")
    other.modem.sim.insert(False)
    assert other.port.take() == b"\r\n+SIMCARD: NOT AVAILABLE\r\n"
    other.command("AT+CRESET")
    boot = other.pass_time(5)
    assert b"+CPIN" not in boot and b"SMS DONE" in boot


def test_files_of_the_card():
    rig = Rig()
    assert nibbles_swapped("123") == "21F3"
    iccid = nibbles_swapped(rig.modem.model.iccid).encode()
    assert rig.command("AT+CRSM=176,12258,0,0,10") == b'\r\n+CRSM: 144,0,"%s"\r\n' % iccid + OK
    assert rig.command("AT+CRSM=176,28423,0,0,9") == b'\r\n+CRSM: 144,0,"080910101032547698"\r\n' + OK, "IMSI 001010123456789"
    assert rig.command("AT+CRSM=176,28514,0,0,0") == b'\r\n+CRSM: 144,0,"00F1104000"\r\n' + OK, "001-01, LTE"
    assert rig.command("AT+CRSM=176,28589,0,0,0") == b'\r\n+CRSM: 144,0,"00000002"\r\n' + OK, "networks of two digits"
    name = b"Virtual Network".hex().upper().encode()
    assert rig.command("AT+CRSM=176,28486,0,0,17") == b'\r\n+CRSM: 144,0,"00%sFF"\r\n' % name + OK
    assert rig.command("AT+CRSM=176,1,0,0,9") == b"\r\n+CRSM: 106,130\r\n" + OK
    assert rig.command('AT+CSIM=10,"A0A4000002"') == b'\r\n+CSIM: 4,"6D00"\r\n' + OK
    assert rig.command('AT+CSIM=12,"A0A4000002"') == ERROR


def test_card_of_the_command_line():
    assert parse_card("pin=0000,tries=2,error=14,ms=600") == {"pin": "0000", "tries": 2, "error": 14, "ms": 600}
    assert parse_card("") == {}
    for text in ("pin", "pin=abc", "size=3", "tries="):
        try:
            parse_card(text)
        except ValueError as error:
            assert "--sim" in str(error)
        else:
            raise AssertionError(text)


def test_a_secret_by_itself():
    secret = Secret("1234", "12345678")
    assert not secret.verify("1") and secret.verify("1234") and secret.tries == 3
    assert not secret.unblock("1", "5") and secret.puk_tries == 9
    assert secret.unblock("12345678", "5555") and secret.puk_tries == 10 and secret.verify("5555")
