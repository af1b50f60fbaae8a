"""Contexts by commands that leave the line free, for AsyncModem: QIACTEX, QIDEACTEX (TCP-E 2.4.5, 2.4.6).

OK comes at once, `<name>: <id>,<err>` later; other commands can run meanwhile.
"""

from ..errors import CommandError
from ..runs import Run


class Result(Run):
    """Waits for the result. (The read form's lines go to the command that asks for them.)"""

    def take(self, values):
        """The fields behind the id: <err>, 0 where all is well; in view mode 1 the address behind it."""
        if not isinstance(values[0], int):
            return False
        self.summary = values[0]


async def run(m, name, cid, limit_ms, deadline):
    """Run AT+QIACTEX or AT+QIDEACTEX for context `cid`. Raises CommandError with <err>, ModemTimeout."""
    result = Result(m._engine)
    line = name + b"=%d" % cid
    await result.wait(m, line, name + b": %d," % cid, limit_ms, deadline)
    if result.summary:
        raise CommandError("command failed", command="AT" + line.decode(), code=result.summary, family=m.dialect.errors)
