"""Connections on a Quectel module, command by command, against a scripted module: streams, direct push."""

from modem import CommandError, ConnectionClosed, LineBusy, ModemError, ModemTimeout, ProtocolError, SocketTimeout
from modem.compat import run
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import ScriptedPort, modem_of, ready


def opening(line):
    """The module's answer to AT+QIOPEN: it comes up."""
    return [(0, OK), (5, b"\r\n+QIOPEN: %d,0\r\n" % int(line.split(b",")[1]))]


def pulled(*blocks):
    """Answers to AT+QIRD: the blocks, then nothing."""
    left = list(blocks)

    def answer(line):
        if not left:
            return b"\r\n+QIRD: 0\r\n\r\nOK\r\n"
        data = left.pop(0)
        return b"\r\n+QIRD: %d\r\n%s\r\n\r\nOK\r\n" % (len(data), data)

    return answer


def module(**table):
    port = Module({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled()})
    port.table.update({k.encode(): v for k, v in table.items()})
    return port


def connected(port, **options):
    sock = ready(port).socket(**options)
    sock.settimeout(5)
    sock.connect(("10.0.0.1", 80))
    return sock


NASTY = b'\r\nOK\r\n+QIURC: "closed",0\r\n> ERROR\r\nSEND OK\r\n+QIRD: 3\r\nabc\x00\x1a\x1b\xff'


def test_open_waits_for_its_own_result_line():
    port = module()
    port.table[b"AT+QIOPEN="] = [(0, OK), (5, b"\r\n+QIOPEN: 4,566\r\n"), (5, b"\r\n+QIOPEN: 0,0,7\r\n")]
    sock = connected(port)
    check("Q-075", sock.connection_id(), 0)
    check("Q-413", sock.link.open_result, 0)
    check("Q-011", port.lines[-1], b'AT+QIOPEN=1,0,"TCP","10.0.0.1",80,0,0')
    lines = bytes(port.sent).split(b"\r")
    check("Q-001", ([line[:2] for line in lines], b"\n" in port.sent), ([b"AT"] * (len(lines) - 1) + [b""], False))


def test_open_that_fails_tells_the_modules_number():
    port = module()
    port.table[b"AT+QIOPEN="] = [(0, OK), (5, b"\r\n+QIOPEN: 0,573\r\n")]
    with raises(CommandError, "573", "port busy") as error:
        connected(port)
    check("Q-405", error.value.code, 573)
    assert port.lines[-1] == b"AT+QICLOSE=0"
    port.table[b"AT+QIOPEN="] = [(0, OK), (5, b"\r\n+QIOPEN: 0,4711\r\n")]
    with raises(CommandError, "4711") as error:
        connected(port)
    check("Q-407", error.value.code, 4711)


def test_refused_open_asks_for_the_reason_before_anything_else():
    for text in (b"552,invalid parameter", b'552,"invalid parameter"', b"552"):
        port = module()
        port.table[b"AT+QIOPEN="] = ERROR
        port.table[b"AT+QIGETERROR"] = b"\r\n+QIGETERROR: %s\r\n\r\nOK\r\n" % text
        with raises(CommandError) as error:
            connected(port)
        check("Q-264", error.value.code, 552)
        check("Q-025", port.lines[:2], [b'AT+QIOPEN=1,0,"TCP","10.0.0.1",80,0,0', b"AT+QIGETERROR"])


def test_id_that_the_module_has_in_use_is_passed_over():
    port = module()
    port.table[b"AT+QIOPEN="] = lambda line: opening(line) if b"=1,2," in line else ERROR
    port.table[b"AT+QIGETERROR"] = b"\r\n+QIGETERROR: 563,socket identity has been used\r\n\r\nOK\r\n"
    assert connected(port).connection_id() == 2


