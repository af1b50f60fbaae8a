"""What differs between A76XX firmwares, or between their documents and the field: the names and values of `--quirk`.

{name: (values, meaning)}; the first value is the default. The dialect reads the choice as `modem.model.quirks[name]`. Sources:
"note" and "manual", the "A76XX Series TCPIP Application Note" 1.04 and "AT Command Manual" 1.09; "printed", an example of the
Internet service document; "field", public logs of real modules. Where a value has no source, the documents leave it open.
"""

from ..quirks import CFUN, CMEE, CPINR, GNSS, RESTART

CPSI = "the levels of AT+CPSI?: 3GPP indexes (logs of A7670 and SIM7670G); tenths of dB and dBm (logs of SIM7500 and SIM7600)."
A76XX_OPTIONS = {
    "accept-index": (
        ("server", "next"),
        "what AT+CIPOPEN? shows for accepted links: the server's index, or one more (a printed example).",
    ),
    "blank-line": (("present", "missing"), "CR LF in front of the OK that follows lines of an answer (field: not everywhere)."),
    "boot": (
        ("a76xx", "isimaid", "pb-first", "no-pb", "rdy", "flapping"),
        "lines after a restart: *ATREADY: 1, +CPIN, SMS DONE, PB DONE; with *ISIMAID; in another order; without PB DONE; "
        "RDY in front as SIM7600 has it; with registration and a context that goes and comes back (field: all).",
    ),
    "busy-servers": (
        ("refused", "stopped"),
        "AT+SERVERSTOP while clients are connected: error 9, or it closes them (a printed example).",
    ),
    "cfun": CFUN,
    "cmee": CMEE,
    "cch-order": (("ok-first", "result-first"), "order of OK and the result of AT+CCHSTART and AT+CCHSTOP (manual: both)."),
    "cipccfg": (
        ("full", "old", "missing"),
        "AT+CIPCCFG: eight values (manual); seven, as older firmware has it (no reading by packet); or ERROR (field).",
    ),
    "clock": (("set", "unset"), "what the clock shows at the start: the time, or 1970-01-01 until a network sets it (field)."),
    "closed": (
        ("before-ipclose", "after-ipclose", "missing"),
        "where CLOSED stands when the peer ends a transparent connection.",
    ),
    "cpinr": CPINR,
    "cpsi": (("index", "tenths"), CPSI),
    "dataecho": (
        ("off", "on", "fixed"),
        'payload typed after the prompt comes back: never; until AT+CIPCFG="DATAECHO",OFF of later firmware; always (field).',
    ),
    "dns-index": (("counted", "always-1"), "the number before each address of AT+CDNSGIP: counted; or 1 on every line (field)."),
    "gnss": GNSS,
    "header": (
        ("plain", "plus", "blank"),
        "push reports: RECV FROM and +IPD5; +RECV FROM (both in the note); or +IPD 5 (field).",
    ),
    "ipaddr-error": (
        ("ip-error", "ipaddr"),
        "AT+IPADDR while the service is closed: +IP ERROR: ... (manual), or +IPADDR: ... as an older edition has it.",
    ),
    "keep-alive": (
        ("always", "service-only"),
        "AT+CTCPKA: taken at any time (drivers set it before AT+NETOPEN); or only while the service is open (field).",
    ),
    "links-above-0": (("refused", "allowed"), "AT+CIPOPEN and AT+SERVERSTART above 0 with AT+CIPMODE=1; the note says both."),
    "netclose": (
        ("reports", "silent", "refuses"),
        "AT+NETCLOSE with open links: +CIPCLOSE for each (field); closes them silently; or error 9.",
    ),
    "order": (
        ("documented", "result-first", "ok-first", "swapped"),
        "OK and the result line: as documented (TCP and NETOPEN OK first, UDP result first; field too); result always first; "
        "OK always first; both exchanged.",
    ),
    "prompt": (("bare", "blank"), "the prompt: CR LF > (field), or CR LF > and a blank."),
    "restart": RESTART,
    "rxget-urc": (("once", "repeated"), "+CIPRXGET: 1 until the buffer has been emptied: once, or for every arrival."),
    "rxget-source": (("known", "unknown"), "AT+CIPRXGET=5, which announces senders: there; or ERROR."),
    "send-result": (("after-ok", "before-ok"), "+CIPSEND: link,asked,taken comes after OK or before it."),
    "udp-closed": (("no", "yes"), "CLOSED before the result of AT+CIPCLOSE of a transparent UDP link."),
    "urc-crlf": (
        ("both", "after", "doubled"),
        "unsolicited lines: CR LF before and after; only after; or twice on both sides (not what ends a transparent connection).",
    ),
}

SIM7100_OPTIONS = {
    **A76XX_OPTIONS,
    "cmee": (("2", "0", "1"), CMEE[1]),
    "boot": (
        ("rdy", "start"),
        "lines after a restart: RDY, +CPIN, SMS DONE, PB DONE; or START in front, as older firmware has it.",
    ),
    "block": (
        ("1020", "1", "16", "512", "1058", "1460", "4096", "mixed"),
        "bytes in a block of +CFTPGET: DATA and the like; mixed: 1020 and 1058 in turn.",
    ),
    "cpsi": (("tenths", "index"), CPSI),
    "data-header": (
        ("canonical", "plain", "blank", "comma"),
        "DATA,5 (CHTTPACT: DATA, 5); always DATA,5; DATA, 5; or DATA, 5, (printed all three ways).",
    ),
    "http-end": (("bare", "ctrl-z"), "a Ctrl-Z after the last block of a response, as one reading of the document has it."),
    "http-failure": (("late", "early"), "a server that cannot be reached: +CHTTPACT: after OK, or +CME ERROR instead of OK."),
    "https-receive": (("at-least", "at-most"), "what the number of AT+CHTTPSRECV bounds; later models take it as a maximum."),
    "peer-closed": (("silent", "notify"), "+CHTTPSNOTIFY: PEER CLOSED when the server closes, as later models have it."),
    "pop3-ongoing": (("error", "ok"), "what follows +POP3: ONGOING; OK in a printed example."),
    "results": (
        ("final", "line"),
        "START, STOP, LOGIN, OPSE ...: OK when done; or OK at once and a result line later, as later firmware has it.",
    ),
    "smtp-session": (("accepted", "greeted"), "when +SMTP: OK comes: the server has taken log-in and sender; or it has greeted."),
    "smtpauth": (("flag", "printed"), "AT+SMTPAUTH? shows the flag; or always 0, as a printed example has it."),
    "smtpfile-size": (("shown", "missing"), "AT+SMTPFILE? shows the size; or not, as a printed example has it."),
}
