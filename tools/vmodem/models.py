"""What is known of each module: names, limits, boot lines, and the dialect it speaks.

Where modules of a kind differ, or differ from their documents, a model has quirks that a user may choose (`--quirk NAME=VALUE`):
its `options` are a table {name: (values, meaning)}, of whose values the first is the default. A quirk named without a value gets
the second one. The dialect finds what was chosen in `quirks`.

The numbers that identify a unit are test numbers: a type allocation code of the test range, and the test network 001-01.
"""

import copy

from .quectel.quirks import BG96_OPTIONS, EC200U_OPTIONS, TCP_OPTIONS
from .simcom.quirks import A76XX_OPTIONS, SIM7100_OPTIONS

# Received bytes that a connection buffers for the host. No document gives the number. 10 KiB is the documented size of the send
# buffer, and a count that fits in 16 bits, which drivers in the field (TinyGSM among them) rely on.
WINDOW = 10240


class Technology:
    """A radio technology: `<AcT>` of AT+COPS, and its names in AT+QNWINFO, AT+QENG and AT+QCSQ."""

    def __init__(self, number, quectel_name, cell_name, level_name):
        self.number = number
        self.quectel_name, self.cell_name, self.level_name = quectel_name, cell_name, level_name


LTE = Technology(7, "FDD LTE", "LTE", "LTE")
CAT_M1 = Technology(8, "CAT-M1", "CAT-M", "CAT-M1")


class Model:
    """Data of one model. `power_key`: the shortest times, in milliseconds, for which the PWRKEY switches it on and off.
    `quirks` holds what only its dialect understands; `options` are those that can be chosen."""

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
        options=None,
        window=WINDOW,
        power_key=(500, 650),
        technology=LTE,
        **quirks,
    ):
        self.name = name
        self.manufacturer = manufacturer
        self.revision = revision
        self.revision_line = revision_line or revision
        self.identity = identity or (manufacturer, name, "Revision: " + revision)
        self.dialect = make_dialect
        self.boot_lines = boot_lines
        self.options = options or {}
        self.window = window
        self.power_key = power_key
        self.technology = technology
        self.quirks = {**quirks, **{name: values[0] for name, (values, _) in self.options.items()}}
        self.imei = _with_check_digit("00440100112233")
        self.imsi = "001010123456789"
        self.iccid = "89860000000000000018"
        self.number = "+15550001001"

    @property
    def settings(self):
        """The settings that differ from those of other modules when they leave the factory."""
        return {"+CMEE": int(self.quirks["cmee"])}

    def with_quirks(self, specs):
        """This model with other quirks: NAME or NAME=VALUE each. ValueError for what the model does not have."""
        result = copy.copy(self)
        result.quirks = dict(self.quirks)
        for spec in specs:
            name, equals, value = spec.partition("=")
            if name not in self.options:
                raise ValueError("%s has no quirk %r; it has: %s" % (self.name, name, " ".join(sorted(self.options)) or "none"))
            values = self.options[name][0]
            value = value if equals else values[1]
            if value not in values:
                raise ValueError("quirk %s is one of: %s" % (name, " ".join(values)))
            result.quirks[name] = value
        return result

    def named(self, name):
        """This model under the name of a relative. ValueError for what cannot be a name."""
        if not name.isascii() or not name.isprintable() or not name.strip():
            raise ValueError("--name takes printable ASCII characters")
        result = copy.copy(self)
        result.name, result.identity = name, tuple(line.replace(self.name, name) for line in self.identity)
        return result


def _with_check_digit(digits):
    """Append the Luhn digit of an IMEI (3GPP TS 23.003, annex B)."""
    total = 0
    for position, digit in enumerate(digits):
        value = int(digit) * (1 + position % 2)
        total += value // 10 + value % 10
    return digits + str(-total % 10)


def _quectel(modem):
    from .quectel.dialect import Quectel

    return Quectel(modem)


_QUECTEL_BOOT = (
    (0.0, "RDY"),
    (0.1, "+CFUN: 1"),
    (0.2, "+CPIN: READY"),
    (0.3, "+QUSIM: 1"),
    (0.8, "+QIND: SMS DONE"),
    (1.0, "+QIND: PB DONE"),
)

_BG96_BOOT = (
    (0.0, "RDY"),
    (0.1, "+CFUN: 1"),
    (0.2, "+CPIN: READY"),
    (0.3, "+QUSIM: 1"),
    (0.8, "+QIND: SMS DONE"),
    (2.5, "APP RDY"),
)


def _tcp_guide(name, revision):
    """The two models of the "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0."""
    return Model(
        name, "Quectel", revision, _quectel, boot_lines=_QUECTEL_BOOT, options=TCP_OPTIONS, contexts=15, swap_573_574=True
    )


def _simcom(modem):
    from .simcom.dialect import Simcom

    return Simcom(modem)


def _a76xx():
    """The series of the "A76XX Series TCPIP Application Note" 1.04, as its member A7672E."""
    name, revision = "A7672E-FASE", "A7672M7_V1.11.1"
    return Model(
        name,
        "INCORPORATED",
        revision,
        _simcom,
        boot_lines=(),
        identity=("Manufacturer: SIMCOM INCORPORATED", "Model: " + name, "Revision: " + revision, "+GCAP: +CGSM,+FCLASS,+DS"),
        revision_line="+CGMR: " + revision,
        options=A76XX_OPTIONS,
        power_key=(50, 2500),
    )


def _make_sim7100(modem):
    from .simcom.sim7100 import Sim7100

    return Sim7100(modem)


def _sim7100():
    """The module of the "AT Command Set for Internet Service", SIM7100, 0.01."""
    name, revision = "SIMCOM_SIM7100E", "4534B02SIM7100E"
    return Model(
        name,
        "SIMCOM INCORPORATED",
        revision,
        _make_sim7100,
        boot_lines=(),
        identity=("Manufacturer: SIMCOM INCORPORATED", "Model: " + name, "Revision: " + revision, "+GCAP: +CGSM,+FCLASS,+DS"),
        revision_line="+CGMR: " + revision,
        options=SIM7100_OPTIONS,
        any_prefix=True,  # "#" or "$" in place of "+" (2.2)
        power_key=(180, 2500),
    )


def _ec200u(name, revision):
    """The two families of the "EC200U & EG915U Series SSL Application Note" 1.1."""
    from .quectel.ssl_model import EC200U

    return Model(
        name,
        "Quectel",
        revision,
        _quectel,
        boot_lines=_QUECTEL_BOOT,
        options=EC200U_OPTIONS,
        power_key=(2000, 3000),
        contexts=7,
        swap_573_574=False,
        ssl=EC200U,
        file_prefix="UFS:",
    )


def _bg96():
    """The module of the "BG96 SSL AT Commands Manual"."""
    from .quectel.ssl_model import BG96

    return Model(
        "BG96",
        "Quectel",
        "BG96MAR02A07M1G",
        _quectel,
        boot_lines=_BG96_BOOT,
        options=BG96_OPTIONS,
        technology=CAT_M1,
        contexts=16,
        swap_573_574=False,
        ssl=BG96,
    )


MODELS = {
    "ec600e": _tcp_guide("EC600E-CN", "EC600ECNLAR01A01M04"),
    "ec800e": _tcp_guide("EC800E-CN", "EC800ECNLAR01A01M04"),
    "ec200u": _ec200u("EC200U", "EC200UCNAAR03A08M08"),
    "eg915u": _ec200u("EG915U", "EG915UEUABR03A01M08"),
    "bg96": _bg96(),
    "a76xx": _a76xx(),
    "sim7100": _sim7100(),
}
