"""Undocumented behaviour of real modules: errors, contexts, connections, TLS and files. See tests/at/test_undocumented_answers.py."""

from modem import CommandError, ConnectionClosed, Modem, ModemTimeout
from tests.at.test_undocumented_answers import connected, once, simcom
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import ScriptedPort, ready

# --- errors


def test_reasons_come_as_numbers_or_words_or_not_at_all_in_one_configuration():
    cases = (
        (b"+CME ERROR: 421", 421), (b"+CME ERROR: file already exist", "file already exist"), (b"ERROR", None),
        (b"+CME ERROR: operation not allowed (#33)", "operation not allowed (#33)"), (b"+CMS ERROR: 305", 305),
    )  # fmt: skip
    for answer, code in cases:
        modem = ready(Module({b"AT+QFUPL=": b"\r\n" + answer + b"\r\n"}))
        with raises(CommandError) as error:
            modem.command('AT+QFUPL="x",1')
        assert error.value.code == code
        assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"]


def test_a_result_line_in_front_of_error_is_the_reason_and_nothing_more_is_waited_for():
    refused = {
        b"AT+NETCLOSE": b"\r\n+NETCLOSE: 2\r\n" + ERROR,
        b"AT+CIPCLOSE=": b"\r\n+CIPCLOSE: 0,4\r\n" + ERROR,
        b"AT+CDNSGIP=": b"\r\n+CDNSGIP: 0,10\r\n" + ERROR,
    }
    port = simcom(refused)
    modem = ready(port, "a76xx")
    s = modem.create_connection(("10.0.0.1", 80))
    with raises(CommandError, "DNS") as error:
        modem.resolve("nowhere")
    assert (error.value.code, error.value.lines) == (10, [b"+CDNSGIP: 0,10"])
    s.close()
    port.table[b"AT+CIPOPEN="] = b"\r\n+CIPOPEN: 0,3\r\n" + ERROR
    with raises(CommandError, "3") as error:
        modem.create_connection(("10.0.0.1", 80))
    assert error.value.code == 3 and error.value.lines == [b"+CIPOPEN: 0,3"]
    modem.disconnect()  # NETCLOSE: what is not open is closed
    assert not modem.isconnected() and port.now < 1000


def test_error_alone_may_mean_that_it_is_done_already():
    port = simcom({b"AT+NETCLOSE": ERROR, b"AT+CGACT=": ERROR})
    modem = ready(port, "a76xx")
    modem.disconnect()
    port = simcom({b"AT+NETOPEN": ERROR, b"AT+NETOPEN?": b"\r\n+NETOPEN: 1\r\n" + OK})
    port.table[b"AT+NETOPEN?"] = once(port, b"AT+NETOPEN?", b"\r\n+NETOPEN: 0\r\n" + OK)
    _later_open(port)
    modem = ready(port, "a76xx", connected=False)
    modem.connect("internet")
    assert modem.isconnected()
    port = Module({b"AT+QIACT=": ERROR, b"AT+QIACT?": b'\r\n+QIACT: 1,1,1,"10.7.157.1"\r\n' + OK})
    modem = ready(port, connected=False)
    modem.connect("internet")
    assert modem.isconnected() and modem.ifconfig()[0] == "10.7.157.1"


def _later_open(port):
    first = port.table[b"AT+NETOPEN?"]

    def play(line):
        answer = first(line)
        port.table[b"AT+NETOPEN?"] = b"\r\n+NETOPEN: 1\r\n" + OK
        return answer

    port.table[b"AT+NETOPEN?"] = play


def test_the_module_often_says_that_its_error_was_none():
    useless = b"\r\n+QIGETERROR: 0,operate successfully\r\n" + OK
    for answer, code in ((useless, None), (b"\r\n+QIGETERROR: 572,operation not allowed\r\n" + OK, 572), (ERROR, None)):
        modem = ready(Module({b"AT+QIOPEN=": ERROR, b"AT+QIGETERROR": answer}))
        with raises(CommandError, "AT+QIOPEN") as error:
            modem.create_connection(("srv", 80))
        assert error.value.code == code


# --- contexts


