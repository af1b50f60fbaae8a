# Heap: 2M for the command lines of long stories.
"""The supervisor: when it restarts the module, when it waits, how it keeps a connection up. The clock is turned by hand."""

import modem.supervisor as supervisor_module
from modem import Modem
from modem.errors import ModemError, ModemTimeout
from modem.supervisor import Supervisor
from tests.conformance import check
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module, SimcomModule

MINUTE = 60000


def watched(port, *settings, **options):
    """Return a supervisor whose restarts are counted in `.done` and revive the module when `.cure` is set."""
    modem = Modem(port)
    settings = settings or ("internet",)

    def restart(m):
        supervisor.done.append(port.now)
        port.up = False
        if supervisor.cure:
            port.dead = False

    supervisor = Supervisor(modem, *settings, restart=restart, **options)
    supervisor.done = []
    supervisor.cure = False
    return supervisor


def steps(supervisor, for_ms, port):
    """Let the supervisor go on for a while."""
    end = port.now + for_ms
    pause_ms = 250 if for_ms < 60 * MINUTE else 5000
    while port.now < end:
        supervisor.step()
        port.now += pause_ms


def test_first_step_brings_the_connection_up():
    port = Module()
    supervisor = watched(port)
    states = []
    supervisor.operations._on_change = states.append
    assert supervisor.step() is True
    assert supervisor.modem.isconnected() and port.count(b"AT+QIACT=1") == 1
    assert states == ["up"] and supervisor.done == []


def test_idle_connection_is_looked_after_and_a_silently_lost_context_comes_back():
    port = Module()
    supervisor = watched(port, check_ms=10 * MINUTE)
    supervisor.step()
    steps(supervisor, 9 * MINUTE, port)
    assert port.count(b"AT+QIACT?") == 2, "nothing is asked before the time"
    steps(supervisor, 2 * MINUTE, port)
    assert port.count(b"AT+QIACT?") == 3 and port.count(b"AT+QIACT=1") == 1
    port.up = False  # and the notice of it was lost
    steps(supervisor, 11 * MINUTE, port)
    assert port.count(b"AT+QIACT=1") == 2 and supervisor.state == "up" and supervisor.done == []


def test_lost_context_is_deactivated_and_activated_again_at_once():
    port = Module()
    supervisor = watched(port)
    supervisor.step()
    port.up = False
    port.later(0, b'\r\n+QIURC: "pdpdeact",1\r\n')
    steps(supervisor, 1000, port)
    tail = port.lines[port.lines.index(b"AT+QIACT=1") + 1 :]
    check("Q-277", b"AT+QIDEACT=1" in tail and tail.index(b"AT+QIDEACT=1") < tail.index(b"AT+QIACT=1"), True)
    assert supervisor.state == "up" and supervisor.done == []


def test_module_that_restarted_by_itself_is_started_and_connected_again():
    port = Module()
    supervisor = watched(port)
    supervisor.step()
    port.up = False
    port.later(0, b"\r\nRDY\r\n")
    steps(supervisor, 1000, port)
    assert supervisor.state == "up" and port.count(b"AT+QIACT=1") == 2 and supervisor.done == []


def test_command_without_answer_for_60_s_restarts_the_module():
    port = Module()
    supervisor = watched(port)
    supervisor.cure = True
    supervisor.step()
    began = port.now
    port.dead = True
    with raises(ModemTimeout):
        supervisor.modem.command("AT+QINISTAT")
    check("Q-384", port.now - began, 60000)
    assert "60 s" in supervisor.reason
    supervisor.step()
    check("Q-387", (len(supervisor.done), supervisor.state), (1, "up"))


def test_qiact_has_150_s_before_the_module_is_restarted():
    port = Module({b"AT+QIACT=1": None})
    supervisor = watched(port)
    began = port.now
    assert supervisor.step() is False
    at = port.at[port.lines.index(b"AT+QIACT=1")]
    check("Q-041", supervisor.reason, "no answer to AT+QIACT in 150 s")
    check("Q-391", port.now - at >= 150000 and began == 0, True)
    del port.table[b"AT+QIACT=1"]
    assert supervisor.step() is True and len(supervisor.done) == 1


