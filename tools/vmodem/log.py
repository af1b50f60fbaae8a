"""The log: every byte both ways, time-stamped, with secrets masked.

Bytes are collected per direction up to the end of a line, so that a secret is seen whole before it is written. Which
parameters of which lines are secret is a table that dialects add to.
"""

import re
import time

_LONGEST = 2048

SECRETS = [  # (start of the line after AT, in upper case; indexes of the parameters that are secret)
    ("+CPIN=", (0, 1)),
    ("+CPIN2=", (0, 1)),
    ("+CLCK=", (2,)),
    ("+CPWD=", (1, 2)),
    ("+CGAUTH=", (2, 3)),
    ("+CGAUTH: ", (2, 3)),
    ("+QICSGP=", (3, 4)),
    ("+QICSGP: ", (2, 3)),
    ("+CSOCKAUTH=", (2, 3)),
    ("$QCPDPP=", (2, 3)),
    ("+QFTPCFG=", (1, 2)),
    ("+QSMTPCFG=", (1, 2)),
    ("+QHTTPCFG=", (1,)),
    ("+QMTCONN=", (2, 3)),
    ("+CMQTTCONNECT=", (4, 5)),
    ("+SMTPAUTH=", (1, 2)),
    ("+SMTPAUTH: ", (1, 2)),
    ("+POP3SRV=", (1, 2)),
    ("+POP3SRV: ", (1, 2)),
    ("+POP3IN=", (0, 1)),
    ("+CFTPUN=", (0,)),
    ("+CFTPPW=", (0,)),
    ("+CFTPPW: ", (0,)),
    ("+CFTPSLOGIN=", (2, 3)),
    ("+CSMTPSAUTH=", (1, 2)),
    ("+CSMTPSAUTH: ", (1, 2)),
]
# Words that secrets follow, whatever the command, and the user of a URL
_WORDS = re.compile(r'((?:authorization|cookie|api-key|token|password"|pwd"|"psk).?)[^\r\n]+', re.IGNORECASE)
_USER = re.compile(r'(?<=://)[^/@"\r\n]+(?=@)')


def mask(line):
    """`line` (str) with its secret parameters replaced by asterisks."""
    upper = line.upper()
    for start, indexes in SECRETS:
        found = re.search(re.escape(start).replace("=", r"\s*=\s*"), upper)  # blanks around it mean nothing
        if not found:
            continue
        head, rest = line[: found.end()], line[found.end() :]
        parts = re.findall(r'"[^"]*"?|[^,"]+|,', rest)
        index = 0
        for position, part in enumerate(parts):
            if part == ",":
                index += 1
            elif index in indexes and part.strip('"\r\n '):
                secret = '"***"' if part.startswith('"') else "***"
                parts[position] = secret + part[len(part.rstrip("\r\n")) :]
        line = head + "".join(parts)
        upper = line.upper()
    return _USER.sub("***", _WORDS.sub(r"\1***", line))


class _Direction:
    def __init__(self, mark, write):
        self._mark = mark
        self._write = write
        self._line = bytearray()
        self._since = 0.0
        self._in_key = False  # between the first and the last line of a private key in PEM

    def add(self, data, now):
        for piece in re.split(rb"(?<=[\r\n])(?=[^\r\n])", data):
            if not self._line:
                self._since = now
            self._line += piece
            if self._line[-1:] in b"\r\n" or len(self._line) > _LONGEST:
                self.flush()

    def flush(self):
        if self._line:
            text = self._without_keys(mask(self._line.decode("latin-1")))
            self._write("%12.6f %s %s\n" % (self._since, self._mark, ascii(text)[1:-1].replace('\\"', '"')))
            self._line.clear()

    def _without_keys(self, text):
        marked = "PRIVATE KEY-----" in text
        if marked:
            self._in_key = "-----BEGIN" in text
        elif self._in_key:
            return "***" + text[len(text.rstrip("\r\n")) :]
        return text


class Log:
    """Writes to an open text file."""

    def __init__(self, file, clock):
        self._file = file
        self._clock = clock
        self._start = clock.now()
        self._in = _Direction(">", file.write)
        self._out = _Direction("<", file.write)
        started = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(clock.wall()))
        file.write("# %s UTC; seconds since then; > from the host, < to the host, * note\n" % started)

    def _now(self):
        return self._clock.now() - self._start

    def received(self, data):
        self._in.add(data, self._now())

    def sent(self, data):
        self._out.add(data, self._now())

    def note(self, text):
        """Something that happened and is not bytes."""
        for line in text.encode("ascii", "backslashreplace").decode().split("\n"):
            self._file.write("%12.6f * %s\n" % (self._now(), line))
        self._file.flush()

    def close(self):
        self._in.flush()
        self._out.flush()
        self._file.flush()