def test_addresses_of_a_context_in_every_shape():
    for answer, first, six in (
        (b'+QIACT: 1,1,1,"10.7.157.1"', "10.7.157.1", []),
        (b'+QIACT: 1,1,3,"10.7.157.1","2001:db8:0:0:0:0:0:1"', "10.7.157.1", ["2001:db8:0:0:0:0:0:1"]),
        (b'+QIACT: 1,1,3,"10.7.157.1","2001:db8::1"', "10.7.157.1", ["2001:db8::1"]),
        (b'+QIACT: 1,1,2,"2001:db8::1"', "2001:db8::1", ["2001:db8::1"]),
    ):
        port = Module({b"AT+QIACT?": _after(OK, b"\r\n" + answer + b"\r\n" + OK)})
        modem = ready(port, connected=False)
        modem.connect("internet", ip="ipv4v6")
        assert modem.ifconfig()[0] == first and [a[0] for a in modem.ipconfig("addr6")] == six
    for quote in (b'"', b""):
        paddr = b"\r\n+CGPADDR: 1,%s10.148.0.17%s,%s2001:db8::2%s\r\n" % (quote, quote, quote, quote) + OK
        modem = ready(simcom({b"AT+CGPADDR=": paddr}), "a76xx", connected=False)
        modem.connect("internet", ip="ipv4v6")
        assert modem.ifconfig()[0] == "10.148.0.17" and modem.ipconfig("addr6")[0][0] == "2001:db8::2"


def _after(first, then):
    """Answer `first` once, then `then`."""
    answers = [first]
    return lambda line: answers.pop() if answers else then


def test_no_address_is_told_in_the_words_of_an_error():
    port = simcom({b"AT+IPADDR": b"\r\n+IP ERROR: Network not opened\r\n" + ERROR})
    modem = ready(port, "a76xx", connected=False)
    with raises(CommandError, "not opened"):
        modem.connect("internet")


def test_one_domain_that_denies_is_no_denial_while_another_one_is_roaming():
    table = {b"AT+CREG?": b"\r\n+CREG: 0,3\r\n" + OK}
    for name in (b"+CGREG", b"+CEREG"):
        table[b"AT" + name + b"?"] = b"\r\n" + name + b": 0,5\r\n" + OK
    modem = ready(Module(table), connected=False)
    modem.connect("internet")
    assert modem.isconnected()
    table[b"AT+CREG?"] = b"\r\n+CREG: 0,11\r\n" + OK  # registered for emergencies only
    table[b"AT+CGREG?"] = table[b"AT+CEREG?"] = b"\r\n+CEREG: 0,4\r\n" + OK
    with raises(ModemTimeout, "11"):
        ready(Module(table), connected=False).connect("internet", timeout_ms=5000)


def test_name_servers_are_not_asked_for_before_the_context_is_up():
    port = Module({b"AT+QIDNSCFG=": ERROR})
    modem = Modem(port)
    modem.start()
    modem.connect("internet")
    assert modem.isconnected() and not [line for line in port.lines if line.startswith(b"AT+QIDNSCFG")]


# --- sockets


def test_pushed_data_are_followed_by_a_line_end_or_not_or_later():
    for behind in (b"\r\n", b"", [(300, b"\r\n")]):
        pieces = [(0, b'\r\n+QIURC: "recv",0,4\r\ntest' + (behind if isinstance(behind, bytes) else b""))]
        pieces += behind if isinstance(behind, list) else []
        pieces.append((10, b'\r\n+QIURC: "recv",0,2\r\n\r\n\r\n\r\n+QIURC: "closed",0\r\n'))
        port = ScriptedPort(
            [(b'AT+QIOPEN=1,0,"TCP","srv",80,0,1\r', OK + b"\r\n+QIOPEN: 0,0\r\n"), (b"AT+CSQ\r", [(0, OK)] + pieces)]
        )
        modem = ready(port)
        s = modem.create_connection(("srv", 80), access="push")
        modem.command("AT+CSQ")
        assert s.read() == b"test\r\n", behind