def test_close_and_deactivation_have_limits_of_their_own():
    port = Module()
    supervisor = watched(port)
    supervisor.step()
    port.table[b"AT+QIOPEN="] = [(0, b"\r\nOK\r\n"), (5, b"\r\n+QIOPEN: 0,0\r\n")]
    port.table[b"AT+QICLOSE=0"] = None
    sock = supervisor.modem.create_connection(("1.2.3.4", 80))
    sock.close()
    assert supervisor.reason.startswith("no answer to AT+QICLOSE"), supervisor.reason
    supervisor.cure = True
    assert supervisor.step() is True and len(supervisor.done) == 1
    port.table[b"AT+QIDEACT=1"] = None
    began = port.now
    with raises(ModemTimeout):
        supervisor.modem.disconnect()
    check("Q-053", port.now - began, 40000)
    check("Q-387", supervisor.reason, "no answer to AT+QIDEACT in 40 s")


def test_open_that_takes_too_long_is_closed_and_restarts_nothing():
    port = Module({b"AT+QIOPEN=": b"\r\nOK\r\n"})
    supervisor = watched(port)
    supervisor.step()
    began = port.now
    with raises(ModemTimeout):
        supervisor.modem.create_connection(("1.2.3.4", 80))
    check("Q-074", (port.now - began, port.lines[-1]), (150000, b"AT+QICLOSE=0"))
    check("Q-388", (supervisor.reason, supervisor.step()), (None, True))


def test_short_commands_without_answers_count_as_silence_after_60_s():
    port = Module()
    supervisor = watched(port)
    supervisor.step()
    port.dead = True
    modem = supervisor.modem
    for _ in range(8):
        if supervisor.reason is None:
            with raises(ModemError):
                modem.status("rssi") and modem.command("AT+CSQ", timeout_ms=8000)
    assert supervisor.reason is not None


def _restart_times(free, hours):
    port = Module()
    supervisor = watched(port, free_restarts=free, start_ms=20000)
    supervisor.step()
    port.dead, port.keeps = True, False
    supervisor.request_restart("test")
    steps(supervisor, hours * 60 * MINUTE, port)
    gaps = [round((b - a) / MINUTE, 1) for a, b in zip(supervisor.done, supervisor.done[1:])]
    return supervisor, port, gaps


def test_pauses_between_restarts_grow_as_the_document_says():
    supervisor, port, gaps = _restart_times(3, 9)
    check("Q-389", [gap < 1 for gap in gaps[:3]], [True] * 3)  # three without pause, and the first of the series at once
    check("Q-389", [round(gap / 10) * 10 for gap in gaps[3:7]], [10, 30, 60, 120])
    assert gaps[7] >= 120
    supervisor.cure = True
    steps(supervisor, 3 * 60 * MINUTE, port)
    assert supervisor.state == "up"
    check("Q-390", (supervisor.restarts, supervisor.pause_ms()), (0, 0))


def test_series_can_begin_with_the_first_restart():
    _, _, gaps = _restart_times(0, 4)
    check("Q-389", [round(gap / 10) * 10 for gap in gaps[:3]], [10, 30, 60])


def test_step_does_not_block_during_a_pause():
    port = Module()
    supervisor = watched(port, free_restarts=0)
    supervisor.step()
    port.dead = True
    supervisor.request_restart("test")
    supervisor.step()
    before = port.now
    supervisor.step()
    assert port.now - before < 100 and supervisor.state == "waiting"


def test_three_failed_connects_restart_the_module():
    port = Module({b"AT+QIACT=1": ERROR})
    supervisor = watched(port, retry_ms=1000)
    steps(supervisor, 1500, port)
    assert supervisor.done == [] and supervisor.error.code == 550 and port.count(b"AT+QIACT=1") == 2
    port.table[b"AT+QIACT=1"] = lambda line: port._usual(line) if supervisor.done else ERROR
    steps(supervisor, 2500, port)
    assert len(supervisor.done) == 1 and supervisor.state == "up"


def test_without_a_key_the_module_is_restarted_by_command():
    port = Module()
    supervisor = Supervisor(Modem(port), "internet")
    supervisor.request_restart("test")
    assert supervisor.step() is True and port.count(b"AT+CFUN=1,1") == 1


