"""The serving cell as Quectel's modules report it.

AT+QENG, AT+QNWINFO, AT+QCSQ: "EC2x&EG9x&EG2x-G&EM05 Series AT Commands Manual" 2.0 and "BG96 AT Commands Manual" 2.3.
"""

from ..at.params import text
from ..compat import const

_LIMIT_MS = const(9000)
_LTE_BAND = "LTE BAND "
# +QENG of LTE, counted from the field that says FDD or TDD: number of the network in two fields, cell, TAC (hexadecimal)
_LTE = (1, 2, 3, 9)
_OTHERS = (1, 2, 4, 3)  # the same of GSM and WCDMA, counted from the technology: the area stands before the cell
# +QCSQ of LTE: technology, rssi, rsrp, sinr, rsrq
_LEVELS = {"rsrp": 2, "sinr": 3, "rsrq": 4}
_LEVELS_OF_LTE = const(5)
_SINR_STEPS = const(5)  # in a dB
_LOWEST_SINR = const(-20)
_MOST_SINR = const(250)  # above: not known


async def status(m, name):
    """Return "band", "cell", "rsrp", "rsrq" or "sinr" as Modem.status does."""
    if name == "band":
        return _band(await _fields(m, b"+QNWINFO"))
    if name == "cell":
        return _cell(await _fields(m, b'+QENG="servingcell"', b"+QENG:"))
    values = await _fields(m, b"+QCSQ")
    if len(values) < _LEVELS_OF_LTE:
        return None
    try:
        found = int(values[_LEVELS[name]])
    except ValueError:
        return None
    if name != "sinr":
        return found
    return found / _SINR_STEPS + _LOWEST_SINR if 0 <= found <= _MOST_SINR else None


async def _fields(m, command, prefix=None):
    """Return the fields of the answer as text, without quotes: leading zeros of network numbers mean something."""
    lines = await m.attempt(command, prefix or command + b":", _LIMIT_MS) or ()
    return [text(field.strip(b' "')) for line in lines for field in line.partition(b":")[2].split(b",")]


def _band(values):
    if len(values) < 3:  # No Service
        return None
    return "B" + values[2][len(_LTE_BAND) :] if values[2].startswith(_LTE_BAND) else values[2] or None


def _cell(values):
    for names, places in ((("FDD", "TDD"), _LTE), (("GSM", "WCDMA"), _OTHERS)):
        for name in names:
            if name in values:
                return _place(values[values.index(name) :], places)
    return None


def _place(values, places):
    if len(values) <= max(places):
        return None
    country, network, cell, area = [values[place] for place in places]
    try:
        return country + "0" * (2 - len(network)) + network, int(area, 16), int(cell, 16)  # some firmware leaves out the zero
    except ValueError:  # "-" where it is not known
        return None
