"""Cuts what a module sends into lines, prompts and counted payload, by the module's own announcements."""

import re

LINE, PROMPT, PAYLOAD = "line", "prompt", "payload"
_LONGEST_PAYLOAD = 512  # bytes of payload in one segment

# Lines before counted payload; the group is the count.
_HEADERS = (
    re.compile(rb'\+Q(?:IRD|SSLRECV): (\d+)(?:,"[^"]*",\d+)?$'),
    re.compile(rb'\+Q(?:I|SSL)URC: "recv",\d+,(\d+)'),
    re.compile(rb"\+CIPRXGET: 2,\d+,(\d+),"),
    re.compile(rb"\+RECEIVE,\d+,(\d+)"),
    re.compile(rb"\+IPD ?(\d+)"),
    re.compile(rb"\+[A-Z]+: DATA, ?(?:\d+,)?(\d+),?$"),
    re.compile(rb"CONNECT (\d+)$"),
)


class Scanner:
    """Remembers how much payload is still to come."""

    def __init__(self):
        self._payload = 0
        self.counting = False  # payload follows, or the last piece was payload

    def reset(self):
        """The module has gone down."""
        self._payload = 0

    def cut(self, data, transparent=False):
        """Yield (kind, bytes) for `data`, which the module writes at once. A line includes the line ends before it."""
        at, end = 0, len(data)
        while at < end:
            if transparent or self._payload:
                count = end - at if transparent else min(self._payload, end - at)
                count = min(count, _LONGEST_PAYLOAD)
                if not transparent:
                    self._payload -= count
                at += count
                self.counting = True
                yield PAYLOAD, data[at - count : at]
                continue
            stop = self._line_end(data, at)
            piece = data[at:stop]
            at = stop
            text = piece.strip()
            for header in _HEADERS:
                match = header.match(text)
                if match:
                    self._payload = int(match[1])
                    break
            self.counting = bool(self._payload)
            yield (PROMPT if text[:1] == b">" and piece[-1:] != b"\n" else LINE), piece

    @staticmethod
    def _line_end(data, at):
        """Where the line that begins at `at`, with the line ends before it, is over."""
        while True:
            stop = data.find(b"\n", at) + 1
            if not stop:
                return len(data)
            if data[at:stop].strip():
                return stop
            rest = data[stop:].lstrip(b"\r\n")
            if not rest:
                return len(data)
            at = stop
