# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The control channel of the virtual modem: what a line makes happen, and the TCP port that takes the lines."""

import asyncio
import contextlib
import io

from tests.rigs.virtual_modem import OK, Rig
from tools.vmodem.control import Control, ControlServer
from tools.vmodem.run import parser, run


def desk(model="ec600e", **options):
    rig = Rig(model, **options)
    return rig, Control(rig.modem).do


def test_help_lists_every_command_and_each_is_used_here():
    _, do = desk()
    listed = {line.split()[0] for line in do("help").split("\n")[:-1]}
    source = open(__file__, encoding="utf-8").read()
    assert listed == {name[3:] for name in dir(Control) if name.startswith("do_")}
    assert [name for name in listed if 'do("' + name not in source and "do('" + name not in source] == []


def test_messages_and_calls():
    rig, do = desk()
    assert do("sms +4917 Hello there") == "ok" and rig.port.take() == b'\r\n+CMTI: "SM",0\r\n'
    rig.command('AT+CMGF=1;+CSCS="IRA"')
    assert b"\r\nHello there\r\n" in rig.command("AT+CMGR=0")
    assert do("sms +4917 two\\nlines") == "ok" and rig.port.take() and b"\r\ntwo\nlines\r\n" in rig.command("AT+CMGR=1")
    assert do("sms").startswith("error: sms FROM TEXT") and do("sms фирма x").startswith("error:")
    rig.command('AT+CMGS="+4918"')
    rig.host(b"answer\x1a")
    rig.pass_time(2)
    assert do("outbox") == "+4918 answer\nok"
    assert do("call +4919") == "ok" and rig.port.take() == b"\r\nRING\r\n"
    assert do("call +4919").startswith("error:") and do("hangup") == "ok" and rig.port.take() == b"\r\nNO CARRIER\r\n"
    assert do("hangup").startswith("error:") and do("call").startswith("error:")
    assert do("ussd You have mail") == "ok"
    rig.command('AT+CUSD=1,"*1#"')
    assert b'"You have mail"' in rig.pass_time(2)


def test_radio():
    rig, do = desk()
    rig.command("AT+CREG=1")
    assert do("signal rssi=-91 rsrp=-111") == "ok" and rig.command("AT+CSQ") == b"\r\n+CSQ: 11,99\r\n" + OK
    assert (
        do("signal").startswith("error:")
        and do("signal rssi=5").startswith("error: rssi=5")
        and do("signal x=1").startswith("error:")
    )
    for word, status in (("lost", 2), ("denied", 3), ("roaming", 5), ("home", 1), ("lost", 2), ("back", 1)):
        assert do("registration " + word) == "ok" and rig.port.take() == b"\r\n+CREG: %d\r\n" % status
    assert do("registration gone").startswith("error: registration lost|")
    rig.online()
    peer = rig.open()
    assert do("connections closed") == "ok" and rig.port.take() == b'\r\n+QIURC: "closed",0\r\n'
    rig.command("AT+QICLOSE=0")
    rig.open()
    assert do("context lost") == "ok" and rig.port.take() == b'\r\n+QIURC: "pdpdeact",1\r\n\r\n+QIURC: "closed",0\r\n'
    assert do("context").startswith("error:") and do("connections").startswith("error:") and peer
    rig.command("AT+CTZR=1")
    assert do("time 8") == "ok" and rig.port.take() == b"\r\n+CTZV: +08\r\n" and do("time x").startswith("error:")


def test_position():
    rig, do = desk("a76xx")
    rig.command("AT+CGNSSPWR=1")
    rig.pass_time(6)
    assert do("position 1.5 -2.25 100") == "ok" and b",1.5000000,N,2.2500000,W," in rig.command("AT+CGNSSINFO")
    assert do("position none") == "ok" and b": ,,,,,,,,\r\n" in rig.command("AT+CGNSSINFO")
    assert do("position 100 0").startswith("error: latitude 100") and do("position").startswith("error:")


def test_card():
    rig, do = desk()
    rig.command("AT+CMEE=1")
    assert do("sim error 14 6000") == "ok" and rig.command("AT+CPIN?") == b"\r\n+CME ERROR: 14\r\n"
    rig.pass_time(6.1)
    assert rig.command("AT+CPIN?") == b"\r\n+CPIN: READY\r\n" + OK
    assert do("sim error 13") == "ok" and rig.pass_time(9999) == b"" and rig.command("AT+CIMI") == b"\r\n+CME ERROR: 13\r\n"
    assert do("sim ready") == "ok" and do("sim pull") == "ok" and b"NOT READY" in rig.port.take()
    assert do("sim insert") == "ok" and rig.command("AT+CIMI").endswith(OK)
    assert do("sim").startswith("error: sim pull|") and do("sim error x").startswith("error:")


def test_power():
    rig, do = desk()
    assert do("pwrkey 100") == "too short: nothing happens\nok" and do("pwrkey").startswith("error:")
    assert do("pwrkey 700") == "goes down\nok" and rig.pass_time(3) == b"\r\nPOWERED DOWN\r\n"
    assert do("restart") == "error: the module is off" and do("status").startswith("power off\n")
    assert do("pwrkey 700") == "starts\nok" and do("status").startswith("power starting\n") and b"RDY" in rig.pass_time(5)
    assert do("pull") == "ok" and rig.command("AT") == b"" and do("plug") == "ok" and b"RDY" in rig.pass_time(5)
    assert do("restart") == "ok" and b"RDY" in rig.pass_time(5)
    assert do("status") == "power on\nsim READY\nregistration 1\nmessages 0\ngnss off\nok"


