"""TLS connections on Quectel modules: opening, sending, receiving, closing, errors. Scripted, on both Pythons."""

from modem import CommandError, ConnectionClosed, NotSupported, SocketTimeout
from modem.codes import meaning
from modem.compat import run
from modem.quectel.tls import items
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, feed_all_ways, ready

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
URC = b'\r\n+QSSLURC: "recv",11\r\n'
TEXT = b"Test data from SSL"
EMPTY = (b"AT+QSSLRECV=0,1500\r", b"\r\n+QSSLRECV: 0\r\n\r\nOK\r\n")


class Held:
    """Stands for a connection of somebody else: it holds an id and nothing more."""

    abandoned = False
    state = 0  # the id is claimed, nothing has been sent
    error = kind = None
    access = context = waiting = 0

    def fail(self, error):
        self.error = error

    def __init__(self, modem, n):
        self.slot = self.number = n
        modem.module.links[n] = self


def plain(modem, seconds=300, first=0):
    """A TLS context whose settings the module has already, in set number `first`."""
    context = modem.tls_context(verify=False, handshake_timeout_s=seconds)
    for n in range(first + 1):
        group = modem.module.dialect.transport(context).sets[n]
        group.settings = context.settings() if n == first else ("those of somebody else",)
        group.links.append(Held(modem, 10))
    return context


def opened(n=0, result=b"\r\n+QSSLOPEN: 0,0\r\n", delay_ms=10):
    return (b'AT+QSSLOPEN=1,0,%d,"srv",8883,0\r' % n, [(0, OK), (delay_ms, result)] if result else OK)


def block(data, n=1500, ident=0):
    return (b"AT+QSSLRECV=%d,%d\r" % (ident, n), b"\r\n+QSSLRECV: %d\r\n" % len(data) + data + b"\r\n\r\nOK\r\n")


def connected(modem, **options):
    return modem.create_connection(("srv", 8883), tls=plain(modem), **options)


def test_data_goes_both_ways_however_the_line_cuts_it():
    data = b'\r\nOK\r\n\r\nERROR\r\n+QSSLRECV: 5\r\n+QSSLURC: "closed",0\r\n\x00\xff>'
    dialogue = [
        opened(),
        (b"AT+QSSLSEND=0,18\r", b"\r\n> "),
        (TEXT, b"\r\nSEND OK\r\n"),
        block(data),
        block(TEXT),
    ]

    def scene(modem):
        s = connected(modem)
        s.sendall(TEXT)
        return s.recv(2000), s.recv(5), s.read(13)

    want = (data, TEXT[:5], TEXT[5:])
    feed_all_ways(dialogue, scene, want, opaque=(data, TEXT), urc=URC, model="ec200u")
    check("Q-334", feed_all_ways(dialogue, scene, want, opaque=(data, TEXT), urc=URC, model="bg96") > 100, True)


def test_the_misprinted_name_of_the_open_result_is_understood():
    port = ScriptedPort([opened(result=b"\r\n+QSSOPEN: 0,0\r\n")])
    check("Q-409", connected(ready(port, "ec200u")).connection_id(), 0)


def test_what_is_waiting_is_fetched_as_soon_as_it_is_announced():
    port = ScriptedPort([opened(), block(TEXT)])
    modem = ready(port, "ec200u")
    s = connected(modem)
    port.later(50, b'\r\n+QSSLURC: "recv",0\r\n')
    modem.poll(100)
    port.done()
    check("Q-333", bytes(port.sent).count(b"AT+QSSLRECV"), 1)
    port.later(0, b'\r\n+QSSLURC: "closed",0\r\n')
    port.dialogue = [(b"AT+QSSLRECV=0,1500\r", ERROR), (b"AT+QSSLSTATE=0\r", OK), (b"AT+QSSLSTATE\r", OK)]
    assert s.read() == TEXT, "the data outlive an abnormal close"
    port.done()