def test_what_an_empty_or_ended_connection_answers_to_a_read():
    port, modem, s = connected((b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 0\r\n" + OK), (b"AT+CSQ\r", OK + b'\r\n+QIURC: "closed",0\r\n'),
                                (b"AT+QIRD=0,1500\r", ERROR), (b"AT+QISTATE=1,0\r", OK), (b"AT+QISTATE\r", OK))  # fmt: skip
    s.setblocking(False)
    assert s.read(10) is None
    modem.command("AT+CSQ")
    s.settimeout(10)
    assert s.recv(10) == b"" and s.recv(10) == b""
    port.done()


def test_an_address_is_answered_by_the_name_server_as_well_and_may_live_for_no_time():
    for lines in ((b"0,1,0", b'"10.0.0.1"'), (b"0,1,0", b"10.0.0.1")):
        later = [(50, b'\r\n+QIURC: "dnsgip",' + line + b"\r\n") for line in lines]
        assert ready(Module({b"AT+QIDNSGIP=": [(0, OK)] + later})).resolve("10.0.0.1") == (["10.0.0.1"], 0)


def test_a_ping_may_fail_where_a_connection_succeeds():
    lines = [(9000, b"\r\n+QPING: 569\r\n"), (9000, b"\r\n+QPING: 569\r\n"), (1, b"\r\n+QPING: 0,2,0,2,0,0,0\r\n")]
    port = Module({b"AT+QPING=": [(0, OK)] + lines, b"AT+QIOPEN=": OK + b"\r\n+QIOPEN: 0,0\r\n"})
    modem = ready(port)
    assert modem.ping("srv", 2)[1] == [None, None]
    assert modem.create_connection(("srv", 80)).connection_id() == 0


def test_the_time_comes_seconds_later_with_a_year_of_four_digits():
    answer = [(0, OK), (7000, b'\r\n+QNTP: 0,"2026/11/21,08:01:02+32"\r\n')]
    modem = ready(Module({b"AT+QNTP=": answer}))
    assert modem.sync_time("pool.ntp.org") == (2026, 11, 21, 8, 1, 2, 480)


# --- TLS and files on Quectel modules


def test_a_read_of_pushed_tls_data_is_never_tried():
    port = Module({b"AT+QSSLOPEN=": OK + b"\r\n+QSSLOPEN: 0,0\r\n", b"AT+QSSLRECV=": ERROR})
    connected = b'\r\n+QSSLSTATE: 0,"SSLClient","10.0.0.1",443,65344,2,1,0,1,"uart1",0\r\n' + OK
    port.table[b"AT+QSSLSTATE=0"] = [(0, connected), (10000, b'\r\n+QSSLURC: "recv",0,5\r\nhello\r\n')]
    modem = ready(port, "ec200u")
    s = modem.create_connection(("srv", 443), tls=modem.tls_context(verify=False), access="push")
    assert s.recv(10) == b"hello" and port.count(b"AT+QSSLRECV=0,1500") == 0
    assert port.count(b"AT+QSSLSTATE=0") == 1  # after a silence of 20 s the driver asks for the state only


def test_settings_of_tls_are_never_read_where_they_are_meant_to_be_set():
    port = Module({b"AT+QSSLOPEN=": OK + b"\r\n+QSSLOPEN: 0,0\r\n", b"AT+CCLK?": b'\r\n+CCLK: "26/11/21,08:01:02+32"\r\n' + OK})
    for model in ("bg96", "ec200u"):
        modem = ready(port, model)
        modem.create_connection(("srv", 443), tls=modem.tls_context(ca="ca.pem", version="tls1.2", ciphers=[0xC02F]))
    written = [line for line in port.lines if line.startswith(b"AT+QSSLCFG=")]
    assert len(written) > 12 and all(len(line.split(b",")) == 3 for line in written)
    suites = [line.split(b",")[2] for line in written if b"ciphersuite" in line]
    assert suites == [b"0XC02F", b"0XC02F"], "BG96 refuses a suite in quotes"


def test_lists_of_files_name_the_storage_and_system_files_or_not():
    rows = b'\r\n+QFLST: "UFS:ca.pem",1200\r\n+QFLST: "security/key.pem",900\r\n+QFLST: "boot_cfg.bin",16\r\n' + OK
    modem = ready(Module({b"AT+QFLST=": rows}), "ec200u")
    assert modem.files.list() == [("ca.pem", 1200), ("security/key.pem", 900), ("boot_cfg.bin", 16)]
    modem = ready(Module({b"AT+QFLST=": OK, b"AT+QFDEL=": b"\r\n+CME ERROR: 405\r\n"}), "bg96")
    assert modem.files.list() == []
    with raises(CommandError, "405"):
        modem.files.remove("ca.pem")


# --- SIMCom


def test_the_result_of_netopen_may_come_at_once_and_means_something_else_when_asked_for():
    port = simcom({b"AT+NETOPEN": OK + b"\r\n+NETOPEN: 0\r\n\r\n+CGEV: ME PDN ACT 1\r\n"})
    modem = ready(port, "a76xx", connected=False)
    modem.connect("internet")
    assert modem.isconnected() and port.count(b"AT+NETOPEN") == 1
    port.table[b"AT+NETOPEN?"] = b"\r\n+NETOPEN: 1\r\n" + OK  # read form: 1 is open
    modem.connect("internet")
    assert port.count(b"AT+NETOPEN") == 1


def test_closing_the_network_closes_links_first():
    port = simcom({b"AT+NETCLOSE": OK + b"\r\n+CIPCLOSE: 0,0\r\n\r\n+NETCLOSE: 0\r\n"})
    modem = ready(port, "a76xx")
    s = modem.create_connection(("10.0.0.1", 80))
    modem.disconnect()
    with raises(ConnectionClosed):
        s.recv(10)
    assert port.now < 1000


def test_headers_of_pushed_data_with_and_without_blank():
    for header in (b"RECV FROM:10.0.0.1:80\r\n+IPD5\r\n", b"RECV FROM:10.0.0.1:80\r\n+IPD 5\r\n", b"+IPD5\r\n"):
        port = simcom({b"AT+CSQ": OK + b"\r\n" + header + b"hello\r\n"})
        modem = ready(port, "a76xx")
        s = modem.create_connection(("10.0.0.1", 80), access="push")
        modem.command("AT+CSQ")
        assert s.recv(10) == b"hello", header


def test_a_dead_link_that_answers_ok_to_a_read_is_found_out_by_its_state():
    flags = b"\r\n+CIPCLOSE: 0,0,0,0,0,0,0,0,0,0\r\n" + OK
    port = simcom({b"AT+CIPRXGET=": b"\r\n+CIPRXGET: 2,0,0,0\r\n" + OK, b"AT+CIPCLOSE?": flags})
    modem = ready(port, "a76xx")
    s = modem.create_connection(("10.0.0.1", 80))
    s.settimeout(60)
    assert s.recv(10) == b"" and port.now < 60000


def test_a_ping_with_bare_addresses_and_a_summary_of_zeros():
    lines = [(50, b"\r\n+CPING: 1,10.0.0.1,84,40,52\r\n"), (50, b"\r\n+CPING: 3,1,1,0,40,40,40\r\n")]
    assert ready(simcom({b"AT+CPING=": [(0, OK)] + lines}), "a76xx").ping("srv", 1)[1] == [("10.0.0.1", 84, 40, 52)]
    zeros = [(0, OK), (50, b"\r\n+CPING: 3,0,0,0,0,0,0\r\n")]
    assert ready(simcom({b"AT+CPING=": zeros}), "a76xx").ping("srv", 1) == ((0, 0, 0, 0, 0, 0), [])


def test_a_service_that_is_started_already_is_stopped_and_started_again():
    port = simcom(
        {
            b"AT+CFTPSSTART": ERROR,
            b"AT+CFTPSSTOP": ERROR,
            b"AT+CFTPSLOGOUT": ERROR,
            b"AT+CFTPSPWD": b'\r\n+CFTPSPWD: "/"\r\n' + OK,
        }
    )
    modem = ready(port, "sim7100")
    with raises(CommandError):
        modem.ftps("srv", verify=False).getcwd()
    assert port.count(b"AT+CFTPSSTART") == 2 and port.count(b"AT+CFTPSSTOP") == 1
    port.table[b"AT+CFTPSSTART"] = _after(ERROR, OK)
    assert modem.ftps("srv", verify=False).getcwd() == "/"
