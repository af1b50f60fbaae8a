"""Short messages: memories, arrival, sending, reports (3GPP TS 23.040; TS 27.005 for the lines). The commands: `sms_commands`.

Messages that find the memory full wait in the network until there is room, as real ones do.
"""

import math
from collections import deque

from . import pdu

UNREAD, READ, UNSENT, SENT = range(4)  # <stat> of PDU mode
STATES = ("REC UNREAD", "REC READ", "STO UNSENT", "STO SENT")
SIZES = {"SM": 50, "ME": 100, "SR": 10}  # messages that each memory holds
ARRIVAL_S = 3.0  # of --sms, from the start
SEND_S = 1.0
REPORT_S = 2.0
_INDICATE, _DIRECT = 1, 2  # <mt> and <ds> of AT+CNMI
_KEPT = 1000  # messages that the network remembers as sent, or keeps for a module that cannot take them
_CENTRE = "+15550000000"


def parse_arrival(text):
    """`[SECONDS,]FROM:TEXT` of --sms as (seconds, sender, text). ValueError if it is something else."""
    head, colon, body = text.partition(":")
    seconds, comma, sender = head.rpartition(",")
    try:
        when_s = float(seconds) if comma else ARRIVAL_S
    except ValueError:
        when_s = -1
    if not colon or not sender or not 0 <= when_s < math.inf:
        raise ValueError("--sms takes [SECONDS,]FROM:TEXT, not %r" % text)
    try:
        pdu.arrivals(sender, body, pdu.time_stamp(0, 0), 0)
    except ValueError as error:
        raise ValueError("--sms %s: %s" % (head, error)) from None
    return when_s, sender, body


class Stored:
    """A message in a memory."""

    def __init__(self, state, tpdu):
        self.state = state
        self.tpdu = tpdu

    def parsed(self):
        return pdu.parse(self.tpdu)


