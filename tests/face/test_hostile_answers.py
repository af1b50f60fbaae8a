# CPython only: it plays against the virtual modem in simulated time.
"""What comes from outside is never typed as a command: messages, names of files, headers of mail, listings of servers."""

import contextlib

from tests.face.test_hostile_values import HAS_FILES, INTO, NAMES, SIM7100, Desk, cycle, ftp_made, ftps_open, harmless, pop3

PLACES = (
    "a;+HARM=1",
    "b&W;+HARM",
    'c"HARM',
    "OK",
    "ERROR",
    "+HARM: 1",
    "HARM,1",
    "HARM HARM",
    "d\x1aHARM",
    "+++",
    "HARM\rAT+HARM=1",
)


def _everything_back(desk):
    """What the module lists is handed to the calls that take it; yields calls."""
    modem = desk.modem
    for message in desk.call(modem.sms.list):
        yield lambda: modem.sms.send(message.sender, message.text)  # noqa: B023
        yield lambda: modem.sms.send(message.text, message.sender)  # noqa: B023
    if desk.model in HAS_FILES:
        for folder, pattern in (("", "*"), *((("C:/", "C:/*"), ("C:/Email/", "C:/Email/*")) if desk.model in SIM7100 else ())):
            for name, _ in _listed(desk, pattern):
                yield lambda: modem.files.get(folder + name)  # noqa: B023
                yield lambda: modem.files.remove(folder + name)  # noqa: B023
                yield lambda: modem.tls_context(ca=name)  # noqa: B023
    if desk.model in SIM7100:
        yield from _services_back(desk)


def _listed(desk, pattern):
    found = desk.call(lambda: desk.modem.files.list(pattern))
    return found if isinstance(found, list) else ()


def _services_back(desk):
    box = pop3(desk)
    header = desk.call(lambda: box.header(1))
    assert isinstance(header, dict), (header, desk.lines[-9:])
    for name, value in header.items():
        yield lambda: cycle(desk).send_mail(value, value, name)  # noqa: B023
        yield lambda: cycle(desk).sender(value, name)  # noqa: B023
    for kind in ("body", "eml", "both"):
        path = desk.call(lambda: box.get(1, kind))  # noqa: B023
        yield lambda: box.read(INTO["into"], path)  # noqa: B023
        yield lambda: desk.modem.files.get(path)  # noqa: B023
    for make in (ftp_made, ftps_open):
        session = make(desk)
        listed = desk.call(session.list)
        assert len(listed) > 1, listed
        for line in listed:
            yield lambda: session.retrieve(line.split()[-1], INTO["into"])  # noqa: B023
            yield lambda: session.remove(line.split()[-1])  # noqa: B023
            yield lambda: session.mkdir(line.split()[-1])  # noqa: B023


def test_nothing_that_comes_from_outside_is_typed_as_a_command():
    for model in NAMES:
        desk = Desk(model)
        for name in PLACES:
            desk.world.modem.messages.receive("+4915112345678", name)
            with contextlib.suppress(ValueError):  # no name for a file there
                desk.world.modem.files.write(name, b"data")
            if model in SIM7100:
                desk.world.modem.dialect.fs.drives.write("C:/" + name, b"data")
        desk.lines.clear()
        calls = 0
        for call in _everything_back(desk):
            calls += 1
            harmless(list(desk.lines), (model, "before call", calls))
            desk.lines.clear()
            what = desk.call(call)
            harmless(list(desk.lines), (model, "call", calls, what))
            desk.lines.clear()
        assert calls >= 20, (model, calls)
        assert desk.healthy(), model
