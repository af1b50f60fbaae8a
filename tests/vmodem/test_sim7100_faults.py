# CPython only: the virtual modem needs asyncio's sockets and threads.
"""What goes wrong with the services of the virtual SIM7100 on demand: orders of results, black holes, restarts, refusals."""

from tests.conformance import check
from tests.rigs.service_servers import PASSWORD, USER, FtpServer, Pop3Server, Scripted, SmtpServer, certificate
from tests.rigs.virtual_modem import ERROR, OK, Rig
from tests.rigs.virtual_sim7100 import live
from tests.vmodem.test_sim7100_http import https_rig
from tests.vmodem.test_sim7100_smtp import EHLO, GREETING
from tools.vmodem.simcom import services

HOSTS = ["server.com=127.0.0.1"]
FTP = ('AT+CFTPSERV="server.com"', 'AT+CFTPUN="%s"' % USER, 'AT+CFTPPW="%s"' % PASSWORD, "AT+CFTPMODE=1")
MAIL = ('AT+SMTPFROM="a@b.c"', 'AT+SMTPRCPT=0,0,"a@b.c"')


class _ShortLimit:
    """The time limit of the services is short for a while."""

    def __enter__(self):
        self._was, services.IDLE_LIMIT_S = services.IDLE_LIMIT_S, 0.3

    def __exit__(self, *error):
        services.IDLE_LIMIT_S = self._was


def test_names_with_other_signs_than_plus():
    rig = Rig("sim7100")
    got = [rig.command(line) for line in ("AT#SMTPSRV?", "AT$CFTPPORT?", 'AT+CFTPSESV="a"', "AT#NOSUCH?", "AT##SMTPSRV?")]
    assert got == [b'\r\n+SMTPSRV: "", 25\r\n' + OK, b"\r\n+CFTPPORT: 21\r\n" + OK, ERROR, ERROR, ERROR]
    assert rig.command("AT#CSQ;$SMTPFROM?;+CFTPPORT=21").count(b"OK") == 1
    assert [Rig(model).command("AT#CSQ") for model in ("ec600e", "a76xx")] == [ERROR, ERROR], "their documents do not say so"
    assert [rig.command("AT+CFTPSTART"), rig.command("AT+CFTPSTOP")] == [OK, OK]  # as the contents of the document spell them
    assert rig.command("at+cftpport?") == b"\r\n+CFTPPORT: 21\r\n" + OK


def test_results_in_another_order():
    seen = []
    for order in ("result-first", "ok-first", "swapped"):

        async def scene(rig):
            await rig.commands(*FTP, "AT+CFTPPORT=%d" % ftp.port)
            server_line = 'AT+POP3SRV="server.com","user_name","password",%d' % pop3.port
            await rig.commands(server_line)
            got = []
            for line, last in (("AT+POP3IN", b"+POP3: SUCCESS"), ('AT+CFTPGET="/a"', b"+CFTPGET: 0")):
                rig.write(line.encode() + b"\r")
                whole = await rig.until(lambda last=last: last in rig.seen and OK in rig.seen and bytes(rig.seen), line)
                await rig.quiet()
                got.append((whole.find(OK) == 0, whole.count(OK)))
            seen.append(got)

        with FtpServer() as ftp, Pop3Server() as pop3:
            ftp.write("a", b"x" * 2000)
            live(scene, hosts=HOSTS, quirks=["order=" + order])
    assert seen == [[(False, 1), (False, 1)], [(True, 1), (True, 1)], [(True, 1), (False, 1)]]


def test_services_in_a_black_hole():
    async def scene(rig):
        await rig.commands(*FTP, "AT+CFTPPORT=%d" % ftp.port, 'AT+SMTPSRV="server.com",%d' % smtp.port, *MAIL)
        rig.net.freeze()
        assert await rig.command("AT+SMTPSEND") == b"\r\n+SMTP: SERVER ERROR\r\n" + ERROR
        assert await rig.command('AT+CFTPGET="/a"') == OK
        assert await rig.blocks("+CFTPGET") == ([], 204)
        assert await rig.command('AT+CFTPMKD="/a"') == b"\r\n+CFTPMKD:204\r\n" + ERROR
        rig.write(b'AT+CHTTPACT="server.com",80\r')
        await rig.expect(b"REQUEST\r\n")
        rig.write(b"GET / HTTP/1.1\r\n\r\n\x1a")
        assert await rig.line_of("+CHTTPACT") == "223"

    from tools.vmodem.simcom import http

    was = http.IDLE_LIMIT_S
    http.IDLE_LIMIT_S = 0.3
    try:
        with FtpServer() as ftp, SmtpServer() as smtp, _ShortLimit():
            live(scene, hosts=HOSTS)
    finally:
        http.IDLE_LIMIT_S = was


