# CPython only: the sweep runs driver and virtual modem on an event loop of its own.
"""The sweep itself: the same case is the same to the byte, wrong drivers are found, and every fault really happens."""

import collections
import os
import subprocess
import sys
import time
from unittest.mock import Mock

import pytest

from modem import AsyncModem, Modem, ModemRestarted
from tools import sweep
from tools.simulation import excuses, program
from tools.simulation.cases import Case, _arrived, _mended, run
from tools.simulation.faults import KINDS, LATE_S, Place, fitting, make
from tools.simulation.line import COMMAND, DATA, Line
from tools.simulation.notices import NOTICES, QUECTEL, SIMCOM
from tools.simulation.peers import WebServer
from tools.simulation.port import SimulatedPort, Stuck
from tools.simulation.program import SYNC
from tools.simulation.scenes import SCENES
from tools.simulation.segments import LINE, PAYLOAD, PROMPT, Scanner
from tools.simulation.ticks import PERIOD_MS, ticks_add, ticks_diff, ticks_ms
from tools.simulation.world import World

_FAULTS = ("late.6", "notice.5", "restart", "killed", "peer")


def _everything(outcome):
    """All that can be seen of a case, as text."""
    parts = [outcome.events, outcome.heard, outcome.happened, outcome.errors, outcome.violations, [outcome.seconds]]
    return "\n".join(str(each) for part in parts for each in part)


