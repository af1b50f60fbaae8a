"""Contexts by commands that leave the line free, for AsyncModem: QIACTEX, QIDEACTEX (TCP-E 2.4.5, 2.4.6)."""

from ..errors import CommandError, ModemTimeout


async def run(m, name, cid, limit_ms, deadline):
    """Run AT+QIACTEX or AT+QIDEACTEX: OK comes at once, `<name>: <id>,<err>` later; other commands can run meanwhile."""
    results = m.dialect.results
    key = name + b": %d" % cid
    results[key] = None
    line = name + b"=%d" % cid
    until = m._earlier(deadline, limit_ms)
    try:
        await m._cmd(line, explain=True, deadline=deadline)
        while results[key] is None:
            if not await m._turn(until) and results[key] is None:
                raise ModemTimeout("no result within the time allowed", command="AT" + line.decode())
        if results[key]:
            raise CommandError("command failed", command="AT" + line.decode(), code=results[key], family=m.dialect.errors)
    finally:
        del results[key]