def test_a_step_after_more_time_than_the_ticks_can_tell_does_what_is_due():
    for away_ms in (-1, -(2**29)):  # a clock that has gone round shows any of these
        port = Module(start_ms=2**30)
        supervisor = watched(port)
        supervisor.step()
        asked = port.count(b"AT+QIACT?")
        port.now += away_ms
        assert supervisor.step() is True and port.count(b"AT+QIACT?") == asked + 1
        port.dead = True
        supervisor.request_restart("test")
        supervisor.step()
        assert len(supervisor.done) == 1
        supervisor.operations.restarts = 5  # a pause of half an hour is due
        supervisor.step()
        assert supervisor.state == "waiting" and len(supervisor.done) == 1
        port.now += away_ms - 2**28
        supervisor.cure = True
        assert supervisor.step() is True and len(supervisor.done) == 2


def test_silence_is_counted_from_the_last_byte_heard_however_long_ago_that_was():
    port = Module(start_ms=2**30)
    supervisor = watched(port)
    supervisor.step()
    port.dead = True
    port.now -= 2**29
    for _ in range(6):
        with raises(ModemError):
            supervisor.modem.command("AT+CSQ", timeout_ms=12000)
    assert supervisor.reason == "no answer in 60 s", supervisor.reason


# --- the boxes of the flow charts: the time, and what is sent


def _begin(port, line):
    return port.at[port.lines.index(line)]


def test_a_card_that_is_not_ready_within_10_s_restarts_an_a76xx_once_and_then_the_pauses_begin():
    for answer in (b"\r\n+CME ERROR: 10\r\n", b"\r\n+CME ERROR: 14\r\n", b"\r\n+CME ERROR: SIM not inserted\r\n"):
        port = SimcomModule({b"AT+CPIN?": answer})
        supervisor = Supervisor(Modem(port), "internet")
        steps(supervisor, 9 * MINUTE, port)
        asked, restarted = _begin(port, b"AT+CPIN?"), _begin(port, b"AT+CFUN=1,1")
        check("S-251", 10000 <= restarted - asked <= 10700, True)
        assert port.count(b"AT+CFUN=1,1") == 1 and supervisor.reason == "the SIM card was not ready within 10 s"
        steps(supervisor, 3 * MINUTE, port)
        assert port.count(b"AT+CFUN=1,1") == 2
        del port.table[b"AT+CPIN?"]
        began = port.now
        steps(supervisor, 2 * MINUTE, port)
        assert supervisor.state == "up" and port.at[-1] - began <= 75000


def test_a_packet_domain_not_registered_within_90_s_restarts_an_a76xx():
    port = SimcomModule()
    port.keeps = False
    at = []

    def searching(line):
        at.append(port.now)
        del at[1:]
        return b"\r\n" + line[2:-1] + b": 0,2\r\n" + OK

    def restarts(line):
        at.append(port.now)
        for name in (b"AT+CREG?", b"AT+CGREG?", b"AT+CEREG?"):
            del port.table[name]
        return OK

    port.table = {b"AT+CREG?": searching, b"AT+CGREG?": searching, b"AT+CEREG?": searching, b"AT+CFUN=1,1": restarts}
    supervisor = Supervisor(Modem(port), "internet")
    steps(supervisor, 100000, port)
    check("S-252", (90000 <= at[1] - at[0] <= 91500, supervisor.state), (True, "up"))
    assert supervisor.module.registration_ms is None, "a connect() of the program has the time that it allows"


def test_an_activation_without_answer_for_150_s_restarts_an_a76xx():
    port = SimcomModule({b"AT+CGACT=1,1": None})
    supervisor = Supervisor(Modem(port), "internet")
    steps(supervisor, 3 * MINUTE, port)
    asked, restarted = _begin(port, b"AT+CGACT=1,1"), _begin(port, b"AT+CFUN=1,1")
    check("S-254", 150000 <= restarted - asked <= 150500, True)
    port = SimcomModule({b"AT+NETOPEN": OK})  # the chart draws no restart for this one: 120 s, then it has failed
    supervisor = watched(port)
    supervisor.step()
    assert supervisor.reason is None and supervisor.done == [] and 120000 <= port.now <= 126000


