"""Power: the PWRKEY, the supply, and going down by command. Times of the key are the model's (`Model.power_key`)."""

_GOING_DOWN_S = 1.0  # from the command or the key to the last line
BOOT_S = 2.0


class Power:
    """Whether the module is on. A module that is off hears nothing until the key or the supply brings it up."""

    def __init__(self, modem):
        self._modem = modem
        self.off = False  # switched off, or without supply; a restart is not that
        self.supplied = True

    def restart(self):
        """A command restarts the module: when its answer has gone out, or later as the quirk `restart` has it."""
        modem = self._modem
        wait_s = float(modem.model.quirks["restart"])
        modem.clock.call_soon(lambda: modem.later(modem.line.backlog_s() + wait_s, modem.reboot))

    def switch_off(self, last_line=None, seconds=_GOING_DOWN_S):
        """Shut down in order: after `seconds`, print `last_line` and go silent."""
        self._modem.note("going down")
        self._modem.later(seconds, self._down, last_line)

    def _down(self, last_line=None):
        if last_line:
            self._modem.send(self._modem.frame(last_line))
            self._modem.later(self._modem.line.backlog_s(), self._cut)
        else:
            self._cut()

    def _cut(self):
        self.off = True
        self._modem.shut_down()

    def _up(self):
        self.off = False
        self._modem.shut_down()
        self._modem.later(BOOT_S, self._modem.boot)

    def press(self, ms):
        """Hold the PWRKEY for `ms` milliseconds; returns what happens, as text."""
        on_ms, off_ms = self._modem.model.power_key
        if not self.supplied:
            return "no supply"
        if self.off and ms >= on_ms:
            self._up()
            return "starts"
        if not self.off and ms >= off_ms:
            self.switch_off(self._modem.dialect.off_line)
            return "goes down"
        return "too short: nothing happens"

    def cut(self):
        """The supply fails: the module is off at once."""
        self.supplied = False
        self._cut()

    def restore(self):
        """The supply is back, and the module starts by itself as on a board whose PWRKEY is tied down."""
        if not self.supplied:
            self.supplied = True
            self._up()