def test_faults():
    rig, do = desk()
    rig.command("AT+CREG=1")
    assert do("fault denied") == "ok" and rig.port.take() == b"\r\n+CREG: 3\r\n"
    assert do("fault end denied") == "ok" and rig.port.take() == b"\r\n+CREG: 1\r\n"
    assert do("fault delay:ms=2000,times=1") == "ok" and rig.command("AT") == b"" and rig.pass_time(2) == OK
    assert do("fault reboot:at=5") == "ok" and rig.pass_time(4.9) == b"" and b"RDY" in rig.pass_time(5)
    assert do("fault storm:ms=1000,n=1") == "ok" and rig.pass_time(3.1).count(b"\r\n") == 6
    assert do("fault end storm") == "ok" and rig.pass_time(10) == b""
    rig.command("AT")
    assert do("fault reboot:at=5") == "ok" and do("fault end reboot") == "ok" and rig.pass_time(20) == b""
    assert (
        do("fault drop:every=3").startswith("error:")
        and do("fault nosuch").startswith("error:")
        and do("fault end storm").startswith("error:")
    )


def test_lines_of_any_kind():
    rig, do = desk()
    assert do('urc +QIND: "csq",1,1') == "ok" and rig.port.take() == b'\r\n+QIND: "csq",1,1\r\n'
    assert do("  STATUS ").endswith("ok") and do("nosuch \x1b[2J") == "error: unknown command 'nosuch'; help lists them"


# The port ----------------------------------------------------------------------------------------------------------------


async def ask(port, *lines):
    """Send lines; everything that comes until the other side closes, or until each has had its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"".join(line + b"\n" for line in lines))
    got = b""
    with contextlib.suppress(TimeoutError):
        while got.count(b"ok\n") + got.count(b"error:") < len(lines):
            data = await asyncio.wait_for(reader.read(4096), 5)
            if not data:
                got += b"<closed>"
                break
            got += data
    writer.close()
    return got


def with_server(scene, control=None):
    async def go():
        rig = Rig()
        server = await ControlServer(control or Control(rig.modem), "0").open()
        try:
            return await scene(int(server.name.rpartition(":")[2])), rig.notes
        finally:
            server.close()

    return asyncio.run(go())


def test_the_port_answers_each_line():
    got, notes = with_server(lambda port: ask(port, b"call 1", b"call 2", b"hangup\r"))
    assert got.startswith(b"ok\nerror: no call is possible") and got.endswith(b"ok\n") and notes[0] == "control: call 1"


def test_the_port_does_not_listen_to_web_pages():
    got, _ = with_server(lambda port: ask(port, b"POST / HTTP/1.1", b"", b"restart"))
    assert got == b"<closed>"


def test_the_port_outlives_nonsense():
    rig = Rig()

    class Broken(Control):
        def do(self, line):
            if line == "ok?":
                return "ok"
            raise KeyError("a fault of the program")

    async def scene(port):
        return [await ask(port, b"x" * 100_000), await ask(port, b"\xff\xfe"), await ask(port, b"ok?")]

    got, _ = with_server(scene, Broken(rig.modem))
    assert got == [b"<closed>", b"error: a fault of the virtual modem, see its log\n", b"ok\n"]
    assert any("KeyError" in note for note in rig.notes)


def test_where_the_port_listens():
    exposed = {
        where: ControlServer(None, where).exposed for where in ("5000", "127.0.0.1:1", "[::1]:1", "localhost:1", "0.0.0.0:1")
    }
    assert exposed == {"5000": False, "127.0.0.1:1": False, "[::1]:1": False, "localhost:1": False, "0.0.0.0:1": True}
    for where in ("nowhere", "host:port"):
        try:
            ControlServer(None, where)
        except ValueError:
            continue
        raise AssertionError(where)


def test_the_options_of_the_command_line():
    """--control, --sms, --sim and --gnss in a whole virtual modem."""

    async def go():
        words = "--model a76xx --tcp 127.0.0.1:0 --control 0 --sim pin=4711 --gnss 1.5,2.5 --sms".split()
        options = parser().parse_args([*words, "0,+4917:from the command line"])
        stop, place = asyncio.Event(), asyncio.Queue()
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            task = asyncio.ensure_future(run(options, place.put_nowait, stop))
            host, _, port = (await place.get()).rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(b"ATE0;+CPIN?\r")
            assert b"+CPIN: SIM PIN" in await reader.readuntil(b"OK\r\n")
            writer.write(b"AT+CPIN=4711\r")
            assert b'+CMTI: "SM",0' in await reader.readuntil(b'+CMTI: "SM",0'), "it has waited for the card"
            control = int(said.getvalue().split()[-1].rpartition(":")[2])
            assert b"messages 1\n" in await ask(control, b"status")
            writer.close()
            stop.set()
            await task

    asyncio.run(go())


def test_bad_options_are_told_in_one_line():
    for words in (["--gnss", "nowhere"], ["--sim", "size=1"], ["--sms", "x"], ["--control", "nowhere"]):
        options = parser().parse_args(["--model", "ec600e", "--tcp", "127.0.0.1:0", *words])
        try:
            asyncio.run(run(options, lambda name: None, asyncio.Event()))
        except ValueError as error:
            assert words[1] in str(error) and "\n" not in str(error)
        else:
            raise AssertionError(words)
