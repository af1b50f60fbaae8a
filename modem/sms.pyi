"""Made by tools/stubs.py: do not edit."""

from modem.sms_pdu import Tpdu

_Time = tuple[int, int, int, int, int, int, int]

class Message:
    """A message that the module keeps. `text`: bytes where the sender has sent 8-bit data, or what is no readable message."""

    indexes: tuple[int, ...]
    state: str
    sender: str
    time: _Time | None
    text: str | bytes
    missing: int

    def __init__(self, state: int, part: Tpdu) -> None: ...

class Sms:
    """Short messages. Events, from `listen()` on: "sms" with (sender, time, text), "sms full"; a blocking program polls for them.
    After `send(report=True)`: "sms report" with (reference, "delivered", "pending" or "failed", number, time, TP-ST of 23.040).

    `time`: (year, month, day, hour, minute, second, minutes east of UTC) by the service centre's clock, None where that is no
    time. All calls raise ModemError before start(), CommandError with the module's code (SIM card missing or locked),
    ModemTimeout."""

    async def send(self, number: str, text: str, report: bool = False, centre: str | None = None) -> tuple[int, ...]:
        """Send `text` to `number`; return the reference numbers (0 to 255) of the messages that this took.

        `number`: 1 to 20 digits, with + in front in the international form. `text`: up to 160 characters of the GSM alphabet are
        one message (each of ^{}[]~|\\ and the euro sign counts twice), or 70 UTF-16 units when there is any other character;
        longer texts go in parts of 153 or 67. `report`: have the delivery reported by the event "sms report". `centre`: number of
        the service centre, where the SIM card has none.

        A message is never sent a second time by itself. An error says how many parts were accepted before it, and whether the
        last one may have been sent. Takes up to 120 s a part. Raises ValueError or TypeError before anything is sent,
        CommandError (+CMS ERROR), SimError where there is no service centre. AT+CMGS: 3GPP TS 27.005, 4.3."""

    async def list(self) -> list[Message]:
        """Return the messages that the module keeps, the parts of a long one joined; AT+CMGL=4 marks them as read.

        Raises ProtocolError when bytes of the answer were lost. 3GPP TS 27.005, 4.1."""

    async def read(self, index: int) -> Message:
        """Return the message at `index`; where it is a part of a long one, that one as far as it has arrived.

        Raises CommandError (321) when there is none. AT+CMGR: 3GPP TS 27.005, 4.2."""

    async def delete(self, *indexes: int) -> None:
        """Delete the messages at `indexes`: `delete(*message.indexes)`. AT+CMGD: 3GPP TS 27.005, 3.5.4."""

    async def storage(self) -> tuple[int, int]:
        """Return how many places for messages are taken, and how many there are.

        While all are taken, the network keeps what comes. AT+CPMS: 3GPP TS 27.005, 3.2.2."""

    async def listen(self, keep: bool = False) -> None:
        """From now on, a message that has arrived is an event "sms" with (sender, time, text); so is each unread one.

        It is deleted from the module after that, so that there is always room for the next one; `keep`: it stays. A long message
        is one event, when its last part has come. A message whose event was lost ("events lost") stays."""

class BlockingSms:
    """Short messages. Events, from `listen()` on: "sms" with (sender, time, text), "sms full"; a blocking program polls for them.
    After `send(report=True)`: "sms report" with (reference, "delivered", "pending" or "failed", number, time, TP-ST of 23.040).

    `time`: (year, month, day, hour, minute, second, minutes east of UTC) by the service centre's clock, None where that is no
    time. All calls raise ModemError before start(), CommandError with the module's code (SIM card missing or locked),
    ModemTimeout."""

    operations: Sms

    def send(self, number: str, text: str, report: bool = False, centre: str | None = None) -> tuple[int, ...]:
        """Send `text` to `number`; return the reference numbers (0 to 255) of the messages that this took.

        `number`: 1 to 20 digits, with + in front in the international form. `text`: up to 160 characters of the GSM alphabet are
        one message (each of ^{}[]~|\\ and the euro sign counts twice), or 70 UTF-16 units when there is any other character;
        longer texts go in parts of 153 or 67. `report`: have the delivery reported by the event "sms report". `centre`: number of
        the service centre, where the SIM card has none.

        A message is never sent a second time by itself. An error says how many parts were accepted before it, and whether the
        last one may have been sent. Takes up to 120 s a part. Raises ValueError or TypeError before anything is sent,
        CommandError (+CMS ERROR), SimError where there is no service centre. AT+CMGS: 3GPP TS 27.005, 4.3."""

    def list(self) -> list[Message]:
        """Return the messages that the module keeps, the parts of a long one joined; AT+CMGL=4 marks them as read.

        Raises ProtocolError when bytes of the answer were lost. 3GPP TS 27.005, 4.1."""

    def read(self, index: int) -> Message:
        """Return the message at `index`; where it is a part of a long one, that one as far as it has arrived.

        Raises CommandError (321) when there is none. AT+CMGR: 3GPP TS 27.005, 4.2."""

    def delete(self, *indexes: int) -> None:
        """Delete the messages at `indexes`: `delete(*message.indexes)`. AT+CMGD: 3GPP TS 27.005, 3.5.4."""

    def storage(self) -> tuple[int, int]:
        """Return how many places for messages are taken, and how many there are.

        While all are taken, the network keeps what comes. AT+CPMS: 3GPP TS 27.005, 3.2.2."""

    def listen(self, keep: bool = False) -> None:
        """From now on, a message that has arrived is an event "sms" with (sender, time, text); so is each unread one.

        It is deleted from the module after that, so that there is always room for the next one; `keep`: it stays. A long message
        is one event, when its last part has come. A message whose event was lost ("events lost") stays."""
