"""The message commands of 3GPP TS 27.005: text mode and PDU mode."""

from . import pdu
from .commands import CmeError, CmsError, ParameterError, Ranges
from .errors import (
    CMS_INVALID_INDEX,
    CMS_MEMORY_FULL,
    CMS_NO_CENTRE,
    CMS_NO_NETWORK,
    CMS_NOT_ALLOWED,
    CMS_OF_CME,
    CMS_PDU_PARAMETER,
    CMS_TEXT_PARAMETER,
)
from .outcome import PENDING, Prompt
from .phases import TerminatedPhase
from .sms import READ, SEND_S, SENT, SIZES, STATES, UNREAD, UNSENT

_CHARSETS = ("GSM", "IRA", "UCS2")
_ALL = 4  # <stat> of AT+CMGL in PDU mode
_LONGEST_INPUT = 2000
_DEFAULT_SUBMIT = (17, 167, 0, 0)  # AT+CSMP: SMS-SUBMIT with a relative validity of a day
_PROMPT = b"> "


class _TextPhase(TerminatedPhase):
    """Text of a message: a line end asks for the next line, a backspace takes a character back (TS 27.005, 3.5.1)."""

    def _take(self, buffer, count):
        for byte in bytes(memoryview(buffer)[:count]):
            if byte in (8, 127):
                del self._data[-1:]
            elif byte == 13:
                self._data += b"\r\n"
                self._modem.send(self._modem.general.line_end + _PROMPT)
            elif byte != 10 and len(self._data) <= self._count:
                self._data.append(byte)
        if self._echo:
            self._modem.send(bytes(memoryview(buffer)[:count]))
        return count


