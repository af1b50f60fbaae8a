"""Habits of single firmwares that no document knows, as users have met them in the field: they stand between the virtual modem
and its line from the first event of a scene on.

They are no faults: a program has to get along with them as with any other module, unless its table entry says otherwise.
"""

import re

from .notices import QUECTEL, SIMCOM

_ERROR = b"\r\nERROR\r\n"


class Habit:
    """As documented. `world` is the simulated world.

    harmless   whether no program may notice it;  lasts_s: how much longer it may make a scene
    vendor, scenes, models, tls   where it makes a difference (None: all)
    """

    harmless = True
    lasts_s = 0.0
    vendor = None
    scenes = ()
    models = None

    def __init__(self, world):
        self.world = world

    def said(self, line):
        """What goes out in place of a line of the module, with the line ends before it."""
        return line

    def asked(self, text):
        """The answer to a command line in place of the module's own; None: it is the module's business."""

    @classmethod
    def fits(cls, vendor, model, scene):
        """Whether it makes a difference there."""
        return scene in cls.scenes and cls.vendor in (None, vendor) and (cls.models is None or model in cls.models)


class _Lacks(Habit):
    """The firmware does not have a command that a program can do without."""

    name = b""
    scenes = ("start",)

    def asked(self, text):
        return _ERROR if re.search(rb"\+%s(?![A-Z])" % self.name, text) else None


class NoBackground(_Lacks):
    """No AT+QIACTEX and AT+QIDEACTEX."""

    name = b"QI(?:DE)?ACTEX"
    vendor = QUECTEL


class NoEchoSwitch(_Lacks):
    """No AT+QISDE."""

    name = b"QISDE"
    vendor = QUECTEL


class NoCgreg(_Lacks):
    """No AT+CEREG and AT+CGREG."""

    name = b"C[EG]+REG"


class Chatty(Habit):
    """What the module says for itself comes between each command and its answer: words, bytes of a line that floats."""

    scenes = ("start", "raw", "echo")
    _WORDS = (b"RING", b"UNDER-VOLTAGE WARNNING", b"SMS Ready", b"Call Ready", b"\xff\xff", b"PB DONE")

    def __init__(self, world):
        super().__init__(world)
        self._said = 0
        self._due = False

    def asked(self, text):
        self._due = True

    def said(self, line):
        if not self._due:
            return line
        self._due = False
        self._said += 1
        return b"\r\n" + self._WORDS[self._said % len(self._WORDS)] + b"\r\n" + line


class NoOpenResult(Habit):
    """The result of AT+NETOPEN never comes, although the service is open; it can be asked for."""

    vendor = SIMCOM
    scenes = ("start",)
    lasts_s = 11.0  # so often a program may ask

    def said(self, line):
        job = self.world.modem.job
        asked = job and job.commands and job.current.form == "read"
        return b"" if line.strip() == b"+NETOPEN: 0" and not asked else line


class Areas(Habit):
    """A change of the cell is reported between each registration state and its OK, by digits alone: no state."""

    scenes = ("start",)

    def said(self, line):
        name = re.match(rb"\s*(\+C[EG]?REG: )\d,\d", line)
        return line + b"\r\n" + name[1] + b"5,1234,5678,7\r\n" if name else line


class OtherState(Habit):
    """Some reads are refused, and a connection that lives has a state that is not documented for it."""

    vendor = QUECTEL
    scenes = ("waiting",)
    lasts_s = 5.0

    def __init__(self, world):
        super().__init__(world)
        self._reads = 0

    def asked(self, text):
        self._reads += text.startswith(b"AT+QIRD=")
        return _ERROR if text.startswith(b"AT+QIRD=") and self._reads % 3 == 1 else None

    def said(self, line):
        return re.sub(rb"(\+QISTATE: (?:[^,]*,){5})2,", rb"\g<1>3,", line)


class UsbPort(Habit):
    """The line is a USB port of the module, and what comes by itself comes on it as AT+QURCCFG says."""

    vendor = QUECTEL
    scenes = ("supervisor",)

    def __init__(self, world):
        super().__init__(world)
        self._port = b"usbat"

    def asked(self, text):
        wanted = re.search(rb'\+QURCCFG="urcport","([a-z0-9]+)"', text)
        if wanted:
            self._port = wanted[1]

    def said(self, line):
        if self.world.modem.job is None and self._port not in (b"usbat", b"all"):
            return b""
        return re.sub(rb'(\+QURCCFG: "urcport",)"[a-z0-9]+"', rb'\1"%s"' % self._port, line)


class SilentTls(Habit):
    """The module answers, but neither reads nor sends over TLS, until it is restarted."""

    harmless = False
    vendor = QUECTEL
    scenes = ("keeper_tls", "quiet_tls")

    def __init__(self, world):
        super().__init__(world)
        self._silent = True
        world.modem.on_reset.append(self._wake)

    def _wake(self):
        self._silent = False

    def asked(self, text):
        return b"" if self._silent and text.startswith((b"AT+QSSLRECV=", b"AT+QSSLSEND=")) else None


class Worded(Habit):
    """What a send has come to stands in a line of fields, of which there is one more than is documented."""

    vendor = QUECTEL
    scenes = ("crowded",)

    def said(self, line):
        for word, status in ((b"SEND OK", b"0,1460"), (b"SEND FAIL", b"1,0")):
            if line.strip() == word:
                return b"\r\n+QISEND: 0,%s,7\r\n\r\nOK\r\n" % status
        return line


class Download(Habit):
    """DOWNLOAD asks for data in place of CONNECT."""

    vendor = QUECTEL
    scenes = ("typed",)

    def said(self, line):
        return line.replace(b"CONNECT", b"DOWNLOAD")


class InWords(Habit):
    """A missing SIM card is reported in words, whatever AT+CMEE says."""

    scenes = ("no_card",)

    def said(self, line):
        return line.replace(b"+CME ERROR: 10\r", b"+CME ERROR: SIM not inserted\r")


class SlowAfterBoot(Habit):
    """A module that has just booted takes its time for what its settings are."""

    def said(self, line):
        if line.strip().startswith(b"+CMEE: "):
            self.world.line.hold(2.5)
        return line


HABITS = {
    "no-background": NoBackground,
    "no-qisde": NoEchoSwitch,
    "no-cgreg": NoCgreg,
    "chatty": Chatty,
    "no-open-result": NoOpenResult,
    "areas": Areas,
    "other-state": OtherState,
    "usb-port": UsbPort,
    "silent-tls": SilentTls,
    "worded": Worded,
    "download": Download,
    "in-words": InWords,
}


def habits(vendor, model, scene):
    """The names of the habits that make a difference."""
    return [name for name, habit in HABITS.items() if habit.fits(vendor, model, scene)]
