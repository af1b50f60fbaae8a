"""Error numbers of Quectel modules in words; loaded only when an error is printed.

Sources: "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, chapter 4; "EC200U&EG915U Series SSL Application Note" 1.1,
chapter 5; "BG96 SSL AT Commands Manual", chapter 5; files: "BG96 FILE AT Commands Manual", chapter 4; receiver:
"EC2x&EG2x&EG9x&EM05 Series GNSS Application Note" 1.1, chapter 4.
"""

_SOCKET = (
    (0, "success"), (550, "unknown error"), (551, "operation blocked"), (552, "invalid parameter"), (553, "memory not enough"),
    (554, "create socket failed"), (555, "operation not supported"), (556, "socket bind failed"), (557, "socket listen failed"),
    (558, "socket write failed"), (559, "socket read failed"), (560, "socket accept failed"), (561, "open PDP context failed"),
    (562, "close PDP context failed"), (563, "socket identity has been used"), (564, "DNS busy"), (565, "DNS parse failed"),
    (566, "socket connection failed"), (567, "socket has been closed"), (568, "operation busy"), (569, "operation timeout"),
    (570, "PDP context broken down"), (571, "cancel sending"), (572, "operation not allowed"),
)  # fmt: skip
_FILE = (
    (400, "invalid input value"), (401, "larger than the size of the file"), (402, "read zero byte"), (403, "drive full"),
    (405, "file not found"), (406, "invalid file name"), (407, "file already exists"), (409, "fail to write the file"),
    (410, "fail to open the file"), (411, "fail to read the file"), (413, "too many files are open"),
    (414, "the file is read-only"), (416, "invalid file descriptor"), (417, "fail to list the files"),
    (418, "fail to delete the file"), (419, "fail to get disk info"), (420, "no space"), (421, "time-out"),
    (423, "file too large"), (425, "invalid parameter"), (426, "file already opened"),
)  # fmt: skip
_GNSS = (
    (501, "invalid parameter"), (502, "operation not supported"), (503, "GNSS subsystem busy"), (504, "session is ongoing"),
    (505, "session not active"), (506, "operation timeout"), (507, "function not enabled"), (508, "time information error"),
    (512, "validity time is out of range"), (513, "internal resource error"), (514, "GNSS locked"), (516, "not fixed now"),
)  # fmt: skip
# 573 and 574 have changed places between the documents
_TABLES = {
    "quectel": (_SOCKET, ((573, "port busy"), (574, "APN not configured"))),
    "quectel-ssl": (_SOCKET, ((573, "APN not configured"), (574, "port busy"), (579, "SSL handshake failed"))),
    "quectel-file": (_FILE,),
    "quectel-gnss": (_GNSS,),
}


def meaning(family, code):
    """Return what `code` means in the table `family`, "" where it is not in it."""
    for table in _TABLES.get(family, ()):
        for number, words in table:
            if number == code:
                return words
    return ""
