"""What comes behind the line that announces the end of a transparent connection, and behind the OK that ends the mode.

Lines of the module may follow at once, such as the loss of the context that has ended the connection. Loaded with raw.py.
"""


def lines_of_module(engine, data):
    """Return whether `data` can be lines that the module says by itself: each is in the URC table, or may be once it is whole."""
    client = False
    for line in bytes(data).split(b"\n"):
        line = line.strip(b"\r")
        if line and not _known(engine, line):
            return False
        if b'"recv",' in line or (client and line.startswith(b"CONNECT")):
            return True  # payload may follow, which can be anything
        client = client or line.startswith(b"+CLIENT:")  # the next one of a transparent server
    return True


def _known(engine, line):
    for urc in engine._urcs:
        while urc is not None:
            if line.startswith(urc.prefix) or urc.prefix.startswith(line):
                return True
            urc = urc.next
    return False


def find_end(engine, data, announcements):
    """Return where in `data` an announcement begins that nothing follows but lines of the module, -1 where there is none."""
    for line in announcements:
        at = data.rfind(line)
        if at >= 0 and lines_of_module(engine, data[at + len(line) :]):
            return at
    return -1


def skip(data, at, announcements):
    """Return what stands in `data` behind the announcement at `at`."""
    for line in announcements:
        if data[at : at + len(line)] == line:
            return data[at + len(line) :]
    return b""


def hand_over(parser, data):
    """Give `data` to the parser as lines; it may look at the byte behind the last one."""
    parser.feed(bytearray(data) + b"\0", len(data))