class MessageCommands:
    """AT+CMGS and the others."""

    def __init__(self, modem, messages):
        self._modem = modem
        self._messages = messages
        general = modem.general
        general.add_numbers("+CMGF", "(0,1)", (0,))
        general.add_numbers("+CSDH", "(0,1)", (0,))
        general.add_numbers("+CNMI", "(0-2),(0-3),(0,2),(0-2),(0,1)", (2, 1, 0, 0, 0))
        general.add_numbers("+CSMP", "(0-255),(0-255),(0-255),(0-255)", _DEFAULT_SUBMIT)
        general.add_numbers("+CMMS", "(0-2)", (0,))
        general.keep("+CSCS", "GSM")
        general.keep("+CSMS", 0)
        add = self._add
        add("+CSCS", test="+CSCS: (%s)" % self._choices(_CHARSETS), read=self._show_charset, write=self._set_charset)
        add("+CSMS", test="+CSMS: (0,1)", read=lambda: "+CSMS: %d,1,1,1" % general.value("+CSMS"), write=self._set_service)
        memories = "(%s)" % self._choices(("SM", "ME", "SR"))
        add("+CPMS", test="+CPMS: %s,%s,%s" % (memories, memories, memories), read=self._show_memories, write=self._choose)
        add("+CSCA", test="", read=self._show_centre, write=self._set_centre)
        add("+CSCB", test="+CSCB: (0,1)", read=lambda: '+CSCB: 0,"",""', write=Ranges("(0,1)").only())
        add("+CSAS", test="+CSAS: (0)", execute=self._save, write=lambda p: self._save())
        add("+CRES", test="+CRES: (0)", execute=lambda: None, write=lambda p: None)
        add("+CMGS", test="", write=lambda p: self._compose(p, self._send))
        add("+CMGW", test="", write=lambda p: self._compose(p, self._keep))
        add("+CMSS", test="", write=self._send_stored)
        add("+CMGR", test="", write=self._read)
        add("+CMGL", test=self._list_test, write=self._list, execute=lambda: self._listed(UNREAD))
        add("+CMGD", test=self._delete_test, write=self._delete)
        add("+CNMA", test="+CNMA: (0-2)", execute=self._acknowledge, write=lambda p: self._acknowledge())

    def _add(self, name, **forms):
        self._modem.table.add(name, **{form: self._checked(each) if callable(each) else each for form, each in forms.items()})

    def _checked(self, handler):
        """`handler`, whose failures are CMS errors; a card that cannot be used is one (TS 27.005, 3.2.5)."""

        def checked(*args):
            try:
                self._modem.sim.need()
                return handler(*args)
            except CmeError as error:
                raise CmsError(CMS_OF_CME.get(error.code, CMS_NOT_ALLOWED)) from None
            except ParameterError:
                raise CmsError(CMS_TEXT_PARAMETER if self._text_mode else CMS_PDU_PARAMETER) from None

        return checked

    @staticmethod
    def _choices(names):
        return ",".join('"%s"' % name for name in names)

    @property
    def _text_mode(self):
        return self._modem.general.value("+CMGF") == 1

    # Settings ----------------------------------------------------------------------------------------------------------

    def _show_charset(self):
        return '+CSCS: "%s"' % self._modem.general.value("+CSCS")

    def _set_charset(self, parameters):
        charset = parameters.str(0, 8).upper()
        if charset not in _CHARSETS:
            raise ParameterError()
        self._modem.general.set("+CSCS", charset)

    def _set_service(self, parameters):
        self._modem.general.set("+CSMS", parameters.int(0, 0, 1))
        return "+CSMS: 1,1,1"

    def _usage(self, name):
        return "%d,%d" % (len(self._messages.memories[name]), SIZES[name])

    def _show_memories(self):
        return "+CPMS: " + ",".join('"%s",%s' % (name, self._usage(name)) for name in self._messages.chosen)

    def _choose(self, parameters):
        parameters.count(1, 3)
        chosen = list(self._messages.chosen)
        for index in range(len(parameters)):
            chosen[index] = parameters.str(index, 2, chosen[index]).upper()
        if any(name not in SIZES for name in chosen) or "SR" in chosen[1:]:
            raise ParameterError()
        self._messages.chosen = chosen
        return "+CPMS: " + ",".join(map(self._usage, chosen))

    def _show_centre(self):
        centre = self._messages.centre
        return '+CSCA: "%s",%d' % (self._messages.shown(centre), 145 if centre.startswith("+") else 129)

    def _set_centre(self, parameters):
        parameters.count(1, 2)
        self._messages.centre = self._typed(parameters.str(0, 80))

    def _save(self):
        for name in ("+CSMP", "+CNMI", "+CSDH"):
            self._modem.general.save(name)

    def _acknowledge(self):
        if not self._modem.general.value("+CSMS"):
            raise CmsError(CMS_NOT_ALLOWED)

    def _typed(self, text):
        """A text parameter that came in the character set of AT+CSCS."""
        if self._modem.general.value("+CSCS") != "UCS2":
            return text
        try:
            return bytes.fromhex(text).decode("utf-16-be")
        except ValueError:
            raise ParameterError() from None

    # Writing and sending -----------------------------------------------------------------------------------------------

    def _compose(self, parameters, use):
        """Ask for a message, then hand its TPDU to `use`."""
        if self._text_mode:
            number = self._typed(parameters.str(0, 80, default="")).replace(" ", "")
            if (not number and use == self._send) or set(number.lstrip("+")) - set("0123456789*#"):
                raise ParameterError()

            def done(data):
                return use(self._from_text(number, data))

            kind = _TextPhase
        else:
            length = parameters.int(0, 8, 164)

            def done(data):
                return use(self._from_pdu(length, data))

            kind = TerminatedPhase
        phase = kind(_LONGEST_INPUT, self._checked(done), lambda: None, echo=self._modem.general.echo)
        return Prompt(phase, self._modem.general.line_end + _PROMPT)

    def _from_text(self, number, data):
        """The SMS-SUBMIT of a text that was typed, as AT+CSMP and AT+CSCS have it."""
        first, validity, pid, dcs = self._modem.general.value("+CSMP")
        charset = self._modem.general.value("+CSCS")
        text = data.decode("latin-1")
        if pdu.alphabet(dcs) != pdu.GSM7:
            try:
                content = bytes.fromhex(text)
            except ValueError:
                raise ParameterError() from None
        elif charset == "GSM":
            content = bytes(byte & 0x7F for byte in data)
        else:
            content = pdu.to_septets(self._typed(text) if charset == "UCS2" else text)
        if content is None or len(content) > (pdu.SEPTETS if pdu.alphabet(dcs) == pdu.GSM7 else pdu.LONGEST):
            raise ParameterError()
        return pdu.submit(first & ~3 | pdu.SUBMIT, 0, number, pid, dcs, validity, content)

    @staticmethod
    def _from_pdu(length, data):
        """The TPDU out of the hexadecimal digits of PDU mode; the service centre before it has been said already."""
        try:
            octets = bytes.fromhex(data.decode("latin-1"))
            tpdu = octets[1 + octets[0] :] if octets else b""
            if len(tpdu) != length:
                raise ValueError("not the length that was announced")
            pdu.parse(tpdu)
        except ValueError:
            raise CmsError(CMS_PDU_PARAMETER) from None
        return tpdu

    def _send(self, tpdu, command="+CMGS"):
        try:
            pdu.parse(tpdu, outgoing=True)
        except ValueError:
            raise CmsError(CMS_PDU_PARAMETER) from None
        if not self._messages.centre:
            raise CmsError(CMS_NO_CENTRE)
        if not self._modem.radio.registered():
            raise CmsError(CMS_NO_NETWORK)
        self._modem.later(SEND_S, self._modem.complete, self._modem.job, self._sent, command, tpdu)
        return PENDING

    def _sent(self, command, tpdu):
        return "%s: %d" % (command, self._messages.send(tpdu))

    def _keep(self, tpdu):
        index = self._messages.store(self._messages.chosen[1], UNSENT, tpdu)
        if index is None:
            raise CmsError(CMS_MEMORY_FULL)
        return "+CMGW: %d" % index

    def _send_stored(self, parameters):
        stored = self._at(parameters, self._messages.chosen[1])
        stored.state = SENT
        return self._send(stored.tpdu, "+CMSS")

    # Reading and deleting ----------------------------------------------------------------------------------------------

    def _at(self, parameters, memory):
        stored = self._messages.memories[memory].get(parameters.int(0, 0, 255))
        if stored is None:
            raise CmsError(CMS_INVALID_INDEX)
        return stored

    def _shown(self, head, stored, listed):
        """The lines of one message of AT+CMGR or AT+CMGL; `head` ends before its state."""
        messages, message = self._messages, stored.parsed()
        if not self._text_mode:
            service = pdu.centre(messages.centre)
            return ["%s%d,,%d" % (head, stored.state, len(stored.tpdu)), (service + stored.tpdu).hex().upper()]
        state = '"%s",' % STATES[stored.state]
        if message.kind == pdu.REPORT:
            return [head + state + messages.report_fields(message)]
        number = '"%s",' % messages.shown(message.number)
        stamp = ',"%s"' % pdu.read_time(message.stamp) if message.stamp else "," * listed
        if listed:
            details = ",%d,%d" % (message.number_kind, message.data_length()) if self._modem.general.value("+CSDH") else ""
        else:
            details = messages.details(message)
        return [head + state + number + stamp + details, messages.content(message)]

    def _read(self, parameters):
        parameters.count(1, 2)
        stored = self._at(parameters, self._messages.chosen[0])
        lines = self._shown("+CMGR: ", stored, listed=False)
        if stored.state == UNREAD and not parameters.int(1, 0, 1, 0):
            stored.state = READ
        return self._messages.joined(lines)

    def _list_test(self):
        return "+CMGL: (%s)" % (self._choices((*STATES, "ALL")) if self._text_mode else "0-4")

    def _list(self, parameters):
        parameters.count(1, 2)
        keep = parameters.int(1, 0, 1, 0)
        if not self._text_mode:
            return self._listed(parameters.int(0, 0, _ALL), keep)
        name = parameters.str(0, 12).upper()
        if name != "ALL" and name not in STATES:
            raise ParameterError()
        return self._listed(_ALL if name == "ALL" else STATES.index(name), keep)

    def _listed(self, state, keep=0):
        lines = []
        slots = self._messages.memories[self._messages.chosen[0]]
        for index in sorted(slots):
            stored = slots[index]
            if state in (_ALL, stored.state):
                lines += self._shown("+CMGL: %d," % index, stored, listed=True)
                if stored.state == UNREAD and not keep:
                    stored.state = READ
        return self._messages.joined(lines) if lines else None

    def _delete_test(self):
        indexes = sorted(self._messages.memories[self._messages.chosen[0]])
        return "+CMGD: (%s),(0-4)" % ",".join(map(str, indexes))

    def _delete(self, parameters):
        """Flags 1 to 4: those read; and those sent; and those unsent; all (TS 27.005, 3.5.4)."""
        parameters.count(1, 2)
        memory = self._messages.chosen[0]
        flag = parameters.int(1, 0, 4, 0)
        if flag == 0:
            self._at(parameters, memory)
            self._messages.delete(memory, [parameters.int(0, 0, 255)])
            return
        doomed = {1: (READ,), 2: (READ, SENT), 3: (READ, SENT, UNSENT), 4: (UNREAD, READ, UNSENT, SENT)}[flag]
        slots = self._messages.memories[memory]
        self._messages.delete(memory, [index for index, stored in slots.items() if stored.state in doomed])
