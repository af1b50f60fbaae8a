"""A scripted module that answers by a table instead of a fixed dialogue: for long stories under a clock of their own."""

from tests.rigs.scripted_port import ScriptedPort

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
USUAL = {
    b"AT+CMEE?": b"\r\n+CMEE: 1\r\n\r\nOK\r\n",
    b"AT+CGMI": b"\r\nQuectel\r\n\r\nOK\r\n",
    b"AT+CGMM": b"\r\nEC600E-CN\r\n\r\nOK\r\n",
    b"AT+CGMR": b"\r\nEC600ECNLCR01A01\r\n\r\nOK\r\n",
    b"AT+CGSN": b"\r\n861536030196001\r\n\r\nOK\r\n",
    b"AT+QISDE?": b"\r\n+QISDE: 0\r\n\r\nOK\r\n",
    b"AT+CPIN?": b"\r\n+CPIN: READY\r\n\r\nOK\r\n",
    b"AT+CREG?": b"\r\n+CREG: 0,1\r\n\r\nOK\r\n",
    b"AT+CGREG?": b"\r\n+CGREG: 0,1\r\n\r\nOK\r\n",
    b"AT+CEREG?": b"\r\n+CEREG: 0,1\r\n\r\nOK\r\n",
    b"AT+CSQ": b"\r\n+CSQ: 28,99\r\n\r\nOK\r\n",
    b"AT+QIGETERROR": b"\r\n+QIGETERROR: 550,unknown error\r\n\r\nOK\r\n",
}


class Module(ScriptedPort):
    """Answers each command line: by `table`, else by the usual answers, else OK. None or a dead module: no answer at all.

    An answer may be a list of (delay_ms, bytes). `lines` has all command lines that came, `at` when. A context that is up shows
    in AT+QIACT?. A counted payload after a prompt is collected in `payloads`. `keeps` is False in stories of many hours: what is kept
    through them would lie scattered over a small heap.
    """

    def __init__(self, table=None, start_ms=0):
        super().__init__(start_ms=start_ms)
        self.table = dict(table or {})
        self.lines = []
        self.at = []
        self.payloads = []
        self.need = 0
        self.up = False
        self.dead = False
        self.keeps = True
        self.after = OK  # what follows a payload

    def write(self, buf, off, n):
        self.step()
        if self.gone:
            raise OSError(5, "the line is gone")
        if not self.unmatched and not self.need and not bytes(memoryview(buf)[off : off + n]).strip(b"\r"):
            return n  # empty lines
        if self.keeps:
            self.sent += bytes(memoryview(buf)[off : off + n])
        self.unmatched += bytes(memoryview(buf)[off : off + n])
        while self.unmatched:
            if self.need:
                if len(self.unmatched) < self.need:
                    break
                self.payloads.append(bytes(self.unmatched[: self.need]))
                self.unmatched = self.unmatched[self.need :]
                self.need = 0
                self._answer(self.after)
                continue
            end = self.unmatched.find(b"\r")
            if end < 0:
                break
            line = bytes(self.unmatched[:end])
            self.unmatched = self.unmatched[end + 1 :]
            if self.keeps:
                self.lines.append(line)
                self.at.append(self.now)
            if not self.dead:
                self._line(line)
        return n

    def _line(self, line):
        answer = self.table.get(line, self.table.get(line.split(b"=")[0] + b"=", b""))
        if callable(answer):
            answer = answer(line)
        if answer == b"":
            answer = self._usual(line)
        self._answer(answer)

    def _usual(self, line):
        if line.startswith(b"AT+QISEND=") and line.count(b",") and not line.endswith(b",0"):
            self.need = int(line.split(b",")[1])
            return b"\r\n> "
        if line.startswith(b"AT+QIACT="):
            self.up = True
        elif line.startswith(b"AT+QIDEACT="):
            self.up = False
        elif line == b"AT+QIACT?":
            return b'\r\n+QIACT: 1,1,1,"10.0.0.2"\r\n\r\nOK\r\n' if self.up else OK
        return USUAL.get(line, OK)

    def _answer(self, answer):
        for delay_ms, data in answer if isinstance(answer, list) else [(0, answer)]:
            if data:
                self.later(delay_ms, data)

    def count(self, line):
        """Return how often a command line came."""
        return self.lines.count(line)


SIMCOM = {
    b"AT+CGMI": b"\r\nSIMCOM INCORPORATED\r\n\r\nOK\r\n",
    b"AT+CGMM": b"\r\nA7672E\r\n\r\nOK\r\n",
    b"AT+CGMR": b"\r\n+CGMR: A7672M7_V1.11.1\r\n\r\nOK\r\n",
}


class SimcomModule(Module):
    """The same for an A76XX: the network service instead of the context."""

    def _usual(self, line):
        if line == b"AT+NETOPEN":
            self.up = True
            return [(0, OK), (20, b"\r\n+NETOPEN: 0\r\n")]
        if line == b"AT+NETCLOSE":
            self.up = False
            return [(0, OK), (20, b"\r\n+NETCLOSE: 0\r\n")]
        if line == b"AT+NETOPEN?":
            return b"\r\n+NETOPEN: %d\r\n" % self.up + OK
        if line == b"AT+IPADDR":
            return b"\r\n+IPADDR: 10.0.0.2\r\n" + OK
        if line == b"AT+CGACT?":
            return b"\r\n+CGACT: 1,%d\r\n" % self.up + OK
        if line.startswith(b"AT+CIPOPEN="):
            return [(0, OK), (20, b"\r\n+CIPOPEN: 0,0\r\n")]
        if line.startswith(b"AT+CIPCLOSE="):
            return [(0, OK), (20, b"\r\n+CIPCLOSE: 0,0\r\n")]
        if line.startswith(b"AT+SERVERSTOP="):
            return [(0, OK), (20, b"\r\n+SERVERSTOP: %s,0\r\n" % line[14:])]
        return SIMCOM.get(line) or Module._usual(self, line)
