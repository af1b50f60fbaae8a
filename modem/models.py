"""The models that the driver knows: ONE list that start(), the tests, the tools and the README's table come from.

A model is a handful of facts over its vendor's dialect; where they are taken from, the dialect and the documents say:

TCP-E   "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0 (2023-03-10)
SSL-U   "EC200U&EG915U Series SSL Application Note" 1.1 (2021-08-17)
SSL-B   "BG96 SSL AT Commands Manual" (the copy at hand has no version)
TCP-S   "A76XX Series TCPIP Application Note" 1.04
IS      "SIM7100 AT Command Set for Internet Service" 0.01

SSL-U and SSL-B only mention the TCP/IP commands: plain TCP and UDP of those models are taken from TCP-E, with the ranges of the
SSL documents. Sockets and TLS of SIM7100 work as on A76XX.

How long PWRKEY is pressed: the times below with a margin of 0.1 s. "Read": in the maker's document. "Quoted": only in a public
page that cites it, so compare with the manual of your module. `PowerKey(on_ms=, off_ms=)` overrides all of them.

EG915U   2 s on, 3 s off: "EG915U Hardware Design" 1.1, 3.6 and 3.7.1 (quoted in a change to Zephyr's driver, and tried there)
EC200U   2 s on (quoted from a release note of its firmware); off: no source, taken from EG915U ("EC200U Series Hardware Design"
         1.2 has it; nothing that quotes its times was found)
BG96     off 650 ms: "BG95&BG96 Compatible Design", 4.3.2 (read); on 500 ms: "BG96&BC95-G&EG9x&UG9x&M95 Compatible Design" 1.0,
         page 26 (quoted in an issue of Particle's Device OS)
BG95     off 650 to 1500 ms: the same 4.3.2 (read); on 500 to 1000 ms: "BG95 Hardware Design" 1.6 (quoted). BG77 likewise; 2 to
         3.8 s reset it: "BG77 Hardware Design", 3.6.2.1, 3.7 (read)
EC25     500 ms on, 650 ms off, off after 29.5 s: "EC25 Hardware Design" (quoted)
EC600E   and EC800E: no source. They get the longest of their relatives (power_key.py); an EC800M wants 700 ms on and answers
         10 s later (quoted without the document's name)
SIM7600  and SIM7100: 500 ms on, 2.5 s off, off after 25 s (quoted from SIM7600's manual without the page). SIM7912 the same:
         2.5 to 5 s off, off after 25 to 26 s: "SIM7912&SIM7906 Hardware Design" 1.02, 3.2.2 (read)
A76XX    the times of SIM7600, which are long enough: a SIM7672X wants 50 ms on, 2.5 s off and 2 s between off and on: "SIM7672X
         Series Hardware Design" 1.01 (quoted); an A7670 is off after 3 to 5 s: "A7670 Hardware Design", table 11 (quoted), and
         wants 2.5 s for it: the Chinese edition, 3.2.2 (quoted in an issue of a maker of boards, and tried there)
"""

from .compat import vendor_file
from .errors import NotSupported

_TCP_E = "EC600E-CN & EC800E-CN TCP/IP Application Guide 1.0"
_SSL_U = "EC200U&EG915U Series SSL Application Note 1.1"


class Model:
    """One model: its name, its vendor's package, the document, and the facts that differ from the dialect's defaults.

    `facts`: attributes of `Dialect` or of the vendor's dialect, by name.
    """

    def __init__(self, name, vendor, document, **facts):
        self.name = name
        self.vendor = vendor
        self.document = document
        self.facts = facts

    def dialect(self, module):
        """Return a new dialect of this model for `module`."""
        return vendor_file(self.vendor, "dialect").VendorDialect(module, self)


MODELS = (
    Model("ec600e", "quectel", _TCP_E, contexts=15),  # 2.4.2: <contextID> 1-15
    Model("ec800e", "quectel", _TCP_E, contexts=15),
    Model("ec200u", "quectel", _SSL_U, contexts=7, tls="all", power_on_ms=2100, power_off_ms=3100),  # 2.2.2: <contextID> 1-7
    Model("eg915u", "quectel", _SSL_U, contexts=7, tls="all", power_on_ms=2100, power_off_ms=3100),
    Model(
        "bg96", "quectel", "BG96 SSL AT Commands Manual", contexts=16, tls="few", power_on_ms=600, power_off_ms=800,  # 2.1.2
    ),
    Model("a76xx", "simcom", "A76XX Series TCPIP Application Note 1.04"),
    Model(
        "sim7100", "simcom", "SIM7100 AT Command Set for Internet Service 0.01",
        services=("smtp", "pop3", "ftp", "ftps", "http", "https"),
    ),
)  # fmt: skip

# Modules that this driver has been tried on, as they report their names. None so far.
TRIED = ()


def find(name):
    """Return the Model for a name as a user writes it or the module reports it ("EC800E-CN", "ec600e"), None where there is
    none."""
    plain = _plain(name)
    for model in MODELS:
        if model.name.rstrip("x") in plain:  # A7670 is an A76XX
            return model
    from .relatives import next_of_kin

    found = next_of_kin(plain)
    if found is None:
        return None
    model, facts = find(found[0]), dict(found[1])
    if not facts:
        return model
    facts = dict(model.facts, **facts)
    return Model(model.name, model.vendor, model.document, **facts)


def is_relative(model, name):
    """Return whether a module that reports `name` is driven as `model`, its next of kin."""
    return model.name not in _plain(name)


def _plain(name):
    return str(name or "").lower().replace("-", "").replace("_", "").replace(" ", "")


def known(name):
    """Like find(), but NotSupported listing the known names where there is none."""
    model = find(name)
    if model is None:
        from .relatives import why_refused

        what = why_refused(_plain(name))
        if what is not None:
            raise NotSupported("%s is not supported: it is %s" % (name, what))
        names = ", ".join(sorted([model.name for model in MODELS]))
        raise NotSupported("unknown model %s; known are: %s (pass one as model=)" % (name or "without a name", names))
    return model


def vendor_of(told):
    """Return the vendor that a module names in `told` (lower case), None where it names none, as an A76XX may."""
    return "simcom" if "simcom" in told or "a76" in told else "quectel" if "quectel" in told else None
