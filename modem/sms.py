"""Short messages: what `modem.sms` is. 3GPP TS 27.005 in PDU mode; the messages themselves: sms_pdu.py.

modem.on_event(print)
modem.sms.listen()
modem.sms.send("+491701234567", "Hello")

Texts never pass the line as they are: PDU mode writes them in hexadecimal digits, and AT+CNMI has arrivals stored and announced.
The module keeps everything: messages that came while no program ran, and the parts of a long one until the last has come.
"""

from binascii import hexlify, unhexlify

from .at.command import LOST, Command
from .at.params import fits, number, split
from .at.params import text as shown
from .compat import Operations, const
from .errors import CommandError, ModemError, ProtocolError, SimError
from .sms_pdu import REPORT, Tpdu, outcome, parse, service_centre, submit

_SEND_MS = const(120000)  # AT+CMGS, documented by Quectel ("EC2x&EG9x&EG2x-G&EM05 Series AT Commands Manual" 2.0); SIMCom: 60 s
_LIST_MS = const(60000)  # a SIM card answers slowly; no document says more than 20 s
_LIMIT_MS = const(9000)
_ESCAPE = b"\x1b"  # ends the prompt without sending (27.005, 3.5.1)
_SEND = b"\x1a"
_STATES = ("unread", "read", "unsent", "sent")  # <stat> 0 to 3 of PDU mode (27.005, 3.1)
_UNREAD = const(0)
_ALL = const(4)
_HIGHEST_INDEX = const(65535)
_NO_CENTRE = const(330)  # +CMS ERROR: SMSC address unknown
_REFERENCES = const(256)

TYPE_CHECKING = False
if TYPE_CHECKING:
    _Time = tuple[int, int, int, int, int, int, int]


def of(m):
    """Return the Sms of a Module, always the same one."""
    if m.sms is None:
        m.sms = Sms(m)
    return m.sms


class Message:
    """A message that the module keeps. `text`: bytes where the sender has sent 8-bit data, or what is no readable message."""

    def __init__(self, state: int, part: Tpdu) -> None:
        self.indexes: tuple[int, ...] = ()  # where the module keeps it: several places for the parts of a long one
        self.state: str = _STATES[state]  # "unread", "read", "unsent", "sent"; that of the part received last
        self.sender: str = part.number  # digits with + or without, or a name; the receiver of a message of one's own
        self.time: _Time | None = part.time  # by the service centre's clock: year to second, zone in minutes east of UTC
        self.text: str | bytes = part.text
        self.missing: int = 0  # parts that have not arrived yet

    def __repr__(self):
        return "Message(%r, %r, %r, %r)" % (self.indexes, self.state, self.sender, self.text)


