"""The golden transcripts of the SIMCom documents given to the driver: every line and every byte of payload is seen once.

The host's side is typed by `modem.command`, by the requests that fetch blocks, and by the two classes through which all
services of the SIM7100 send and receive (Upload, Inflow). The module's side comes whole, byte by byte, cut at many places, and
with lines of other origin in the gaps. What the driver should have seen is read from the transcript by `parts`.
"""

import io

from modem import CommandError
from modem.compat import run
from modem.net.link import ByteRing
from modem.simcom.access import PushUrcs
from modem.simcom.result_command import SimcomLink
from modem.simcom.server import ServerUrcs
from modem.simcom.services.inflow import Inflow
from modem.simcom.services.outflow import Upload
from modem.simcom.tcp import Read
from tests.rigs.scripted_port import ScriptedPort, gaps, ready
from tests.rigs.transcripts import transcripts

BUFFER, PUSH, STREAM = 0, 1, 0  # access modes, a kind of link; on a board the names are gone (tools/fold.py)
LIMIT_MS = 150000
CUTS = 40  # places at which one transcript is cut, one after the other
NOISE = b"\r\n+CGREG: 2\r\n"
FINAL = (b"OK", b"ERROR")
WORDS = (b"BEGIN", b"REQUEST")  # these ask for data, as a prompt does


def parts(data):
    """Return (lines, payload) of what a module says: lines but the final results, all counted payload in one piece."""
    lines, payload, at = [], b"", 0
    while at < len(data):
        end = data.find(b"\r\n", at)
        line = data[at : len(data) if end < 0 else end].strip()
        at = len(data) if end < 0 else end + 2
        if line and line not in FINAL and not line.startswith(b"+CME ERROR") and line.strip(b"> "):
            lines.append(line)
            n = counted(line)
            payload += data[at : at + n]
            at += n
    return lines, payload


def counted(line):
    """Return how many bytes of payload a line announces."""
    fields = line.replace(b" ", b"").rstrip(b",").split(b",")
    if b"DATA," in line or line.startswith(b"+RECEIVE,"):
        return int(fields[-1].rstrip(b":"))
    if line.startswith(b"+CIPRXGET: 2,"):
        return int(fields[2])
    return int(line[4:]) if line.startswith(b"+IPD") else 0


def between(data):
    """Return where in an answer a line of other origin may stand: between frames, and never inside a payload."""
    found = [at for at in gaps(data, ()) if at != len(data) or not asks(data)]
    for line in parts(data)[0]:
        n = counted(line)
        if n:
            begin = data.find(line) + len(line) + 2
            found = [at for at in found if not begin - 2 <= at < begin + n]
    return found


def asks(answer):
    """Return whether the host's next turn is data."""
    return answer.rstrip().endswith(b">") or answer.strip().endswith(WORDS)


def fails(answer):
    """Return whether an answer ends in an error, or a transfer in a number other than 0."""
    if b"\r\nERROR\r\n" in answer or b"\r\n+CME ERROR" in answer:
        return True
    return b": DATA" in answer and b": 0\r\n" not in answer and b":0\r\n" not in answer


class Exchange:
    """A command line, what the host sends to its prompt (or None), and what the module says up to the next command."""

    def __init__(self, line):
        self.line = line
        self.data = None
        self.prompt = self.answer = b""

    def said(self):
        """All that the module says."""
        return self.prompt + self.answer


def exchanges(t):
    """Return the exchanges of a transcript; the first one has no line where the module begins."""
    out = [Exchange(b"")]
    for side, data in t.turns:
        last = out[-1]
        if side == "modem":
            last.answer += data
        elif asks(last.answer):
            last.data, last.prompt, last.answer = data, last.answer, b""
        else:
            out.append(Exchange(data))
    return out if out[0].answer else out[1:]


