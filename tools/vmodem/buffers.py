"""What has arrived for a connection and has not been read by the host yet."""

from collections import deque


class StreamBuffer:
    """Bytes of a stream. `total` and `taken` count since the connection was opened."""

    def __init__(self):
        self._data = bytearray()
        self.total = 0
        self.taken = 0

    def __len__(self):
        return len(self._data)

    def add(self, data, source=None):
        self._data += data
        self.total += len(data)

    def source(self):
        """Where the next bytes come from: (host, port) for datagrams, None for streams."""
        return None

    def take(self, count):
        """Up to `count` bytes."""
        part = bytes(memoryview(self._data)[:count])
        del self._data[: len(part)]
        self.taken += len(part)
        return part


class DatagramBuffer(StreamBuffer):
    """Datagrams with their sources. `as_stream` lets a read go on into the next datagram."""

    def __init__(self, as_stream):
        super().__init__()
        self._datagrams = deque()
        self._as_stream = as_stream

    def __len__(self):
        return self.total - self.taken

    def add(self, data, source=None):
        if data:  # nothing in the command set can show an empty datagram
            self._datagrams.append((data, source))
            self.total += len(data)

    def source(self):
        return self._datagrams[0][1] if self._datagrams else None

    def take(self, count):
        parts = []
        while self._datagrams and count:
            data, source = self._datagrams.popleft()
            parts.append(data[:count])
            if len(data) > count:
                self._datagrams.appendleft((data[count:], source))
            count -= len(parts[-1])
            if not self._as_stream():
                break
        part = b"".join(parts)
        self.taken += len(part)
        return part
