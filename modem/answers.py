"""Answers that must have their shape before they are used: for what a program asks now and then."""

from .errors import ProtocolError
from .params import split, text


def fits(values, kinds):
    """Return whether the first of `values` are of `kinds`: "n" a number, "t" a text, "." anything; more may follow."""
    if len(values) < len(kinds):
        return False
    for n in range(len(kinds)):
        if kinds[n] != "." and not isinstance(values[n], int if kinds[n] == "n" else str):
            return False
    return True


def fields(lines, kinds, command):
    """Return the fields of the last of `lines` as `split` does. ProtocolError where they are not of `kinds`, or there is no line.

    `command`: for the message (bytes, without AT).
    """
    values = split(lines[-1]) if lines else ()
    if not fits(values, kinds):
        told = text(lines[-1]) if lines else "nothing"
        raise ProtocolError("the module tells %s, which makes no sense" % told, command="AT" + command.decode())
    return values