def test_services_when_name_servers_are_silent():
    rig = Rig("sim7100", faults=["dns-silent"])
    lines = ['AT+SMTPSRV="server.com",25', *MAIL, 'AT+POP3SRV="server.com","u","p"', 'AT+CFTPSERV="server.com"']
    assert [rig.command(line) for line in lines] == [OK] * 5
    got = [rig.command(line) + rig.pass_time(31) for line in ("AT+SMTPSEND", "AT+POP3IN", 'AT+CFTPMKD="/a"')]
    want = [b"\r\n+SMTP: NETWORK ERROR\r\n", b"\r\n+POP3: NETWORK ERROR\r\n", b"\r\n+CFTPMKD:203\r\n"]
    assert got == [line + ERROR for line in want]
    rig.command('AT+CHTTPACT="server.com",80')
    assert rig.host(b"GET / HTTP/1.1\r\n\r\n\x1a") + rig.pass_time(31) == OK + b"\r\n+CHTTPACT: 222\r\n"
    lines = ["AT+CHTTPSSTART", 'AT+CHTTPSOPSE="server.com",443', "AT+CFTPSSTART", 'AT+CFTPSLOGIN="server.com",21,"u","p"']
    assert [rig.command(line) + rig.pass_time(31) for line in lines] == [OK, ERROR, OK, ERROR]


def test_download_when_the_module_restarts():
    async def scene(rig):
        await rig.commands(*FTP, "AT+CFTPPORT=%d" % server.port)
        assert await rig.command('AT+CFTPGET="/a"') == OK
        await rig.expect(b"DATA,1020\r\n")
        rig.modem.reboot(0.05)
        after = await rig.expect(b"\r\nRDY\r\n")
        assert b"+CFTPGET: 0" not in after
        assert b"CFTPGET" not in (await rig.quiet(0.2)).partition(b"RDY")[2]
        await rig.commands(*FTP, "AT+CFTPPORT=%d" % server.port)
        assert await rig.command('AT+CFTPGET="/small"') == OK
        assert await rig.blocks("+CFTPGET") == ([b"s"], 0)

    with FtpServer() as server:
        server.write("a", b"x" * 300000)
        server.write("small", b"s")
        live(scene, hosts=HOSTS, rate=921600)


def test_download_when_the_fault_closes_it():
    async def scene(rig):
        await rig.commands(*FTP, "AT+CFTPPORT=%d" % server.port)
        assert await rig.command('AT+CFTPGET="/a"') == OK
        blocks, code = await rig.blocks("+CFTPGET")
        data = b"".join(blocks)
        assert code in (210, 214) and 5000 <= len(data) < 4000000
        assert data == b"x" * len(data)
        assert await rig.command("AT") == OK

    with FtpServer() as server:
        server.write("a", b"x" * 4000000)
        live(scene, hosts=HOSTS, rate=921600, faults=["close:after=5000"])


def test_download_when_the_context_is_lost():
    async def scene(rig):
        await rig.commands(*FTP, "AT+CFTPPORT=%d" % server.port)
        assert await rig.command('AT+CFTPGET="/a"') == OK
        assert (await rig.blocks("+CFTPGET"))[1] == 214

    with FtpServer() as server:
        server.write("a", b"x" * 4000000)
        live(scene, hosts=HOSTS, rate=921600, faults=["context-loss:after=5000"])


def test_ftps_when_the_context_is_lost():
    """During a download, between commands, while a file is open, and while the module logs in."""

    async def scene(rig):
        log_in = 'AT+CFTPSLOGIN="server.com",%d,"%s","%s"' % (server.port, USER, PASSWORD)
        await rig.commands("AT+CFTPSSTART", log_in)
        assert await rig.command('AT+CFTPSGET="/a"') == OK
        await rig.expect(b"DATA,1020\r\n")
        rig.modem.dialect.lose_contexts()
        end = (await rig.expect(b"\r\n+CFTPSGET: 10\r\n"))[-30:]
        assert b"xxx" in end
        assert await rig.command("AT+CFTPSPWD") == ERROR
        await rig.commands(log_in, "AT+CFTPSPWD")
        rig.modem.dialect.lose_contexts()
        assert await rig.command("AT+CFTPSPWD") == ERROR
        await rig.commands(log_in)
        rig.write(b'AT+CFTPSPUT="/b",3\r')
        await rig.expect(b">")
        rig.write(b"abc")
        await rig.expect(OK)
        rig.modem.dialect.lose_contexts()
        assert await rig.result("AT+CFTPSPUT", "+CFTPSPUT") == "10"
        rig.write(log_in.encode() + b"\r")
        await rig.until(lambda: rig.modem.job)
        rig.modem.dialect.lose_contexts()
        assert await rig.expect(b"\r\n") + await rig.expect(b"\r\n") == ERROR
        await rig.commands(log_in, "AT+CFTPSPWD")

    with FtpServer(pem=certificate()) as server:
        server.write("a", b"x" * 4000000)
        live(scene, hosts=HOSTS, rate=921600)


