"""The serving cell as SIMCom's modules report it.

AT+CPSI: "A76XX Series AT Command Manual" 1.09 and "SIM7500_SIM7600 Series AT Command Manual" 2.00. The levels come as 3GPP's
steps on A76XX (never negative), in tenths of dBm and dB on the others, whole ones with some firmware.
"""

from ..at.params import text
from ..compat import const
from ..network_info import level

_LIMIT_MS = const(9000)
_LTE_BAND = "EUTRAN-BAND"
# +CPSI: LTE,Online,<MCC>-<MNC>,<TAC>,<cell>,<physical cell>,<band>,<channel>,<dlbw>,<ulbw>,<RSRQ>,<RSRP>,<RSSI>,<RSSNR>
_NETWORK = const(2)
_AREA = const(3)
_CELL = const(4)
_BAND_OF_OTHERS = const(5)
_BAND = const(6)
_RSRQ = const(10)
_RSRP = const(11)
_SINR = const(13)
_TENTHS = const(10)
_SINR_OFFSET = const(20)  # of a module that reports steps
_LOWEST_RSRP = const(-156)  # dBm: what is below is in tenths
_MOST_SINR = const(50)  # dB; above: not known


async def status(m, name):
    """Return "band", "cell", "rsrp", "rsrq" or "sinr" as Modem.status does."""
    lines = await m.attempt(b"+CPSI?", b"+CPSI:", _LIMIT_MS)
    values = [text(field.strip(b' "')) for field in lines[-1].partition(b":")[2].split(b",")] if lines else ()
    try:
        if name == "cell":
            return values[_NETWORK].replace("-", ""), int(values[_AREA], 16), int(values[_CELL])
        lte = values[0].startswith("LTE")
        if name == "band":
            return "B" + values[_BAND][len(_LTE_BAND) :] if lte else values[_BAND_OF_OTHERS]
        return _level(name, int(values[_RSRQ]), int(values[_RSRP]), int(values[_SINR])) if lte else None
    except (IndexError, ValueError):  # NO SERVICE; fewer fields for GSM and WCDMA
        return None


def _level(name, rsrq, rsrp, sinr):
    steps = rsrp >= 0
    if name == "sinr":
        found = sinr - _SINR_OFFSET if steps else sinr
        return found if abs(found) <= _MOST_SINR else None
    found = rsrp if name == "rsrp" else rsrq
    return level(name, found) if steps else found / _TENTHS if rsrp < _LOWEST_RSRP else found