def test_an_open_refused_for_a_reason_that_is_lost_is_tried_once_more_with_another_id():
    port = module()
    port.table[b"AT+QIOPEN="] = lambda line: opening(line) if b"=1,1," in line else ERROR
    port.table[b"AT+QIGETERROR"] = b"\r\n+QIGETERROR: 0,operate successfully\r\n\r\nOK\r\n"  # of a connection in the background
    assert connected(port).connection_id() == 1
    port = module()
    port.table[b"AT+QIOPEN="] = ERROR
    port.table[b"AT+QIGETERROR"] = b"\r\n+QIGETERROR: 0,operate successfully\r\n\r\nOK\r\n"
    with raises(CommandError) as error:
        connected(port)
    assert error.value.code is None and len([line for line in port.lines if b"+QIOPEN" in line]) == 2


def test_data_is_read_by_count_whatever_it_contains():
    port = module()
    port.table[b"AT+QIRD="] = pulled(NASTY, b"rest")
    sock = connected(port)
    got = sock.recv(1500)
    check("Q-157", got, NASTY)
    check("Q-158", sock.recv(10), b"rest")
    check("Q-159", sock.link.ended(), False)


def test_reads_until_the_module_has_nothing_left_and_again_after_the_next_notice():
    port = module()
    port.table[b"AT+QIRD="] = pulled(b"one", b"two")
    sock = connected(port)
    assert sock.recv(10) == b"one" and sock.recv(10) == b"two"
    check("Q-269", port.count(b"AT+QIRD=0,1500"), 2)
    sock.settimeout(1)
    with raises(SocketTimeout):
        sock.recv(10)
    check("Q-160", port.count(b"AT+QIRD=0,1500"), 3)
    with raises(SocketTimeout):
        sock.recv(10)
    assert port.count(b"AT+QIRD=0,1500") == 3
    port.table[b"AT+QIRD="] = pulled(b"three")
    port.later(100, b'\r\n+QIURC: "recv",0,5,9\r\n')
    check("Q-207", sock.recv(10), b"three")  # a length in the notice (recvind 1) is not followed by data


def test_lost_notice_is_made_up_for_by_asking_after_20_s():
    port = module()
    sock = connected(port)
    sock.settimeout(1)
    with raises(SocketTimeout):
        sock.recv(10)
    port.table[b"AT+QIRD="] = pulled(b"late")
    sock.settimeout(60)
    before = port.now
    check("Q-270", (sock.recv(10), port.now - before <= 20000), (b"late", True))


def test_read_that_is_refused_asks_for_the_state():
    port = module()
    port.table[b"AT+QIRD="] = ERROR
    port.table[b"AT+QISTATE=1,0"] = b'\r\n+QISTATE: 0,"TCP","10.0.0.1",80,5000,4,1,0,0,"uart1"\r\n\r\nOK\r\n'
    sock = connected(port)
    check("Q-112", sock.recv(10), b"")


def test_counters_and_an_empty_read_are_not_mixed_up():
    port = module()
    port.table[b"AT+QISEND=0,0"] = b"\r\n+QISEND: 9,9,0\r\n\r\nOK\r\n"
    sock = connected(port)
    check("Q-162", sock.stats(), (9, 9, 0))


def test_payload_follows_the_prompt_and_nothing_is_added():
    for prompt in (b"\r\n>", b"\r\n> ", b"\r\n>\r\n"):
        port = ScriptedPort(
            [
                (b'AT+QIOPEN=1,0,"TCP","10.0.0.1",80,0,0\r', b"\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n"),
                (b"AT+QISEND=0,%d\r" % len(NASTY), [(500, prompt)]),
                (NASTY, b"\r\nSEND OK\r\n"),
            ]
        )
        sock = connected(port)
        n = sock.send(NASTY)  # the port fails the test when a byte comes before the prompt, or one too many
        check("Q-123", n, len(NASTY))
        check("Q-122", bytes(port.sent).endswith(b"\r" + NASTY), True)
        check("Q-121", bytes(port.unmatched), b"")
        check("Q-120", b"AT+QISEND=0,%d\r" % len(NASTY) in bytes(port.sent), True)
        port.done()


