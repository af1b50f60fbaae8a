"""A POP3 server by Twisted, as a process of its own: `python tests/rigs/pop3_server.py FOLDER`. CPython only.

Each file in FOLDER is a message. It prints its port; the user is `user_name`, the password `password`. Messages that are marked
go when the client says QUIT, and not otherwise (RFC 1939, 6).
"""

import io
import pathlib
import sys

from twisted.cred import checkers, portal
from twisted.internet import protocol, reactor
from twisted.mail import pop3
from zope.interface import implementer


class Mailbox(pop3.Mailbox):
    """The files of a folder."""

    def __init__(self, folder):
        self._files = sorted(folder.iterdir())
        self._marked = set()

    def listMessages(self, index=None):
        sizes = [0 if number in self._marked else path.stat().st_size for number, path in enumerate(self._files)]
        return sizes if index is None else sizes[index]

    def getMessage(self, index):
        return io.BytesIO(self._files[index].read_bytes().replace(b"\r\n", b"\n"))

    def getUidl(self, index):
        return self._files[index].name.encode()

    def deleteMessage(self, index):
        self._marked.add(index)

    def undeleteMessages(self):
        self._marked.clear()

    def sync(self):
        for number in self._marked:
            self._files[number].unlink()


@implementer(portal.IRealm)
class Realm:
    """One mailbox for everybody who knows the password."""

    def __init__(self, folder):
        self._folder = folder

    def requestAvatar(self, avatar, mind, *interfaces):
        return pop3.IMailbox, Mailbox(self._folder), lambda: None


def main(folder):
    checker = checkers.InMemoryUsernamePasswordDatabaseDontUse(user_name=b"password")
    entrance = portal.Portal(Realm(pathlib.Path(folder)), [checker])

    class Factory(protocol.Factory):
        def buildProtocol(self, address):
            server = pop3.POP3()
            server.portal = entrance
            server.factory = self
            return server

        def cap_IMPLEMENTATION(self):
            return "test"

        challengers = {}

        def perUserExpiration(self):
            return False

    print(reactor.listenTCP(0, Factory(), interface="127.0.0.1").getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main(sys.argv[1])