def _middle(plan, kind=LINE):
    """An event in the middle of a scene."""
    events = [event for event in plan.events if event.kind == kind]
    return events[len(events) // 2].index


@pytest.mark.parametrize("where", [("download", "ec600e", "sync"), ("several", "a76xx", "async"), ("http", "sim7100", "async")])
def test_a_case_when_run_again_is_the_same_to_the_byte(where):
    plan = sweep.Plan(*where)
    for fault in _FAULTS:
        case = Case(*where, [(_middle(plan), fault)])
        first, second = (_everything(run(case, plan.base.seconds, listing=True)) for _ in range(2))
        assert first == second
        assert len(first) > 1000


def test_a_case_when_run_in_another_process_is_the_same_to_the_byte():
    code = (
        "from tools.simulation.cases import Case, run\n"
        "o = run(Case.parse('tls/a76xx/async/95.late.6'), listing=True)\n"
        "print(len(o.events), [str(e) for e in o.events], o.heard, o.happened)\n"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env=dict(os.environ, PYTHONHASHSEED=seed), capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1 and len(seen.pop()) > 1000


def test_a_case_when_named():
    for name in ("echo/bg96/sync/80.lost", "echo/bg96/async/80.late.0.5+95.byte-lost.3"):
        assert str(Case.parse(name)) == name
    with pytest.raises(ValueError):
        make("nonsense.3")


# Every kind of fault happens -----------------------------------------------------------------------------------------------

_PLACES = (
    ("http", "sim7100", "sync"), ("again", "ec600e", "sync"), ("patient", "ec600e", "sync"), ("echo", "ec600e", "async"), ("echo", "a76xx", "sync"),
)  # fmt: skip


_TRIED = 8  # cases of each kind


def _some_of_each():
    """{kind: some cases of it with their plans, far apart}."""
    found = collections.defaultdict(list)
    for where in _PLACES:
        plan = sweep.Plan(*where)
        for case in plan.cases():
            found[case.faults[0][1].partition(".")[0]].append((plan, case))
    return {kind: cases[:: max(1, len(cases) // _TRIED)] for kind, cases in found.items()}


def test_every_kind_of_fault_happens_and_changes_what_is_seen():
    found = _some_of_each()
    assert set(found) == set(KINDS)
    usual = {plan.where: _everything(run(Case(*plan.where), listing=True)) for cases in found.values() for plan, _ in cases}
    for kind, cases in found.items():
        outcomes = [(plan, run(case, plan.base.seconds, listing=True)) for plan, case in cases]
        assert all(len(outcome.struck) == 1 for _, outcome in outcomes), kind
        assert any(_everything(outcome) != usual[plan.where] for plan, outcome in outcomes), kind


def test_a_fault_of_the_line_when_it_strikes():
    """What the host hears with a fault at an answer `+CSQ`, against what it hears without."""
    usual = _answer(None)
    assert usual == [(0.007, b"\r\n+CSQ: 23,99\r\n"), (0.007, b"\r\nOK\r\n")]
    assert _bytes("lost") == b"\r\nOK\r\n"
    assert _bytes("doubled") == b"\r\n+CSQ: 23,99\r\n\r\n+CSQ: 23,99\r\n\r\nOK\r\n"
    assert _bytes("error") == b"\r\nERROR\r\n"
    assert _bytes("byte-lost.2") == b"\r\nCSQ: 23,99\r\n\r\nOK\r\n"
    assert _bytes("byte-changed.8") == b"\r\n+CSQ: 33,99\r\n\r\nOK\r\n"
    assert _bytes("digit-doubled.8") == b"\r\n+CSQ: 223,99\r\n\r\nOK\r\n"
    assert _bytes("longer") == b"\r\n+CSQ: 23,99,7\r\n\r\nOK\r\n"
    assert _bytes("notice.1") == b"\r\nRING\r\n\r\n+CSQ: 23,99\r\n\r\nOK\r\n"
    for seconds in LATE_S:
        assert [round(at - float(seconds), 3) for at, _ in _answer("late." + seconds)] == [0.007, 0.007]
    assert _bytes("restart", 5.0).startswith(b"\r\nRDY\r\n\r\n+CFUN: 1\r\n")
    assert _bytes("restart.silent", 5.0) == b""


def test_a_fault_of_the_host_when_it_strikes():
    assert _bytes("lost", side=0) == b""
    assert _bytes("deaf.1", side=0) == b""
    assert _bytes("refused", side=0) == _bytes("byte-lost.3", side=0) == b"\r\nERROR\r\n"
    assert _bytes("stubborn.refused", side=0) == b"\r\nERROR\r\n"
    assert _bytes("stubborn.unanswered", side=0) == b""


def _answer(fault, wait_s=300.0, side=1):
    """[(time, bytes)] that the host hears after AT+CSQ with a fault at event `side`: 0 the command, 1 the answer."""
    world = World("ec600e", {side: make(fault)} if fault else {}, listing=True)
    world.modem.general.set("E", 0)
    port = world.plug_in()
    port.write(b"AT+CSQ\r", 0, 7)
    world.pass_time(wait_s)
    return [(round(at, 3), data) for at, data in world.heard]


def _bytes(fault, wait_s=1.5, side=1):
    return b"".join(data for _, data in _answer(fault, wait_s, side))


def test_the_second_half_of_a_command_when_a_byte_is_lost_or_the_module_is_deaf_for_a_while():
    world = World("ec600e", {0: make("deaf.1")}, listing=True)
    port = world.plug_in()
    for _ in range(2):
        port.write(b"AT\r", 0, 3)
        world.pass_time(1.1)
    assert b"".join(data for _, data in world.heard) == b"AT\r\r\nOK\r\n"


def test_what_fits_an_event_covers_each_byte_and_each_notice():
    plan = sweep.Plan("echo", "a76xx", "sync")
    event = next(event for event in plan.events if event.quiet)
    fits = list(fitting(event, Place(SIMCOM, "echo"), False))
    assert sum(fault.startswith("byte-lost") for fault in fits) == len(event.data)
    assert sum(fault.startswith("notice") for fault in fits) == len(NOTICES[SIMCOM])
    assert len(set(fits)) == len(fits)
    assert not set(NOTICES[QUECTEL]) & {b"OK", b"ERROR"}


# A wrong driver is found ---------------------------------------------------------------------------------------------------


class _Socket:
    """A socket that does something wrong now and then."""

    def __init__(self, sock, wrong):
        self._sock = sock
        self._wrong = wrong

    def __getattr__(self, name):
        return self._wrong.get(name, getattr)(self._sock, name)


def _skips(sock, name):
    """recv() loses the first byte of each block."""
    return lambda most: sock.recv(most)[1:]


def _ends_early(sock, name):
    """recv() says that the peer has closed."""
    return lambda most: b""


def _twice(sock, name):
    """sendall() sends everything twice."""
    return lambda data: (sock.sendall(data), sock.sendall(data))[0]


def _nothing(sock, name):
    """A call that does nothing."""
    return lambda *args: None


def _mistaken(sock, name):
    """A call that raises what no driver should."""
    return lambda *args: {}["no such thing"]


def _finds_nothing(sock, name):
    """recv() waits in vain."""

    def recv(most):
        time.sleep(20)  # simulated
        raise TimeoutError

    return recv


def _alarmist(sock, name):
    """recv() tells of a restart."""

    def recv(most):
        raise ModemRestarted("the module restarted")

    return recv


def _planted(monkeypatch, wrong, **methods):
    """Let programs use a Modem whose sockets have the methods of `wrong`, and which has `methods` itself."""

    class Wrong(Modem):
        def create_connection(self, *args, **options):
            return _Socket(super().create_connection(*args, **options), wrong)

    for name, method in methods.items():
        setattr(Wrong, name, method)
    monkeypatch.setattr(program, "Modem", Wrong)


def _rules(scene="echo", model="ec600e", faults=""):
    case = Case.parse("%s/%s/%s/%s" % (scene, model, SYNC, faults))
    return {violation.rule for violation in run(case).violations}


def test_a_right_driver_breaks_no_rule():
    for scene in ("echo", "rounds", "upload", "download", "pin"):
        assert _rules(scene) == set()


@pytest.mark.parametrize(
    "rule, scene, wrong",
    [
        ("a", "echo", {"recv": _skips}),
        ("a", "download", {"recv": _ends_early}),
        ("b", "upload", {"sendall": _twice}),
        ("b", "upload", {"sendall": _nothing}),
        ("c", "download", {"recv": _finds_nothing}),
        ("d", "echo", {"recv": _mistaken}),
        ("d", "echo", {"recv": _alarmist}),
        ("f", "echo", {"close": _nothing}),
    ],
)
def test_a_wrong_socket_breaks_a_rule(monkeypatch, rule, scene, wrong):
    _planted(monkeypatch, wrong)
    assert rule in _rules(scene)


def test_ctrl_c_comes_at_each_line_of_the_driver_in_turn():
    plan = sweep.Plan("echo", "ec600e", "sync")
    cuts = [case for case in plan.cases(("interrupted",)) if case.faults[0][1] != "interrupted"]
    assert len(cuts) == 3 * len(plan.events) and len({case.faults[0][1] for case in cuts}) > 80
    outcomes = [run(case, plan.base.seconds) for case in cuts[::20]]
    assert sum("cut" in [how for *_, how in outcome.happened] for outcome in outcomes) > len(outcomes) // 2
    assert sys.gettrace() is None


def test_what_ctrl_c_has_torn_out_of_a_stream_is_one_piece():
    sent = bytes(range(100))
    for got, whole in (
        (sent[:50], sent[:50]), (sent[:30] + sent[40:60], sent[:60]), (sent[10:20], sent[:20]),
        (sent[:30] + sent[40:60] + sent[70:], None), (sent[:30] + sent[20:], None), (b"xyz", None),
    ):  # fmt: skip
        assert _mended(sent, got) == (got if whole is None else whole)


def test_a_part_whose_fate_is_unknown_may_be_missing_though_the_next_begins_like_it():
    one, two, three = [b"message %d;" % n for n in range(3)]
    for got, right in (
        (one + two + three, True), (one + three, True), (one + two[:8] + three, True), (one + two[:8], False), (three, False),
        (one + three + two, False), (one + two + two + three, False),
    ):  # fmt: skip
        assert _arrived(got, [(one, True), (two, False), (three, True)], False) is right, got


def test_a_call_that_takes_too_long_or_never_ends_breaks_rule_c(monkeypatch):
    def slow(sock, name):
        def recv(most):
            sock.settimeout(None)
            sock.recv(most)
            return sock.recv(most)

        return recv

    _planted(monkeypatch, {"recv": slow})
    assert "c" in _rules("echo")


def test_a_driver_that_turns_on_the_spot_is_cut():
    world = World("ec600e")
    port = world.plug_in()
    with pytest.raises(Stuck):
        while True:
            port.readinto(bytearray(4), 4)


def test_a_driver_that_does_not_come_back_breaks_rule_e(monkeypatch):
    def once(self, *args, **options):
        if getattr(self, "used", False):
            raise OSError("no more")
        self.used = True
        return Modem.create_connection(self, *args, **options)

    _planted(monkeypatch, {}, create_connection=once)
    assert "e" in _rules("echo")


def test_tls_that_is_not_verified_breaks_rule_g(monkeypatch):
    _planted(monkeypatch, {}, tls_context=lambda self, **options: Modem.tls_context(self, verify=False))
    assert "g" in _rules("tls", "ec200u")
    assert "g" in _rules("impostor", "a76xx")


def test_a_secret_in_an_error_or_a_trace_breaks_rule_h(monkeypatch):
    def connect(self, apn, user=None, password=None, **options):
        raise OSError("%s is not the password" % password)

    _planted(monkeypatch, {}, connect=connect)
    assert "h" in _rules("start")
    monkeypatch.undo()
    monkeypatch.setattr(program, "Trace", _Blabber)
    assert "h" in _rules("start")


class _Blabber:
    """A trace that shows everything."""

    def __init__(self, port, out):
        self._port = port
        self._out = out

    def write(self, buf, off, n):
        self._out(str(bytes(buf[off : off + n])))
        return self._port.write(buf, off, n)

    def __getattr__(self, name):
        return getattr(self._port, name)


def test_a_task_that_fails_unseen_breaks_rule_d(monkeypatch):
    class Wrong(AsyncModem):
        async def status(self, name=None):
            import asyncio

            async def fail():
                raise KeyError("unseen")

            asyncio.get_running_loop().call_soon(lambda: {}["unseen"])
            await asyncio.sleep(0.1)
            return -60

    monkeypatch.setattr(program, "AsyncModem", Wrong)
    outcome = run(Case.parse("sleep/ec600e/async/"))
    assert "d" in {violation.rule for violation in outcome.violations}


# The parts -----------------------------------------------------------------------------------------------------------------


def test_output_when_cut_into_segments():
    scanner = Scanner()
    data = b"\r\n+QIRD: 4\r\nOK\r\n\r\n\r\nOK\r\n"
    assert list(scanner.cut(data)) == [(LINE, b"\r\n+QIRD: 4\r\n"), (PAYLOAD, b"OK\r\n"), (LINE, b"\r\n\r\nOK\r\n")]
    assert list(scanner.cut(b"\r\n> ")) == [(PROMPT, b"\r\n> ")]
    assert list(scanner.cut(b"\r\n+CCHRECV: DATA,0,3\r\n")) == [(LINE, b"\r\n+CCHRECV: DATA,0,3\r\n")]
    assert list(scanner.cut(b"abc\r\n+CCHRECV: 0,0\r\n")) == [(PAYLOAD, b"abc"), (LINE, b"\r\n+CCHRECV: 0,0\r\n")]
    assert list(scanner.cut(b"\r\nNO CARRIER\r\n", transparent=True)) == [(PAYLOAD, b"\r\nNO CARRIER\r\n")]


def test_ticks_when_they_go_round():
    before, after = ticks_ms(19.0), ticks_ms(21.0)
    assert after < before < PERIOD_MS
    assert ticks_diff(after, before) == 2000 and ticks_add(before, 2000) == after


def test_the_line_when_paced():
    world = World("ec600e", listing=True)
    assert isinstance(world.line, Line) and isinstance(world.plug_in(), SimulatedPort)
    world.line.put(b"x" * 1152)
    world.pass_time(1.0)
    assert world.heard == [(0.1, b"x" * 1152)]  # 115200 baud


def test_excuses_cover_damaged_bytes_and_nothing_else():
    wrong = [program.Violation(rule, "", plausible) for rule in "abcdefgh" for plausible in (False, True)]

    def covered(scene, fault, kind, data=b"+X: 1\r\n", model="ec600e"):
        why = excuses.reasons(Case(scene, model, "sync", [(9, fault)]), [(9, kind, data)])
        return "".join(each.rule.upper() if each.plausible else each.rule for each in wrong if excuses.cover(why, each))

    assert covered("echo", "byte-changed.0", PAYLOAD) == "aAbB"
    assert covered("transparent", "byte-lost.0", PAYLOAD) == covered("transparent", "lost", DATA) == "aAbB"
    assert covered("names", "byte-lost.0", LINE) == "ABCDEFGH"
    assert covered("files", "doubled", LINE, b"\r\nOK\r\n") == "aAbB"
    assert covered("http", "byte-lost.0", DATA, b"GET", "sim7100") == "aAbB"
    assert covered("smtp", "byte-lost.0", DATA, b"Water", "sim7100") == "aAbB"
    assert covered("smtp", "byte-lost.0", DATA, b"\xff", "sim7100") == covered("echo", "lost", DATA, b"x", "a76xx") == ""
    assert covered("ftps", "byte-lost.12", COMMAND, b"AT+CFTPSPUT=476\r") == "aAbB"
    others = [
        ("echo", "byte-lost.0", PAYLOAD),
        ("files", "doubled", LINE),
        ("echo", "late.6", LINE),
        ("echo", "killed", LINE),
        ("transparent", "late.6", PAYLOAD),
    ]
    assert [covered(*each) for each in others] == [""] * len(others)


def test_what_may_have_been_sent_in_part_is_looked_for_in_every_way():
    sent = [(b"turn 0", True), (b"turn 1", False), (b"turn 2", True)]
    for received in (b"turn 0turn 2", b"turn 0turnturn 2", b"turn 0turn 1turn 2"):
        assert _arrived(received, sent, False)
    for received in (b"turn 0", b"turn 0turn 1", b"turn 2turn 0", b"turn 0turn 1turn 2turn 2", b"turn 0turn 3turn 2"):
        assert not _arrived(received, sent, False)
    assert _arrived(b"turn 0turn", sent, True)


def test_a_web_server_ends_a_connection_on_which_no_whole_request_comes():
    for sent, left in ((b"", False), (b"GET / HT", False), (b"GET / HTTP/1.1\r\n\r\n", True)):
        world = World("sim7100")
        link = Mock(received=sent)
        server = WebServer(world.net)
        server.on_open(link)
        server.on_data(link, sent)
        world.pass_time(WebServer.PATIENCE_S + 1)
        assert link.end.called is not left, sent


def test_every_scene_runs_without_a_fault_on_every_model_that_it_is_for():
    """Whether it breaks a rule is the sweep's business; that it gets to its own part, and has events, is checked here."""
    for name, scene in SCENES.items():
        for model in scene.models:
            outcome = run(Case(name, model, scene.flavours[-1]), listing=True)
            first, last = outcome.marks[:2] if len(outcome.marks) > 1 else (outcome.marks[0], len(outcome.events))
            assert last > first, (name, model)


def test_pairs_when_drawn_are_the_same_each_time():
    plan = sweep.Plan("echo", "ec600e", "sync")
    first, second = ([str(case) for case in plan.pairs(20)] for _ in range(2))
    assert first == second and 15 < len(set(first)) <= 20
    assert all(len(Case.parse(name).faults) == 2 for name in first)


# The command line ----------------------------------------------------------------------------------------------------------


def test_the_command_when_nothing_is_wrong(capsys):
    assert sweep.main(["--scene", "udp", "--model", "ec600e", "--flavour", "sync", "--fault", "context", "-j", "2"]) == 0
    shown = capsys.readouterr().out
    assert "0 with violations" in shown and "| udp |" in shown


def test_the_command_when_something_is_wrong(capsys, monkeypatch):
    _planted(monkeypatch, {"recv": _skips})
    arguments = ["--scene", "echo", "--model", "ec600e", "--flavour", "sync", "--fault", "twin", "-j", "1"]
    assert sweep.main(arguments) == 1
    shown = capsys.readouterr().out
    name = next(word for word in shown.replace(":", " ").split() if word.startswith("echo/ec600e/sync/"))
    assert sweep.main(["--case", name]) == 1
    shown = capsys.readouterr().out
    assert "=>" in shown and "violation (a)" in shown


def test_a_sample_when_drawn_is_the_same_each_time():
    plan = sweep.Plan("echo", "ec600e", "sync")
    drawn = [str(case) for case in plan.sample(40)]
    assert len(set(drawn)) == 40 and drawn == [str(case) for case in plan.sample(40)]
    assert set(drawn) < {str(case) for case in plan.cases()}
    assert len(plan.sample(10**6, ["late"])) == len(plan.cases(["late"])) > 40
