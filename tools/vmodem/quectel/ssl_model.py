"""What the TLS of the models differs in: items and defaults of AT+QSSLCFG, cipher suites, limits, error numbers.

"EC200U & EG915U Series SSL Application Note" 1.1, chapter 1 and 2.2; "BG96 SSL AT Commands Manual", chapter 1 and 2.1.
"""

from .. import certificates
from . import errors

ALL_SUITES = 0xFFFF
IGNORE_ALL = 1048575

# Item: (values, default). An item is a range, a suite or a path; the order is that of the answer to the test command.
SUITE, PATH = "suite", "path"
ITEMS = {
    "sslversion": ((0, 4), 4),
    "ciphersuite": (SUITE, ALL_SUITES),
    "cacert": (PATH, ""),
    "cacertex": (PATH, ""),
    "clientcert": (PATH, ""),
    "clientkey": (PATH, ""),
    "seclevel": ((0, 2), 0),
    "ignorelocaltime": ((0, 1), 1),
    "negotiatetime": ((10, 300), 300),
    "sni": ((0, 1), 0),
    "ignoremulticertchainverify": ((0, 1), 0),
    "ignoreinvalidcertsign": ((0, 1), 0),
    "dtls": ((0, 1), 0),
    "ignorecertitem": ((0, IGNORE_ALL), 0),
}
_BG96_ITEMS = ("sslversion", "ciphersuite", "cacert", "clientcert", "clientkey", "seclevel", "ignorelocaltime", "negotiatetime")
_BG96_SUITES = (
    0x0035, 0x002F, 0x0005, 0x0004, 0x000A, 0x003D, 0xC011, 0xC012, 0xC013, 0xC014, 0xC027, 0xC028, 0xC02F,
)  # fmt: skip
_EC200U_SUITES = (
    0x0035, 0x002F, 0x0005, 0x0004, 0x000A, 0x003D,
    0xC002, 0xC003, 0xC004, 0xC005, 0xC007, 0xC008, 0xC009, 0xC00A, 0xC00C, 0xC00D, 0xC00E, 0xC00F,
    0xC011, 0xC012, 0xC013, 0xC014, 0xC023, 0xC024, 0xC025, 0xC026, 0xC027, 0xC028, 0xC029, 0xC02A, 0xC02F, 0xC030,
)  # fmt: skip


class SslModel:
    """What the models' documents differ in.

    items         of AT+QSSLCFG, in order
    suites        codes of the cipher suites
    spelling      of the authentication item in the answer to the test command
    checks        the faults of a server's certificate that make a connection fail
    handshake     the error number of a failed handshake
    longest_send  the longest AT+QSSLSEND that is taken
    """

    def __init__(self, items, suites, *, spelling, checks, handshake, longest_send):
        self.items = items
        self.suites = suites
        self.spelling = spelling
        self.checks = checks
        self.handshake = handshake
        self.longest_send = longest_send


EC200U = SslModel(
    tuple(ITEMS),
    _EC200U_SUITES,
    spelling="secllevel",
    checks=certificates.ALL,
    handshake=errors.HANDSHAKE_FAILED,
    longest_send=1460,
)
_BG96_CHECKS = frozenset((certificates.EXPIRED, certificates.UNTRUSTED, certificates.SIGNATURE))
# No number for a failed handshake, no word about names or uses of certificates; lengths up to 1500 in the text, to 1460 in the
# answer to the test command.
BG96 = SslModel(
    _BG96_ITEMS, _BG96_SUITES, spelling="seclevel", checks=_BG96_CHECKS, handshake=errors.CONNECT_FAILED, longest_send=1500
)
