"""PDP context and network service on SIMCom modules: CGDCONT, CGAUTH, CGACT, CGPADDR, CSOCKSETPN, NETOPEN, NETCLOSE, IPADDR.

TCP-S 3.1, 4.2 and the flow charts: every answer within 120 s, context activation within 150 s.
"""

from ..at.params import quoted, split, text
from ..at.questions import joined
from ..compat import const, rare
from ..errors import CommandError, ModemError, ModemRestarted, ModemTimeout, SimError
from .result_command import LIMIT_MS, LOCAL_MS, ResultCommand

_OPEN = b"+NETOPEN: 1"
_BUFFERED = b"+CIPRXGET=1"
_TYPES = (b'"IP"', b'"IPV6"', b'"IPV4V6"')
_IPV6 = const(1)
_BOTH = const(2)
_ACTIVATE_MS = const(150000)
_SIM_MS = const(5000)
_ASK_MS = const(10000)  # the result of AT+NETOPEN may be lost: the service is asked for so often
_CLOSE_PAUSE_MS = const(200)
_LINKS_OPEN = const(9)  # <err> of +NETCLOSE
_GIVE_UP = const(3)  # failed deactivations in a row after which only a restart helps (flow charts, step 6a)


def settings(apn, user, password, auth, ip):
    """See Dialect.part: returns (ip, parameters of AT+CGDCONT, parameters of AT+CGAUTH)."""
    define = b"1," + _TYPES[ip] + b"," + quoted("apn", apn, 99)
    login = b"1,%d" % auth
    if auth:
        login += b"," + quoted("user", user or "", 127) + b"," + quoted("password", password or "", 127)
    return ip, define, login


async def attach(m, params, deadline):
    """Define the context and open the network service, unless it is open with the same settings; return its addresses."""
    await m.close_abandoned(deadline)  # what the network has taken away is closed first, never what is opened here
    service, same, active = await _found(m, params, deadline)
    if service:
        if same:
            return await _addresses(m, params[0], deadline)
        await close_service(m, deadline)  # another context, or the network was lost: its links go with it
    m.dialect.forget()
    await _configure(m, params, deadline)
    refused = False
    if not active:
        # an ERROR does not matter: NETOPEN activates the context itself (TCP-S 3.1.3)
        refused = await m.attempt(b"+CGACT=1,1", None, _ACTIVATE_MS, deadline) is None
    try:
        await open_service(m, deadline)
    except CommandError:
        from ..registration import end_detachment

        if not refused or not await end_detachment(m, deadline):
            raise
        await open_service(m, deadline)
    lines = await joined(m, (_BUFFERED, b"+IPADDR"), b"+IPADDR:", deadline)
    if not lines:
        await m.cmd(_BUFFERED, limit_ms=LOCAL_MS, deadline=deadline)
    return await _addresses(m, params[0], deadline, lines)


@rare
async def define(m, params, deadline):
    """Tell the module what context 1 is: the network may want the APN for the registration already."""
    await m.cmd(b"+CGDCONT=" + params[1], limit_ms=LOCAL_MS, deadline=deadline)


async def _configure(m, params, deadline):
    """Set the context, the family of its addresses and the application mode, in one command line where the firmware takes it."""
    ip, define, login = params
    lines = (b"+CGDCONT=" + define, b"+CGAUTH=" + login, b"+CSOCKSETPN=1," + (b"6" if ip == _IPV6 else b"1"), b"+CIPMODE=0")
    if await joined(m, lines, b"+", deadline) is not None:
        return
    for line in lines:
        try:
            await m.cmd(line, limit_ms=LOCAL_MS, deadline=deadline)
        except CommandError:
            if line is not lines[1]:
                raise
            if b"," in login[2:]:
                raise CommandError("the module does not take user and password", command="AT+CGAUTH=***")


async def _found(m, params, deadline):
    """Return whether the network service is open, whether it has the context that is wanted, and whether context 1 is active.

    An earlier program may have opened the service: then the definition of context 1 is what it was opened with.
    """
    questions = (b"+NETOPEN?", b"+CGACT?", b"+CGDCONT?", b"+CGAUTH?")
    lines = await joined(m, questions, b"+", deadline)
    if not lines:
        lines = []
        for question in questions[:2]:
            lines += await m.attempt(question, question[:-1] + b":", LOCAL_MS, deadline) or ()
    same = params == m.apn_settings
    if m.apn_settings is None:
        defined = split(b"+CGDCONT: " + params[1])
        login = split(b"+CGAUTH: " + params[2])
        logins = [split(line)[: len(login)] for line in lines if line.startswith(b"+CGAUTH: 1,")]
        same = b"+CGACT: 1,0" not in lines  # else the network has been lost since
        same = same and (login in logins or (not logins and login[1:] == [0]))
        same = same and defined in [split(line)[: len(defined)] for line in lines if line.startswith(b"+CGDCONT:")]
    return _OPEN in lines, same, b"+CGACT: 1,1" in lines


@rare
async def is_open(m, deadline):
    """Return whether the network service is open (AT+NETOPEN?). A result line of AT+NETOPEN may come before the answer."""
    lines = await m.attempt(b"+NETOPEN?", b"+NETOPEN:", LOCAL_MS, deadline)
    return bool(lines) and split(lines[-1])[:1] == [1]


class _Service(ResultCommand):
    """AT+NETOPEN or AT+NETCLOSE."""

    def __init__(self, m, name):
        super().__init__(name, name + b":", m.dialect.on_net)
        self._dialect = m.dialect

    def on_begin(self):
        self._dialect.net_result = None