def test_a_module_that_is_silent_from_the_start_is_restarted_for_that_reason():
    _silent(Module())
    _silent(SimcomModule())


def _silent(port):
    port.dead = True
    port.keeps = False
    supervisor = watched(port)
    reasons = []
    supervisor.operations._on_change = lambda state: reasons.append(supervisor.reason)
    steps(supervisor, 2 * MINUTE, port)
    assert supervisor.done[0] > 60000 and "no answer in 60 s" in reasons, reasons


# --- what counts is that connections come about


# --- restarts


def test_a_module_that_answers_for_a_while_after_the_command_is_waited_for():
    for answers_ms in (100, 700, 2000, 5000):
        _goes_down(Module(), answers_ms, True)
        _goes_down(Module(), answers_ms, False)


def _goes_down(port, answers_ms, boots):
    """AT+CFUN=1,1 is answered, and what comes for a while after it; then the module boots for 6 s, with a boot line or without."""
    supervisor = Supervisor(Modem(port), "internet")
    supervisor.step()
    down = []
    usual = port._line

    def cfun(line):
        down.append(port.now + answers_ms)
        if boots:
            port.later(answers_ms + 6000, b"\r\nRDY\r\n")
        return OK

    def silent(line):
        if down and 0 <= port.now - down[0] < 6000:
            port.up = False
        else:
            usual(line)

    port.table[b"AT+CFUN=1,1"] = cfun
    port._line = silent
    supervisor.request_restart("test")
    steps(supervisor, 20000, port)
    assert port.count(b"AT+CFUN=1,1") == 1, (answers_ms, boots)
    assert supervisor.state == "up" and supervisor.restarts == 0 and port.up


def test_a_wrong_pin_is_sent_once_and_nothing_goes_on_until_the_program_changes_it():
    _wrong_pin(Module())
    _wrong_pin(SimcomModule())


def _wrong_pin(port):
    tries = [3]

    def pin(line):
        if line == b'AT+CPIN="1234"':
            port.table[b"AT+CPIN?"] = b""
            return OK
        tries[0] -= 1
        return b"\r\n+CME ERROR: 16\r\n"

    port.table.update({b"AT+CPIN?": b"\r\n+CPIN: SIM PIN\r\n" + OK, b"AT+CPIN=": pin})
    port.table[b"AT+QPINC="] = lambda line: b'\r\n+QPINC: "SC",%d,10\r\n' % tries[0] + OK
    port.table[b"AT+SPIC"] = lambda line: b"\r\n+SPIC: %d,10,0,0\r\n" % tries[0] + OK
    supervisor = watched(port, "internet", pin="9999")
    steps(supervisor, 40 * MINUTE, port)
    assert port.count(b'AT+CPIN="9999"') == 1 and supervisor.state == "locked" and supervisor.done == []
    assert "2 tries left" in str(supervisor.error), supervisor.error
    lines = len(port.lines)
    steps(supervisor, MINUTE, port)
    assert len(port.lines) == lines
    supervisor.change("internet", pin="1234")
    steps(supervisor, 1000, port)  # fewer tries than all are left: the program has to say so
    assert port.count(b'AT+CPIN="1234"') == 0 and supervisor.state == "locked"
    supervisor.change("internet", pin="1234", pin_retry=True)
    assert supervisor.step() is True and supervisor.state == "up"


def test_what_the_program_raises_ends_nothing():
    def wrong(*args):
        raise ValueError("a mistake of the program")

    printed = []
    kept, supervisor_module.report = supervisor_module.report, printed.append
    try:
        port = Module()
        supervisor = Supervisor(Modem(port), "internet", on_change=wrong, restart=wrong)
        assert supervisor.step() and len(printed) == 1
        supervisor.request_restart("test")
        assert supervisor.step() is False and supervisor.state == "waiting" and len(printed) > 3
        assert "restart() failed" in str(supervisor.error)
        steps(supervisor, 15 * MINUTE, port)
        assert supervisor.state == "up"
    finally:
        supervisor_module.report = kept
