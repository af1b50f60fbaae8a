"""The SIM card: PIN and PUK with their tries, facility locks, identity and files.

3GPP TS 27.007, 7.4 (CLCK), 7.5 (CPWD), 8.3 (CPIN), 8.17 (CSIM), 8.18 (CRSM), 8.65 (CPINR); ETSI TS 102 221, 9.5 (tries).
The card keeps its counters when the module restarts; the PIN is then asked for again.
"""

from .commands import CmeError, ParameterError, needs_parameters
from .errors import NO_SIM, NOT_ALLOWED, PIN_REQUIRED, PUK_REQUIRED, SIM_FAILURE, WRONG_PASSWORD

PIN_TRIES = 3
PUK_TRIES = 10
_READ_BINARY = 176
_FILE_ICCID, _FILE_IMSI = 0x2FE2, 0x6F07
_FILE_AD, _FILE_SPN, _FILE_HOME = 0x6FAD, 0x6F46, 0x6F62  # 3GPP TS 31.102, 4.2.18, 4.2.12, 4.2.54
_AD = "00000002"  # an ordinary card whose networks have two digits
_SPN_LENGTH = 16
_LTE = "4000"  # the access technology behind the home network
_STATUS_OK, _STATUS_NO_FILE = "144,0", "106,130"
_NO_SUCH_INSTRUCTION = "6D00"
_FACILITIES = ("SC", "FD", "AO", "OI", "OX", "AI", "IR", "AB", "AG", "AC", "PF", "PN", "PU", "PP", "PC")
_PIN_LENGTHS = range(4, 9)
_PUK_LENGTH = 8


def nibbles_swapped(digits):
    """Digits as a card keeps them: two in a byte, the first one low (3GPP TS 31.102, 4.2.2)."""
    digits += "F" * (len(digits) % 2)
    return "".join(digits[position + 1] + digits[position] for position in range(0, len(digits), 2))


def parse_card(text):
    """The options of `Sim` out of `pin=1234,tries=2`. ValueError for what a card does not have."""
    card = {}
    for item in filter(None, text.split(",")):
        name, _, value = item.partition("=")
        digits = value.isascii() and value.isdigit() and len(value) < 10
        if name not in ("pin", "puk", "tries", "puk_tries", "error", "ms") or not digits:
            raise ValueError("--sim takes pin= puk= tries= puk_tries= error= ms= with digits, not %r" % item)
        if name == "pin" and len(value) not in _PIN_LENGTHS:
            raise ValueError("--sim %s: a PIN has %d to %d digits" % (item, _PIN_LENGTHS[0], _PIN_LENGTHS[-1]))
        if name == "puk" and len(value) != _PUK_LENGTH:
            raise ValueError("--sim %s: a PUK has %d digits" % (item, _PUK_LENGTH))
        card[name] = value if name in ("pin", "puk") else int(value)
    return card


class Secret:
    """A PIN with its PUK, and how often each may still be tried."""

    def __init__(self, pin, puk, tries=PIN_TRIES, puk_tries=PUK_TRIES):
        self.pin = pin
        self.puk = puk
        self.tries = tries
        self.puk_tries = puk_tries

    def verify(self, text):
        """Whether `text` is the PIN; a wrong one costs a try."""
        if text == self.pin:
            self.tries = PIN_TRIES
            return True
        self.tries -= 1
        return False

    def unblock(self, puk, pin):
        """Whether `puk` is right, so that `pin` is the new PIN; a wrong one costs a try."""
        if puk != self.puk:
            self.puk_tries -= 1
            return False
        self.pin, self.tries, self.puk_tries = pin, PIN_TRIES, PUK_TRIES
        return True


