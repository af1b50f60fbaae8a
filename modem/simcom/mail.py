"""One mail in one call: puts it together from the commands of smtp.py, and clears what the module keeps after a failure."""

from ..fields import quoted
from .smtp import FILES, KINDS, PER_KIND, recipient_line

_PLACE = "C:/"


async def send_mail(smtp, recipients, subject, body, attachments, charset, timeout_ms):
    """Send a mail.

    `recipients`: three lists (to, cc, bcc) of at most five addresses each, or of `(address, name)`; a single str is a list of
    one. `attachments`: at most ten; each is the path of a file on the module ("D:/a.jpg"), or `(name, data)` with bytes or a
    file object, which is stored on the module first and removed afterwards. `body`: str, bytes or a stream of at most 5120
    bytes; `charset`: its coding, when it is not UTF-8. Errors as for Smtp.send and Files.put; whatever happens, nothing of this
    mail stays in the module.
    """
    lists = [[one] if isinstance(one, (str, bytes)) else list(one) for one in recipients]
    attachments = list(attachments)
    _check(lists, attachments)
    stored = []
    try:
        await _clear(smtp)
        if charset is not None:
            await smtp._word(b"+SMTPBCH", "charset", charset, 30)
        for kind, addresses in zip(KINDS, lists):
            for index, one in enumerate(addresses):
                address, name = (one, "") if isinstance(one, (str, bytes)) else one
                await smtp._set(recipient_line(kind, index, address, name))
        if subject:
            await smtp._word(b"+SMTPSUB", "subject", subject, 512)
        if body:
            await smtp._put_body(body)
        await _attach(smtp, attachments, stored)
        await smtp._send(timeout_ms)
    except BaseException:
        if smtp._modem._started:
            await _clear(smtp)
        raise
    finally:
        from .fs import remove

        for path in stored:
            if smtp._modem._started:
                await remove(smtp._modem, path)


def _check(lists, attachments):
    for kind, addresses in zip(KINDS, lists):
        if len(addresses) > PER_KIND:
            raise ValueError("%s has more than %d recipients" % (kind, PER_KIND))
        for one in addresses:
            quoted(kind, one if isinstance(one, (str, bytes)) else one[0], 128)
    if not lists[0] and not lists[1] and not lists[2]:
        raise ValueError("there is no recipient")
    if len(attachments) > FILES:
        raise ValueError("there are more than %d attachments" % FILES)


async def _clear(smtp):
    for line in (b"+SMTPRCPT", b"+SMTPSUB", b'+SMTPBODY=""', b"+SMTPFILE"):
        await smtp._modem._try(line, limit_ms=9000)


async def _attach(smtp, attachments, stored):
    for index, one in enumerate(attachments):
        path = one
        if not isinstance(one, (str, bytes)):
            from ..files import Source
            from .fs import put

            path = _PLACE + one[0]
            await put(smtp._modem, path, Source(one[1]), None)
            stored.append(path)
        await smtp._attach(index + 1, path if isinstance(path, bytes) else path.encode())
