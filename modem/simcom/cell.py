"""The serving cell as SIMCom's modules report it.

AT+CPSI: "A76XX Series AT Command Manual" 1.09 and "SIM7500_SIM7600 Series AT Command Manual" 2.00. The levels come as 3GPP's
steps on A76XX (never negative), in tenths of dBm and dB on the others.
"""

from ..at.params import text
from ..network_info import level

_LIMIT_MS = 9000
_LTE_BAND = "EUTRAN-BAND"
# +CPSI: LTE,Online,<MCC>-<MNC>,<TAC>,<cell>,<physical cell>,<band>,<channel>,<dlbw>,<ulbw>,<RSRQ>,<RSRP>,<RSSI>,<RSSNR>
_NETWORK, _AREA, _CELL, _BAND_OF_OTHERS, _BAND, _RSRQ, _RSRP, _SINR = 2, 3, 4, 5, 6, 10, 11, 13
_TENTHS = 10
_SINR_OFFSET = 20  # of a module that reports steps


async def status(m, name):
    """Return "band", "cell", "rsrp", "rsrq" or "sinr" as Modem.status does."""
    lines = await m.attempt(b"+CPSI?", b"+CPSI:", _LIMIT_MS)
    values = [text(field.strip(b' "')) for field in lines[-1].partition(b":")[2].split(b",")] if lines else ()
    try:
        if name == "cell":
            return values[_NETWORK].replace("-", ""), int(values[_AREA], 0), int(values[_CELL])
        lte = values[0].startswith("LTE")
        if name == "band":
            return "B" + values[_BAND][len(_LTE_BAND) :] if lte else values[_BAND_OF_OTHERS]
        return _level(name, int(values[_RSRQ]), int(values[_RSRP]), int(values[_SINR])) if lte else None
    except (IndexError, ValueError):  # NO SERVICE; fewer fields for GSM and WCDMA
        return None


def _level(name, rsrq, rsrp, sinr):
    steps = rsrp >= 0
    if name == "sinr":
        return sinr - _SINR_OFFSET if steps else sinr
    found = rsrp if name == "rsrp" else rsrq
    return level(name, found) if steps else found / _TENTHS
