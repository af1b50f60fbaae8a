"""The engine and its deadlines, by scripted dialogues: every way of feeding, late answers, lining up again, restarts."""

from modem import CommandError, ConnectionClosed, LineBusy, ModemError, ModemRestarted, ModemTimeout, ProtocolError, SocketTimeout
from modem.compat import run
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready

OPEN = (b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', b"\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n")
PAYLOAD = b'\r\nOK\r\nERROR\r\n> +QIURC: "closed",0\r\n\x00\x1a\x1b+++'


def _read(n, data):
    head = b"\r\n+QIRD: %d\r\n" % len(data)
    return (b"AT+QIRD=0,%d\r" % n, head + (data + b"\r\n" if data else b"") + b"\r\nOK\r\n")


def test_a_plain_command_is_digested_in_every_way():
    def scene(modem):
        return modem.command("AT+CSQ")

    ways = feed_all_ways([(b"AT+CSQ\r", b"\r\n+CSQ: 24,99\r\n\r\nOK\r\n")], scene, [b"+CSQ: 24,99"])
    assert ways > 20


def test_lines_of_others_neither_end_nor_enter_a_command():
    answer = (
        b'\r\n\r\n\r\n+CREG: 2,"1A2B","01234567",7\r\n\r\n\r\n+QIURC: "dnsgip",0,1,5\r\n\r\n+FOO: OK\r\n'
        b"\r\n+CSQ: 24,99\r\n\r\nSMS DONE\r\n\r\nOK\r\n"
    )
    modem = ready(ScriptedPort([(b"AT+CSQ\r", answer)]))
    seen = []
    modem.on_event(lambda kind, detail: seen.append((kind, detail)))
    got = modem.command("AT+CSQ", prefix="+CSQ:")
    check("Q-008", got[:1], [b"+CSQ: 24,99"])
    check("Q-019", ("urc", b"+FOO: OK") in seen, True)
    check("Q-023", [line for line in got if line.startswith(b"+")], [b"+CSQ: 24,99"])


def test_the_reply_with_the_prefix_of_a_urc_is_told_apart_by_its_shape():
    dialogue = [
        (b"AT+CREG?\r", b'\r\n+CREG: 2\r\n\r\n+CREG: 0,1\r\n\r\n+CREG: 1,"1A2B"\r\n\r\nOK\r\n'),
        (b"AT+CGREG?\r", b"\r\n+CGREG: 0,0\r\n\r\nOK\r\n"),
        (b"AT+CEREG?\r", b"\r\n+CME ERROR: 3\r\n"),
    ]
    assert ready(ScriptedPort(dialogue)).status("registration") == [1, 0, -1]


def test_every_final_result_is_known():
    got = []
    for final in (b"OK", b"ERROR", b"+CME ERROR: 10", b"+CME ERROR: SIM not inserted", b"+CMS ERROR: 500"):
        modem = ready(ScriptedPort([(b"AT+X\r", b"\r\n" + final + b"\r\n")]))
        try:
            got.append(modem.command("AT+X"))
        except CommandError as error:
            got.append(error.code)
    check("Q-021", got[:2], [[], None])
    check("Q-022", got[2:], [10, "SIM not inserted", 500])


def test_echo_is_skipped_whatever_it_looks_like():
    def scene(modem):
        return modem.command("AT+CGSN")

    dialogue = [(b"AT+CGSN\r", b"AT+CGSN\r\r\n867034051234567\r\n\r\nOK\r\n")]
    ways = feed_all_ways(dialogue, scene, [b"867034051234567"])
    check("Q-010", ways > 20, True)


def test_a_number_no_line_of_others_can_be_taken_for_the_imsi():
    dialogue = [(b"AT+CIMI\r", b"\r\nDST: 1\r\n\r\n460001234567890\r\n\r\nOK\r\n")]
    assert ready(ScriptedPort(dialogue)).config("imsi") == "460001234567890"


def test_a_download_is_digested_in_every_way():
    def scene(modem):
        s = modem.create_connection(("srv", 80))
        got = s.recv(100) + s.recv(100)
        s.close()
        return got

    dialogue = [OPEN, _read(1500, PAYLOAD), _read(1500, b"end"), (b"AT+QICLOSE=0\r", b"\r\nOK\r\n")]
    feed_all_ways(dialogue, scene, PAYLOAD + b"end", opaque=(PAYLOAD, b"end"))
    check("Q-157", scene(ready(ScriptedPort(dialogue, 1))), PAYLOAD + b"end")
    check("Q-158", scene(ready(ScriptedPort(dialogue, {60, 61})))[:6], b"\r\nOK\r\n")
    check("Q-159", b'+QIURC: "closed",0' in scene(ready(ScriptedPort(dialogue))), True)
    check("Q-009", scene(ready(ScriptedPort(dialogue, {9}))), scene(ready(ScriptedPort(dialogue))))


def test_an_upload_is_digested_in_every_way():
    def scene(modem):
        s = modem.create_connection(("srv", 80))
        n = s.send(PAYLOAD)
        s.close()
        return n

    for prompt in (b"\r\n>", b"\r\n> ", b"\r\n>\r\n", b">"):
        sent = [(b"AT+QISEND=0,%d\r" % len(PAYLOAD), prompt), (PAYLOAD, b"\r\nSEND OK\r\n")]
        dialogue = [OPEN] + sent + [(b"AT+QICLOSE=0\r", b"\r\nERROR\r\n")]
        feed_all_ways(dialogue, scene, len(PAYLOAD))
    check("Q-123", scene(ready(ScriptedPort(dialogue))), len(PAYLOAD))


def _connected(*dialogue, **options):
    port = ScriptedPort([OPEN] + list(dialogue), **options)
    modem = ready(port)
    return port, modem, modem.create_connection(("srv", 80))


def test_the_callers_deadline_passes_and_the_late_block_is_delivered():
    late = b"\r\n+QIRD: 5\r\nhello\r\n\r\nOK\r\n"
    port, modem, s = _connected((b"AT+QIRD=0,1500\r", [(6000, late)]), (b"AT+CSQ\r", b"\r\n+CSQ: 9,99\r\n\r\nOK\r\n"))
    s.settimeout(1)
    with raises(SocketTimeout):
        s.recv(10)
    with raises(SocketTimeout):
        s.recv(10)
    s.settimeout(None)
    assert s.recv(10) == b"hello"
    assert modem.command("AT+CSQ", prefix="+CSQ:") == [b"+CSQ: 9,99"]
    port.done()


def test_a_busy_line_names_the_command_that_has_it():
    _, modem, s = _connected((b"AT+QIRD=0,1500\r", [(70000, b"")]))
    s.settimeout(0.5)
    with raises(SocketTimeout):
        s.recv(10)
    with raises(LineBusy, "AT+QIRD=0,1500"):
        run(modem.module.cmd(b"+CSQ", deadline=modem.module.deadline(100)))


def test_a_line_is_busy_while_somebody_lines_it_up():
    port = ScriptedPort([(b"AT+X\r", b"")])
    modem = ready(port)
    with raises(ModemTimeout):
        run(modem.module.cmd(b"+X", deadline=modem.module.deadline(100)))  # stays in flight
    with raises(LineBusy, "AT+X"):
        run(modem.module.cmd(b"+CSQ", deadline=modem.module.deadline(100)))


def test_a_command_given_up_is_lined_up_before_the_next_one():
    dialogue = [
        (b"AT+QIACT=1\r", [(0, b"")]),
        (b"AT+CMEE?\r", [(500, b"\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n")]),
        (b"AT+CSQ\r", b"\r\n+CSQ: 9,99\r\n\r\nOK\r\n"),
    ]
    port = ScriptedPort(dialogue)
    modem = ready(port)
    with raises(ModemTimeout, "150 s", "AT+QIACT=1"):
        run(modem.module.cmd(b"+QIACT=1", limit_ms=150000))
    assert port.now >= 150000
    got = modem.command("AT+CSQ", prefix="+CSQ:")
    check("Q-020", got, [b"+CSQ: 9,99"])
    port.done()


def test_lining_up_uses_another_command_for_each_attempt():
    dialogue = [
        (b"AT+X\r", b""),
        (b"AT+CMEE?\r", [(1500, b"\r\nERROR\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n")]),
        (b"AT+CSQ\r", b"\r\n+CSQ: 9,99\r\n\r\nOK\r\n"),
        (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n"),  # has it restarted meanwhile?
        (b"AT+CGSN\r", b"\r\n123\r\n\r\nOK\r\n"),
    ]
    modem = ready(ScriptedPort(dialogue))
    with raises(ModemTimeout):
        run(modem.module.cmd(b"+X", limit_ms=1000))
    assert modem.command("AT+CGSN") == [b"123"]


def test_a_module_that_lost_its_settings_while_it_was_silent_has_restarted():
    dialogue = [(b"AT+X\r", b""), (b"AT+CMEE?\r", b"AT+CMEE?\r\r\n+CMEE: 0\r\n\r\nOK\r\n")]
    dialogue.append((b"AT+CSQ\r", b"AT+CSQ\r\r\n+CSQ: 9,99\r\n\r\nOK\r\n"))
    modem = ready(ScriptedPort([OPEN] + dialogue))
    s = modem.create_connection(("srv", 80))
    seen = []
    modem.on_event(lambda kind, detail: seen.append(kind))
    with raises(ModemTimeout):
        run(modem.module.cmd(b"+X", limit_ms=1000))
    assert modem.command("AT+CSQ", prefix="+CSQ:") == [b"+CSQ: 9,99"]
    with raises(ModemRestarted):
        s.recv(1)
    assert "reboot" in seen and not modem.isconnected()


def test_an_open_that_finds_no_context_shows_a_restart_whose_lines_were_lost():
    from tests.rigs.scripted_module import ERROR, Module

    for model, refusal in (("ec600e", ERROR), ("a76xx", b"\r\n+CIPOPEN: 0,2\r\n\r\nERROR\r\n")):
        for restarted in (False, True):
            port = Module({b"AT+QIOPEN=": refusal, b"AT+CIPOPEN=": refusal})
            port.table[b"AT+QIGETERROR"] = b"\r\n+QIGETERROR: 561,open PDP context failed\r\n\r\nOK\r\n"
            modem = ready(port, model)
            modem.on_event(lambda kind, detail: None)
            if restarted:
                port.table[b"AT+CMEE?"] = b"\r\n+CMEE: 0\r\n\r\nOK\r\n"
            with raises(ModemRestarted if restarted else CommandError):
                modem.create_connection(("10.0.0.1", 80))
            assert modem.isconnected() is not restarted


def test_a_boot_line_ends_every_wait():
    boot = b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n"
    _, modem, s = _connected((b"AT+QICLOSE=5\r", [(100, boot)]))
    seen = []
    modem.on_event(lambda kind, detail: seen.append(kind))
    with raises(ModemRestarted):
        modem.command("AT+QICLOSE=5")
    with raises(ModemRestarted):
        s.send(b"x")
    s.close()
    modem.poll()
    assert seen.count("reboot") == 1 and not modem.isconnected() and modem.active() is False


def test_a_block_that_stalls_says_how_many_bytes_are_missing_and_delivers_none_of_it():
    port, modem, s = _connected(
        (b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 10\r\n0123"),
        (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n"),
        (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n"),  # once more: an answer may have been part of the block
        (b"AT+QICLOSE=0\r", b"\r\nOK\r\n"),
        (b"AT+CSQ\r", b"\r\n+CSQ: 9,99\r\n\r\nOK\r\n"),
    )
    with raises(ProtocolError, "6 bytes are missing"):
        s.recv(10)
    s.close()
    assert modem.command("AT+CSQ", prefix="+CSQ:") == [b"+CSQ: 9,99"]
    port.done()


def test_error_is_explained_before_anything_else_is_sent():
    dialogue = [
        (b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', b"\r\nERROR\r\n"),
        (b"AT+QIGETERROR\r", b"\r\n+QIGETERROR: 561,open PDP context failed\r\n\r\nOK\r\n"),
        (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n"),  # has it restarted unnoticed?
        (b"AT+QICLOSE=0\r", b"\r\nERROR\r\n"),
    ]
    modem = ready(ScriptedPort(dialogue))
    with raises(CommandError, "561", "open PDP context failed", "AT+QIOPEN") as error:
        modem.create_connection(("srv", 80))
    check("Q-025", error.value.code, 561)


def test_an_id_that_the_module_still_uses_is_passed_over():
    dialogue = [
        (b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', b"\r\nERROR\r\n"),
        (b"AT+QIGETERROR\r", b"\r\n+QIGETERROR: 563,socket identity has been used\r\n\r\nOK\r\n"),
        (b'AT+QIOPEN=1,1,"TCP","srv",80,0,0\r', b"\r\nOK\r\n\r\n+QIOPEN: 1,0\r\n"),
    ]
    assert ready(ScriptedPort(dialogue)).create_connection(("srv", 80)).connection_id() == 1


def test_a_send_without_a_result_is_settled_by_the_counters():
    data = b"payload"
    for total, again in ((7, False), (0, True)):
        dialogue = [
            (b"AT+QISEND=0,7\r", b"\r\n> "),
            (data, b""),
            (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n"),
            (b"AT+QISEND=0,0\r", b"\r\n+QISEND: %d,%d,0\r\n\r\nOK\r\n" % (total, total)),
        ]
        if again:
            dialogue += [(b"AT+QISEND=0,7\r", b"\r\n> "), (data, b"\r\nSEND OK\r\n")]
        port, _modem, s = _connected(*dialogue)
        assert s.send(data) == 7
        port.done()


def test_a_send_that_cannot_be_settled_fails_the_socket_and_is_never_repeated():
    port, _modem, s = _connected(
        (b"AT+QISEND=0,7\r", b"\r\n> "),
        (b"payload", b""),
        (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n"),
        (b"AT+QISEND=0,0\r", b"\r\n+QISEND: 3,3,0\r\n\r\nOK\r\n"),
    )
    with raises(ProtocolError, "not known"):
        s.send(b"payload")
    with raises(ProtocolError):
        s.send(b"more")
    port.done()


def test_send_fail_is_tried_again_until_the_deadline():
    refused = [(b"AT+QISEND=0,2\r", b"\r\n> "), (b"hi", b"\r\nSEND FAIL\r\n")]
    port, _, s = _connected(*(refused * 3 + [(b"AT+QISEND=0,2\r", b"\r\n> "), (b"hi", b"\r\nSEND OK\r\n")]))
    before = port.now
    check("Q-130", (s.send(b"hi"), port.now - before >= 50 + 100 + 200), (2, True))
    port.done()
    port, _, s = _connected(*(refused * 6))
    s.settimeout(0.5)
    with raises(SocketTimeout, "full"):
        s.send(b"hi")
    # an ERROR in place of the prompt: no payload is written
    port, _modem, s = _connected(
        (b"AT+QISEND=0,2\r", b"\r\nERROR\r\n"),
        (b"AT+QIGETERROR\r", b"\r\n+QIGETERROR: 567,x\r\n\r\nOK\r\n"),
        (b"AT+QISTATE=1,0\r", b"\r\nOK\r\n"),
        (b"AT+QISTATE\r", b"\r\nOK\r\n"),  # is it this connection that is closed?
    )
    with raises(ConnectionClosed, "567"):
        s.send(b"hi")
    check("Q-124", port.sent.endswith(b"AT+QIGETERROR\rAT+QISTATE=1,0\rAT+QISTATE\r"), True)


def test_closed_is_a_state_and_reading_goes_on_until_the_module_is_empty():
    port, modem, s = _connected(
        (b"AT+CSQ\r", b'\r\n+QIURC: "recv",0\r\n\r\n+QIURC: "closed",0\r\n\r\nOK\r\n'),
        _read(1500, b"last words"),
        _read(1500, b""),
    )
    modem.command("AT+CSQ")
    with raises(ModemError, "closed"):
        s.send(b"x")
    assert s.recv(100) == b"last words" and s.recv(100) == b"" and s.recv(100) == b""
    check("Q-160", bytes(port.sent).count(b"AT+QIRD=0,1500\r"), 2)


def test_short_writes_of_the_port_are_finished():
    data = bytes(range(256)) * 4
    port, _modem, s = _connected((b"AT+QISEND=0,1024\r", b"\r\n> "), (data, b"\r\nSEND OK\r\n"), takes=100)
    assert s.send(data) == 1024
    port.done()


def test_the_clock_may_wrap():
    port = ScriptedPort([(b"AT+CSQ\r", [(500, b"\r\n+CSQ: 9,99\r\n\r\nOK\r\n")])], start_ms=(1 << 30) - 200)
    assert ready(port).command("AT+CSQ", prefix="+CSQ:") == [b"+CSQ: 9,99"]


def test_a_lost_port_is_an_error_at_every_call():
    port, modem, s = _connected()
    port.gone = True
    for call in (lambda: s.recv(1), lambda: s.send(b"x"), lambda: modem.command("AT"), lambda: modem.poll()):
        with raises(OSError):
            call()
    s.close()


def test_nothing_is_sent_when_a_parameter_is_bad():
    port = ScriptedPort()
    modem = ready(port)
    s = modem.socket()
    for bad in ('ho"st', "ho\rst", "ho\nst", "ho\0st", "ho\x1ast", "ho\x1bst"):
        with raises(ValueError, "host"):
            s.connect((bad, 80))
        with raises(ValueError, "apn"):
            modem.connect(bad)
        with raises(ValueError, "password"):
            modem.connect("apn", "user", bad)
    for port_number in (-1, 65536):
        with raises(ValueError, "port"):
            s.connect(("host", port_number))
    with raises(ValueError, "ip"):
        modem.connect("apn", ip="ipx")
    with raises(ValueError, "line"):
        modem.command("AT+CSQ\rAT+CFUN=0")
    with raises(ValueError, "access"):
        modem.socket(access="direct")
    assert not port.sent


def test_a_line_end_that_was_damaged_is_no_part_of_the_line():
    modem = ready(ScriptedPort([(b"AT+CGSN\r", b"\r\n004401001122338\r\x0b\r\n\r\nOK\r\n")]))
    assert modem.command("AT+CGSN") == [b"004401001122338"]


def test_a_program_that_starts_anew_does_not_wait_for_a_command_that_was_given_up():
    from tests.rigs.scripted_module import Module

    port = Module({b"AT+COPS=": lambda line: b"\r\n"}, 1000)  # its answer never comes
    modem = ready(port, "ec600e")
    port.table[b"AT+CGMM"] = b"\r\nEC600E\r\n\r\nOK\r\n"
    with raises(ModemTimeout):
        run(modem.module.cmd(b"+COPS=?", limit_ms=180000, deadline=modem.module.deadline(1000)))
    begun = port.ticks_ms()
    try:
        modem.start(timeout_ms=30000)
    except ModemError as error:
        assert not isinstance(error, LineBusy), error
    assert port.ticks_ms() - begun < 10000 and modem.module.engine.command is None
