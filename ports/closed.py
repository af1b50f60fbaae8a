"""What is left of a port after close()."""

import errno


class Closed:
    """Stands in for a stream or poll object after close(): whatever is asked of it is an OSError(EBADF)."""

    def __getattr__(self, name):
        raise OSError(errno.EBADF, "the port is closed")
