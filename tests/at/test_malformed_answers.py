"""Malformed answers, cancelled calls, modules in an unexpected state: single cases that tools/fuzz.py has found."""

from modem import ConnectionClosed, ModemRestarted, ModemTimeout, ProtocolError
from modem.compat import run
from modem.net.escape import TransparentLine
from tests.at.test_engine import OPEN
from tests.quectel.test_listeners import listener
from tests.quectel.test_transparent import RawModule
from tests.quectel.test_transparent import opened as transparent
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import ScriptedPort, modem_of, ready


def answers(lines):
    return b"".join([b"\r\n" + line + b"\r\n" for line in lines]) + OK


def refuses(model, command, lines, call):
    """An answer that makes no sense is a ProtocolError, and the line goes on."""
    modem = ready(Module({command: answers(lines), b"AT+CSQ": b"\r\n+CSQ: 9,99\r\n" + OK}), model)
    with raises(ProtocolError):
        call(modem)
    assert modem.command("AT+CSQ", prefix="+CSQ:") == [b"+CSQ: 9,99"]


OPENS = {
    b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n",
    b"AT+CIPOPEN=": OK + b"\r\n+CIPOPEN: 0,0\r\n",
    b"AT+CCHSTART": OK + b"\r\n+CCHSTART: 0\r\n",
    b"AT+CCHOPEN=": OK + b"\r\n+CCHOPEN: 0,0\r\n",
}


def linked(modem, tls=False):
    """A connected socket of `modem`."""
    modem.module.port.table.update(OPENS)
    return modem.create_connection(("10.0.0.1", 80), tls=modem.tls_context(verify=False) if tls else None)


def test_byte_counters_that_are_none():
    for line in (b'+QISEND: "a",2,3', b"+QISEND: ,,", b"+QISEND: 1,2"):
        refuses("ec600e", b"AT+QISEND=0,0", [line], lambda m: linked(m).stats())
    for line in (b'+CIPACK: "a",2,3', b"+CIPACK: 1,x,0", b"+CIPACK: 1", b"+CIPACK:"):
        refuses("a76xx", b"AT+CIPACK=0", [line], lambda m: linked(m).stats())
    for line in (b"+CCHSEND: 0,x,1,0", b"+CCHSEND: 0", b"+CCHSEND: 0,"):
        refuses("a76xx", b"AT+CCHSEND?", [line], lambda m: linked(m, True).stats())


def test_rows_of_connections_that_make_no_sense_are_left_out():
    rows = (
        b"+CIPOPEN: x,TCP,1,2,-1",
        b'+CIPOPEN: 77,"TCP","1.2.3.4",5,-1',
        b"+CIPOPEN: 0,5",
        b'+CIPOPEN: 1,"TCP","1.2.3.4",5,-1',
    )
    modem = ready(Module({b"AT+CIPOPEN?": answers(rows)}), "a76xx")
    assert [row[0] for row in modem.connections()] == [1]
    rows = (
        b'+QISTATE: 0,"TCP","1.2.3.4",5,6,"x",1,0,0',
        b"+QISTATE: 0,5,6,7,8,2,1,0,0",
        b'+QISTATE: 1,"TCP","1.2.3.4",5,6,2,1,0,0',
    )
    modem = ready(Module({b"AT+QISTATE": answers(rows)}))
    assert [row[0] for row in modem.connections()] == [1]


def test_names_answered_without_sense():
    def answering(*lines):
        return ready(Module({b"AT+QIDNSGIP=": [(0, OK)] + [(50, b"\r\n" + line + b"\r\n") for line in lines]}))

    address = b'+QIURC: "dnsgip","10.0.0.7"'
    modem = answering(b'+QIURC: "dnsgip"', b'+QIURC: "dnsgip",0,1,300', address)
    assert modem.resolve("host") == (["10.0.0.7"], 300)
    modem = answering(b'+QIURC: "dnsgip",0,2,300', b'+QIURC: "dnsgip",5', address)
    with raises(ProtocolError, "address 5"):
        modem.resolve("host")
    for line in (b'0,"x",300', b"0,0,300", b"0,1"):
        modem = ready(
            Module({b"AT+QIDNSGIP=": [(0, OK), (50, b'\r\n+QIURC: "dnsgip",%s\r\n' % line), (99, b'\r\n+QIURC: "dnsgip",5\r\n')]})
        )
        with raises(ProtocolError):
            modem.gethostbyname("host")


