# CPython only: the virtual modem needs asyncio's sockets and clocks, and Python's ssl.
"""TLS connections of the virtual EC200U, EG915U and BG96: open, send, receive, close, state, in the three access modes."""

from tests.conformance import check
from tests.tls_peers import HOST, NOW, TlsRig
from tests.vmodem_rig import ERROR, OK, Rig

MODELS = ("ec200u", "eg915u", "bg96")
CONNECT = b"\r\nCONNECT\r\n"
SEND_OK = b"\r\nSEND OK\r\n"
NO_CARRIER = b"\r\nNO CARRIER\r\n"
RECV = b'\r\n+QSSLURC: "recv",4\r\n'
CLOSED = b'\r\n+QSSLURC: "closed",4\r\n'
OPEN = 'AT+QSSLOPEN=1,1,%%d,"%s",8010,%%d' % HOST
ALL_BYTES = bytes(range(256))


def connected(model, mode=0, **options):
    rig = TlsRig(model, **options)
    if mode == 2:
        assert rig.command(OPEN % (4, 2)) == CONNECT
    else:
        assert rig.tls_open(mode=mode) == 0
    return rig


def read(rig, count=1500):
    return rig.command("AT+QSSLRECV=4,%d" % count)


def got(data):
    return b"\r\n+QSSLRECV: %d\r\n%s\r\n" % (len(data), data) + OK


# AT+QSSLOPEN -----------------------------------------------------------------------------------------------------------


def test_open_when_mode_is_buffer_or_push():
    for model in MODELS:
        rig = TlsRig(model)
        answers = [rig.command(OPEN % (number, mode)) for number, mode in ((4, 0), (5, 1))]
        check("Q-309", answers, [OK + b"\r\n+QSSLOPEN: 4,0\r\n", OK + b"\r\n+QSSLOPEN: 5,0\r\n"])
        assert rig.command('AT+QSSLOPEN=1,1,6,"%s",8010' % HOST) == OK + b"\r\n+QSSLOPEN: 6,0\r\n"
        assert rig.command("AT+QSSLSTATE=6").split(b",")[8] == b"0", "buffer mode is the default"
        rig.net.refuse = "refused"
        assert rig.command(OPEN % (7, 0)) == OK + b"\r\n+QSSLOPEN: 7,566\r\n" and rig.error() == 566
        rig.net.names.clear()
        rig.net.refuse = "dns"
        assert rig.command('AT+QSSLOPEN=1,1,8,"absent.example",1,0').startswith(OK) and (rig.pass_time(60), rig.error())[1] == 565


def test_open_when_mode_is_transparent():
    for model in MODELS:
        rig = TlsRig(model)
        good = rig.command(OPEN % (4, 2))
        rig.pass_time(1.5)
        rig.host(b"+++")
        rig.pass_time(1.5)
        rig.net.refuse = "refused"
        check("Q-310", (good, rig.command(OPEN % (5, 2)), rig.pass_time(200)), (CONNECT, ERROR, b""))
        assert rig.error() == 566


def test_open_when_several_connections_use_one_context():
    for model in MODELS:
        rig = TlsRig(model)
        codes = [rig.tls_open(number) for number in range(12)]
        for number, peer in enumerate(rig.net.links):
            peer.send(b"%d" % number)
        rig.port.take()
        answers = [rig.command("AT+QSSLRECV=%d,10" % number) for number in range(12)]
        check("Q-311", (codes, answers), ([0] * 12, [got(b"%d" % number) for number in range(12)]))


def test_open_when_twelve_connections_use_six_contexts():
    rig = TlsRig("ec200u")
    for context in range(6):
        rig.configure(context, sslversion=1 + context % 3)
    assert [rig.tls_open(number, context=number % 6) for number in range(12)] == [0] * 12
    assert [peer.tls.version() for peer in rig.net.links] == ["TLSv1", "TLSv1.1", "TLSv1.2"] * 4


def test_open_when_the_context_is_inactive():
    for model in MODELS:
        rig = TlsRig(model)
        rig.command("AT+QIDEACT=1")
        check("Q-314", (rig.command(OPEN % (4, 0)), rig.error()), (ERROR, 561))


