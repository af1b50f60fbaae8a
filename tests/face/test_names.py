"""Names of a user's objects: a misspelt one names the right class, and asking for one loads nothing."""

import sys

from modem import AsyncModem, Modem
from modem.aio import AsyncModem as AioModem
from modem.compat import Operations
from modem.modem import BaseModem
from modem.sockets import AsyncSocket
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort

_LEFT_OUT = dir(Operations) + ["rare", "files", "sms", "gnss"]  # properties that make an object, and load its class


def test_a_misspelt_name_names_the_class():
    for modem in (Modem(ScriptedPort()), AsyncModem(ScriptedPort())):
        for holder in (modem, modem.socket()):
            wanted = "'%s' object has no attribute 'conect'" % type(holder).__name__
            with raises(AttributeError, wanted):
                holder.conect  # noqa: B018
            with raises(AttributeError, wanted):
                holder.conect(("host", 80))
            with raises(AttributeError):
                holder.__no_such_method__()


def _names(cls):
    """What `cls` has; in a byte-compiled library some of it is in files that are loaded when it is called."""
    return dir(cls) + [name for words in getattr(cls, "rare", ()) for name in words.split()[1:]]


def test_asking_for_a_name_loads_nothing():
    for modem, cls in ((Modem(ScriptedPort()), BaseModem), (AsyncModem(ScriptedPort()), AioModem)):
        sock = modem.socket()
        before = sorted(sys.modules)
        for holder, operations in ((modem, cls), (sock, AsyncSocket)):
            names = [name for name in _names(operations) if name[0] != "_" and name not in _LEFT_OUT]
            assert len(names) > 30
            for name in names:
                assert hasattr(holder, name), name
            assert not hasattr(holder, "conect")
        assert sorted(sys.modules) == before
