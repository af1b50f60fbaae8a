"""What is known of each module: names, limits, boot lines, and the dialect it speaks.

The numbers that identify a unit are test numbers: a type allocation code of the test range, and the test network 001-01.
"""


class Model:
    """Data of one model. `quirks` holds what only its dialect understands."""

    def __init__(
        self,
        name,
        manufacturer,
        revision,
        make_dialect,
        *,
        boot_lines,
        identity=None,
        revision_line=None,
        settings=None,
        **quirks,
    ):
        self.name = name
        self.manufacturer = manufacturer
        self.revision = revision
        self.revision_line = revision_line or revision
        self.identity = identity or (manufacturer, name, "Revision: " + revision)
        self.dialect = make_dialect
        self.boot_lines = boot_lines
        self.settings = settings or {}
        self.quirks = quirks
        self.imei = _with_check_digit("00440100112233")
        self.imsi = "001010123456789"
        self.iccid = "89860000000000000018"


def _with_check_digit(digits):
    """Append the Luhn digit of an IMEI (3GPP TS 23.003, annex B)."""
    total = 0
    for position, digit in enumerate(digits):
        value = int(digit) * (1 + position % 2)
        total += value // 10 + value % 10
    return digits + str(-total % 10)


def _quectel(modem):
    from .quectel import Quectel

    return Quectel(modem)


_QUECTEL_BOOT = (
    (0.0, "RDY"),
    (0.1, "+CFUN: 1"),
    (0.2, "+CPIN: READY"),
    (0.3, "+QUSIM: 1"),
    (0.8, "+QIND: SMS DONE"),
    (1.0, "+QIND: PB DONE"),
)


def _tcp_guide(name, revision):
    """The two models of the "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0."""
    return Model(name, "Quectel", revision, _quectel, boot_lines=_QUECTEL_BOOT, contexts=15, swap_573_574=True)


MODELS = {
    "ec600e": _tcp_guide("EC600E-CN", "EC600ECNLAR01A01M04"),
    "ec800e": _tcp_guide("EC800E-CN", "EC800ECNLAR01A01M04"),
}
