"""What no driver can notice, each with its reason. Nothing else is excused.

An excuse covers violations of rule (a) and (b) only, and only where the bytes themselves were damaged.
"""

from .line import DATA
from .segments import LINE, PAYLOAD


def reason(case, events):
    """Why damaged bytes of this case cannot be noticed, or None."""
    for (_, fault), event in zip(case.faults, events):
        kind = fault.partition(".")[0]
        if kind == "byte-changed" and event.kind == PAYLOAD:
            return "a changed byte of payload: there is no checksum"
        if kind in ("byte-lost", "lost") and case.scene in TRANSPARENT and event.kind in (PAYLOAD, DATA):
            return "a byte lost in transparent mode: nothing is counted"
        if kind in ("byte-changed", "byte-lost", "digit-doubled", "lost") and event.kind == LINE:
            return PLAUSIBLE
    return None


PLAUSIBLE = "a damaged line whose value looks like a right one: an address, a date, a name in a list"
TRANSPARENT = ("transparent",)


def covers(why, violation):
    """Whether the reason covers a violation."""
    if why == PLAUSIBLE:
        return violation.plausible
    return why is not None and violation.rule in ("a", "b")
