"""One mail in one call: puts it together from the commands of smtp.py, and clears what the module keeps after a failure."""

from ..params import quoted
from .smtp import FILES, KINDS, PER_KIND, body_of, recipient_line


async def send_mail(smtp, recipients, subject, body, attachments, charset, timeout_ms):
    """Send a mail.

    `recipients`: three lists (to, cc, bcc) of at most five addresses each, or of `(address, name)`; a single str is a list of
    one. `attachments`: at most ten; each is the path of a file on the module ("D:/a.jpg"; a single one needs no list), or
    `(name, data)` with bytes or a file object, which is stored on the module first and removed afterwards. `body`: str, bytes or
    a stream of at most 5120 bytes; `charset`: its coding, when it is not UTF-8. ValueError and TypeError before anything is
    sent; errors and `timeout_ms` (for the sending) as for Smtp.send, errors as for Files.put too; whatever happens, nothing of
    this mail stays in the module.
    """
    lines = _recipients(recipients)
    attachments = _attachments([attachments] if isinstance(attachments, (str, bytes)) else attachments)
    quoted("subject", subject, 512)
    if charset is not None:
        quoted("charset", charset, 30)
    body = body_of(body)
    stored = []
    try:
        await _clear(smtp)
        if charset is not None:
            await smtp._word(b"+SMTPBCH", "charset", charset, 30)
        for line in lines:
            await smtp._set(line)
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
        await _remove(smtp._modem, stored)


async def _remove(modem, stored):
    """Remove the files; who is cancelled meanwhile learns it when that is done."""
    from .fs import remove

    cancelled = None
    while stored and modem._started:
        try:
            await remove(modem, stored[-1])
        except Exception:
            raise
        except BaseException as error:
            if cancelled is None:
                cancelled = error
                continue
        stored.pop()
    if cancelled is not None:
        raise cancelled


def _recipients(lists):
    """Return the commands that set the recipients. ValueError, TypeError."""
    lines = []
    for kind, addresses in zip(KINDS, lists):
        addresses = [addresses] if isinstance(addresses, (str, bytes)) else list(addresses)
        if len(addresses) > PER_KIND:
            raise ValueError("%s has more than %d recipients" % (kind, PER_KIND))
        for index, one in enumerate(addresses):
            address, name = (one, "") if isinstance(one, (str, bytes)) else one
            lines.append(recipient_line(kind, index, address, name))
    if not lines:
        raise ValueError("there is no recipient")
    return lines


def _attachments(given):
    """Return the attachments as (path on the module, Source or None). ValueError, TypeError."""
    from ..files import Source
    from .fs import path_of

    found = []
    for one in given:
        name, data = (one, None) if isinstance(one, (str, bytes)) else one
        found.append((path_of("name", name), None if data is None else Source(data)))
    if len(found) > FILES:
        raise ValueError("there are more than %d attachments" % FILES)
    return found


async def _clear(smtp):
    for line in (b"+SMTPRCPT", b"+SMTPSUB", b'+SMTPBODY=""', b"+SMTPFILE"):
        await smtp._modem._try(line, limit_ms=9000)


async def _attach(smtp, attachments, stored):
    for index, (path, source) in enumerate(attachments):
        if source is not None:
            from .fs import put

            await put(smtp._modem, path, source, None)
            stored.append(path)
        await smtp._attach(index + 1, path)
