# CPython only: it starts the virtual modem, real servers, and MicroPython with a small heap.
"""Mails, files and pages that are larger than the heap, each way, by the byte-compiled library: nothing is held whole."""

import email
import email.policy
import pathlib
import shutil
import subprocess
import tempfile
from email.message import EmailMessage

from tests.rigs import scene_runner
from tests.rigs.assertions import skip
from tests.rigs.service_content import content
from tests.rigs.service_servers import PASSWORD, USER, FtpServer, Pop3Server, SmtpServer, WebServer, certificate
from tools import package

_HEAP = 352 * 1024  # of a 64-bit MicroPython, where most things take twice what they take on a board
_N = 400000
_built = []


def _library():
    """A folder with the byte-compiled library and the scenes, made once."""
    if not _built:
        folder = tempfile.TemporaryDirectory()
        package.build_mpy(pathlib.Path(folder.name))
        shutil.copytree(scene_runner.ROOT / "tests" / "scenes", pathlib.Path(folder.name) / "tests" / "scenes")
        _built.append(folder)
    return _built[0].name


def _run(service, port, n, flavour):
    if scene_runner.micropython() is None:
        skip("there is no MicroPython for this platform")
    with scene_runner.vmodem(model="sim7100") as device:
        scene = pathlib.Path(_library()) / "tests" / "scenes" / "services_memory.py"
        command = [
            scene_runner.micropython(),
            "-X",
            "heapsize=%d" % _HEAP,
            str(scene),
            device,
            flavour,
            service,
            str(port),
            str(n),
        ]
        done = subprocess.run(command, cwd=_library(), capture_output=True, text=True, timeout=300)
    assert '"found": [%d, %d, true]' % (n, n) in done.stdout, (service, flavour, done.stdout, done.stderr)


def test_a_mebibyte_each_way_by_ftp_and_more_than_the_heap_by_ftps():
    for pem, n in ((None, 1 << 20), (certificate(), _N)):
        for flavour in ("sync", "async"):
            with FtpServer(pem=pem) as server:
                _run("ftps" if pem else "ftp", server.port, n, flavour)
                assert server.read("a.bin") == content(n)


def test_pages_larger_than_the_heap_both_ways():
    for pem in (None, certificate()):
        with WebServer({}, pem) as server:
            _run("https" if pem else "http", server.port, _N, "sync")
            assert server.posted == [content(_N)]


def test_attachments_larger_than_the_heap_both_ways():
    with SmtpServer((USER, PASSWORD)) as server:
        _run("smtp", server.port, _N, "sync")
        (part,) = email.message_from_bytes(server.envelopes[0].content, policy=email.policy.default).iter_attachments()
        assert part.get_payload(decode=True) == content(_N)
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@a.example", "Hi there"
    mail.set_content("Hello\r\n")
    mail.add_attachment(content(_N), maintype="application", subtype="octet-stream", filename="photo.bin")
    with Pop3Server(mail.as_bytes(policy=email.policy.SMTP)) as server:
        _run("pop3", server.port, _N, "sync")
