# Heap: 1M for hours of commands.
"""Hours under a supervisor with each kind of breakdown: up again soon after its cause is gone, and never more restarts than the
documents' pauses allow. The clock is turned by hand.
"""

from modem import Modem, ModemError
from modem.supervisor import Supervisor
from tests.rigs.scripted_module import ERROR, OK, Module, SimcomModule

MINUTE = 60000
HOURS = 3
# within three hours: at once, and after pauses of 10, 30, 60 minutes; for a silent module four at once before these pauses
MOST_RESTARTS, MOST_SILENT = 4, 7
_OPENED = {b"AT+QIOPEN=": [(0, OK), (5, b"\r\n+QIOPEN: 0,0\r\n")], b"AT+QICLOSE=": OK}


def _status(n):
    return {name + b"?": b"\r\n" + name[2:] + b": 0,%d\r\n" % n + OK for name in (b"AT+CREG", b"AT+CGREG", b"AT+CEREG")}


BREAKDOWNS = {
    "no card": {b"AT+CPIN?": b"\r\n+CME ERROR: 10\r\n"},
    "card fails": {b"AT+CPIN?": b"\r\n+CME ERROR: 13\r\n"},
    "searching": _status(2),
    "denied": _status(3),
    "activation refused": {b"AT+QIACT=1": ERROR, b"AT+NETOPEN": b"\r\n+NETOPEN: 1\r\n" + ERROR},
    "activation silent": {b"AT+QIACT=1": None, b"AT+CGACT=1,1": None},
    "opens fail": {b"AT+QIOPEN=": ERROR, b"AT+CIPOPEN=": b"\r\n+CIPOPEN: 0,1\r\n" + ERROR},
    "opens time out": {b"AT+QIOPEN=": OK, b"AT+CIPOPEN=": OK},
    "opens silent": {b"AT+QIOPEN=": None, b"AT+CIPOPEN=": None},
    "identity refused": {b"AT+CGMM": ERROR},
}


def _played(port, table):
    """Play hours with `table` in force, then without; return (ms until a connection comes about again, restarts until then)."""
    port.keeps = False
    port.most_steps = 5000000
    restarts = [0]
    supervisor = Supervisor(Modem(port), "internet", restart=lambda modem: _restarted(port, restarts))
    port.table.update(_OPENED)
    assert _works(port, supervisor), "before the breakdown"
    normal = {line: port.table.get(line) for line in table}
    port.table.update(table)
    port.dead = not table
    port.up = False
    supervisor.modem.module.on_boot()
    until = port.now + HOURS * 60 * MINUTE
    while port.now < until:
        _works(port, supervisor)
        port.now += 20000
    for line in table:
        if normal[line] is None:
            del port.table[line]
        else:
            port.table[line] = normal[line]
    port.dead = False
    gone_at = port.now
    while not _works(port, supervisor):
        port.now += 250
        assert port.now - gone_at < 10 * MINUTE, "it never comes back"
    return port.now - gone_at, restarts[0]


def _restarted(port, restarts):
    restarts[0] += 1
    port.up = False


def _works(port, supervisor):
    """A step, and a connection of the program; return whether that came about."""
    if not supervisor.step():
        return False
    try:
        supervisor.modem.create_connection(("10.0.0.1", 80), 20).close()
    except ModemError:
        return False
    return True


def test_each_breakdown_is_over_soon_after_its_cause():
    longest = {}
    for name in sorted(BREAKDOWNS):
        for port in (Module(), SimcomModule()):
            took, restarts = _played(port, BREAKDOWNS[name])
            longest[name] = max(took, longest.get(name, 0))
            most = MOST_SILENT if name.endswith("silent") else MOST_RESTARTS
            assert restarts <= most, (name, type(port), restarts)
    print("longest recovery in ms:", longest)
    assert max(longest.values()) <= 95000, longest


def test_a_module_that_does_not_answer_for_hours_is_restarted_as_the_document_allows():
    for port in (Module(), SimcomModule()):
        took, restarts = _played(port, {})
        assert took <= 65000 and 4 <= restarts <= MOST_SILENT, (took, restarts)