def test_text_is_bytes_on_micropython_and_refused_on_cpython_before_anything_is_sent():
    port = module()
    sock = connected(port)
    sent = len(port.lines)
    text = "caf\u00e9"
    try:
        memoryview(text)
    except TypeError:
        for call in (sock.send, sock.sendall, sock.write):
            with raises(TypeError):
                call(text)
    else:
        assert sock.write(text) == sock.send(text) == 5 and sock.sendall(text) is None
        assert port.lines[sent:] == [b"AT+QISEND=0,5"] * 3
        sent += 3
    for call in (sock.send, sock.sendall, sock.write):
        with raises(TypeError):
            call([65, 66])
    assert len(port.lines) == sent


def test_no_payload_goes_out_when_the_prompt_is_refused():
    port = module()
    port.table[b"AT+QISEND="] = ERROR
    sock = connected(port)
    with raises(CommandError) as error:
        sock.send(b"hello")
    check("Q-124", (b"hello" in bytes(port.sent), error.value.code), (False, 550))


def test_long_payload_is_split():
    port = module()
    port.after = b"\r\nSEND OK\r\n"
    sock = connected(port)
    sock.sendall(bytes(3000))
    check("Q-125", [len(p) for p in port.payloads], [1460, 1460, 80])


def test_send_fail_is_tried_again_and_error_is_not():
    for full in (b"\r\nSEND FAIL\r\n", b"\r\n+QISEND: 0,1,0\r\n\r\nOK\r\n"):
        port = module()
        port.after = full
        sock = connected(port)
        with raises(SocketTimeout):
            sock.send(b"abc")
        assert len(port.payloads) > 2
        before = len(port.payloads)
        port.after = b"\r\n+QISEND: 0,0,10240\r\n\r\nOK\r\n"
        check("Q-142", sock.send(b"abc"), 3)
        port.after = ERROR
        port.table[b"AT+QISEND=0,0"] = b"\r\n+QISEND: 3,3,0\r\n\r\nOK\r\n"  # of the first three bytes: nothing more was taken
        port.table[b"AT+QISTATE=1,0"] = b'\r\n+QISTATE: 0,"TCP","10.0.0.1",80,5000,2,1,0,0,"uart1"\r\n' + OK
        with raises(CommandError):
            sock.send(b"abc")
        check("Q-130", len(port.payloads), before + 2)


def test_a_full_buffer_is_told_by_the_second_field_whatever_follows_it():
    for more in (b"", b",7"):
        port = module()
        sock = connected(port)
        sock.settimeout(1)
        port.after = b"\r\n+QISEND: 0,1,0" + more + b"\r\n" + OK
        with raises(SocketTimeout, "full"):
            sock.send(b"hello")
        port.after = b"\r\n+QISEND: 0,0,99" + more + b"\r\n" + OK
        assert sock.send(b"hello") == 5 and sock.link.sent == 5


def test_flush_waits_until_nothing_is_unacknowledged():
    port = module()
    port.after = b"\r\nSEND OK\r\n"
    left = [b"5,0,5", b"5,3,2", b"5,5,0"]
    port.table[b"AT+QISEND=0,0"] = lambda line: b"\r\n+QISEND: %s\r\n\r\nOK\r\n" % left.pop(0)
    sock = connected(port)
    sock.send(b"hello")
    sock.flush()
    check("Q-134", left, [])


def test_variable_length_and_hex_sends_are_reachable_as_commands():
    port = Module({b"AT+QISEND=0": b"\r\n> "})
    port.need = 0
    modem = ready(port)

    def prompt(line):
        port.need = 6
        return b"\r\n> "

    port.table[b"AT+QISEND=0"] = prompt
    port.after = b"\r\nSEND OK\r\n"
    assert modem.command("AT+QISEND=0", data=b"hello\x1a") == [] and port.payloads == [b"hello\x1a"]
    for answer in (b"\r\n+QISENDEX: 0,0,10240\r\n\r\nOK\r\n", b"\r\n+QISEND: 0,0,10240\r\n\r\nOK\r\n", b"\r\nSEND OK\r\n"):
        port.table[b"AT+QISENDEX="] = answer
        lines = modem.command('AT+QISENDEX=0,"3132333435"', prefix="+QISEND")
        check("Q-170", [line.split(b":")[1] for line in lines] or [b" 0,0,10240"], [b" 0,0,10240"])


