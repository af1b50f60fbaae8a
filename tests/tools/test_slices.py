# CPython only: it runs mip and MicroPython in processes of their own.
"""A board with one vendor's slice: what it has works, what it lacks is named, and what mip adds works then."""

import ast
import socket
import tempfile

from tests.rigs import installs
from tests.rigs.assertions import skip
from tests.rigs.network_peers import free_port
from tests.rigs.scene_runner import ROOT, data_server, micropython, vmodem
from tools import package, structure

MODELS = {"quectel": "ec600e", "simcom": "sim7100"}
_START = """
import sys
from modem import AsyncModem, Modem
from ports.tty_uart import TtyUart

m = Modem(TtyUart(sys.argv[1]))
m.start()
m.connect("internet")


def lacking(part, call, *args, **options):
    try:
        call(*args, **options)
    except ImportError as error:
        assert "package-%s.json" % part in str(error), error
        print("no", part)
"""
_TCP = (
    _START
    + """
for access in ("buffer", "push", "transparent"):
    s = m.create_connection(("srv", int(sys.argv[2])), timeout=10, access=access)
    s.sendall(b"ECHO 6\\n")
    s.sendall(b"abcdef")
    assert s.read(6) == b"abcdef", access
    if access == "push":
        try:
            print(m.status("operator"))
        except ImportError as error:
            assert "package-network.json" in str(error)
    s.close()
s = m.socket()
s.bind(("", 0))
lacking("server", s.listen)
lacking("server", s.accept)
lacking("udp", s.sendto, b"x", ("srv", 1))
lacking("udp", s.recvfrom, 10)
s.close()
lacking("udp", m.socket, type=m.SOCK_DGRAM)
lacking("network", m.status, "operator")
lacking("network", m.scan)
lacking("network", m.psm)
lacking("network", m.edrx)
lacking("ppp", m.dial_ppp, None)
lacking("diagnose", m.diagnose)
lacking("sms", lambda: m.sms)
lacking("gnss", lambda: m.gnss)
if sys.argv[3] == "sim7100":
    lacking("simcom-services", m.http)
m.close()
"""
)
_UDP = (
    _START
    + """
own, access = int(sys.argv[2]), sys.argv[3]
service = m.socket(type=m.SOCK_DGRAM, access=access)
service.settimeout(10)
service.bind(("", own))
peer = m.socket(type=m.SOCK_DGRAM, access=access)
peer.settimeout(10)
peer.connect(("127.0.0.1", own))
peer.send(b"question")
data, sender = service.recvfrom(100)
service.sendto(b"answer to " + data, sender)
print(peer.recv(100))
peer.close()
service.close()
lacking("server", m.socket().listen)
"""
)
_SERVER = (
    _START
    + """
own, access = int(sys.argv[2]), sys.argv[3]
listener = m.socket(access=access)
listener.settimeout(10)
listener.bind(("", own))
listener.listen()
client = m.create_connection(("127.0.0.1", own), timeout=10, access=access)
served, _ = listener.accept()
served.settimeout(10)
client.sendall(b"question")
served.sendall(b"answer to " + served.read(8))
print(client.read(18))
for s in (served, client, listener):
    s.close()
lacking("udp", m.socket, type=m.SOCK_DGRAM)
"""
)


def _names(part):
    return {f[:-3].replace("/", ".").removesuffix(".__init__") for f in package.files(part)}


def _with(parts):
    """A folder with what mip installs of `parts`, the ports, and the port of the unix build."""
    folder = tempfile.TemporaryDirectory()
    with installs.served(ROOT) as (url, missing):
        for path in ["ports/package.json"] + ["modem/package-%s.json" % part for part in parts]:
            installs.mip_install(url + "/" + path, folder.name)
    assert not missing
    installs.add_tty_port(folder.name)
    return folder


def test_a_vendor_alone_connects_in_every_mode_and_names_what_it_lacks():
    if not micropython():
        skip("no MicroPython for this platform")
    for vendor, model in MODELS.items():
        with _with([vendor]) as folder, data_server() as port, vmodem(model=model) as device:
            said = installs.run(folder, _TCP, device, port, model).splitlines()
        want = "server server udp udp udp network network network network ppp diagnose sms gnss".split()
        assert said == ["no " + part for part in want + ["simcom-services"] * (vendor == "simcom")], (vendor, said)


def test_udp_and_servers_each_work_without_the_other():
    if not micropython():
        skip("no MicroPython for this platform")
    for vendor, model in MODELS.items():
        for part, program, kind in (("udp", _UDP, socket.SOCK_DGRAM), ("server", _SERVER, socket.SOCK_STREAM)):
            with _with([vendor, part]) as folder:
                for access in ("buffer", "push"):
                    with vmodem(model=model) as device:
                        said = installs.run(folder, program, device, free_port(kind), access).splitlines()
                    lacks = {"udp": "server", "server": "udp"}[part]
                    assert said == ["b'answer to question'", "no " + lacks], (vendor, part, access, said)


def test_files_of_another_slice_are_loaded_by_the_function_that_names_it():
    """compat.apart() names the slice that has the file; an import statement would not."""
    found = set()
    for name, path in structure.module_paths().items():
        for node in ast.walk(structure.parsed(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "apart" and isinstance(node.args[0], ast.Constant):
                file, part = (argument.value for argument in node.args)
                assert part in package.APART and "modem." + file in _names(part), (name, file, part)
                found.add(part)
    # the supervisor is a class that a program imports by its name
    assert found == set(package.APART) - {"supervisor"}