class Sim:
    """The card in the module. `on_change` lists what to call when it is inserted or removed.

    pin      asked for after each restart; None: not asked for, unless the fault `pin` or AT+CLCK wants it
    puk, tries, puk_tries  what unlocks a card whose PIN was wrong too often, and how often each may still be tried
    error    the CME error of every question to the card, for `ms` milliseconds (0: for ever)
    """

    def __init__(self, modem, *, pin=None, puk="12345678", tries=PIN_TRIES, puk_tries=PUK_TRIES, error=0, ms=0):
        self._modem = modem
        asked_for = modem.faults.get("pin")
        self.locked = pin is not None  # whether the PIN is wanted after each restart
        self.first = Secret(pin or (asked_for.text("pin", "1234") if asked_for else "1234"), puk, tries, puk_tries)
        self.second = Secret("5678", "87654321")
        self.inserted = True
        self.error = error
        self.on_change = []
        self._unlocked = False
        if error and ms:
            modem.clock.call_later(ms / 1000, self.fail, 0)
        self._register(modem.table)
        modem.on_reset.append(self._reset)

    def _register(self, table):
        add = table.add
        add("+CPIN", test="", read=self._read, write=needs_parameters(self._write))
        if self._modem.model.quirks["cpinr"] == "present":
            add("+CPINR", test="", execute=self._remaining, write=needs_parameters(self._remaining))
        add("+CLCK", test="+CLCK: (%s)" % ",".join('"%s"' % name for name in _FACILITIES), write=needs_parameters(self._lock))
        add("+CPWD", test='+CPWD: ("SC",8),("P2",8)', write=needs_parameters(self._change))
        add("+CIMI", test="", execute=lambda: self.need() or self._modem.model.imsi)
        add("+CRSM", test="", write=needs_parameters(self._restricted))
        add("+CSIM", test="", write=needs_parameters(self._generic))

    def _reset(self):
        self._unlocked = False

    # State -------------------------------------------------------------------------------------------------------------

    def state(self):
        """The text of AT+CPIN?, or None without a card."""
        if not self.inserted or self._modem.faults.on("no-sim"):
            return None
        if self.first.tries <= 0:
            return "SIM PUK"
        wanted = self.locked or self._modem.faults.on("pin")
        return "SIM PIN" if wanted and not self._unlocked else "READY"

    def boot_line(self):
        """What the module prints about its card while it boots, or None."""
        state = None if self.trouble() else self.state()
        return state and "+CPIN: " + state

    def trouble(self):
        """The CME error that every question to the card gets, or 0."""
        if self.error:
            return self.error
        if self.state() is None:
            return NO_SIM
        return SIM_FAILURE if self.first.puk_tries <= 0 else 0

    def ready(self):
        """Whether the card can be used."""
        return not self.trouble() and self.state() == "READY"

    def need(self):
        """Raise the error of a command that cannot work without an unlocked card."""
        self.need_card()
        state = self.state()
        if state != "READY":
            raise CmeError(PIN_REQUIRED if state == "SIM PIN" else PUK_REQUIRED)

    def need_card(self):
        """Raise the error of a command that cannot work without a card that answers."""
        if self.trouble():
            raise CmeError(self.trouble())

    def fail(self, code, seconds=0):
        """Answer with CME error `code` (0: none) for `seconds` (0: until the next call)."""
        self.error = code
        if seconds:
            self._modem.clock.call_later(seconds, self.fail, 0)
        self._modem.radio.announce()

    def insert(self, inserted):
        """Insert or remove the card."""
        self.inserted = inserted
        self._unlocked = False
        for callback in self.on_change:
            callback(inserted)
        self._modem.radio.announce()

    # PIN and PUK -------------------------------------------------------------------------------------------------------

    def _read(self):
        self.need_card()
        return "+CPIN: " + self.state()

    @staticmethod
    def _code(parameters, index):
        code = parameters.str(index, max(_PIN_LENGTHS), bare=True)
        if not code.isdigit() or len(code) not in _PIN_LENGTHS:
            raise CmeError(WRONG_PASSWORD)  # refused by the module: the card never sees it
        return code

    def _verify(self, secret, code):
        if secret.tries <= 0:
            raise CmeError(PUK_REQUIRED)
        if not secret.verify(code):
            raise CmeError(WRONG_PASSWORD if secret.tries else PUK_REQUIRED)

    def _write(self, parameters):
        self.need_card()
        parameters.count(1, 2)
        state = self.state()
        if state == "READY":
            raise CmeError(NOT_ALLOWED)
        if state == "SIM PUK":
            if len(parameters) == 1:
                raise CmeError(PUK_REQUIRED)
            puk, pin = self._code(parameters, 0), self._code(parameters, 1)
            if not self.first.unblock(puk, pin):
                raise CmeError(WRONG_PASSWORD if self.first.puk_tries else SIM_FAILURE)
        else:
            self._verify(self.first, self._code(parameters, 0))
        self._unlocked = True
        self._modem.clock.call_soon(self._opened)

    def _opened(self):
        self._modem.urc("+CPIN: READY")
        self._modem.radio.announce()

    def _remaining(self, parameters=None):
        self.need_card()
        wanted = parameters.str(0, 20, bare=True).upper() if parameters else "SIM*"
        rows = (
            ("SIM PIN", max(self.first.tries, 0), PIN_TRIES),
            ("SIM PUK", max(self.first.puk_tries, 0), PUK_TRIES),
            ("SIM PIN2", max(self.second.tries, 0), PIN_TRIES),
            ("SIM PUK2", max(self.second.puk_tries, 0), PUK_TRIES),
        )
        start = wanted[:-1] if wanted.endswith("*") else None
        lines = ["+CPINR: %s,%d,%d" % row for row in rows if row[0] == wanted or (start and row[0].startswith(start))]
        if not lines:
            raise ParameterError()
        return lines

    def _lock(self, parameters):
        self.need()
        facility = parameters.str(0, 2).upper()
        mode = parameters.int(1, 0, 2)
        if facility not in _FACILITIES:
            raise ParameterError()
        if mode == 2:
            return "+CLCK: %d" % (facility == "SC" and self.locked)
        if facility != "SC":
            raise CmeError(NOT_ALLOWED)
        self._verify(self.first, self._code(parameters, 2))
        self.locked = bool(mode)
        self._unlocked = True
        return None

    def _change(self, parameters):
        self.need()
        facility = parameters.str(0, 2).upper()
        if facility not in ("SC", "P2"):
            raise ParameterError()
        if facility == "SC" and not self.locked:
            raise CmeError(NOT_ALLOWED)  # TS 31.101: a disabled PIN cannot be changed
        secret = self.first if facility == "SC" else self.second
        new = self._code(parameters, 2)
        self._verify(secret, self._code(parameters, 1))
        secret.pin = new

    # Files -------------------------------------------------------------------------------------------------------------

    def _restricted(self, parameters):
        self.need()
        command, file = parameters.int(0, 0, 255), parameters.int(1, 0, 65535, 0)
        kept = self._files()
        if command != _READ_BINARY or file not in kept:
            return "+CRSM: " + _STATUS_NO_FILE
        length = parameters.int(4, 0, 255, 0)
        return '+CRSM: %s,"%s"' % (_STATUS_OK, kept[file][: 2 * length] if length else kept[file])

    def _files(self):
        """The card's files in hexadecimal."""
        model, name = self._modem.model, self._modem.radio.operators[0].names[0]
        return {
            _FILE_ICCID: nibbles_swapped(model.iccid),
            _FILE_IMSI: "08" + nibbles_swapped("9" + model.imsi),
            _FILE_AD: _AD,
            _FILE_SPN: "00" + name.encode("ascii").hex().upper().ljust(2 * _SPN_LENGTH, "F"),
            _FILE_HOME: nibbles_swapped(model.imsi[:3] + "F" + model.imsi[3:5]) + _LTE,
        }

    def _generic(self, parameters):
        self.need()
        length, data = parameters.int(0, 8, 520), parameters.str(1, 520, bare=True)
        if len(data) != length:
            raise ParameterError()
        return '+CSIM: %d,"%s"' % (len(_NO_SUCH_INSTRUCTION), _NO_SUCH_INSTRUCTION)