def test_close_ignores_error_and_frees_the_id():
    port = module()
    port.table[b"AT+QICLOSE=0"] = ERROR
    sock = connected(port)
    port.later(0, b'\r\n+QIURC: "closed",0\r\n')
    assert sock.recv(10) == b""
    with raises(ConnectionClosed):
        sock.send(b"x")
    sock.close()
    modem = modem_of(sock)
    closing = b'\r\n+QISTATE: 0,"TCP","10.0.0.1",80,5000,4,1,0,0,"uart1"\r\n' + OK
    for state, number in ((closing, 1), (OK, 0)):  # the next open asks whether the module has it still
        port.table[b"AT+QISTATE"] = state
        port.table[b"AT+QIOPEN="] = [(0, OK), (1, b"\r\n+QIOPEN: %d,0\r\n" % number)]
        sock = modem.create_connection(("10.0.0.1", 80))
        assert sock.connection_id() == number
        port.table[b"AT+QICLOSE=%d" % number] = OK
        sock.close()
    check("Q-100", port.count(b"AT+QICLOSE=0"), 4)  # also with the close of the next connection


def test_end_of_an_own_close_is_not_reported_as_one_by_the_peer():
    port = module()
    port.table[b"AT+QICLOSE=0"] = b'\r\nOK\r\n\r\n+QIURC: "closed",0\r\n'
    events = []
    sock = connected(port)
    modem_of(sock).on_event(lambda kind, detail: events.append(kind))
    sock.close()
    modem_of(sock).poll(100)
    check("Q-097", events, [])


def test_close_is_waited_for_longer_than_the_modules_own_limit():
    port = module()
    port.table[b"AT+QICLOSE=0"] = [(10500, OK)]
    sock = connected(port)
    sock.close()
    check("Q-096", (modem_of(sock).module.engine.desync, port.now >= 10500), (False, True))


# --- direct push


def push(data, n=0):
    return b'\r\n+QIURC: "recv",%d,%d\r\n%s\r\n' % (n, len(data), data)


def test_pushed_blocks_go_into_the_ring_in_the_middle_of_anything():
    port = module()
    sock = connected(port, access="push", rxbuf=4000)
    assert port.lines[-1] == b'AT+QIOPEN=1,0,"TCP","10.0.0.1",80,0,1'
    port.table[b"AT+CSQ"] = push(NASTY) + b"\r\n+CSQ: 20,99\r\n" + push(b"two") + b"\r\nOK\r\n"
    assert modem_of(sock).status("rssi") == -73
    port.later(0, push(b"three"))
    assert sock.read(len(NASTY) + 8) == NASTY + b"twothree"
    port.later(0, b'\r\n+QIURC: "closed",0\r\n')
    assert sock.read() == b"" and port.count(b"AT+QIRD=0,1500") == 0


def test_a_pushed_block_ends_at_its_hole_although_the_ring_has_room_for_its_end():
    port = module()
    sock = connected(port, access="push", rxbuf=64)
    block = push(b"b" * 30 + b"c" * 20)
    port.later(0, push(b"a" * 50) + block[:-22])
    modem_of(sock).poll(10)
    assert sock.recv(64) == b"a" * 50
    port.later(0, block[-22:])
    modem_of(sock).poll(10)
    assert sock.recv(64) == b"b" * 14 and sock.lost == 36
    with raises(ProtocolError, "36 bytes did not fit"):
        sock.recv(64)


