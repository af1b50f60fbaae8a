"""The virtual modem without any input or output: bytes of the host in, bytes for the host out, time from a clock.

`Modem` does what every module does alike: it echoes, finds command lines, runs the commands of a line one after the other,
frames answers, keeps unsolicited lines back while payload is being typed, and hands payload to data phases. What the
commands mean is the dialect's business.

A handler may return
    None                 the command is done
    str, bytes or list   information lines (str) or ready-made bytes; the command is done
    Result(final, ...)   the line ends with this final result instead of OK
    Prompt(phase, text)  print `text`, then hand the input to `phase`, whose outcome is the command's outcome
    PENDING              later somebody calls `Modem.complete(job, handler, *args)` with `job` taken from `Modem.job`
or raise `AtError`: the line ends with ERROR (or +CME ERROR, as AT+CMEE asks). Any other exception is a fault of this program:
`Modem.failed` reports it, the line ends with ERROR, and everything goes on.
"""

import traceback
from collections import deque

from .calls import Calls
from .command_input import CommandInput
from .commands import READ, WRITE, AtError, CommandTable, Parameters, edited, error_text, parse_line
from .data_call import DataCall
from .general import General
from .gnss import Receiver
from .identity import Identity
from .outcome import PENDING, Job, Prompt, Result
from .phonebook import Phonebook
from .power import Power
from .radio import Radio
from .rtc import Rtc
from .saving import PowerSaving
from .sim import Sim
from .sms import Messages
from .sms_commands import MessageCommands
from .supplementary import Supplementary

LINE_LIMIT = 4096  # bytes queued for the host beyond which payload waits in the socket, and commands in the input
URC_LIMIT = 65536  # bytes queued for the host beyond which unsolicited lines are lost, and payload waits in the input
_HELD_LIMIT = 1000  # unsolicited lines kept while they may not be printed; the oldest are lost first
QUIET_S = 1.0
_RESULT_CODES = {"OK": 0, "CONNECT": 1, "RING": 2, "NO CARRIER": 3, "ERROR": 4, "NO DIALTONE": 6, "BUSY": 7}