class Sms(Operations):
    """Short messages. Events, from `listen()` on: "sms" with (sender, time, text), "sms full"; a blocking program polls for them.
    After `send(report=True)`: "sms report" with (reference, "delivered", "pending" or "failed", number, time, TP-ST of 23.040).

    `time`: (year, month, day, hour, minute, second, minutes east of UTC) by the service centre's clock, None where that is no
    time. All calls raise ModemError before start(), CommandError with the module's code (SIM card missing or locked),
    ModemTimeout.
    """

    def __init__(self, module):
        self.module = module
        self._listens = False
        self._keep = False
        self._reports = False
        self._reference = None  # of the next long message
        self._arrivals = self._refused = self._fetching = False
        self._stored = ()  # reports that the module has stored: (memory, index)
        engine = module.engine
        engine.on_report = self._on_report
        engine.urc(b"+CMTI:", self._on_arrival)
        engine.urc(b"+CDSI:", self._on_stored_report)

    async def send(self, number: str, text: str, report: bool = False, centre: str | None = None) -> tuple[int, ...]:
        """Send `text` to `number`; return the reference numbers (0 to 255) of the messages that this took.

        `number`: 1 to 20 digits, with + in front in the international form. `text`: up to 160 characters of the GSM alphabet are
        one message (each of ^{}[]~|\\ and the euro sign counts twice), or 70 UTF-16 units when there is any other character;
        longer texts go in parts of 153 or 67. `report`: have the delivery reported by the event "sms report". `centre`: number of
        the service centre, where the SIM card has none.

        A message is never sent a second time by itself. An error says how many parts were accepted before it, and whether the
        last one may have been sent. Takes up to 120 s a part. Raises ValueError or TypeError before anything is sent,
        CommandError (+CMS ERROR), SimError where there is no service centre. AT+CMGS: 3GPP TS 27.005, 4.3.
        """
        m = self.module
        tpdus = submit(number, text, self._next_reference(), report)
        first = service_centre(centre)
        await self._prepare()
        if report:
            self._reports = True
            await self._announce()
        references = ()
        for tpdu in tpdus:
            command = _Submit(m.engine, first, tpdu)
            try:
                await m.run(command)
                if command.reference < 0:
                    raise ProtocolError("OK without a reference", command="AT+CMGS")
            except ModemError as error:
                error.text += command.fate(error)
                if len(tpdus) > 1:
                    error.text += "; %d of %d parts were accepted before" % (len(references), len(tpdus))
                if centre is None and isinstance(error, CommandError):
                    await self._explain(error)
                raise
            references += (command.reference,)
        return references

    async def list(self) -> "list[Message]":
        """Return the messages that the module keeps, the parts of a long one joined; AT+CMGL=4 marks them as read.

        Raises ProtocolError when bytes of the answer were lost. 3GPP TS 27.005, 4.1.
        """
        await self._prepare()
        return _joined(await self._records(_ALL))

    async def read(self, index: int) -> "Message":
        """Return the message at `index`; where it is a part of a long one, that one as far as it has arrived.

        Raises CommandError (321) when there is none. AT+CMGR: 3GPP TS 27.005, 4.2.
        """
        number("index", index, 0, _HIGHEST_INDEX)
        await self._prepare()
        command = _Listing(b"AT+CMGR=%d\r" % index, b"+CMGR:", index)
        await self.module.run(command)
        records = command.result_records()
        if not records:  # OK alone, or a length of 0: some firmware says so of an empty place
            raise CommandError("no message", command="AT+CMGR=%d" % index, code=321, family="cms")
        if records[0][2].long is not None:
            for message in _joined(await self._records(_ALL)):
                if index in message.indexes:
                    return message
        return _joined(records)[0]

    async def delete(self, *indexes: int) -> None:
        """Delete the messages at `indexes`: `delete(*message.indexes)`. AT+CMGD: 3GPP TS 27.005, 3.5.4."""
        for index in indexes:
            number("index", index, 0, _HIGHEST_INDEX)
        await self._prepare()
        for index in indexes:
            await self.module.cmd(b"+CMGD=%d" % index, limit_ms=_LIST_MS)

    async def storage(self) -> tuple[int, int]:
        """Return how many places for messages are taken, and how many there are.

        While all are taken, the network keeps what comes. AT+CPMS: 3GPP TS 27.005, 3.2.2.
        """
        used, total = await self._prepare()
        return used, total

    async def listen(self, keep: bool = False) -> None:
        """From now on, a message that has arrived is an event "sms" with (sender, time, text); so is each unread one.

        It is deleted from the module after that, so that there is always room for the next one; `keep`: it stays. A long message
        is one event, when its last part has come. A message whose event was lost ("events lost") stays.
        """
        self._keep = bool(keep)
        urc, command = self.module.known().storage_full
        if not self._listens:
            self._listens = True
            self.module.engine.urc(urc, self._on_full)
        await self._prepare()
        await self._announce()
        if command:
            await self.module.attempt(command, limit_ms=_LIMIT_MS)
        await self._hand_out()

    # --- what happens by itself

    def _on_arrival(self, buf, s, e):
        if not self._listens:
            return False
        self._arrivals = True
        self.module.waiter.spawn(self.fetch)
        return True

    def _on_stored_report(self, buf, s, e):
        values = split(bytes(memoryview(buf)[s:e]))
        if not self._reports or not fits(values, "tn"):
            return False
        self._stored += ((values[0].encode(), values[1]),)
        self.module.waiter.spawn(self.fetch)
        return True

    def _on_full(self, buf, s, e):
        self.module.engine.event("sms full")

    def _on_report(self, line):
        try:
            self._report(parse(unhexlify(line)))
        except ValueError:
            return

    def _report(self, found):
        """An event for a report; return whether it is one."""
        if found.kind != REPORT:
            return False
        detail = (found.reference, outcome(found.status), found.number, found.time, found.status)
        self.module.engine.event("sms report", detail)
        return True

    async def fetch(self, again=False):
        """Read what has been announced and hand it out; `again`: also what the line or the module has refused before."""
        if again and self._refused:
            self._arrivals, self._refused = self._listens, False
        while (self._arrivals or (self._stored and not self._refused)) and not self._fetching:
            arrivals, self._arrivals, self._fetching = self._arrivals, False, True
            try:
                await self._fetch_reports()
                if arrivals:
                    await self._hand_out()
            except ModemError:
                self._refused = True
            finally:
                self._fetching = False

    async def _fetch_reports(self):
        """Read the reports that the module has stored, and delete them there."""
        while self._stored:
            memory, index = self._stored[0]
            await self._prepare()
            await self.module.cmd(b'+CPMS="%s"' % memory, b"+CPMS:", _LIMIT_MS)
            command = _Listing(b"AT+CMGR=%d\r" % index, b"+CMGR:", index)
            await self.module.run(command)
            self._stored = self._stored[1:]
            for _, _, found in command.result_records():
                if self._report(found):
                    await self.module.attempt(b"+CMGD=%d" % index, limit_ms=_LIST_MS)

    async def _hand_out(self):
        """Read what is unread; an event for each message that is complete."""
        m = self.module
        await self._prepare()
        for message in await self._arrived():
            taken = m.engine.event("sms", (message.sender, message.time, message.text))
            m.deliver()
            if taken and not self._keep:
                for index in message.indexes:
                    await m.attempt(b"+CMGD=%d" % index, limit_ms=_LIST_MS)

    async def _arrived(self):
        """Return the unread messages that are complete."""
        records = await self._records(_UNREAD)  # which marks them as read
        fresh = [record[0] for record in records]
        if [record for record in records if record[2].long is not None]:
            records = await self._records(_ALL)  # the other parts
            fresh += [record[0] for record in records if record[1] == _UNREAD]
        return [
            message for message in _joined([record for record in records if record[2].kind != REPORT])
            if not message.missing and [index for index in message.indexes if index in fresh]
        ]  # fmt: skip

    # --- commands

    def _next_reference(self):
        if self._reference is None:
            self._reference = self.module.port.ticks_ms()  # another one than that of the program's last run
        self._reference = (self._reference + 1) % _REFERENCES
        return self._reference

    async def _prepare(self):
        """PDU mode; read where arrivals are stored. Returns how many places are taken there, and how many there are."""
        m = self.module
        if not m.started:
            raise m.gone or ModemError("not started: call start() first")
        await m.cmd(b"+CMGF=0", limit_ms=_LIMIT_MS)
        for _ in range(2):
            lines = await m.cmd(b"+CPMS?", b"+CPMS:", _LIMIT_MS)
            values = split(lines[-1]) if lines else ()
            if not fits(values, "tnntnntnn"):
                raise ProtocolError("unexpected answer", command="AT+CPMS?", lines=lines)
            if values[0] == values[6]:
                break
            await m.cmd(b'+CPMS="%s"' % values[6].encode(), b"+CPMS:", _LIMIT_MS)
        return values[1], values[2]

    async def _announce(self):
        """Have arrivals stored and announced by +CMTI, reports shown by +CDS where they were asked for (27.005, 3.4.1).

        Some firmware of A7670 shows no reports: there they are stored and announced by +CDSI.
        """
        try:
            await self.module.cmd(b"+CNMI=2,1,0,%d,0" % self._reports, limit_ms=_LIMIT_MS)
        except CommandError:
            if not self._reports:
                raise
            await self.module.cmd(b"+CNMI=2,1,0,2,0", limit_ms=_LIMIT_MS)

    async def _records(self, state):
        command = _Listing(b"AT+CMGL=%d\r" % state, b"+CMGL:")
        await self.module.run(command)
        return command.result_records()

    async def _explain(self, error):
        """A send was refused: is that because the SIM card has no service centre?"""
        try:
            lines = await self.module.cmd(b"+CSCA?", b"+CSCA:", _LIMIT_MS)
        except ModemError:
            return
        values = split(lines[-1]) if lines else ()
        if error.code == _NO_CENTRE or (values and not values[0]):
            text = "the SIM card has no number of a service centre: pass centre="
            raise SimError(text, command=error.command, code=error.code, family="cms")


