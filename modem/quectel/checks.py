"""What diagnose() asks a Quectel module: the context's addresses and its name servers."""

from ..params import split
from .context import addresses  # noqa: F401


async def dns_servers(m, deadline):
    """Return the name servers of the context (AT+QIDNSCFG, TCP-E 2.4.16), None when the module does not tell."""
    lines = await m._try(b"+QIDNSCFG=%d" % m.context, b"+QIDNSCFG:", 5000, deadline)
    return [v for v in split(lines[-1])[1:] if isinstance(v, str)] if lines else None
