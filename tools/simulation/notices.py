"""Unsolicited lines that say nothing wrong, whatever the module is doing: no program may notice them.

They are about connections that nobody has, about messages and calls, or repeat what is so anyway. The text of a message may look
like the protocol: it is still text (27.005, 3.4.1).
"""

QUECTEL, SIMCOM = "Quectel", "Simcom"
_TEXT = b'+CMT: "+491701234567",,"26/01/01,10:00:00+04"\r\n'
_COMMON = (
    b'+CMTI: "SM",3',
    b"RING",
    b"+CREG: 1",
    b"+CEREG: 1",
    b"UNDER-VOLTAGE WARNNING",
    _TEXT + b"OK",
    _TEXT + b"ERROR",
)
NOTICES = {
    QUECTEL: (
        *_COMMON,
        _TEXT + b"RDY",
        _TEXT + b"+QIRD: 4",
        b'+QIURC: "recv",7',
        b'+QIURC: "closed",7',
        b'+QIURC: "pdpdeact",5',
        b'+QIND: "csq",23,99',
        b"+QIND: SMS DONE",
    ),
    SIMCOM: (
        *_COMMON,
        _TEXT + b"*ATREADY: 1",
        _TEXT + b"+CIPRXGET: 2,0,4,0",
        b"+CIPRXGET: 1,9",
        b"+IPCLOSE: 9,1",
        b"+CCH_PEER_CLOSED: 1",
        b"SMS DONE",
        b"PB DONE",
    ),
}

_COUNTED = b'+QIURC: "recv",7,519'  # in buffer mode nothing follows it


def line_of(vendor, number):
    """A notice of `NOTICES`; the number behind the last is for programs to whom nothing is pushed."""
    table = NOTICES[vendor]
    return table[number] if number < len(table) else _COUNTED
