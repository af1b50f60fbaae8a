"""Any AT command of the program: what `Modem.command()` does."""

from .at.command import DIAL, SEND, Command
from .at.params import octets
from .at.recovery import refresh_marks
from .at.redact import redacted
from .errors import ProtocolError

_DIALLING = (b"ATD", b"ATO", b"ATA")  # end by CONNECT, NO CARRIER, BUSY and so on, besides OK and ERROR


def checked(line):
    """Return a command line as bytes; ValueError for control characters, or when it does not begin with AT."""
    text = line.encode() if isinstance(line, str) else bytes(octets(line))
    if text[:2].upper() != b"AT":
        raise ValueError("line must begin with AT")
    for c in text:
        if c < 32 or c == 127:
            raise ValueError("line must not contain a control character")
    return text


class RawCommand(Command):
    """A command of the program. CONNECT and DOWNLOAD ask for its data, as the prompt does."""

    urcs_first = True

    @property
    def asks_for_data(self):
        """Whether data are to be sent."""
        return self.data is not None


async def run(m, line, prefix, data, timeout_ms):
    """See Modem.command."""
    text = checked(line)
    if prefix is None:
        prefix = text[2:].split(b"=")[0].split(b"?")[0].upper() + b":"
    elif isinstance(prefix, str):
        prefix = prefix.encode()
    kind = DIAL if text[:3].upper() in _DIALLING else SEND
    command = RawCommand(text + b"\r", prefix if len(prefix) > 1 else None, timeout_ms, kind=kind, bare=True)
    if data is not None:
        command.payload(octets(data))
    lines = (await m.run(command)).lines
    await refresh_marks(m, text)
    if command.dropped:
        raise ProtocolError("%d lines of the answer are too long or too many" % command.dropped, command=redacted(text))
    return lines if data is None else [line for line in lines if line != b"> "]  # of a text, each line has a prompt