def test_data_that_the_module_still_gives_after_the_close_are_not_lost():
    closed_state = (b"AT+QSSLSTATE=0\r", b'\r\n+QSSLSTATE: 0,"SSLClient","10.0.0.1",8883,65344,4,1,0,0,"usbmodem",0\r\n' + OK)
    for last in ([EMPTY], [(b"AT+QSSLRECV=0,1500\r", ERROR), closed_state]):
        port = ScriptedPort([opened(), block(b"a" * 1500), block(b"b" * 700)] + last + [(b"AT+QSSLCLOSE=0\r", OK)])
        modem = ready(port, "ec200u")
        events = []
        modem.on_event(lambda kind, detail, events=events: events.append((kind, detail.connection_id())))
        s = connected(modem)
        port.later(5, b'\r\n+QSSLURC: "recv",0\r\n\r\n+QSSLURC: "closed",0\r\n')
        got = s.read()
        check("Q-335", (len(got), bytes(port.sent).count(b"AT+QSSLRECV")), (2200, 3))
        assert got == b"a" * 1500 + b"b" * 700 and s.recv(10) == b"" and events == [("closed", 0)]
        with raises(ConnectionClosed):
            s.send(b"x")
        s.close()
        check("Q-351", bytes(port.sent).count(b"AT+QSSLCLOSE=0\r"), 1)
        port.done()


def test_a_read_that_is_refused_while_the_connection_stands_is_tried_again():
    connected_state = (b"AT+QSSLSTATE=0\r", b'\r\n+QSSLSTATE: 0,"SSLClient","10.0.0.1",8883,65344,2,1,0,0,"usbmodem",0\r\n' + OK)
    port = ScriptedPort([opened(), (b"AT+QSSLRECV=0,1500\r", ERROR), connected_state, block(TEXT)])
    assert connected(ready(port, "ec200u")).recv(100) == TEXT
    port.done()


def test_the_reason_comes_from_the_urc():
    for model, code, words in (
        ("ec200u", 579, "SSL handshake failed"), ("bg96", 566, "socket connection failed"), ("ec200u", 573, "APN not configured"),
        ("bg96", 574, "port busy"), ("eg915u", 999, "999"),
    ):  # fmt: skip
        port = ScriptedPort([opened(result=b"\r\n+QSSLOPEN: 0,%d\r\n" % code), (b"AT+QSSLCLOSE=0\r", ERROR)])
        with raises(CommandError, words) as error:
            connected(ready(port, model))
        assert error.value.code == code and "diagnose" in str(error.value)
        port.done()
    check("Q-404", (meaning("quectel-ssl", 573), meaning("quectel-ssl", 574)), ("(APN not configured)", "(port busy)"))
    check("Q-406", meaning(ready(ScriptedPort(), "ec200u").module.dialect.error_family, 579), "(SSL handshake failed)")


def test_an_id_that_the_module_has_in_use_is_passed_over():
    dialogue = [opened(result=b"\r\n+QSSLOPEN: 0,563\r\n"), opened(1, b"\r\n+QSSLOPEN: 1,0\r\n")]
    port = ScriptedPort(dialogue)
    assert connected(ready(port, "ec200u")).connection_id() == 1
    port.done()


