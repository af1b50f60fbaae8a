"""A scripted module with a memory for messages, in PDU mode. On both Pythons."""

from modem.sms_pdu import pack, submit, to_septets, to_units
from tests.rigs.scripted_module import OK, Module

SEND, CANCEL = b"\x1a", b"\x1b"
UNREAD, READ = 0, 1
TIME = (2025, 1, 8, 15, 9, 3, -240)
_TIME = bytes.fromhex("52108051903069")


def deliver(sender_digits, text, reference=None, part=1, parts=1):
    """An SMS-DELIVER with the service centre in front; `sender_digits`: an even number of them, international."""
    header = b"" if reference is None else bytes((5, 0, 3, reference, parts, part))
    codes = to_septets(text)
    address = bytes((len(sender_digits), 0x91)) + bytes(
        [int(sender_digits[n + 1] + sender_digits[n], 16) for n in range(0, len(sender_digits), 2)]
    )
    if codes is None:
        body = header + b"".join([bytes((unit >> 8, unit & 255)) for unit in to_units(text)])
        data = b"\x00\x08" + _TIME + bytes((len(body),)) + body
    else:
        before = (8 * len(header) + 6) // 7
        data = b"\x00\x00" + _TIME + bytes((before + len(codes),)) + header + pack(codes, 7 * before - 8 * len(header))
    return bytes.fromhex("07911326040000F0") + bytes((0x44 if header else 0x04,)) + address + data


class Messages(Module):
    """`store`: {index: [state, PDU]}. `accepted`: what AT+CMGS has sent, as hexadecimal digits; `refuse` in place of that."""

    def __init__(self, table=None, places=10, memory=b"SM"):
        super().__init__(table)
        self.store = {}
        self.places = places
        self.memory = memory
        self.reading = b"ME"
        self.accepted = []
        self.cancelled = 0
        self.refuse = None
        self.composing = None
        self.accept_ms = 900

    def arrive(self, pdu, delay_ms=0, announced=True):
        """A message comes; its index."""
        index = next(iter([n for n in range(self.places) if n not in self.store]))
        self.store[index] = [UNREAD, pdu]
        if announced:
            self.later(delay_ms, b'\r\n+CMTI: "%s",%d\r\n' % (self.memory, index))
        return index

    def write(self, buf, off, n):
        if self.composing is None:
            return Module.write(self, buf, off, n)
        self.step()
        self.composing += bytes(memoryview(buf)[off : off + n])
        for end in (SEND, CANCEL):
            if end in self.composing:
                text, self.composing = self.composing[: self.composing.find(end)], None
                self._composed(text, end)
                break
        return n

    def _composed(self, text, end):
        if end == CANCEL:
            self.cancelled += 1
            self._answer(OK)
            return
        if self.refuse is not None:
            self._answer(self.refuse)
            return
        self.accepted.append(text)
        self._answer([(self.accept_ms, b"\r\n+CMGS: %d\r\n" % (40 + len(self.accepted))), (0, OK)])

    def _line(self, line):
        if line.startswith(b"AT+CMGS=") and line not in self.table:
            self.composing = b""
            self._answer(b"\r\n> ")
        elif line.startswith(b"AT+CPMS") and b"AT+CPMS?" not in self.table:
            self._memories(line)
        elif line.startswith(b"AT+CMGL=") and line not in self.table:
            self._list(int(line[8:]))
        elif line.startswith(b"AT+CMGR=") and line not in self.table:
            self._read(int(line[8:]))
        elif line.startswith(b"AT+CMGD="):
            self._answer(OK if self.store.pop(int(line[8:]), None) else b"\r\n+CMS ERROR: 321\r\n")
        else:
            Module._line(self, line)

    def _memories(self, line):
        used = b"%d,%d" % (len(self.store), self.places)
        if line != b"AT+CPMS?":
            self.reading = line[9:11]
            self._answer(b"\r\n+CPMS: %s,%s,%s\r\n" % (used, used, used) + OK)
            return
        row = b'\r\n+CPMS: "%s",%s,"%s",%s,"%s",%s\r\n' % (self.reading, used, self.reading, used, self.memory, used)
        self._answer(row + OK)

    def _list(self, state):
        out = b""
        for index in sorted(self.store):
            held = self.store[index]
            if state in (4, held[0]) and self.reading == self.memory:
                out += b"\r\n+CMGL: %d,%d,,%d\r\n%s" % (index, held[0], len(held[1]) - 8, held[1].hex().upper().encode())
                held[0] = max(held[0], READ)
        self._answer((out and out + b"\r\n") + OK)

    def _read(self, index):
        if index not in self.store:
            self._answer(OK)
            return
        held = self.store[index]
        self._answer(b"\r\n+CMGR: %d,,%d\r\n%s\r\n" % (held[0], len(held[1]) - 8, held[1].hex().upper().encode()) + OK)
        held[0] = max(held[0], READ)

    def own(self, index, number, text):
        """A message of one's own is in the memory, sent."""
        self.store[index] = [3, bytes.fromhex("07911326040000F0") + submit(number, text, 0, False)[0]]
