"""The certificate store of SIMCom modules: CCERTDOWN, CCERTLIST, CCERTDELE (public A76XX AT manual 1.09).

It takes certificates and keys only (.pem, .der), tells no sizes, and gives nothing back.
"""

from ..compat import const
from ..errors import CommandError, NotSupported, ProtocolError
from ..params import quoted, split
from ..request import Request

_ANSWER_MS = const(120000)
_LONGEST = const(10240)  # bytes of one file
_NAME = const(108)
_SHORTEST_NAME = const(5)


def stored(what, name):
    """Check the name of a file in the store and return it quoted; "UFS:name" and "name" mean the same file."""
    if isinstance(name, str) and name[:4].upper() == "UFS:":
        name = name[4:]
    out = quoted(what, name, _NAME)
    if len(out) - 2 < _SHORTEST_NAME or out[-5:-1].lower() not in (b".pem", b".der"):
        raise ValueError("%s must be a name of 5 to 108 bytes that ends in .pem or .der" % what)
    return out


async def put(m, name, source, progress):
    """See Files.put. The whole file goes in one command: at most 10240 bytes."""
    quoted_name = stored("name", name)
    name = quoted_name[1:-1].decode()
    line = b"AT+CCERTDOWN=" + quoted_name
    if source.size > _LONGEST:
        raise ValueError("the certificate store takes files of at most %d bytes" % _LONGEST)
    data = b""
    while len(data) < source.size:
        data += source.block()
    if name in await _names(m):
        await remove(m, name)
    request = Request(line + b",%d\r" % len(data), None, _ANSWER_MS)
    await m._run(request.payload(data))
    if progress is not None:
        progress(len(data), len(data))
    if name not in await _names(m):
        raise ProtocolError("the module does not list the file that it has taken", command=line.decode())


async def _names(m):
    lines = await m._cmd(b"+CCERTLIST", b"+CCERTLIST:", _ANSWER_MS)
    return [values[0] for values in [split(line) for line in lines] if values and isinstance(values[0], str)]


async def get(m, name, sink):
    """Refuse: what is in the certificate store stays there."""
    raise NotSupported("%s gives no certificate back (AT+CCERTDOWN has no counterpart)" % m.dialect.model)


async def listing(m, pattern):
    """See Files.list; the module tells no sizes: None."""
    if pattern[:4].upper() == "UFS:":
        pattern = pattern[4:]
    head, star, tail = pattern.partition("*")
    if "*" in tail:
        raise ValueError("pattern may hold one *")
    found = []
    for name in await _names(m):
        if name == pattern or (star and len(name) >= len(head + tail) and name.startswith(head) and name.endswith(tail)):
            found.append((name, None))
    return found


async def remove(m, name):
    """See Files.remove."""
    name = stored("name", name)
    try:
        await m._cmd(b"+CCERTDELE=" + name, limit_ms=_ANSWER_MS)
    except CommandError as error:
        raise CommandError("there is no such file, or it is in use", command=error.command, code=error.code, family=error.family)


async def free(m):
    """Refuse: the module does not tell."""
    raise NotSupported("%s does not tell how much room its certificate store has" % m.dialect.model)