class Messages:
    """The memories, and the network's side. `sent` are the messages that the network has taken: (number, text) each."""

    def __init__(self, modem):
        self._modem = modem
        self.memories = {name: {} for name in SIZES}
        self.chosen = ["SM", "SM", "SM"]  # for reading, for writing, for what arrives
        self.centre = _CENTRE
        self.sent = deque(maxlen=_KEPT)
        self._waiting = deque(maxlen=_KEPT)
        self._reference = 0
        self._concatenation = 0
        modem.radio.on_registration.append(self._try_again)

    # Memories ----------------------------------------------------------------------------------------------------------

    def store(self, memory, state, tpdu):
        """Keep a message; its index, or None when the memory is full."""
        slots = self.memories[memory]
        index = next((each for each in range(SIZES[memory]) if each not in slots), None)
        if index is not None:
            slots[index] = Stored(state, tpdu)
        return index

    def delete(self, memory, indexes):
        """Delete messages; those that have waited for room arrive."""
        for index in indexes:
            self.memories[memory].pop(index, None)
        self._try_again()

    # Arrival -----------------------------------------------------------------------------------------------------------

    def receive(self, sender, text):
        """The network has a message for the module. ValueError if no network could carry it."""
        self._concatenation += 1
        self._waiting += pdu.arrivals(sender, text, self._now(), self._concatenation)
        self._try_again()

    def _now(self):
        rtc = self._modem.rtc
        return pdu.time_stamp(rtc.seconds(), rtc.zone_quarters)

    def _receive_own(self, message):
        """What was sent to the module's own number arrives, with its header: it may be a part of a long message."""
        self._waiting.append(pdu.deliver(message.number, message.content, message.dcs, self._now(), message.header))
        self._try_again()

    def _try_again(self):
        """Deliver the messages that wait in the network, if the module is registered."""
        if self._modem.radio.registered():
            for _ in range(len(self._waiting)):
                self._arrive(self._waiting.popleft())

    def _arrive(self, tpdu):
        how = self._modem.general.value("+CNMI")[1]
        if how == _DIRECT:
            self._modem.urc(self.block("+CMT: ", pdu.parse(tpdu), tpdu))
            return
        memory = self.chosen[2]
        index = self.store(memory, UNREAD, tpdu)
        if index is None:
            self._waiting.append(tpdu)
            full = self._modem.dialect.memory_full_line(memory)
            if full:
                self._modem.urc(full)
        elif how == _INDICATE:
            self._modem.urc('+CMTI: "%s",%d' % (memory, index))

    # Sending -----------------------------------------------------------------------------------------------------------

    def send(self, tpdu):
        """The network takes an SMS-SUBMIT; its reference."""
        self._reference = (self._reference + 1) & 0xFF
        message = pdu.parse(tpdu, outgoing=True)
        self.sent.append((message.number, message.text()))
        if message.number == self._modem.model.number:
            self._modem.later(REPORT_S, self._receive_own, message)
        if message.wants_report:
            self._modem.later(REPORT_S, self._report, self._reference, message.number)
        return self._reference

    def _report(self, reference, number):
        now = self._now()
        tpdu = pdu.report(reference, number, now, now)
        how = self._modem.general.value("+CNMI")[3]
        if how == 1:
            self._modem.urc(self.block("+CDS: ", pdu.parse(tpdu), tpdu))
        elif how == 2:
            index = self.store("SR", UNREAD, tpdu)
            if index is not None:
                self._modem.urc('+CDSI: "SR",%d' % index)

    # Lines -------------------------------------------------------------------------------------------------------------

    def block(self, head, message, tpdu):
        """A message that is shown at once instead of being stored: +CMT or +CDS."""
        if self._modem.general.value("+CMGF") == 0:
            service = pdu.centre(self.centre)
            blank = "," if head == "+CMT: " else ""
            lines = ["%s%s%d" % (head, blank, len(tpdu)), (service + tpdu).hex().upper()]
            return self.joined(lines)
        if message.kind == pdu.REPORT:
            return self.joined([head + self.report_fields(message)])
        line = '%s"%s",,"%s"' % (head, self.shown(message.number), pdu.read_time(message.stamp))
        return self.joined([line + self.details(message), self.content(message)])

    def joined(self, lines):
        """Lines of one response."""
        return self._modem.general.line_end.decode("latin-1").join(lines)

    def shown(self, text):
        """A text parameter in the character set of AT+CSCS."""
        return text.encode("utf-16-be").hex().upper() if self._modem.general.value("+CSCS") == "UCS2" else text

    def content(self, message):
        """The data of a message as text mode shows it: characters, or hexadecimal digits (TS 27.005, 3.1, <data>)."""
        charset = self._modem.general.value("+CSCS")
        if message.alphabet == pdu.GSM7:
            if charset == "GSM":
                return message.content.decode("latin-1")
            if charset == "UCS2":
                return self.shown(message.text())
            return message.text().encode("ascii", "replace").decode()
        return message.content.hex().upper()

    def details(self, message):
        """The fields that AT+CSDH=1 adds; a message to the network has a validity among them."""
        if not self._modem.general.value("+CSDH"):
            return ""
        validity = ""
        if message.kind == pdu.SUBMIT:
            validity = ",%d" % message.validity[0] if len(message.validity) == 1 else ","
        known = message.number_kind, message.first, message.pid, message.dcs
        return ",%d,%d,%d,%d" % known + validity + ',"%s",%d,%d' % (self.shown(self.centre), 145, message.data_length())

    def report_fields(self, message):
        """`<fo>,<mr>,<ra>,<tora>,<scts>,<dt>,<st>`."""
        times = pdu.read_time(message.stamp), pdu.read_time(message.discharged)
        number = self.shown(message.number)
        row = (message.first, message.reference, number, message.number_kind, *times, message.status)
        return '%d,%d,"%s",%d,"%s","%s",%d' % row
