"""What differs between Quectel firmwares, or between their documents and the field: the names and values of `--quirk`.

{name: (values, meaning)}; the first value is the default. The dialect reads the choice as `modem.model.quirks[name]`.
"""

_READY = (0.2, "+CPIN: READY")
BOOT = {
    "pb-first": ((0.0, "RDY"), (0.1, "+QIND: PB DONE"), _READY, (0.3, "+QUSIM: 1"), (0.5, "+CFUN: 1"), (0.8, "+QIND: SMS DONE")),
    "app-rdy": ((0.0, "RDY"), (2.5, "APP RDY")),
    "usb": ((0.0, "+QIND: SMS DONE"), (0.1, "+QIND: PB DONE"), _READY, (0.3, "APP RDY")),
}

TCP_OPTIONS = {
    "blank-line": (("present", "missing"), "CR LF in front of the OK that follows lines of an answer."),
    "boot": (
        ("usual", *BOOT),
        "lines after a restart: RDY, +CFUN, +CPIN, SMS DONE, PB DONE; PB DONE first; RDY and, late, APP RDY alone; "
        "as over USB, where RDY is gone before anybody listens.",
    ),
    "geterror": (("true", "useless"), 'AT+QIGETERROR: why the last command failed; or always 0,"operate successfully".'),
    "prompt": (("plain", "space"), "whether a blank follows the prompt for payload."),
    "push-end": (("crlf", "none"), "whether CR LF follows the payload of a direct push."),
    "recv-urc": (("once", "repeated"), '"recv" until the buffer has been emptied: once, or for every arrival.'),
}

_UNREAD = "what becomes of data that AT+QSSLRECV has not fetched when a connection ends otherwise than TLS wants it."
_SSL_OPTIONS = {
    **TCP_OPTIONS,
    "clock": (("set", "unset"), "what the clock shows at the start: the time, or 1980-01-06 as before any network has set it."),
    "spelling": (("both", "seclevel", "secllevel"), "which spelling of the authentication item AT+QSSLCFG takes."),
    "ids": (("separate", "shared"), "whether a TLS connection and a socket may have the same number."),
}
EC200U_OPTIONS = {**_SSL_OPTIONS, "unread": (("lost", "kept"), _UNREAD)}
BG96_OPTIONS = {**_SSL_OPTIONS, "unread": (("kept", "lost"), _UNREAD)}