def test_refusals_as_busy():
    rig = Rig("sim7100", faults=["busy:cmd=+CFTPGET", "busy:cmd=+CHTTPACT", "busy:cmd=+CHTTPSSTART", "busy:cmd=+SMTPSEND"])
    rig.command('AT+CFTPSERV="a"')
    got = [rig.command('AT+CFTPGET="/a"'), rig.command('AT+CHTTPACT="a",80')]
    assert got == [b"\r\n+CME ERROR: 202\r\n", b"\r\n+CME ERROR: 221\r\n"]
    assert [rig.command("AT+CHTTPSSTART"), rig.command("AT+SMTPSEND")] == [ERROR, ERROR]


def test_https_when_the_network_or_the_server_goes_away():
    for cut in ("lose_contexts", "close_all"):
        rig, peer = https_rig()
        peer.send(b"abc")
        rig.port.take()
        getattr(rig.modem.dialect, cut)()
        assert rig.command("AT+CHTTPSRECV=5") + rig.pass_time(1) == OK + b"\r\n+CHTTPSRECV: DATA,3\r\nabc\r\n+CHTTPSRECV: 0\r\n"
        assert rig.command("AT+CHTTPSRECV=1") == b"\r\n+CHTTPSRECV: 4\r\n" + ERROR
        assert rig.command("AT+CHTTPSCLSE") == OK


def test_mail_when_a_fault_closes_the_connection():
    async def scene(rig):
        await rig.commands('AT+SMTPSRV="server.com",%d' % server.port, *MAIL)
        await rig.command("AT+SMTPSEND")
        rig.modem.dialect.close_all()
        assert await rig.line_of("+SMTP") in ("SERVER ERROR", "NETWORK ERROR")
        assert await rig.command("AT+SMTPSEND?") == b"\r\n+SMTPSEND: 0\r\n" + OK

    with Scripted(GREETING, {b"EHLO": EHLO, b"MAIL": b"250 OK\r\n"}) as server:
        live(scene, hosts=HOSTS)


def test_frames_and_command_lines():
    rig = Rig("sim7100")
    rig.command('AT+SMTPRCPT=0,0,"a@b.c"')
    rig.command('AT+SMTPRCPT=1,1,"d@e.f"')
    two = rig.command("AT+SMTPRCPT?")
    check("S-002", two, b'\r\n+SMTPRCPT: 0, 0, "a@b.c", ""\r\n+SMTPRCPT: 1, 1, "d@e.f", ""\r\n' + OK)
    rig.modem.urc("+CHTTPS: RECV EVENT")
    got = [rig.port.take(), rig.command("AT+CFTPMODE?"), rig.command("AT+CFTPMODE=9")]
    check("S-001", got, [b"\r\n+CHTTPS: RECV EVENT\r\n", b"\r\n+CFTPMODE: 0\r\n" + OK, b"\r\n+CME ERROR: 213\r\n"])
    check("S-006", [rig.command("at+cftpmode?"), rig.command("aT+cFtPmode=1")], [b"\r\n+CFTPMODE: 0\r\n" + OK, OK])
    check("S-008", rig.host(b"AT+CFTPMODE=1\r\nAT\r\n"), OK + OK)
    check("S-010", [rig.command(line) for line in ("AT+NOSUCH", "AT+NOSUCH?", "AT+NOSUCH=1", "AT+POP3OUT=1")], [ERROR] * 4)
    check(
        "S-015",
        [rig.command("ATE1"), rig.command("AT"), rig.command("ATE0"), rig.command("AT")],
        [OK, b"AT\r" + OK, b"ATE0\r" + OK, OK],
    )


def test_ftps_when_the_context_is_lost_before_a_download_begins():
    async def scene(rig):
        log_in = 'AT+CFTPSLOGIN="server.com",%d,"%s","%s"' % (server.port, USER, PASSWORD)
        await rig.commands("AT+CFTPSSTART", log_in)
        assert await rig.command('AT+CFTPSGET="/a"') == OK
        rig.modem.dialect.lose_contexts()
        assert await rig.blocks("+CFTPSGET") == ([], 10)
        await rig.commands(log_in, "AT+CFTPSPWD")

    with FtpServer(pem=certificate()) as server:
        live(scene, hosts=HOSTS, faults=["delay:ms=100,cmd=+CFTPSGET,urc=1"])


def test_time_limit_when_something_happens_before_it():
    class Work:
        aborted = False

        def abort(self):
            self.aborted = True

    rig = Rig("sim7100")
    rig.net.work = lambda run, done: Work()
    outcome = []
    task = services.Task(rig.modem, None, lambda result, error: outcome.append(type(error)))
    rig.pass_time(services.IDLE_LIMIT_S - 1)
    task.alive()
    rig.pass_time(services.IDLE_LIMIT_S - 1)
    assert (outcome, task.worker.aborted) == ([], False)
    rig.pass_time(1)
    assert (outcome, task.worker.aborted) == ([TimeoutError], True)
    task.alive()
    task.fail(ValueError())
    assert rig.pass_time(services.IDLE_LIMIT_S) == b"" and outcome == [TimeoutError]
