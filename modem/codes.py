"""Error numbers in words; loaded only when an error is printed.

+CME ERROR: 3GPP TS 27.007, 9.2. +CMS ERROR: 3GPP TS 27.005, 3.2.5 (from 300 on), 3GPP TS 24.011, annex E-2 (below 128) and
3GPP TS 23.040, 9.2.3.22 (128 to 255). The numbers of a vendor are in the vendor's codes.py.
"""

from .compat import vendor_file

_CME = (
    (3, "operation not allowed"), (4, "operation not supported"), (10, "SIM not inserted"), (11, "SIM PIN required"),
    (12, "SIM PUK required"), (13, "SIM failure"), (14, "SIM busy"), (15, "SIM wrong"), (16, "incorrect password"),
    (20, "memory full"), (21, "invalid index"), (22, "not found"), (23, "memory failure"), (30, "no network service"),
    (31, "network timeout"), (50, "incorrect parameters"), (58, "invalid command line"), (100, "unknown"),
    (107, "GPRS services not allowed"), (132, "service option not supported"), (133, "service option not subscribed"),
    (148, "unspecified GPRS error"), (149, "PDP authentication failure"),
)  # fmt: skip
_CMS = (
    (1, "unassigned number"), (8, "operator determined barring"), (10, "call barred"), (21, "short message transfer rejected"),
    (27, "destination out of service"), (28, "unidentified subscriber"), (29, "facility rejected"), (30, "unknown subscriber"),
    (38, "network out of order"), (41, "temporary failure"), (42, "congestion"), (47, "resources unavailable"),
    (50, "requested facility not subscribed"), (69, "requested facility not implemented"), (96, "invalid mandatory information"),
    (111, "protocol error"), (127, "interworking error"), (208, "SIM SMS storage full"), (211, "memory capacity exceeded"),
    (255, "unspecified error"), (300, "ME failure"), (301, "SMS service of ME reserved"), (302, "operation not allowed"),
    (303, "operation not supported"), (304, "invalid PDU mode parameter"), (305, "invalid text mode parameter"),
    (310, "SIM not inserted"), (311, "SIM PIN required"), (312, "PH-SIM PIN required"), (313, "SIM failure"), (314, "SIM busy"),
    (315, "SIM wrong"), (316, "SIM PUK required"), (317, "SIM PIN2 required"), (318, "SIM PUK2 required"),
    (320, "memory failure"), (321, "invalid memory index"), (322, "memory full"), (330, "SMSC address unknown"),
    (331, "no network service"), (332, "network timeout"), (340, "no +CNMA acknowledgement expected"), (500, "unknown error"),
)  # fmt: skip
_REGISTRATION = (
    "not registered, not searching", "registered at home", "not registered, searching", "denied by the network", "unknown",
    "registered, roaming", "registered for SMS only, at home", "registered for SMS only, roaming", "emergency calls only",
    "registered without CSFB, at home", "registered without CSFB, roaming", "emergency calls only (attached)",
)  # fmt: skip
_TABLES = {"cme": _CME, "cms": _CMS}


def meaning(family, code):
    """Return what `code` means, in parentheses; "" where it is not in the table.

    `family`: "cme", "cms", or a table of the vendor's codes.py: the vendor's package, and after a hyphen which of its tables:
    "quectel", "quectel-ssl", "simcom-ip" and so on.
    """
    if not family:
        return ""
    if family in _TABLES:
        words = "".join([words for number, words in _TABLES[family] if number == code])
    else:
        words = vendor_file(family.partition("-")[0], "codes").meaning(family, code)
    return words and "(%s)" % words


def registration_state(state):
    """Return the meaning of a registration state (3GPP TS 27.007, 7.2), "not reported" for -1."""
    return _REGISTRATION[state] if 0 <= state < len(_REGISTRATION) else "not reported"
