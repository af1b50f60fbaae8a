"""A module behind its PWRKEY: it toggles, each model with its own times; start() and the supervisor switch on what is off."""

from modem import Modem, ModemTimeout
from modem.models import MODELS
from modem.power_key import PowerKey
from modem.supervisor import Supervisor
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK, Module, SimcomModule

# model: what its hardware manual wants at least: press that switches on, press that switches off, time until it is off
TIMES = {
    "ec600e": (500, 650, 5000), "ec800e": (500, 650, 5000), "ec200u": (2000, 3000, 5000), "eg915u": (2000, 3000, 5000),
    "bg96": (500, 650, 5000), "a76xx": (50, 2500, 3000), "sim7100": (500, 2500, 26000), "sim7600": (500, 2500, 26000),
}  # fmt: skip
BOOT_MS = 9000
REST_MS = 2000  # a press before is not heard: SIM7672X wants so long between off and on


class Key:
    """A played module's PWRKEY, which toggles, and its STATUS line. `hangs`: it does not answer, though it is on."""

    def __init__(self, port, times, on=False, hangs=False):
        self.port = port
        self.on_ms, self.off_ms, self.off_wait_ms = times
        self.on = on
        self.hangs = hangs
        self.toggles = []
        self.boot_at = 0
        self.off_at = None
        self._down_at = None
        self._rested_at = 0
        port.dead = not on or hangs
        port.wait = self._wait

    def value(self, level):
        self.settle()
        now = self.port.now
        if level:
            self._down_at = now
        elif self._down_at is not None:
            held, self._down_at = now - self._down_at, None
            if not self.on and now - held < self._rested_at:
                self.toggles.append((now, "too early"))
            elif not self.on and held >= self.on_ms:
                self.on, self.hangs = True, False
                self.boot_at = now + BOOT_MS
                self.toggles.append((now, "on"))
            elif self.on and self.off_at is None and held >= self.off_ms:
                self.off_at = now + self.off_wait_ms
                self.toggles.append((now, "off"))

    def settle(self):
        if self.off_at is not None and self.port.now >= self.off_at:
            self._rested_at = self.off_at + REST_MS
            self.on, self.off_at, self.port.up = False, None, False
        self.port.dead = not self.on or self.hangs or self.off_at is not None or self.port.now < self.boot_at

    def _wait(self, timeout_ms, want=1):
        found = type(self.port).wait(self.port, timeout_ms, want)
        self.settle()
        return found


class Status:
    def __init__(self, key):
        self.key = key

    def value(self):
        self.key.settle()
        return int(self.key.on)


def _powered(model, on=False, hangs=False, status=False, **options):
    port = (SimcomModule if TIMES[model][1] == 2500 else Module)()
    if model in [known.name for known in MODELS if known.name != "a76xx"]:
        port.table[b"AT+CGMM"] = b"\r\n" + model.upper().encode() + OK
    key = Key(port, TIMES[model], on, hangs)
    power = PowerKey(key, status=Status(key) if status else None, **options)
    del key.toggles[:]
    return port, key, Modem(port, power=power)


def test_start_switches_on_a_module_that_is_off_and_leaves_one_alone_that_is_on():
    for model in TIMES:
        for status in (False, True):
            port, key, modem = _powered(model, status=status)
            modem.start(60000)
            assert [what for _, what in key.toggles] == ["on"] and key.on, (model, status, key.toggles)
            port, key, modem = _powered(model, on=True, status=status)
            modem.start()
            assert key.toggles == [] and port.now < 1000


def test_a_restart_switches_off_and_on_again_by_the_times_of_the_model():
    for model in TIMES:
        for status in (False, True):
            port, key, modem = _powered(model, on=True, status=status)
            supervisor = Supervisor(modem, "internet")
            assert supervisor.step()
            supervisor.request_restart("test")
            for _ in range(600):
                if supervisor.step():
                    break
                port.now += 250
            assert [what for _, what in key.toggles] == ["off", "on"] and supervisor.state == "up", (model, status, key.toggles)


def test_a_module_that_is_off_is_switched_on_once_by_the_supervisor():
    for model in TIMES:
        for status in (False, True):
            port, key, modem = _powered(model, status=status)
            supervisor = Supervisor(modem, "internet")
            supervisor.request_restart("it is off")
            for _ in range(900):
                if supervisor.step():
                    break
                port.now += 250
            assert [what for _, what in key.toggles] == ["on"] and supervisor.state == "up", (model, status, key.toggles)


def test_a_module_that_hangs_is_switched_off_and_on():
    for model in TIMES:
        for status in (False, True):
            port, key, modem = _powered(model, on=True, hangs=True, status=status)
            supervisor = Supervisor(modem, "internet")
            supervisor.request_restart("it hangs")
            for _ in range(1200):
                if supervisor.step():
                    break
                port.now += 250
            assert [what for _, what in key.toggles] == ["off", "on"] and supervisor.state == "up", (model, status, key.toggles)
            assert supervisor.restarts == 0 and port.now < 120000


def test_a_dead_module_gets_no_more_presses_than_its_boot_takes():
    port, key, modem = _powered("eg915u")
    key.on_ms = 10**6  # its key line is broken
    presses = []
    value = key.value
    key.value = lambda level: presses.append(port.now) if level else value(level)
    with raises(ModemTimeout, "no module"):
        modem.start(120000)
    assert 2 <= len(presses) <= 4


def test_a_reset_line_is_pulled_for_its_time_at_its_level():
    class Reset:
        def __init__(self, port):
            self.port, self.log = port, []

        def value(self, level):
            self.log.append((self.port.now, level))

    for active in (1, 0):
        port = Module()
        reset = Reset(port)
        power = PowerKey(Reset(port), reset=reset, reset_ms=300, active=active)
        supervisor = Supervisor(Modem(port, power=power), "internet")
        assert supervisor.step()
        del reset.log[:]
        supervisor.request_restart("test")
        assert supervisor.step()
        assert [level for _, level in reset.log] == [active, 1 - active] and reset.log[1][0] - reset.log[0][0] == 300


def test_times_that_are_given_are_used():
    port, key, modem = _powered("eg915u", on=True, on_ms=2500, off_ms=4000, off_wait_ms=7000)
    supervisor = Supervisor(modem, "internet")
    assert supervisor.step()
    presses = []
    value = key.value

    def noted(level):
        presses.append((port.now, level))
        value(level)

    key.value = noted
    supervisor.request_restart("test")
    while not supervisor.step():
        port.now += 250
    times = [presses[n + 1][0] - presses[n][0] for n in range(len(presses) - 1)]
    assert times == [4000, 7000 + REST_MS, 2500], times
