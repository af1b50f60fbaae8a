"""The examples of the EC600E-CN & EC800E-CN document, played against the driver: it produces the host's turns byte for byte and
understands the module's: whole, byte by byte, cut at every position, and with lines of other origin in every gap."""

from modem.compat import run
from modem.deferred import DeferredResult, listen
from modem.net.link import Link
from modem.quectel.resolver import Lookup, Ping
from modem.quectel.urcs import ContextResult
from tests.conformance import check
from tests.rigs.scripted_port import ScriptedPort, gaps, ready
from tests.rigs.transcripts import transcripts

# access modes and kinds of links; on a board the names are gone (tools/fold.py)
BUFFER, PUSH = 0, 1
STREAM, SERVICE, LISTENER = 0, 2, 3
OPEN = 2


def prepared(port, ident):
    """Return a modem in the state in which the example begins: connections open, and somebody waiting for late results."""
    modem = ready(port)
    m = modem.module
    push = ident.startswith("3.4.")
    kinds = {1: LISTENER, 2: SERVICE}
    for n in range(12):
        if n == 11 and ident == "3.5.2":
            continue
        kind = kinds.get(n, STREAM)
        link = Link(m, m.dialect.tcp, n, kind, PUSH if push else BUFFER, 1500)
        link.state = OPEN
        link.limit = 10
        link.read = m.dialect.tcp.reader(link)
        m.links[n] = link
    port.results = {}
    for prefix, result in (
        (b"+QIACTEX: 1,", ContextResult(m)),
        (b"+QIDEACTEX: 1,", ContextResult(m)),
        (b"+QIURC:", Lookup(m)),
        (b"+QPING:", Ping(m, 4)),
        (b"+QNTP:", DeferredResult(m)),
    ):
        run(listen(m, prefix, result, None))
        result.on_begun(True)
        port.results[prefix] = result
    return modem


def lines_of(turn):
    """Return the information lines of a module's turn."""
    lines = [line for line in turn.split(b"\r\n") if line]
    assert lines[-1] in (b"OK", b"SEND OK", b"ERROR"), turn
    return lines[:-1]


def mixed(data, noise, gap):
    """Return a module's turn with `noise` in its `gap`th place between two frames, counted from the end when negative."""
    places = gaps(data, ())
    at = places[gap % len(places)]
    return data[:at] + noise + data[at:]


def play(turns, ident, cuts, noise=b"", gap=0):
    """Play the turns of one example; return the modem."""
    port = ScriptedPort(cuts=cuts)
    modem = prepared(port, ident)
    engine = modem.module.engine
    at = 0
    while at < len(turns):
        side, data = turns[at]
        at += 1
        if side == "modem":
            port.later(0, mixed(data, noise, gap))
            modem.poll(10)
            continue
        answer = turns[at][1]
        at += 1
        payload = None
        if answer == b"\r\n>":
            payload, answer = turns[at][1], turns[at + 1][1]
            at += 2
            port.dialogue += [(data, b"\r\n>"), (payload, mixed(answer, noise, gap))]
        else:
            port.dialogue.append((data, mixed(answer, noise, gap)))
        got = modem.command(data[:-1].decode(), data=payload)
        assert got == lines_of(answer), (ident, data, got)
        modem.poll(10)
    port.done()
    assert engine.unknown == (0 if not noise else engine.unknown) and not engine.desync
    return modem


def test_every_example_in_command_mode():
    played = []
    for t in transcripts("quectel", "EC600E"):
        ident = t.id.split("-")[1]
        if ident.startswith("3.3."):
            continue
        for cuts in [0, 1] + [{k} for k in range(1, sum([len(data) for side, data in t.turns if side == "modem"]))]:
            outcome(play(t.turns, ident, cuts), ident)
        for noise in (b"\r\n+CREG: 2\r\n", b"\r\n+QIURC: 7\r\n\r\n\r\n\r\n"):
            for gap in (0, 1, 2, 3, -1):
                for cuts in (0, 1):
                    outcome(play(t.turns, ident, cuts, noise, gap), ident)
        played.append(t.id)
    check("Q-414", len(played), 24)


def outcome(modem, ident):
    """Check what the unsolicited lines of an example have changed."""
    results = modem.module.port.results
    if ident == "3.4.3":
        buf = bytearray(9)
        assert modem.module.links[0].ring.readinto(buf) == 4 and bytes(buf[:4]) == b"test"
    elif ident == "3.5.2":
        assert modem.module.links[11].peer == ("172.31.242.222", 54091) and modem.module.links[1].backlog == [
            modem.module.links[11]
        ]
    elif ident == "3.7":
        assert len(results[b"+QPING:"].replies) == 4 and results[b"+QPING:"].summary == (0, 4, 4, 0, 192, 479, 353)
    elif ident == "3.8":
        assert results[b"+QNTP:"].summary == [0, "2019/09/09,01:32:42+32"]
    elif ident == "3.9":
        assert results[b"+QIURC:"].summary == [565]
    elif ident == "3.1.4":
        assert results[b"+QIACTEX: 1,"].summary == results[b"+QIDEACTEX: 1,"].summary == 0


def test_examples_of_transparent_mode_with_the_drivers_own_calls():
    turns = {t.id.split("-")[1]: t.turns for t in transcripts("quectel", "EC600E") if "-3.3." in t.id}
    dialogue = []
    for ident in sorted(turns):
        for i in range(len(turns[ident])):
            side, data = turns[ident][i]
            if side == "host":
                follows = turns[ident][i + 1][1] if i + 1 < len(turns[ident]) else b""
                dialogue.append((data, [(1000 if data == b"+++" else 0, follows)]))
    for cuts in (0, 1):
        port = ScriptedPort(dialogue, cuts)
        modem = ready(port)
        sock = modem.socket(access="transparent")
        sock.connect(("112.31.84.164", 8305))
        sock.sendall(turns["3.3.2"][0][1])
        port.later(0, turns["3.3.3"][0][1])
        assert sock.read(6) == b"Test 1"
        sock.close()
        port.done()
        check("Q-414", bytes(port.sent), b"".join([host for host, _ in dialogue]))
