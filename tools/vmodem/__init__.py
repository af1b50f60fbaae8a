"""A virtual LTE module: AT commands on a serial port, real sockets behind them. `python3 -m tools.vmodem --help`.

How it is put together, from the host to the network:

    ports     a pseudo-terminal, a TCP socket or an RFC 2217 server: bytes
    line      the serial line between host and module: pacing, baud rate, faults that spoil bytes
    core      `Modem`: command lines, answers, unsolicited lines, data phases (`phases`); reads no clock and opens nothing
    command_input   what the host types: echo, the end of a line
    commands  cutting lines into commands and parameters; the table in which dialects register handlers
    general   settings, and the commands of V.250 and TS 27.007 that only keep a value; what means more has a file by topic:
              identity, sim, radio (registration, operators, signal), saving (PSM, eDRX), rtc (the clock), power, calls,
              supplementary, phonebook, gnss; sms with sms_commands and pdu; data_call with ppp (ATD*99#)
    quectel/, simcom/   dialects: what the vendors' commands mean
    net       links (`links`) over asyncio's event loop, behind the host map (`hosts`); echo requests (`icmp`)
    endpoint  one end of a connection inside the module: buffer, flow control, counters
    clients   programs inside the module: the NTP client, runs of echo requests
    workers   blocking work in threads (`net.work`): `mail_clients` and `ftp_client` over the standard library's clients
    bounded   an end to answers of servers that have none
    quirks    habits of firmwares of both vendors
    tls       TLS on a link; `certificates` and `trust` say what a module makes of a server's certificates
    files     the module's file system
    run       all of it as a program; `command_line` its options
    slumber   sleep: a UART that does not hear what comes first
    faults    what goes wrong, on demand
    control   the control channel: lines of text that make things happen while it runs; `keys` of the terminal stand for some

The core gets clock, network and line from outside. `run` gives it real ones; tests give it a clock that they turn by hand and a
network that they play (tests/rigs/virtual_modem.py), so that time-outs of minutes pass in no time.

How to add a dialect (or a group of commands):

1. A package with a class that takes the `Modem` and registers handlers: `modem.table.add("+XOPEN", test=..., read=...,
   write=..., execute=...)`. `test` may be the answer itself. A write handler takes `Parameters`. What handlers may return is
   told in `core`: nothing (OK), lines, `Result("SEND OK")`, `Prompt(phase, b"> ")` for payload, or `PENDING` and later
   `modem.complete(job, handler, ...)`. They raise `ParameterError` for bad parameters and an `AtError` of the vendor's own.
2. Unsolicited lines go through `modem.urc(line)`, which holds them back while payload is typed. Payload for the host goes out
   with `modem.send` or inside a `urc(bytes)`, only while `modem.room()` says so; `modem.on_free` lists what to call when there
   is room again. Count payload with `modem.faults.delivered(n)`.
3. Connections: `modem.net.tcp(handler, host, port)`, `udp`, `listen`, `resolve`, `ping`; the handler's methods are listed in
   `net`. `buffers` keeps what the host has not read. Timers: `modem.later(seconds, callback, ...)`, which a restart cancels.
4. Transparent mode is a `phases.TransparentPhase` given to `modem.begin_phase`; `modem.drop_phase("NO CARRIER")` ends it.
5. The core and the faults call these methods of the dialect: `error(code)`, `refusable(command)`, `harmless_urc(index)`,
   `same_prefix(command, reply)`, `radio_off()`, `lose_contexts()`, `knows_apn()`, `close_all()`, `hang_up()`, `dial_up(number)`,
   `ppp_connect_text()`, `memory_full_line(memory)`, and the attributes `busy_code` and `off_line`.
   `modem.on_reset` lists what a restart must make forget; whatever the module saves survives it.
6. Faults take part where the dialect asks: `faults.hit("send-fail")`, `faults.result_code(name)`, `faults.urc_delay_s(name)`,
   `faults.on("need-apn")`. Lines with secrets are named in `log.SECRETS`.
7. A `Model` in `models` ties it together. What differs from firmware to firmware is a quirk of the model (`--quirk`)
   with its values and their meaning in a table; `boot_lines()` of a dialect, where it has it, replaces those of the model.
"""
