"""Error numbers into words; loaded only when an error is printed.

Sources: "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0 chapter 4, "EC200U&EG915U Series SSL Application Note" 1.1
chapter 5, "BG96 SSL AT Commands Manual" chapter 5; +CME ERROR: 3GPP TS 27.007, 9.2.
"""

_SOCKET = (
    (0, "success"), (550, "unknown error"), (551, "operation blocked"), (552, "invalid parameter"), (553, "memory not enough"),
    (554, "create socket failed"), (555, "operation not supported"), (556, "socket bind failed"), (557, "socket listen failed"),
    (558, "socket write failed"), (559, "socket read failed"), (560, "socket accept failed"), (561, "open PDP context failed"),
    (562, "close PDP context failed"), (563, "socket identity has been used"), (564, "DNS busy"), (565, "DNS parse failed"),
    (566, "socket connection failed"), (567, "socket has been closed"), (568, "operation busy"), (569, "operation timeout"),
    (570, "PDP context broken down"), (571, "cancel sending"), (572, "operation not allowed"),
)  # fmt: skip
_CME = (
    (3, "operation not allowed"), (4, "operation not supported"), (10, "SIM not inserted"), (11, "SIM PIN required"),
    (12, "SIM PUK required"), (13, "SIM failure"), (14, "SIM busy"), (15, "SIM wrong"), (16, "incorrect password"),
    (20, "memory full"), (21, "invalid index"), (22, "not found"), (23, "memory failure"), (30, "no network service"),
    (31, "network timeout"), (50, "incorrect parameters"), (58, "invalid command line"), (100, "unknown"),
    (107, "GPRS services not allowed"), (132, "service option not supported"), (133, "service option not subscribed"),
    (148, "unspecified GPRS error"), (149, "PDP authentication failure"),
)  # fmt: skip
# 573 and 574 have changed places between the documents
_TABLES = {
    "quectel": (_SOCKET, (573, "port busy"), (574, "APN not configured")),
    "quectel-ssl": (_SOCKET, (573, "APN not configured"), (574, "port busy"), (579, "SSL handshake failed")),
    "cme": (_CME,),
}


def meaning(family, code):
    """Return what `code` means in a family ("quectel", "quectel-ssl", "quectel-file", "simcom...", "cme"); "" when unknown."""
    if family and family.startswith("simcom"):
        from .simcom.codes import meaning

        words = meaning(family, code)
        return words and "(%s)" % words
    if family == "quectel-file":
        from .quectel.file_codes import meaning as file_meaning

        words = file_meaning(code)
        return words and "(%s)" % words
    tables = _TABLES.get(family, ())
    for number, words in (tables[0] + tables[1:]) if tables else ():
        if number == code:
            return "(%s)" % words
    return ""