def test_open_when_the_id_is_in_use():
    for model in MODELS:
        rig = connected(model)
        check("Q-317", (rig.command(OPEN % (4, 0)), rig.error()), (ERROR, 563))
        assert rig.command('AT+QIOPEN=1,4,"TCP","%s",80,0,0' % HOST).startswith(OK), "sockets have numbers of their own"
        shared = connected(model, quirks=["ids=shared"])
        assert shared.command('AT+QIOPEN=1,4,"TCP","%s",80,0,0' % HOST) == ERROR and shared.error() == 563
        shared.net.server, server = None, shared.net.server
        shared.open(5)
        shared.net.server = server
        assert shared.command(OPEN % (5, 0)) == ERROR and shared.error() == 563


def test_open_when_parameters_are_at_their_limits():
    for model in MODELS:
        rig = TlsRig(model)
        good = [rig.command(OPEN % (number, 0))[: len(OK)] for number in (0, 11)]
        good += [rig.command(OPEN % (1, 1))[: len(OK)], rig.command(OPEN % (2, 2))]
        rig.pass_time(1.5)
        rig.host(b"+++")
        rig.pass_time(1.5)
        bad = [rig.command(OPEN % pair) for pair in ((12, 0), (3, 3))]
        check("Q-423", (good, bad), ([OK, OK, OK, CONNECT], [ERROR, ERROR]))
        for line in ('1,6,3,"a",1', '0,1,3,"a",1', '1,1,3,"a",65536', '1,1,3,"",1', "1,1,3,a,1", '1,1,3,"a"', '1,1,3,"a",1,0,0'):
            assert rig.command("AT+QSSLOPEN=" + line) == ERROR and rig.error() == 552, line


def test_settings_when_changed_while_connected():
    for model in MODELS:
        rig = connected(model)
        rig.verify(cacert="absent.pem")
        rig.peer.send(b"still there")
        check("Q-305", (read(rig), rig.tls_open(5)), (RECV + got(b"still there"), 566 if model == "bg96" else 579))


# AT+QSSLSEND -----------------------------------------------------------------------------------------------------------


def test_send_when_length_is_variable_or_fixed():
    for model in MODELS:
        rig = connected(model)
        prompts = rig.command("AT+QSSLSEND=4"), rig.host(b"Test data\x1a"), rig.command("AT+QSSLSEND=4,256"), rig.host(ALL_BYTES)
        check("Q-320", prompts, (b"\r\n>", SEND_OK, b"\r\n>", SEND_OK))
        assert bytes(rig.peer.heard) == b"Test data" + ALL_BYTES
        assert rig.command("AT+QSSLSEND=4") + rig.host(b"gone\x1b") == b"\r\n>" + ERROR and rig.error() == 571
        assert bytes(rig.peer.heard) == b"Test data" + ALL_BYTES


def test_send_when_a_blank_follows_the_prompt():
    for model in MODELS:
        rig = connected(model, quirks=["prompt=space"])
        assert rig.command("AT+QSSLSEND=4,4") + rig.host(b"test") == b"\r\n> " + SEND_OK


def test_send_when_the_buffer_is_full_or_the_connection_gone():
    for model in MODELS:
        rig = connected(model)
        rig.peer.acknowledges = False
        answers = []
        for _ in range(8):
            rig.command("AT+QSSLSEND=4,1460")
            answers.append(rig.host(b"x" * 1460))
        rig.peer.acknowledge()
        rig.command("AT+QSSLSEND=4,4")
        again = rig.host(b"more")
        never = rig.command("AT+QSSLSEND=5,4")
        rig.peer.close_tls()
        gone = rig.command("AT+QSSLSEND=4,4")
        fails = answers.index(b"\r\nSEND FAIL\r\n")
        assert fails >= 6 and len(rig.peer.heard) == 1460 * fails + 4, "what failed was not sent"
        check(
            "Q-321", (set(answers), again, never, gone[-len(ERROR) :]), ({SEND_OK, b"\r\nSEND FAIL\r\n"}, SEND_OK, ERROR, ERROR)
        )


def test_send_when_lengths_are_at_their_limits():
    for model in ("ec200u", "eg915u"):
        rig = connected(model)
        assert rig.command("AT+QSSLSEND=4,1460") + rig.host(b"x" * 1460) == b"\r\n>" + SEND_OK
        check("Q-322", (rig.command("AT+QSSLSEND=4,1461"), rig.error()), (ERROR, 552))
    rig = connected("bg96")
    answers = []
    for count in (1, 1460, 1500):
        answers.append(rig.command("AT+QSSLSEND=4,%d" % count) + rig.host(b"x" * count))
    check("Q-323", answers, [b"\r\n>" + SEND_OK] * 3)
    assert rig.command("AT+QSSLSEND=4,1501") == ERROR
    for model in MODELS:
        check("Q-325", connected(model).command("AT+QSSLSEND=4,0"), ERROR)


