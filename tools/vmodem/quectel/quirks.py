"""What differs between Quectel firmwares, or between their documents and the field: the names and values of `--quirk`.

{name: (values, meaning)}; the first value is the default. The dialect reads the choice as `modem.model.quirks[name]`.
"""

from ..quirks import CFUN, CMEE, CPINR, GNSS, RESTART

_READY = (0.2, "+CPIN: READY")
BOOT = {
    "pb-first": ((0.0, "RDY"), (0.1, "+QIND: PB DONE"), _READY, (0.3, "+QUSIM: 1"), (0.5, "+CFUN: 1"), (0.8, "+QIND: SMS DONE")),
    "app-rdy": ((0.0, "RDY"), (2.5, "APP RDY")),
    "usb": ((0.0, "+QIND: SMS DONE"), (0.1, "+QIND: PB DONE"), _READY, (0.3, "APP RDY")),
}

# What differs has its sources: the documents; "field", public logs of real modules (echo, prompts, boot and QIGETERROR as they
# are seen there); "drivers", what other people's drivers, tuned on real modules, rely on (the prompt "> ", no echo after ATE0).
TCP_OPTIONS = {
    "blank-line": (("present", "missing"), "CR LF in front of the OK that follows lines of an answer (field: missing in some)."),
    "boot": (
        ("usual", *BOOT),
        "lines after a restart: RDY, +CFUN, +CPIN, SMS DONE, PB DONE; PB DONE first; RDY and, late, APP RDY alone; "
        "as over USB, where RDY is gone before anybody listens (field: all four).",
    ),
    "cfun": CFUN,
    "cmee": CMEE,
    "cpinr": CPINR,
    "geterror": (
        ("true", "useless"),
        'AT+QIGETERROR: why the last command failed; or always 0,"operate successfully" (field).',
    ),
    "gnss": GNSS,
    "off-line": (
        ("powered-down", "normal"),
        "the last line of a module that is switched off: POWERED DOWN (EC2x manual); NORMAL POWER DOWN (M66 and M95 manuals).",
    ),
    "payload-echo": (
        ("always", "with-echo"),
        "payload typed after a prompt comes back (unless AT+QISDE=0): always, as the TCP/IP guide may be read; or only while "
        "ATE1 is in force (field, drivers).",
    ),
    "prompt": (("plain", "space"), "whether a blank follows the prompt: the TCP/IP guide has none; drivers expect one."),
    "push-end": (("crlf", "none"), "whether CR LF follows the payload of a direct push."),
    "recv-urc": (("once", "repeated"), '"recv" until the buffer has been emptied: once (guide, 2.5.2), or for every arrival.'),
    "restart": RESTART,
}

_UNREAD = "what becomes of data that AT+QSSLRECV has not fetched when a connection ends otherwise than TLS wants it."
_SSL_OPTIONS = {
    **TCP_OPTIONS,
    "clock": (("set", "unset"), "what the clock shows at the start: the time, or 1980-01-06 as before any network has set it."),
    "ids": (("separate", "shared"), "whether a TLS connection and a socket may have the same number."),
    "payload-echo": (
        ("with-echo", "always"),
        "payload typed after a prompt comes back (unless AT+QISDE=0): only while ATE1 is in force (field, drivers); or always.",
    ),
    "prompt": (
        ("space", "plain"),
        "whether a blank follows the prompt: printed in the SSL documents of BG96 and EC200U and seen in the field; or not.",
    ),
    "spelling": (
        ("both", "seclevel", "secllevel"),
        "which spelling of the authentication item AT+QSSLCFG takes: both; that of BG96's document; that of EC200U's.",
    ),
    "upload": (
        ("steady", "deaf"),
        "AT+QFUPL without acknowledgements: every byte is heard; or the module is deaf for 60 ms after each 1024 (field).",
    ),
}
EC200U_OPTIONS = {**_SSL_OPTIONS, "unread": (("lost", "kept"), _UNREAD)}
BG96_OPTIONS = {**_SSL_OPTIONS, "unread": (("kept", "lost"), _UNREAD)}