class _Submit(Command):
    """AT+CMGS: the prompt, the message in hexadecimal digits, +CMGS: <reference>."""

    data_echoed = False
    begun = False

    def __init__(self, engine, first, tpdu):
        super().__init__(b"AT+CMGS=%d\r" % len(tpdu), b"+CMGS:", _SEND_MS)
        self._engine = engine
        self.reference = -1
        self.payload(hexlify(first + tpdu).upper() + _SEND)

    def on_begin(self):
        self.begun = True

    def on_info(self, buf, s, e):
        values = split(bytes(memoryview(buf)[s:e]))
        if not fits(values, "n"):
            return False
        self.reference = values[0]
        return True

    def on_done(self):
        if self.result == LOST:  # a module that waits for the rest of the message must not take the next command for it
            self._engine.write(_ESCAPE, 0, 1)

    def fate(self, error):
        """Return what is known about the message after `error`, for its text."""
        if isinstance(error, CommandError):
            return ""
        return "; the message may have been sent" if self.begun and self.open else "; the message was not sent"


class _Listing(Command):
    """AT+CMGL and AT+CMGR in PDU mode: for each message a line about it, and a line of hexadecimal digits."""

    def __init__(self, line, prefix, index=None):
        super().__init__(line, prefix, _LIST_MS, bare=True)
        self._index = index  # of AT+CMGR, which does not tell it
        self._head = None  # (index, state, length): its digits are still to come
        self._damaged = 0
        self._records = []  # (index, state, Tpdu)

    def on_info(self, buf, s, e):
        line = bytes(memoryview(buf)[s:e])
        if line.startswith(self.prefix):
            values = split(line)
            if self._index is not None:
                values.insert(0, self._index)
            if not fits(values, "nn") or not 0 <= values[1] < len(_STATES) or not isinstance(values[-1], int):
                return False
            self._damaged += self._head is not None
            self._head = (values[0], values[1], values[-1]) if values[-1] else None  # 0: some firmware says so of an empty place
            return True
        return self._head is not None and self._on_digits(line)

    def _on_digits(self, line):
        try:
            pdu = unhexlify(line)
        except ValueError:
            return False
        index, state, length = self._head
        self._head = None
        if not pdu or len(pdu) != 1 + pdu[0] + length:
            self._damaged += 1
            return True
        try:
            part = parse(pdu)
        except ValueError:  # nothing that this driver can read, but it takes a place
            part = Tpdu()
            part.text = pdu
        self._records.append((index, state, part))
        return True

    def result_records(self):
        """Return (index, state, Tpdu) of each message. ProtocolError when some of them were damaged on the line."""
        damaged = self._damaged + self.dropped + (self._head is not None)
        if damaged:
            raise ProtocolError("%d messages of the answer are damaged" % damaged, command=self.line.decode().strip())
        return self._records


def _joined(records):
    """Return a list of Message; the parts of a long message are one, at the place of its first part."""
    out = []
    open_ones = {}  # what the parts of a long message have in common: its Message, and its parts by number
    for index, state, part in records:
        message, parts = open_ones.get(part.long, (None, None))
        same = parts.get(part.part) if part.long is not None and parts else None
        if part.long is None or message is None or (same and (same.text, same.time) != (part.text, part.time)):
            message, parts = Message(state, part), {}  # also: another one with the same reference
            open_ones[part.long] = message, parts
            out.append(message)
        parts[part.part] = part  # again, where the network has delivered it twice
        message.indexes += (index,)
        message.state = _STATES[state]
        message.missing = part.parts - len(parts)
        message.text = _text_of([parts[n].text for n in sorted(parts)])
    return out


def _text_of(pieces):
    if len({isinstance(piece, str) for piece in pieces}) > 1:  # texts and 8-bit data under one reference
        pieces = [piece if isinstance(piece, str) else shown(piece) for piece in pieces]
    return pieces[0][:0].join(pieces)