# AT+QSSLRECV -----------------------------------------------------------------------------------------------------------


def test_receive_when_there_is_data_and_when_there_is_none():
    for model in MODELS:
        rig = connected(model)
        rig.peer.send(ALL_BYTES * 7)
        announced = rig.port.take()
        check("Q-347", announced, RECV)
        check("Q-328", (read(rig, 1500), read(rig, 1500)), (got((ALL_BYTES * 7)[:1500]), got((ALL_BYTES * 7)[1500:])))
        check("Q-329", read(rig), b"\r\n+QSSLRECV: 0\r\n" + OK)


def test_receive_when_parameters_are_wrong():
    for model in MODELS:
        rig = connected(model)
        answers = [rig.command("AT+QSSLRECV=" + text) for text in ("4", "4,0", "4,1501")]
        check("Q-330", answers, [ERROR] * 3)
        check("Q-331", (rig.command("AT+QSSLRECV=5,10"), rig.command("AT+QSSLRECV=12,10")), (ERROR, ERROR))


def test_receive_when_the_connection_has_ended_abnormally():
    for model in ("ec200u", "eg915u"):
        for reset in (False, True):
            rig = connected(model)
            rig.peer.send(b"unread")
            rig.peer.end(reset)
            rig.port.take()
            check("Q-332", (read(rig), rig.tls_state()), (ERROR, 4))
        rig = connected(model, quirks=["unread=kept"])
        rig.peer.send(b"unread")
        rig.peer.end()
        rig.port.take()
        assert read(rig) == got(b"unread")
    rig = connected("bg96")
    rig.peer.send(b"unread")
    rig.peer.end()
    rig.port.take()
    assert read(rig) == got(b"unread")


def test_receive_when_the_connection_has_ended_in_order():
    for model in MODELS:
        rig = connected(model)
        rig.peer.send(b"unread")
        rig.peer.close_tls()
        assert rig.port.take() == RECV + CLOSED
        assert read(rig) == got(b"unread") and read(rig) == b"\r\n+QSSLRECV: 0\r\n" + OK
        assert rig.peer.goodbye, "the closing alert was answered"


def test_recv_urc_when_data_is_unread():
    for model in MODELS:
        rig = connected(model)
        seen = []
        for step in ("first", "second", "read", "third", "drain", "fourth"):
            if step == "read":
                read(rig, 3)
            elif step == "drain":
                read(rig)
            else:
                rig.peer.send(step.encode())
            seen.append(rig.port.take())
        check("Q-350", seen, [RECV, b"", b"", b"", b"", RECV])


def test_push_when_data_arrives():
    for model in MODELS:
        rig = connected(model, mode=1)
        rig.peer.send(ALL_BYTES)
        check("Q-348", rig.port.take(), b'\r\n+QSSLURC: "recv",4,256\r\n' + ALL_BYTES + b"\r\n")
        rig.peer.send(b"x" * 3100)
        sizes = [1500, 1500, 100]
        assert rig.port.take() == b"".join(b'\r\n+QSSLURC: "recv",4,%d\r\n%s\r\n' % (size, b"x" * size) for size in sizes)
        rig.peer.send(b"last words")
        rig.peer.end()
        assert rig.port.take() == b'\r\n+QSSLURC: "recv",4,10\r\nlast words\r\n' + CLOSED
        assert read(rig) in (ERROR, b"\r\n+QSSLRECV: 0\r\n" + OK)


def test_formats_of_qicfg_when_the_connection_is_tls():
    rig = connected("ec200u", mode=1)
    for option in ('"viewmode",1', '"dataformat",1,1', '"recvind",1', '"close/mode",1', '"passiveclosed",1'):
        assert rig.command("AT+QICFG=" + option) == OK
    rig.peer.send(b"test")
    assert rig.port.take() == b'\r\n+QSSLURC: "recv",4,4\r\ntest\r\n'
    assert rig.command("AT+QSSLSEND=4,4") + rig.host(b"test") == b"\r\n>" + SEND_OK and bytes(rig.peer.heard) == b"test"
    rig.command("AT+QISWTMD=4,0")
    rig.peer.send(b"test")
    assert rig.port.take() == RECV and read(rig) == got(b"test")
    rig.peer.close_tls()
    assert rig.port.take() == CLOSED and rig.tls_state() == 4 and rig.command("AT+QSSLCLOSE=4") == OK