def test_tls_settings_read_back_without_sense():
    port = Module({b"AT+QSSLOPEN=": OK + b"\r\n+QSSLOPEN: 0,0\r\n"})
    modem = ready(port, "ec200u")
    context = modem.tls_context(verify=False)
    modem.create_connection(("srv", 443), tls=context)
    port.table[b"AT+QSSLCFG="] = answers([b'+QSSLCFG: "x",0,"xyz"'])
    with raises(ProtocolError):
        context.read()


def test_a_refused_read_is_looked_into_for_a_second_however_short_the_time_out():
    port = ScriptedPort([OPEN, (b"AT+QIRD=0,1500\r", ERROR), (b"AT+QISTATE=1,0\r", b"")])
    sock = ready(port).create_connection(("srv", 80))
    sock.setblocking(False)
    with raises(OSError) as error:
        sock.recv(10)
    port.now += 300  # so long the answer to the read may still come
    begun = port.now
    for _ in range(3):
        with raises(OSError) as error:
            sock.recv(10)
        assert error.value.args[0] == 11
    assert port.now - begun <= 3000, port.now - begun
    assert sock.link.refused
    port.later(
        0, b'\r\n+QISTATE: 0,"TCP","10.0.0.1",80,5000,2,1,0,0,"uart1"\r\n' + OK
    )  # late: it is not taken for the next one's
    restarted = (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)  # an end that was never reported: has the module restarted?
    unknown = [(b"AT+QISTATE=1,0\r", OK), (b"AT+QISTATE\r", OK)]
    for part in (unknown, [restarted], unknown, unknown):
        port.dialogue += part
    sock.settimeout(20)
    with raises(ConnectionClosed):
        sock.recv(10)
    port.done()


def test_close_broken_off_in_transparent_mode_is_gone_on_with():
    port = RawModule({b"AT+CSQ": b"\r\n+CSQ: 9,99\r\n" + OK, b"AT+QICLOSE=": OK})
    sock = transparent(port)
    sock.send(b"x")
    modem = modem_of(sock)
    wait, broken = port.wait, []

    def interrupted(timeout_ms, coming=1):
        if not broken:
            broken.append(True)
            raise KeyboardInterrupt
        return wait(timeout_ms)

    port.wait = interrupted
    with raises(KeyboardInterrupt):
        sock.close()
    assert modem.command("AT+CSQ", prefix="+CSQ:") == [b"+CSQ: 9,99"]
    modem.poll()
    assert [link for link in modem.module.links if link is not None] == []
    assert b"AT+QICLOSE=0" in port.lines


def test_no_line_is_made_transparent_for_a_connection_that_a_restart_has_ended():
    port = ScriptedPort([(b"AT+X\r", b""), (b"AT+CMEE?\r", b"\r\n+CMEE: 0\r\n" + OK)])
    modem = ready(port)
    with raises(ModemTimeout):
        run(modem.module.cmd(b"+X", limit_ms=1000))
    sock = modem.socket(access="transparent")
    with raises(ModemRestarted):
        sock.connect(("srv", 80))
    assert modem.module.engine.parser.raw is None and b"QIOPEN" not in port.sent


def test_payload_pushed_to_a_listener_is_passed_over():
    port, server = listener("push")
    modem = modem_of(server)
    port.later(0, b'\r\n+QIURC: "recv",0,7\r\nRDY\r\nOK\r\n\r\n+CSQ: 1,2\r\n')
    seen = []
    modem.on_event(lambda kind, detail: seen.append((kind, detail)))
    modem.poll(10)
    assert seen == [("urc", b"+CSQ: 1,2")], seen


def test_the_reason_of_another_connection_leaves_a_tls_read_alone():
    port = Module()
    sock = linked(ready(port, "a76xx"), True)
    port.table[b"AT+CCHRECV="] = b"\r\n+IP ERROR: No data\r\n" + OK + b"\r\n+CCHRECV: DATA,0,5\r\nhello\r\n+CCHRECV: 0,0\r\n"
    assert sock.recv(100) == b"hello"


def test_tls_service_whose_mode_is_not_known_is_started_anew():
    port = Module()
    modem = ready(port, "a76xx")
    linked(modem, True)
    modem.module.dialect.forget()  # the network service was opened anew
    port.table[b"AT+CCHOPEN="] = OK + b"\r\n+CCHOPEN: 1,0\r\n"
    assert modem.module.dialect.cch is None
    modem.create_connection(("srv", 443), tls=modem.tls_context(verify=False))
    assert modem.module.dialect.cch == 0


def serving(port):
    """A modem with a listening socket, and a client that no task has accepted."""
    modem = ready(port)
    sock = modem.socket()
    sock.bind(("", 2020))
    sock.listen(4)
    port.later(0, b'\r\n+QIURC: "incoming",1,0,"10.0.0.9",5000\r\n')
    modem.poll(5)
    return modem, sock


