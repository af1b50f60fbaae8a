# CPython only: the virtual modem needs asyncio's sockets and clocks, and Python's ssl.
"""TLS connections of the virtual EC200U, EG915U and BG96: open, send, receive, close, state, in the three access modes."""

from tests.conformance import check
from tests.rigs.tls_network import (
    ADDRESS,
    ALL_BYTES,
    CLOSED,
    CONNECT,
    HOST,
    MODELS,
    OPEN,
    RECV,
    SEND_OK,
    TlsRig,
    connected,
    got,
    read,
)
from tests.rigs.virtual_modem import ERROR, OK, Rig

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
        check("Q-320", prompts, (b"\r\n> ", SEND_OK, b"\r\n> ", SEND_OK))
        assert bytes(rig.peer.heard) == b"Test data" + ALL_BYTES
        assert rig.command("AT+QSSLSEND=4") + rig.host(b"gone\x1b") == b"\r\n> " + ERROR and rig.error() == 571
        assert bytes(rig.peer.heard) == b"Test data" + ALL_BYTES


def test_send_when_no_blank_follows_the_prompt():
    for model in MODELS:
        rig = connected(model, quirks=["prompt=plain"])
        assert rig.command("AT+QSSLSEND=4,4") + rig.host(b"test") == b"\r\n>" + SEND_OK


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
        assert rig.command("AT+QSSLSEND=4,1460") + rig.host(b"x" * 1460) == b"\r\n> " + SEND_OK
        check("Q-322", (rig.command("AT+QSSLSEND=4,1461"), rig.error()), (ERROR, 552))
    rig = connected("bg96")
    answers = []
    for count in (1, 1460, 1500):
        answers.append(rig.command("AT+QSSLSEND=4,%d" % count) + rig.host(b"x" * count))
    check("Q-323", answers, [b"\r\n> " + SEND_OK] * 3)
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
    assert rig.command("AT+QSSLSEND=4,4") + rig.host(b"test") == b"\r\n> " + SEND_OK and bytes(rig.peer.heard) == b"test"
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
        line = b'\r\n+QSSLSTATE: 4,"SSLClient","%s",8010,%d,2,1,4,0,"uart1",1\r\n' % (ADDRESS.encode(), rig.net.links[0].local[1])
        other = b'\r\n+QSSLSTATE: 7,"SSLClient","%s",8010,%d,2,1,7,1,"uart1",3\r\n' % (
            ADDRESS.encode(),
            rig.net.links[2].local[1],
        )
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
