"""What goes wrong now and then on SIMCom modules: reasons of errors, sends that were taken in part."""

from ..errors import CommandError, ConnectionClosed, ModemTimeout
from ..fields import digits
from ..params import text


def ip_error(request, reason):
    """+IP ERROR: <number or text>: the reason of the ERROR that follows."""
    code = digits(reason, 0, len(reason))
    if code < 0:
        from .codes import ip_error

        code = ip_error(text(reason))
    _note(request, code, "simcom-ip", b"+IP ERROR: " + reason)


def cip_error(request, reason):
    """+CIPERROR: <number>, the same."""
    _note(request, digits(reason, 0, len(reason)), "simcom", b"+CIPERROR:" + reason)


def _note(request, code, family, line):
    request.code = code
    request.family = family
    if isinstance(request.lines, list):
        request.lines.append(line)


async def cut_short(m, link, took, n):
    """The module took only `took` of `n` bytes: the connection is of no further use. Raises ConnectionClosed."""
    error = ConnectionClosed("the module took %d of %d bytes: the connection is of no further use" % (took, n), code=link.taken)
    try:
        await link.ops.close(m, link)
    except (CommandError, ModemTimeout):
        pass
    link.fail(error)
    raise error