def test_tls_and_plain_connections_never_share_an_id():
    dialogue = [
        (b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', [(0, OK), (9, b"\r\n+QIOPEN: 0,0\r\n")]),
        opened(1, b"\r\n+QSSLOPEN: 1,0\r\n"),
    ]
    dialogue += [(b'AT+QIOPEN=1,2,"TCP","srv",80,0,0\r', [(0, OK), (9, b"\r\n+QIOPEN: 2,0\r\n")])]
    port = ScriptedPort(dialogue)
    modem = ready(port, "ec200u")
    first = modem.create_connection(("srv", 80))
    second = connected(modem)
    check("Q-383", [s.connection_id() for s in (first, second, modem.create_connection(("srv", 80)))], [0, 1, 2])
    port.done()


def test_an_open_without_result_is_closed_after_the_network_and_the_handshake_had_their_time():
    for seconds, item in ((300, "Q-316"), (10, "Q-315")):
        port = ScriptedPort([opened(result=None), (b"AT+QSSLCLOSE=0\r", OK)])
        modem = ready(port, "ec200u")
        context = plain(modem, seconds)
        with raises(OSError, "QSSLOPEN"):
            modem.create_connection(("srv", 8883), tls=context)
        modem.poll(0)
        check(item, (port.now // 1000, bytes(port.sent).endswith(b"AT+QSSLCLOSE=0\r")), (150 + seconds, True))
        port.done()


def test_tls_connections_are_listed_behind_the_others():
    tcp = b'\r\n+QISTATE: 0,"TCP","10.0.0.2",80,5000,2,1,0,0,"uart1"\r\n'
    over_tls = b'\r\n+QSSLSTATE: 3,"SSLClient","10.0.0.1",8883,65344,2,2,3,1,"uart1",0\r\n'
    port = ScriptedPort(
        [
            (b"AT+QISTATE\r", tcp + OK),
            (b"AT+QSSLSTATE\r", over_tls + OK),
            (b"AT+QISTATE=1,3\r", OK),
            (b"AT+QSSLSTATE=3\r", over_tls + OK),
            (b"AT+QISTATE=0,1\r", tcp + OK),
            (b"AT+QSSLSTATE\r", ERROR),
            (b"AT+QISTATE=0,1\r", tcp + OK),
            (b"AT+QSSLSTATE\r", over_tls + OK),
        ]
    )
    modem = ready(port, "bg96")
    want = (3, "SSLCLIENT", "10.0.0.1", 8883, 65344, "connected", 2, 3, 1, "uart1")
    found = modem.connections()
    assert [row[1] for row in found] == ["TCP", "SSLCLIENT"] and found[1] == want
    assert modem.connections(link=3) == [want]
    assert modem.connections(context=1) == modem.connections(context=1) == found[:1]
    port.done()


def test_an_expired_open_closes_and_does_not_reboot():
    port = ScriptedPort([opened(result=None), (b"AT+QSSLCLOSE=0\r", OK)])
    modem = ready(port, "bg96")
    s = modem.socket(tls=plain(modem))
    s.settimeout(5)
    with raises(SocketTimeout):
        s.connect(("srv", 8883))
    modem.poll(0)
    check("Q-388", (b"CFUN" in bytes(port.sent), bytes(port.sent).endswith(b"AT+QSSLCLOSE=0\r")), (False, True))
    assert modem.module.links[0] is None


def test_no_more_than_1460_bytes_go_out_at_once_and_the_result_is_waited_for():
    data = bytes([i & 255 for i in range(3000)])
    dialogue = [opened()]
    for at in (0, 1460, 2920):
        part = data[at : at + 1460]
        dialogue += [(b"AT+QSSLSEND=0,%d\r" % len(part), b"\r\n>"), (part, [(9000, b"\r\nSEND OK\r\n")])]
    port = ScriptedPort(dialogue)
    connected(ready(port, "bg96")).sendall(data)
    check("Q-324", [n for n in (1460, 80) if b"AT+QSSLSEND=0,%d\r" % n in bytes(port.sent)], [1460, 80])
    check("Q-326", port.now >= 27000, True)
    port.done()


def test_a_full_send_buffer_is_tried_again_and_a_refused_send_has_its_reason():
    port = ScriptedPort([opened()] + 2 * [(b"AT+QSSLSEND=0,18\r", b"\r\n>"), (TEXT, b"\r\nSEND FAIL\r\n")])
    port.dialogue += [(b"AT+QSSLSEND=0,18\r", b"\r\n>"), (TEXT, b"\r\nSEND OK\r\n")]
    port.dialogue += [(b"AT+QSSLSEND=0,18\r", ERROR), (b"AT+QIGETERROR\r", b"\r\n+QIGETERROR: 558,x\r\n" + OK)]
    s = connected(ready(port, "ec200u"))
    s.sendall(TEXT)
    with raises(CommandError, "558"):
        s.sendall(TEXT)
    port.done()


def test_there_are_no_byte_counters():
    port = ScriptedPort([opened()])
    s = connected(ready(port, "ec200u"))
    with raises(NotSupported, "ec200u"):
        s.stats()


def test_a_lost_result_of_a_send_ends_the_connection_and_nothing_is_sent_twice():
    silent = [(b"AT+QSSLSEND=0,18\r", b"\r\n>"), (TEXT, b""), (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n\r\nOK\r\n")]
    gone = [(b"AT+QSSLSTATE=0\r", OK), (b"AT+QSSLSTATE\r", OK)]
    port = ScriptedPort([opened()] + silent + gone)
    s = connected(ready(port, "ec200u"))
    with raises(OSError):
        s.sendall(TEXT)
    for _ in range(2):
        with raises(OSError):
            s.sendall(TEXT)
    assert bytes(port.sent).count(TEXT) == 1
    port.done()


def test_limits_are_those_of_the_document():
    port = ScriptedPort([opened()])
    modem = ready(port, "ec200u")
    s = connected(modem)
    asked = []
    real = modem.module.cmd

    def listen(line, prefix=None, limit_ms=60000, deadline=None, bare=False, explain=False):
        asked.append((line.split(b"=")[0].split(b'"')[0], limit_ms))
        return real(line, prefix, limit_ms, deadline, bare, explain)

    modem.module.cmd = listen
    port.dialogue = [
        (b'AT+QSSLCFG="sni",0,1\r', OK),
        (b"AT+QSSLSTATE=0\r", OK),
        (b"AT+QSSLSTATE\r", OK),
        (b"AT+QSSLCLOSE=0\r", OK),
    ]
    run(s.link.transport.sets[0].write_item(b"sni", b"1", None))
    assert run(s.link.transport.state(s.link, None)) is None
    s.close()
    limits = dict(asked)
    check("Q-386", 300 <= limits[b"+QSSLCFG"] == limits[b"+QSSLSTATE"] <= 10000, True)
    check("Q-340", 10000 <= limits[b"+QSSLCLOSE"] <= 20000, True)


def test_ranges_of_the_models():
    found = {}
    for model in ("ec200u", "eg915u", "bg96"):
        dialect = ready(ScriptedPort(), model).module.dialect
        found[model] = (dialect.contexts, dialect.tls_contexts, dialect.links, dialect.max_send, len(items(dialect)))
    assert found == {"ec200u": (7, 6, 12, 1460, 14), "eg915u": (7, 6, 12, 1460, 14), "bg96": (16, 6, 12, 1460, 8)}


def test_a_tls_connection_changes_its_access_mode_and_back():
    dialogue = [opened(), EMPTY, (b"AT+QISWTMD=0,1\r", OK), (b"AT+QISWTMD=0,0\r", OK), block(TEXT), EMPTY]
    dialogue += [(b"AT+QISWTMD=0,2\r", b"\r\nCONNECT\r\nraw"), (b"data", b""), (b"+++", [(1000, OK)]), EMPTY]
    dialogue += [(b"ATO\r", b"\r\nCONNECT\r\n"), (b"more", b""), (b"+++", [(1000, OK)]), (b"AT+QSSLCLOSE=0\r", OK)]
    port = ScriptedPort(dialogue)
    modem = ready(port, "ec200u")
    s = connected(modem, rxbuf=4096)
    s.settimeout(1)
    with raises(SocketTimeout):
        s.recv(10)
    s.switch("push")
    port.later(1, b'\r\n+QSSLURC: "recv",0,4\r\npush\r\n')
    assert s.recv(10) == b"push"
    s.switch("buffer")
    port.later(1, b'\r\n+QSSLURC: "recv",0\r\n')
    assert s.recv(100) == TEXT
    with raises(SocketTimeout):
        s.recv(10)
    s.switch("transparent")
    assert s.recv(10) == b"raw"
    s.sendall(b"data")
    s.escape()
    s.resume()
    s.sendall(b"more")
    s.close()
    port.done()


def test_the_reason_asked_for_counts_more_than_the_number_that_came_with_the_error():
    refused = (b'AT+QSSLOPEN=1,0,0,"srv",8883,0\r', b"\r\n+CME ERROR: 3\r\n")
    asked = (b"AT+QIGETERROR\r", b"\r\n+QIGETERROR: 573,x\r\n" + OK)
    with raises(CommandError, "573 (APN not configured)"):
        connected(ready(ScriptedPort([refused, asked, (b"AT+QSSLCLOSE=0\r", ERROR)]), "bg96"))
    asked = (b"AT+QIGETERROR\r", b"\r\n+QIGETERROR: 0,operate successfully\r\n" + OK)
    with raises(CommandError, "3 (operation not allowed)"):
        connected(ready(ScriptedPort([refused, asked, (b"AT+QSSLCLOSE=0\r", ERROR)]), "bg96"))


def test_a_no_carrier_that_is_held_back_wakes_whoever_waits_to_look_at_the_clock():
    port = ScriptedPort([(b'AT+QSSLOPEN=1,0,0,"srv",8883,2\r', b"\r\nCONNECT\r\n")])
    modem = ready(port, "ec200u")
    s = connected(modem, access="transparent")
    engine = modem.module.engine
    for piece in (b"\r\nNO", b" CARRIER\r\n"):
        engine.changed = False
        port.later(0, piece)
        engine.pump()
        assert engine.changed and engine.due_ms(port.now) <= 1000
    assert s.recv(10) == b"" and 1000 <= port.now <= 1100