# AT+QSSLCLOSE, AT+QSSLSTATE and the end --------------------------------------------------------------------------------


def test_close_when_it_succeeds_and_when_it_cannot():
    for model in MODELS:
        rig = connected(model)
        answers = rig.command("AT+QSSLCLOSE=4"), rig.command("AT+QSSLCLOSE=4"), rig.command("AT+QSSLCLOSE=12")
        check("Q-337", answers, (OK, ERROR, ERROR))
        assert rig.peer.goodbye and rig.peer.gone and not rig.peer.was_reset
        assert rig.tls_open() == 0, "the number is free again"


def test_close_when_the_peer_does_not_answer():
    for model in MODELS:
        times = []
        for text in ("", ",3", ",0"):
            rig = connected(model)
            rig.peer.answers_close = False
            waited = 0.0
            answer = rig.command("AT+QSSLCLOSE=4" + text)
            while not answer:
                waited += 0.5
                answer = rig.pass_time(0.5)
            times.append((waited, answer))
        check("Q-338", times, [(10.0, OK), (3.0, OK), (0.0, OK)])


def test_close_when_the_peer_has_closed():
    for model in MODELS:
        rig = connected(model)
        rig.peer.close_tls()
        check("Q-349", (rig.port.take(), rig.tls_state()), (CLOSED, 4))
        check("Q-339", (rig.command("AT+QSSLCLOSE=4"), rig.tls_state(), rig.tls_open()), (OK, None, 0))


def test_close_when_the_connection_is_still_being_opened():
    for model in MODELS:
        rig = TlsRig(model)
        rig.net.mute = True
        rig.command(OPEN % (4, 0))
        assert rig.tls_state() == 1
        assert rig.command("AT+QSSLSEND=4,1") == ERROR and read(rig) == ERROR
        assert rig.command("AT+QSSLCLOSE=4") == OK and rig.tls_state() is None
        assert rig.pass_time(400) == b"", "no result of a connection that was given up"


def test_state_when_connections_are_listed():
    for model in MODELS:
        rig = connected(model)
        rig.net.server = None
        rig.open(4)
        rig.net.server = rig.net.links[0].tls.context
        rig.tls_open(7, context=3, mode=1)
        line = b'\r\n+QSSLSTATE: 4,"SSLClient","%s",8010,%d,2,1,4,0,"uart1",1\r\n' % (HOST.encode(), rig.net.links[0].local[1])
        other = b'\r\n+QSSLSTATE: 7,"SSLClient","%s",8010,%d,2,1,7,1,"uart1",3\r\n' % (HOST.encode(), rig.net.links[2].local[1])
        check("Q-342", rig.command("AT+QSSLSTATE"), line + other + OK)
        check("Q-343", rig.command("AT+QSSLSTATE=7"), other + OK)
        fields = other.strip().split(b",")
        check("Q-344", (len(fields), fields[1], fields[10]), (11, b'"SSLClient"', b"3"))
        sockets = rig.command("AT+QISTATE")
        check(
            "Q-345",
            (rig.command("AT+QSSLSTATE").count(b'"TCP"'), sockets.count(b"SSLClient"), sockets.count(b'"TCP"')),
            (0, 0, 1),
        )


def test_state_when_a_connection_lives_and_dies():
    for model in MODELS:
        rig = TlsRig(model)
        states = [rig.tls_state()]
        rig.net.mute = True
        rig.command(OPEN % (4, 0))
        states.append(rig.tls_state())
        rig.peer.silent = False
        rig.peer.write(b"")
        rig.pass_time()
        states.append(rig.tls_state())
        rig.peer.close_tls()
        rig.port.take()
        states.append(rig.tls_state())
        rig.command("AT+QSSLCLOSE=4")
        states.append(rig.tls_state())
        check("Q-346", states, [None, 1, 2, 4, None])  # a connection in state 0 is not listed


def test_contexts_when_they_go():
    for model in MODELS:
        rig = connected(model)
        rig.peer.send(b"unread")
        rig.port.take()
        rig.modem.dialect.lose_contexts()
        assert rig.pass_time() == b'\r\n+QIURC: "pdpdeact",1\r\n' + CLOSED and rig.tls_state() == 4
        assert rig.peer.gone and rig.command("AT+QSSLCLOSE=4") == OK
        rig.command("AT+QIDEACT=1")
        rig.online()
        assert rig.tls_open() == 0
        assert rig.command("AT+QIDEACT=1") == OK and rig.tls_state() is None


