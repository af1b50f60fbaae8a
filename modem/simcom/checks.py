"""What diagnose() asks a SIMCom module: the service's addresses and its name servers."""

from .context import addresses as _addresses
from .context import is_open
from .net import dns


async def addresses(m, deadline):
    """Return the addresses of the network service, None when it is not open."""
    return await _addresses(m, 0, deadline) if await is_open(m, deadline) else None


async def dns_servers(m, deadline):
    """Return the name servers (AT+CDNSCFG?), None when the module does not tell."""
    return list(await dns(m, None, None)) or None