class Modem:
    """One virtual module.

    model   a `models.Model`
    clock   see `clock`
    net     see `net`
    line    a `line.Line`, or something with its `write(data)`, `backlog()`, `hold(seconds)`, `after(seconds, callback, *args)`,
            `now()`, `clear()`, `set_rate(rate)`, `check_input()` and `rate`; it calls `feed(data)` and `drained()`
    faults  a `faults.Faults`
    files   a `files.FileStore`
    window  bytes of a connection that are kept for the host (None: what the model has)
    note    callable for remarks in the log
    alarm   callable for what a person must see (None: `note`)
    card    what the SIM card is like: options of `sim.Sim`
    places  where the satellite receiver is: the steps of `gnss.Receiver`
    """

    def __init__(
        self,
        model,
        clock,
        net,
        line,
        *,
        faults,
        files=None,
        latency_s=0.0,
        echo=True,
        port_name="uart1",
        window=None,
        note=None,
        alarm=None,
        card=None,
        places=None,
    ):
        self.model = model
        self.clock = clock
        self.net = net
        self.line = line
        self.faults = faults
        self.files = files
        self.latency_s = latency_s
        self.port_name = port_name
        self.window = window or model.window
        self.note = note or (lambda text: None)
        self.alarm = alarm or self.note
        self.table = CommandTable()
        self.phase = None
        self.job = None
        self.powered = True
        self.on_free = []
        self.on_reset = []
        self.input = CommandInput(self, self._start)
        self._last_line = ""
        self.last_heard = clock.now() - QUIET_S
        self.urcs_elsewhere = False  # unsolicited lines go to another port of the module
        self._urcs = deque(maxlen=_HELD_LIMIT)
        self._pumping = False
        self._generation = 0
        self.dtr_on = True
        self.slumber = None
        self._add_parts(echo, card or {}, places)
        self.dialect = model.dialect(self)
        faults.arm(self)

    def _add_parts(self, echo, card, places):
        """What every module consists of; the dialect adds the vendor's commands to it."""
        self.general = General(self, echo)
        self.identity = Identity(self)
        self.power = Power(self)
        self.rtc = Rtc(self)
        self.sim = Sim(self, **card)
        self.saving = PowerSaving(self)
        self.radio = Radio(self)
        self.calls = Calls(self)
        self.supplementary = Supplementary(self)
        self.phonebook = Phonebook(self)
        self.data_call = DataCall(self)
        self.messages = Messages(self)
        MessageCommands(self, self.messages)
        self.gnss = Receiver(self, places)

    # Output ------------------------------------------------------------------------------------------------------------

    def send(self, data):
        """Bytes to the host, as they are."""
        if data and self.powered:
            if self.slumber:
                self.slumber.stir()
            self.line.write(data)

    def frame(self, line):
        """A line (str) between S3 S4 pairs (V.250, 5.7.1); nothing, or twice, when a fault wants it so."""
        end = self.general.line_end
        data = line.encode("latin-1") + end
        return (end + data if self.general.verbose else data) * self.faults.copies(line)

    def final(self, text):
        """A final result as ATV and ATQ want it."""
        if self.general.quiet:
            return b""
        if not self.general.verbose and text in _RESULT_CODES:
            return b"%d" % _RESULT_CODES[text] + self.general.line_end[:1]
        return self.frame(text)

    def urcs_held(self):
        """Whether unsolicited lines must wait: payload is being typed, or its result is due, or the line is transparent."""
        return bool((self.phase and self.phase.holds_urcs) or (self.job and self.job.prompted))

    def urc(self, line):
        """Print an unsolicited line now, or as soon as it may be printed. `bytes` are printed as they are."""
        delay_s = self.faults.line_delay_s(line) if isinstance(line, str) else 0
        if delay_s:
            self.later(delay_s, self._urc, line)
        else:
            self._urc(line)

    def _urc(self, line):
        if not self.powered or self.urcs_elsewhere:
            return
        data = line if isinstance(line, bytes) else self.frame(line)
        if self.urcs_held() or self._urcs:
            self._urcs.append(data)
        elif self.line.backlog() < URC_LIMIT:
            self.send(data)
        else:
            self.note("an unsolicited line is lost: the host does not read")

    def room(self):
        """Whether more payload may be queued for the host: the line is not far behind."""
        return self.powered and self.line.backlog() < LINE_LIMIT

    def drained(self):
        """The line has little left to send: payload that waited may go on."""
        if self.powered:
            for callback in self.on_free:
                callback()
            self.pump()

    def _freed(self):
        """The line is free for unsolicited lines again."""
        while self._urcs and not self.urcs_held():
            self.send(self._urcs.popleft())
        self.drained()

    # Input -------------------------------------------------------------------------------------------------------------

    def feed(self, data):
        """Bytes that the module has heard."""
        if not data or not self.powered or (self.slumber and not self.slumber.hears()):
            return
        self.last_heard = self.clock.now()
        self.input.add(data)
        self.pump()

    def waiting(self):
        """Bytes heard but not yet dealt with; the line stops listening when they are many."""
        return len(self.input.buffer)

    def pump(self):
        """Go on with the input, after something it waited for has happened."""
        if self._pumping:
            return
        self._pumping = True
        try:
            while self.input.buffer and self.powered:
                if self.line.backlog() >= URC_LIMIT:
                    break  # echoes that the host does not read
                if self.phase is not None:
                    if not self._feed_phase(self.phase):
                        break
                elif self.job is not None or not self.room() or not self.input.take_line():
                    break
        finally:
            self._pumping = False
        self.line.check_input()

    def _feed_phase(self, phase):
        """Give a data phase what has come; whether it took any of it."""
        try:
            used = phase.feed(self.input.buffer)
        except Exception as error:
            self.input.buffer.clear()
            self.end_phase(phase, self._fail, error)
            return False
        del self.input.buffer[:used]
        return used > 0

    # Commands ----------------------------------------------------------------------------------------------------------

    def _start(self, text):
        if text is None:
            self.send(self.final("ERROR"))
            return
        text = edited(text).strip()
        if text.upper() == "A/":
            text = self._last_line
        at = text.upper().find("AT")
        if at < 0:
            return
        self._last_line = text[at:]
        job = Job(parse_line(text[at + 2 :]))
        if self.faults.restarts(job):
            return
        self.job = job
        delay_s = self.latency_s + self.faults.extra_delay_s(job)
        if delay_s > 0:
            self.line.after(delay_s, self._advance, job)
        else:
            self._advance(job)

    def _advance(self, job):
        """Carry out the commands of a line until one has to wait or the line is finished."""
        while job is self.job:
            if job.index == len(job.commands):
                self._finish(job, Result())
                return
            command = job.commands[job.index]
            job.index += 1
            if not self._settle(job, self._dispatch, command):
                return

    def _dispatch(self, command):
        if command.name[:1] in "#$" and self.model.quirks.get("any_prefix"):
            command.name = "+" + command.name[1:]
        self.faults.refuse(command)
        handler = self.table.find(command.name, command.form)
        if handler is None:
            raise AtError(None)
        if command.form == WRITE:
            return handler(Parameters(command.text))
        if command.form == READ and command.text:
            raise AtError(None)
        return handler()

    def _settle(self, job, handler, *args):
        """Call `handler` and act on its outcome. True: the line goes on with its next command."""
        try:
            outcome = handler(*args)
        except AtError as error:
            self._add_info(job, error.info)
            self._finish(job, Result(error_text(error, self.general.error_mode)))
            return False
        except OSError as error:  # of the folder that is the module's file system
            self.alarm("%s: %s" % (type(error).__name__, error))
            self._finish(job, Result("ERROR"))
            return False
        except Exception as error:
            self.failed(error)
            return False
        if outcome is PENDING:
            return False
        if isinstance(outcome, Prompt):
            self.input.when_over(self._prompt, job, outcome)
            return False
        if isinstance(outcome, Result):
            self._add_info(job, outcome.info)
            if outcome.then:
                self.input.when_over(self._finish, job, outcome)
            else:
                self._finish(job, outcome)
            return False
        self._add_info(job, outcome)
        return True

    def failed(self, error):
        """The outermost boundary: something in this program has gone wrong. What was going on is given up; the rest goes on."""
        self.alarm("internal error\n" + "".join(traceback.format_exception(error)).rstrip())
        if self.job and not self.phase:
            self._finish(self.job, Result("ERROR"))

    @staticmethod
    def _fail(error):
        raise error

    def _add_info(self, job, info):
        if info is None:
            return
        for item in [info] if isinstance(info, (str, bytes)) else info:
            job.out += item if isinstance(item, bytes) else self.frame(item)

    def _prompt(self, job, prompt):
        if job is not self.job:
            return  # the module has restarted
        job.prompted = True
        self._reply(job, bytes(job.out) + prompt.text)
        job.out.clear()
        self.begin_phase(prompt.phase)

    def _finish(self, job, result):
        if job is not self.job:
            return  # the module has restarted
        final = self.final(result.final)
        if job.out and self.model.quirks.get("blank-line") == "missing" and self.general.verbose:
            final = final[len(self.general.line_end) :]
        self._reply(job, bytes(job.out) + final)
        self.job = None
        if result.then:
            result.then()
        self._freed()
        self.pump()

    def _reply(self, job, data):
        self.faults.before_reply(job, data)
        self.send(data)

    def complete(self, job, handler, *args):
        """The outcome of a command that answered PENDING. Nothing happens if its line is no longer the current one."""
        if job is self.job and self._settle(job, handler, *args):
            self._advance(job)

    # Data phases -------------------------------------------------------------------------------------------------------

    def begin_phase(self, phase):
        """Hand the input to `phase`."""
        self.phase = phase
        phase.start(self)
        self.pump()

    def end_phase(self, phase, handler, *args):
        """End `phase`; `handler(*args)` is the outcome, after the think time."""
        if phase is not self.phase:
            return
        phase.stop()
        self.phase = None
        job = self.job
        if job is None:
            job = self.job = Job([])
            job.prompted = True
        if self.latency_s > 0:
            self.line.after(self.latency_s, self.complete, job, handler, *args)
        else:
            self.complete(job, handler, *args)

    def drop_phase(self, text):
        """End a transparent phase from the module's side: print `text`, if there is one, and return to command mode."""
        if self.phase is None:
            return
        self.phase.stop()
        self.phase = None
        if text is not None:
            self.send(self.final(text))
        self._freed()
        self.pump()

    def carrier(self):
        """The level of DCD: on while transparent, or always with AT&C0."""
        return self.general.value("&C") == 0 or bool(self.phase and self.phase.carrier)

    def dtr(self, level):
        """The host has changed DTR; what an on-to-off change does is set by AT&D (V.250, 6.2.9)."""
        fallen, risen = self.dtr_on and not level, level and not self.dtr_on
        self.dtr_on = level
        if risen and self.slumber:
            self.slumber.dtr()
        action = self.general.value("&D")
        if not fallen or action == 0 or not (self.phase and self.phase.carrier):
            return
        if action == 2:
            self.phase.hang_up()
        else:
            self.phase.leave()

    # Power -------------------------------------------------------------------------------------------------------------

    def later(self, seconds, callback, *args):
        """`clock.call_later` for things that a restart of the module cancels."""
        generation = self._generation

        def run():
            if generation == self._generation:
                callback(*args)

        return self.clock.call_later(seconds, run)

    def shut_down(self):
        """Forget everything that is not saved, and be silent."""
        self._generation += 1
        if self.phase:
            self.phase.stop()
        self.phase = self.job = None
        self.input.clear()
        self._urcs.clear()
        self.line.clear()
        self.powered = False
        self.general.reset()
        for callback in self.on_reset:
            callback()

    def reboot(self, down_s=2.0):
        """Restart: silence for `down_s`, then boot. A module that is switched off stays so."""
        if self.power.off:
            return
        self.note("reboot")
        self.shut_down()
        self.later(down_s, self.boot)

    def boot(self):
        """Start with the boot lines."""
        self.powered = True
        self.last_heard = self.clock.now() - QUIET_S
        for delay_s, line in self.dialect.boot_lines() if hasattr(self.dialect, "boot_lines") else self.model.boot_lines:
            self.later(delay_s, self._boot_line, line)

    def _boot_line(self, line):
        if line == "+CPIN: READY":
            line = self.sim.boot_line()
        if line:
            self.urc(line)


__all__ = ["PENDING", "Job", "Modem", "Prompt", "Result"]