class Digest:
    """A modem, and all that it has seen."""

    def __init__(self, t, model, played, cuts):
        self.lines = []
        self.payload = b""
        self.into = io.BytesIO()
        dialogue = []
        for x in played:
            dialogue += [(x.line, x.answer)] if x.data is None else [(x.line, x.prompt), (x.data, x.answer)]
        first = dialogue.pop(0)[1] if not played[0].line else b""
        self.port = ScriptedPort(dialogue, cuts)
        self.modem = ready(self.port, model)
        self.pushed = t.modem()
        self._listen()
        pushed = b"+IPD" in t.modem() or b"+RECEIVE" in t.modem()
        for n in range(4):
            self._link(n, PUSH if n == 1 and pushed else BUFFER)
        if first:
            self.port.later(0, first)
            run(self.modem.module.pause(10))
            self.modem.module.lost_contexts = self.modem.module.lost_contexts[
                :0
            ]  # the driver would look by itself what is left of a lost context

    def _listen(self):
        """Have every line noted that the table of unsolicited lines takes, and every one that nobody takes."""
        engine = self.modem.module.engine
        dialect = self.modem.module.dialect
        dialect.push = PushUrcs(self.modem.module)
        dialect.server_urcs = ServerUrcs(self.modem.module)
        if b"+IPD" in self.pushed or b"+RECEIVE" in self.pushed:
            dialect.access = PUSH
        engine.on_unknown = self.lines.append
        add = engine.urc
        for urc in engine._urcs:
            while urc is not None:  # an entry: prefix, handler, the next entry
                urc[1] = self._noted(urc[0], urc[1])
                urc = urc[2]
        engine.urc = lambda prefix, handler: add(prefix, self._noted(prefix, handler))

    def _noted(self, prefix, handler):
        def noted(buf, s, e):
            taken = handler(buf, s, e)
            if taken is not False:
                self.lines.append(prefix + bytes(memoryview(buf)[s:e]))
            return taken

        return noted

    def _link(self, n, access):
        m = self.modem.module
        link = SimcomLink(m, m.dialect.transport(None), n, STREAM, access, 1500)
        link.on_opened(0)
        link.read = link.transport.reader(link)
        m.links[n] = link

    def play(self, x):
        """Run one exchange the way the driver does such a thing; it fails where the module says so."""
        bad = fails(x.answer)
        try:
            if x.line.startswith(b"AT+CIPRXGET=2,") and b"IP ERROR" not in x.answer:
                self._read(x)
            elif b": DATA" in x.answer or x.prompt.strip().endswith(WORDS):
                run(self._transfer(x))
            else:
                self.lines += self.modem.command(x.line[:-1].decode(), data=x.data)
        except CommandError as error:
            # the reason of an ERROR is kept with it, after the table has taken it
            self.lines += [line for line in error.lines if not line.startswith(b"+IP ERROR")]
            bad = not bad
        assert not bad, x.line
        self.modem.poll(10)

    def _read(self, x):
        link = self.modem.module.links[int(x.line[14:15])]
        read = Read(link, 1500)
        read.line, read.nline = x.line, len(x.line)
        self._note(read)
        run(self.modem.module.run(read))

    def _note(self, request):
        """Have the lines noted that the request takes as its data."""
        take = request.on_info

        def on_info(buf, s, e):
            taken = take(buf, s, e)
            if taken:
                self.lines.append(bytes(memoryview(buf)[s:e]))
            return taken

        request.on_info = on_info

    async def _transfer(self, x):
        m = self.modem.module
        name = x.line[2:].split(b"=")[0].rstrip(b"\r")
        flow = await Inflow(m, (name + b":",), "simcom-http", ByteRing(4096)).listen()
        if x.data is None:
            await flow.start(x.line[2:-1], LIMIT_MS)
        else:
            upload = Upload(m, x.line[2:-1], name + b":", x.prompt.split()[-1], "simcom-http")
            self._note(upload)
            await upload.send(Once(x.data), b"", flow if b"DATA" in x.answer else None)
            flow.adopt(upload)
        if b"DATA" in x.answer:
            await flow.pour(self.into)
        flow.leave()

    def seen(self):
        """Return (lines, payload), after a look whether all is in order."""
        engine = self.modem.module.engine
        self.port.done()
        assert engine.command is None and not engine.desync and not engine.parser.need
        payload = self.into.getvalue()
        for link in self.modem.module.links[:4]:
            buf = bytearray(1500)
            payload += bytes(buf[: link.ring.readinto(buf)])
        lines = [line.strip() for line in self.lines]
        return sorted([line for line in lines if line.strip(b"> ")]), payload


class Once:
    """What an upload sends: one block."""

    def __init__(self, data):
        self._blocks = [b"", data]

    def block(self):
        """Return the next block, b"" at the end."""
        return self._blocks.pop()

    def fail(self):
        """Never here."""


def digested(t, model, cuts, gap=None):
    """Play one transcript in one way, with NOISE in one gap of each answer, and compare."""
    lines, payload = [], b""
    played = exchanges(t)
    for x in played:
        found = parts(x.said())
        lines += found[0]
        payload += found[1]
    for x in played if gap is not None else ():
        places = gaps(x.answer, [found[1] for found in [parts(x.answer)]] if b"DATA" not in x.answer else ())
        x.answer = x.answer[: places[gap % len(places)]] + NOISE + x.answer[places[gap % len(places)] :]
        lines.append(NOISE.strip())
    digest = Digest(t, model, played, cuts)
    for x in played:
        if x.line:
            digest.play(x)
    got = digest.seen()
    assert got == (sorted(lines), payload), (t.id, cuts, gap, got, lines)


def every(family, model):
    """Play all transcripts of one family in all ways; return how many there are."""
    count = 0
    for t in transcripts("simcom", family):
        said = t.modem()
        if b"CONNECT" in said or b"+CCHRECV: DATA" in said:
            continue  # transparent mode and TLS: tests/simcom/test_modes.py, tests/simcom/test_tls.py
        count += 1
        digested(t, model, 0)
        digested(t, model, 1)
        for cut in range(1, len(said), 1 + len(said) // CUTS):
            digested(t, model, {cut})
        for gap in (0, 1, -1):
            digested(t, model, 0, gap)
    return count


def test_every_transcript_of_the_tcpip_document_in_every_way():
    assert every("A76XX", "a76xx") == 40


def test_every_transcript_of_the_internet_services_in_every_way():
    assert every("SIM7100", "sim7100") == 137