def test_overflow_of_a_push_ring_is_an_event_with_the_byte_count():
    port = module()
    sock = connected(port, access="push", rxbuf=64)
    modem = modem_of(sock)
    events = []
    modem.on_event(lambda kind, detail: events.append((kind, detail)))
    port.later(0, push(b"a" * 60) + push(b"b" * 30) + push(b"c" * 10))
    modem.poll(10)
    assert events == [("overflow", (sock, 26))] and sock.lost == 26
    assert sock.recv(64) == b"a" * 60 + b"bbbb"  # what came before the hole; what comes after it is not delivered
    port.later(0, push(b"d" * 70))
    for _ in range(2):
        with raises(ProtocolError, "26 bytes did not fit"):
            sock.recv(64)


def test_pushed_block_that_stalls_says_how_much_is_missing_and_keeps_what_was_whole():
    port = module()
    sock = connected(port, access="push")
    port.later(0, push(b"whole"))
    port.later(10, b'\r\n+QIURC: "recv",0,100\r\nonly this')
    sock.settimeout(30)
    assert sock.recv(10) == b"whole"
    with raises(ModemError, "91 bytes are missing"):
        sock.recv(10)


def test_push_for_a_connection_that_is_gone_is_no_text():
    port = module()
    sock = connected(port, access="push")
    sock.close()
    modem = modem_of(sock)
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    port.later(0, push(b"\r\nOK\r\nERROR\r\nRDY\r\n", 0))
    modem.poll(10)
    assert events == [] and modem.module.started


def test_switch_between_buffer_and_push_drains_first():
    port = module()
    port.table[b"AT+QIRD="] = pulled(b"one", b"two")
    port.table[b"AT+QISWTMD=0,1"] = OK + push(b"three")
    sock = connected(port, rxbuf=4000)
    sock.switch("push")
    check("Q-179", [line[:9] for line in port.lines[-4:]], [b"AT+QIRD=0"] * 3 + [b"AT+QISWTM"])
    assert sock.read(11) == b"onetwothree"
    port.table[b"AT+QIRD="] = pulled(b"four")
    sock.switch("buffer")
    assert sock.read(4) == b"four" and port.count(b"AT+QISWTMD=0,0") == 1


def test_switch_that_has_no_room_for_what_waits_is_refused_and_loses_nothing():
    port = module()
    port.table[b"AT+QIRD="] = pulled(b"x" * 100, b"y" * 100)
    sock = connected(port, rxbuf=100)
    with raises(OSError):
        sock.switch("push")
    assert sock.recv(200) == b"x" * 100 and sock.recv(200) == b"y" * 100


# --- servers


def test_twelve_ids_and_no_more():
    port = module()
    modem = ready(port)
    socks = [modem.create_connection(("10.0.0.1", 80)) for _ in range(12)]
    with raises(ModemError, "all 12 connections"):
        modem.create_connection(("10.0.0.1", 80))
    socks[5].close()
    assert modem.create_connection(("10.0.0.1", 80)).connection_id() == 5


def test_no_more_is_asked_for_than_the_port_and_the_ring_hold():
    for has, ring, asked in (
        (4096, 4096, 1500),
        (2048, 1000, 1000),
        (1024, 1536, 768),
        (300, 1536, 64),
        (256, 1536, 64),
        (64, 64, 64),
    ):
        port = module()
        port.rxbuf = has
        port.table[b"AT+QIRD="] = pulled(b"one")
        sock = connected(port, rxbuf=ring)
        assert sock.recv(10) == b"one" and port.lines[-1] == b"AT+QIRD=0,%d" % asked, port.lines[-1]


def test_command_in_flight_keeps_others_waiting():
    port = module()
    modem = ready(port)
    port.table[b"AT+CSQ"] = [(3000, b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n")]
    with raises(ModemTimeout, "no answer yet"):
        run(modem.module.cmd(b"+CSQ", b"+CSQ:", deadline=modem.module.deadline(1000)))
    with raises(LineBusy, "AT+CSQ"):
        run(modem.module.cmd(b"+CCLK?", deadline=modem.module.deadline(1000)))
    assert port.now == 2000
    modem.command("AT+CGMM")
    check("Q-020", list(zip(port.lines, port.at)), [(b"AT+CSQ", 0), (b"AT+CGMM", 3000)])