def test_ssl_commands_when_the_model_has_no_tls():
    rig = Rig("ec600e")
    for line in ("AT+QSSLCFG=?", "AT+QSSLSTATE", "AT+QFLST", "AT+QSSLOPEN=?"):
        assert rig.command(line) == ERROR


# Transparent mode ------------------------------------------------------------------------------------------------------


def escape(rig):
    rig.pass_time(1.2)
    early = rig.host(b"+++") + rig.pass_time(0.9)
    return early, rig.pass_time(0.2)


def test_transparent_when_bytes_go_both_ways():
    for model in MODELS:
        rig = connected(model, mode=2)
        assert rig.host(ALL_BYTES * 5) == b""
        rig.pass_time(0.3)
        rig.peer.send(ALL_BYTES[::-1] * 5)
        check("Q-352", (bytes(rig.peer.heard), rig.port.take()), (ALL_BYTES * 5, ALL_BYTES[::-1] * 5))
        assert rig.host(b"AT\r") == b""
        rig.pass_time(0.3)
        check("Q-353", bytes(rig.peer.heard[-3:]), b"AT\r")


def test_transparent_when_escaped():
    for model in MODELS:
        rig = connected(model, mode=2)
        early, late = escape(rig)
        check("Q-360", early, b"")
        check("Q-354", (late, rig.command("AT"), rig.tls_state()), (OK, OK, 2))
        check("Q-359", bytes(rig.peer.heard), b"")
        check("Q-366", rig.command("AT+QSSLSTATE=4").split(b",")[8], b"0")
        rig.peer.send(b"later")
        check("Q-367", (rig.port.take(), read(rig)), (RECV, got(b"later")))
        check("Q-175", rig.command("ATO"), CONNECT)
        rig.host(b"again")
        rig.pass_time(0.3)
        assert bytes(rig.peer.heard) == b"again"


def test_transparent_when_it_only_looks_like_an_escape():
    def played(*steps):
        rig = connected("ec200u", mode=2)
        rig.pass_time(1.2)
        for data, wait_s in steps:
            rig.host(data)
            rig.pass_time(wait_s)
        return bytes(rig.peer.heard), rig.port.take()

    check("Q-355", played((b"data", 0.5), (b"+++", 3)), (b"data+++", b""))
    check("Q-356", played((b"+++", 0.5), (b"x", 3)), (b"+++x", b""))
    check("Q-357", played((b"+", 0.6), (b"+", 0.6), (b"+", 3)), (b"+++", b""))
    check("Q-358", played((b"++++", 3)), (b"++++", b""))


def test_transparent_when_dtr_drops():
    for model in MODELS:
        rig = TlsRig(model)
        rig.command("AT&D1")
        assert rig.command(OPEN % (4, 2)) == CONNECT
        rig.modem.dtr(True)
        rig.modem.dtr(False)
        rig.clock.advance()
        check("Q-361", (rig.port.take(), rig.tls_state()), (OK, 2))


def test_transparent_when_the_connection_is_lost():
    for model in MODELS:
        rig = connected(model, mode=2)
        rig.peer.send(b"last words")
        rig.peer.end()
        check("Q-368", (rig.port.take(), rig.command("AT"), rig.tls_state()), (b"last words" + NO_CARRIER, OK, 4))
        check("Q-178", rig.command("ATO"), NO_CARRIER)
        assert rig.command("AT+QSSLCLOSE=4") == OK


def test_transparent_when_something_else_happens():
    for model in MODELS:
        rig = TlsRig(model)
        assert rig.tls_open(3) == 0
        other = rig.peer
        assert rig.command(OPEN % (4, 2)) == CONNECT
        other.send(b"for the other")
        other.close_tls()
        check("Q-371", rig.port.take() + rig.pass_time(5), b"")
        urcs = b'\r\n+QSSLURC: "recv",3\r\n\r\n+QSSLURC: "closed",3\r\n'
        assert escape(rig) == (b"", OK + urcs)


