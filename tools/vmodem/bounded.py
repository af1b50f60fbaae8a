"""Answers of servers that have no end: an error instead of all the memory there is."""


class Bounded:
    """A file to read lines from: at most `limit` bytes from one `begin()` to the next, then ValueError."""

    def __init__(self, file, limit):
        self._file = file
        self._limit = limit
        self.begin()

    def begin(self):
        """A new answer begins."""
        self._left = self._limit

    def readline(self, *size):
        line = self._file.readline(*size)
        self._left -= len(line)
        if self._left < 0:
            raise ValueError("an answer of more than %d bytes" % self._limit)
        return line

    def close(self):
        self._file.close()