async def _run_service(m, name, deadline):
    """Run AT+NETOPEN or AT+NETCLOSE and wait for its result; CommandError where it is not 0.

    While the result does not come, AT+NETOPEN? shows whether it was lost on the line.
    """
    dialect = m.dialect
    command = _Service(m, name)
    until = m.earlier(deadline, LIMIT_MS)
    boots = m.boots
    try:
        await m.run(command, deadline)
        ask_at = m.earlier(until, _ASK_MS)
        while dialect.net_result is None:
            happened = await m.turn(ask_at)
            if m.boots != boots:
                raise ModemRestarted("the module restarted", command="AT" + name.decode())
            if happened or dialect.net_result is not None:
                continue
            if m.left_ms(deadline) and await is_open(m, deadline) == (name == b"+NETOPEN"):
                return
            if not m.left_ms(until):
                raise ModemTimeout("no result within the time allowed", command="AT" + name.decode())
            ask_at = m.earlier(until, _ASK_MS)
    finally:
        if dialect.net_result is None:
            dialect.net_result = 0  # no longer awaited
    if dialect.net_result:
        words = "the network service did not %s" % ("open" if name == b"+NETOPEN" else "close")
        raise CommandError(words, command="AT" + name.decode(), code=dialect.net_result, family="simcom")


async def open_service(m, deadline):
    """Open the network service. OK alone does not mean that it is open: the result line counts (TCP-S 3.1.3)."""
    try:
        await _run_service(m, b"+NETOPEN", deadline)
    except CommandError as error:
        if await is_open(m, deadline):
            return
        await _explain(m, error)
        raise


@rare
async def _explain(m, error):
    """After ERROR from a TCP/IP command: SimError in its place when the SIM card is missing or locked (TCP-S 1.5.1)."""
    lines = await m.attempt(b"+CPIN?", b"+CPIN:", _SIM_MS)
    state = split(lines[-1])[0] if lines else "no answer"
    from ..registration import USABLE

    if state not in USABLE:
        raise SimError("the SIM card is not ready: %s" % state, command=error.command, code=error.code, family=error.family)


async def _addresses(m, ip, deadline, lines=None):
    """Return the addresses of the service (AT+IPADDR, or its answer `lines`), with `ip` 2 (both) those of the context too."""
    if not lines:
        lines = await m.cmd(b"+IPADDR", b"+IPADDR:", LOCAL_MS, deadline)
    address = text(lines[-1][8:].strip()) if lines else ""
    if ("." not in address and ":" not in address) or not address.strip("0.:"):
        # an older edition prints the text of +IP ERROR here
        raise CommandError("no address: %s" % address, command="AT+IPADDR", lines=lines)
    found = [address]
    if ip == _BOTH:
        for line in await m.attempt(b"+CGPADDR=1", b"+CGPADDR:", LOCAL_MS, deadline) or ():
            found += [a for a in split(line)[1:] if isinstance(a, str) and a not in found and a != "0.0.0.0"]
    return tuple(found)


@rare
async def addresses(m, deadline):
    """Return the addresses of the network service, None when it is not open."""
    return await _addresses(m, 0, deadline) if await is_open(m, deadline) else None


# --- the end


@rare
async def close_service(m, deadline):
    """Close the network service and with it all links, unless it is closed already.

    Some firmware does not close the links itself, and refuses while there are any (9): then they are closed one by one before.
    """
    try:
        await _run_service(m, b"+NETCLOSE", deadline)
    except CommandError as error:
        if not await is_open(m, deadline):
            return
        if error.code != _LINKS_OPEN:
            raise
        await close_links(m, deadline)
        await _run_service(m, b"+NETCLOSE", deadline)


@rare
async def close_links(m, deadline):
    """Close every link that the module lists as open."""
    tcp = m.dialect.transport(None)
    until = m.earlier(deadline, LIMIT_MS)
    left = await tcp.rows(deadline)
    while left:
        for row in left:
            await m.attempt(b"+CIPCLOSE=%d" % row[0], None, LOCAL_MS, deadline)
        if not await m.pause(_CLOSE_PAUSE_MS, until):  # the result may come after OK
            break
        left = await tcp.rows(deadline)


@rare
async def detach(m, deadline):
    """Close the network service, then deactivate the context.

    In LTE the module may keep its default bearer: that it refuses to deactivate is an error only the third time in a row, when
    the flow charts restart the module.
    """
    dialect = m.dialect
    await close_service(m, deadline)
    dialect.forget()
    if await m.attempt(b"+CGACT=0,1", None, _ACTIVATE_MS, deadline) is not None:
        dialect.failed_deactivations = 0
        return
    dialect.failed_deactivations += 1
    if dialect.failed_deactivations >= _GIVE_UP:
        raise ModemError("the context was not deactivated three times in a row: restart the module", command="AT+CGACT=0,1")


@rare
async def clear(m, context, deadline):
    """After +CIPEVENT: close what is open, then the service where AT+NETOPEN? still shows it (TCP-S 4.2)."""
    for link in m.links[:]:
        if link is not None and link.held and not link.abandoned:
            try:
                await link.transport.close(link, deadline)
            except ModemError:  # gone already, or the result line never comes
                if not m.left_ms(deadline):
                    raise
            link.held = False
    if await is_open(m, deadline):
        await close_service(m, deadline)


@rare
def restart_reason(dialect, error):
    """See Dialect.restart_reason; each box of the flow charts has its own time."""
    if dialect.failed_deactivations >= _GIVE_UP:
        dialect.failed_deactivations = 0
        return "the context was not deactivated three times in a row"
    if error is not None and error.step == "sim":
        return "the SIM card was not ready within %d s" % (dialect.sim_ms // 1000)
    if error is not None and error.step == "registration":
        return "not registered within %d s" % (dialect.registration_ms // 1000)
    return None