def test_a_client_of_a_listener_that_nobody_holds_gives_the_line_back():
    port = RawModule({b"AT+CSQ": b"\r\n+CSQ: 9,99\r\n" + OK, b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n"})
    modem = serving(port)[0]
    modem.module.links[0].abandoned = modem.module.links[1].abandoned = True
    # A76XX gives the line to the client of a transparent server
    modem.module.engine.parser.set_raw(TransparentLine(modem.module, modem.module.links[1]))
    port.transparent = True
    port.raw.append((-5000, b""))
    assert modem.command("AT+CSQ", prefix="+CSQ:") == [b"+CSQ: 9,99"]
    modem.poll(10)
    assert [link for link in modem.module.links if link is not None] == []
    assert b"AT+QICLOSE=1" in port.lines and b"AT+QICLOSE=0" in port.lines


MAILBOX = {b"AT+POP3IN": b"\r\n+POP3: SUCCESS\r\n" + OK}


def service(command, lines, call):
    """An answer of SIM7100's services without its fields; the other commands get OK."""
    refuses("sim7100", command, lines, call)


def test_services_that_tell_nothing_when_they_are_asked():
    def box(m):
        m.module.port.table.update(MAILBOX)
        return m.pop3("mail", "user", "password")

    def ftps(m):
        return m.ftps("ftp", "user", "password", verify=False)

    for lines in ((), [b"+POP3: 5"], [b"+POP3: 5 x"], [b"+POP3: 5,,"]):
        modem = ready(
            Module({b"AT+POP3NUM": answers(lines), b"AT+POP3LIST=1": answers(lines), b"AT+POP3LIST": answers(lines)}), "sim7100"
        )
        for call in (box(modem).count, box(modem).sizes, lambda m=modem: box(m).size(1)):
            with raises(ProtocolError):
                call()
    service(b"AT+POP3SRV?", [b'+POP3SRV: "a"'], lambda m: box(m).settings())
    service(b"AT+POP3LIST", [b"+POP3: 2 300", b"1 150"], lambda m: box(m).sizes())
    service(b"AT+CFTPSPWD", [], lambda m: ftps(m).getcwd())
    service(b"AT+CFTPSERV?", [], lambda m: m.ftp("ftp").settings())
    service(b"AT+CHTTPSSEND?", [], lambda m: m.https(verify=False).unsent())


def test_mail_settings_that_the_module_does_not_tell():
    modem = ready(Module(), "sim7100")
    smtp = modem.smtp()
    assert smtp.ongoing() is False and smtp.subject() is None and smtp.charset() is None
    assert smtp.server() == (None, None) and smtp.sender() == (None, None) and smtp.login() == (False, None)
    rows = [b'+SMTPRCPT: 7,1,"a@b"', b'+SMTPRCPT: x,1,"a@b"', b"+SMTPRCPT: 0", b'+SMTPRCPT: 0,1,"a@b","A"']
    modem = ready(Module({b"AT+SMTPRCPT?": answers(rows), b"AT+SMTPFILE?": answers([b"+SMTPFILE: 1"])}), "sim7100")
    assert modem.smtp().recipients() == [("to", 1, "a@b", "A")] and modem.smtp().attachments() == []


def test_a_listener_is_closed_while_a_client_that_nobody_has_accepted_has_the_line():
    port = RawModule({b"AT+CSQ": b"\r\n+CSQ: 9,99\r\n" + OK, b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n"})
    modem, sock = serving(port)
    modem.module.engine.parser.set_raw(TransparentLine(modem.module, modem.module.links[1]))
    port.transparent = True
    port.raw.append((-5000, b""))
    sock.close()
    assert modem.command("AT+CSQ", prefix="+CSQ:") == [b"+CSQ: 9,99"]
    modem.poll(10)
    assert [link for link in modem.module.links if link is not None] == []


def test_the_word_for_a_fetched_mail_comes_twice():
    done = b"\r\n+POP3: SUCCESS\r\n"
    place = b"\r\nC:/Email/090901120000/, EMAIL000.TXT\r\n"
    port = Module(MAILBOX)
    port.table.update({b"AT+POP3GET=": OK + done + done + b"\r\nodd\r\n" + place + b"\r\nC:/x, y\r\n"})
    modem = ready(port, "sim7100")
    seen = []
    modem.on_event(lambda kind, detail: seen.append(detail))
    box = modem.pop3("mail", "user", "password")
    assert box.get(1) == "C:/Email/090901120000/EMAIL000.TXT"
    port.later(0, b"\r\nstray, one\r\n")
    modem.poll(10)
    assert seen == [b"odd", b"C:/x, y", b"stray, one"], seen