def test_access_mode_when_switched():
    for model in MODELS:
        rig = connected(model)
        answers = []
        for mode in (1, 0):
            answers.append((rig.command("AT+QISWTMD=4,%d" % mode), rig.command("AT+QSSLSTATE=4").split(b",")[8]))
        check("Q-172", answers, [(OK, b"1"), (OK, b"0")])
        rig.peer.send(b"waiting")
        rig.port.take()
        assert rig.command("AT+QISWTMD=4,1") == OK + b'\r\n+QSSLURC: "recv",4,7\r\nwaiting\r\n'
        check("Q-173", rig.command("AT+QISWTMD=4,2"), CONNECT)
        rig.host(b"AT\r")
        rig.pass_time(0.3)
        assert bytes(rig.peer.heard) == b"AT\r"


def test_access_mode_when_there_is_nothing_to_switch():
    for model in MODELS:
        rig = TlsRig(model)
        check("Q-174", [rig.command("AT+QISWTMD=4,%d" % mode) for mode in range(3)], [ERROR] * 3)
        check("Q-176", rig.command("ATO"), NO_CARRIER)


def test_ato_when_two_connections_were_transparent():
    for model in MODELS:
        rig = TlsRig(model)
        for number in (4, 5):
            rig.command(OPEN % (number, 2))
            escape(rig)
        first, second = rig.net.links
        assert rig.command("ATO") == CONNECT
        rig.host(b"to the last")
        rig.pass_time(0.3)
        check("Q-177", (bytes(first.heard), bytes(second.heard)), (b"", b"to the last"))


# Errors and delays -----------------------------------------------------------------------------------------------------


def test_last_error_when_commands_fail_and_succeed():
    for model in MODELS:
        rig = TlsRig(model)
        rig.command("AT+QSSLRECV=4,1")
        failed = rig.command("AT+QIGETERROR")
        check("Q-261", (failed.startswith(b"\r\n+QIGETERROR: 567,"), failed.endswith(b"\r\n" + OK)), (True, True))
        rig.command("AT+QSSLSTATE")
        check("Q-262", (failed.split(b",")[0][-3:], rig.error()), (b"567", 0))
        if model != "bg96":
            rig.configure(seclevel=1)
            check("Q-263", (rig.tls_open(), rig.error()), (579, 579))


def test_codes_when_injected():
    for model in MODELS:
        codes = [*range(550, 575), *((579,) if model != "bg96" else ())]
        seen = []
        for code in codes:
            rig = TlsRig(model, faults=["fail:code=%d,cmd=+QSSLSEND" % code, "fail:code=%d,cmd=+QSSLOPEN,urc=1" % code])
            seen.append((rig.tls_open(), rig.error(), rig.command("AT+QSSLSEND=4,1"), rig.error()))
        check("Q-408", seen, [(code, code, ERROR, code) for code in codes])


def test_delays_when_configured():
    rig = TlsRig("ec200u", faults=["delay:ms=450000,cmd=+QSSLOPEN,urc=1", "delay:ms=400,cmd=+QSSLSTATE"])
    opened = rig.command(OPEN % (4, 0)), rig.pass_time(449), rig.pass_time(2)
    listed = rig.command("AT+QSSLSTATE=9"), rig.pass_time(0.39), rig.pass_time(0.02)
    check("Q-392", (opened, listed), ((OK, b"", b"\r\n+QSSLOPEN: 4,0\r\n"), (b"", b"", OK)))


def test_close_fault_when_data_are_unread():
    for model in MODELS:
        rig = connected(model, faults=["close:after=5"])
        rig.peer.send(b"0123456789")
        rig.port.take()
        assert read(rig, 5) == got(b"01234") + CLOSED
        assert read(rig) == got(b"56789") and rig.command("AT+QSSLCLOSE=4") == OK


def test_black_hole_when_data_is_sent():
    rig = connected("ec200u")
    rig.net.freeze()
    rig.command("AT+QSSLSEND=4,4")
    assert rig.host(b"lost") == SEND_OK
    assert rig.pass_time(200) == CLOSED and rig.tls_state() == 4


def test_same_prefix_urcs_when_they_come_before_replies():
    rig = connected("ec200u", faults=["same-prefix"])
    rig.peer.send(b"data")
    rig.port.take()
    assert read(rig) == RECV + got(b"data")


def test_restart_when_connections_are_open():
    rig = connected("bg96")
    rig.command("AT+CFUN=1,1")
    boot = rig.pass_time(10)
    assert rig.peer.gone and boot.startswith(b"\r\nRDY\r\n") and boot.endswith(b"\r\nAPP RDY\r\n")
    rig.command("ATE0")
    assert rig.tls_state() is None and rig.modem.files.exists("ca.pem")
    assert rig.clock.wall() > NOW
