"""What no driver can notice, each with its reason. Nothing else is excused.

An excuse covers what comes of bytes that were damaged or lost themselves, and nothing else.
"""

from modem.models import find

from .line import COMMAND, DATA, LINE, PAYLOAD

CHANGED = "a changed byte of payload: there is no checksum"
TRANSPARENT = "a byte lost in transparent mode: nothing is counted"
COUNTED = (
    "payload lost on its way to a SIMCom module, or not written because of Ctrl-C: it waits for as many bytes as were announced, "
    "without a limit and without a way to cancel, so that what is typed next completes them; the program has an error"
)
PLAUSIBLE = (
    "a damaged line that looks like a right one: an address, a date, a name in a list or of a file; or like none that is known"
)
TWICE = "a second CONNECT, or a second OK to +++, stands where the peer's data begin or end (transparent mode)"
SECOND_OK = (
    "a second OK comes when the next command has gone out, and ends it: the answer to a command without data of its own, or to a "
    "list that may be empty, looks like that"
)
CONTEXT = (
    "the line that tells of the loss of a context is damaged or lost: those that tell of the end of its connections look as if "
    "their peers had closed them"
)
UNCOUNTED = (
    "a byte lost on its way to AT+CHTTPACT, AT+CFTPPUT or AT+SMTPBODY: these data end with Ctrl-Z, the module does not count "
    "them, and no command shows what it has"
)
SHORTER = (
    "a digit lost from the id or the length of a send: a Quectel module takes fewer bytes, or for another connection, says SEND "
    "OK, and nothing to what is left over; only the counters of TCP (stats()) show it, and to ask for them after each block "
    "takes too long. A SIM7100 takes the block of a file for an FTP server like that, and an A76XX a certificate: no command "
    "shows how long it is"
)
_TRANSPARENT_SCENES = ("transparent", "taken", "week")
_SENDS = (b"AT+QISEND=", b"AT+QSSLSEND=", b"AT+CFTPSPUT=", b"AT+CCERTDOWN=")
_CONTEXT_LOST = (b'+QIURC: "pdpdeact"', b"+CIPEVENT:")
_UNCOUNTED_SCENES = ("http", "ftp")


def _reason(case, fault, kind, data):
    """Why the damage that a fault does to an event of this kind, with these bytes, cannot be noticed, or None."""
    fault, _, argument = fault.partition(".")
    if fault == "doubled" and data.strip() in (b"CONNECT", b"OK") and case.scene in _TRANSPARENT_SCENES:
        return TWICE
    if fault == "doubled" and data.strip() == b"OK":
        return SECOND_OK
    if fault == "byte-lost" and data.startswith(_SENDS) and data[int(argument) % len(data)] in b"0123456789":
        return SHORTER
    if fault == "byte-changed" and kind == PAYLOAD:
        return CHANGED
    if fault in ("byte-lost", "lost", "deaf") and kind in (PAYLOAD, DATA) and case.scene in _TRANSPARENT_SCENES:
        return TRANSPARENT
    if fault in ("byte-lost", "lost", "deaf") and kind == DATA and find(case.model).vendor == "simcom":
        mail_body = case.scene == "smtp" and data.isascii()  # attachments are counted, and are not ASCII
        return UNCOUNTED if case.scene in _UNCOUNTED_SCENES or mail_body else COUNTED
    if fault == "interrupted" and argument and find(case.model).vendor == "simcom":
        return COUNTED
    if fault in ("byte-changed", "byte-lost", "digit-doubled", "lost") and data.strip().startswith(_CONTEXT_LOST):
        return CONTEXT
    if fault in ("byte-changed", "byte-lost", "digit-doubled", "lost") and kind in (LINE, COMMAND):
        return PLAUSIBLE
    return None


def reasons(case, struck):
    """The reasons that hold for a case whose faults have `struck` events: (number, kind, bytes)."""
    events = {index: (kind, data) for index, kind, data in struck}
    found = {_reason(case, fault, *events[index]) for index, fault in case.faults if index in events}
    return found - {None}


def cover(why, violation):
    """Whether one of the reasons covers a violation: PLAUSIBLE the plausible ones, COUNTED what the peer got when the program has
    an error, the others those of rules (a) and (b).
    """
    if (violation.plausible and PLAUSIBLE in why) or (violation.told and violation.rule == "b" and COUNTED in why):
        return True
    return violation.rule in ("a", "b") and bool(why - {PLAUSIBLE, COUNTED})
