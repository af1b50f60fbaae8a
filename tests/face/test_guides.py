# CPython only: it starts the virtual modem, real servers and both Pythons.
"""The guides: their short examples run, every program in them is run by some test, their links lead somewhere, their tables are true."""

import contextlib
import errno
import http.server
import pathlib
import re
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import modem
from modem import models
from tests.face.test_readme import GUIDES, TWICE, _run_on_board, after_head, blocks, run_desktop, web_server
from tests.face.test_readme_simcom import _Echo
from tests.rigs.foreign_programs import authority
from tests.rigs.network_peers import free_port, ntp_server
from tests.rigs.scene_runner import ROOT, micropython, vmodem
from tools import tables

_README_LINES = 250
_LINK = "/tmp/modem"
_SHOWN = ("output", "")  # languages of blocks that are no programs


def _text(name):
    return (ROOT / name).read_text()


def _rows(name, heading, count):
    """The cells of the first table after a heading, without its first two lines."""
    lines = _text(name).partition("\n" + heading + "\n")[2].splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    assert len(rows) >= count, (name, heading, rows)
    return rows


# --- the programs


@contextlib.contextmanager
def _echo():
    """A UDP server that sends everything back; yields its port."""
    with socketserver.UDPServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def _play(kind, *options, model="ec600e", lines=1):
    """Run the short examples of a kind, each on a modem of its own, on both Pythons one after the other; return all that they print."""
    printed = []
    for body in blocks(kind):
        with vmodem("--baud", "115200", *options, model=model) as device:
            printed += [shown for shown, _ in after_head(device, body)]
    assert printed and all(len(shown.splitlines()) >= lines for shown in printed), printed
    return printed


def test_short_examples_run():
    with web_server() as host:
        printed = _play("part", "--host", host)
    assert any(re.search(r"^\d{3,} bytes$", shown, re.MULTILINE) for shown in printed), printed


def test_the_datagram_example_runs():
    (body,) = blocks("udp")
    with _echo() as port, vmodem("--baud", "115200", "--host", "example.com:7=127.0.0.1:%d" % port) as device:
        for shown, _ in after_head(device, body.replace("3030", str(free_port(socket.SOCK_DGRAM)))):
            assert shown.startswith("b'are you there?' ('"), shown


def test_names_ping_and_time_run():
    with ntp_server() as port:
        for shown in _play(
            "net-part", "--host", "pool.ntp.org:123=127.0.0.1:%d" % port, "--host", "example.com=127.0.0.1", lines=4
        ):
            assert shown.splitlines()[-1].startswith("2 2 [("), shown


def test_messages_network_and_position_run():
    for model in ("ec200u", "a76xx"):
        for shown in _play("messages", model=model, lines=2):
            assert "+15550001001 wrote Grüße 😀" in shown and "delivered" in shown, shown
        for shown in _play("network", "--gnss", "52.5,13.4,34", model=model, lines=10):
            assert shown.splitlines()[-1].startswith("52.5"), shown


def test_files_go_to_the_module_and_come_back():
    for shown in _play("files-part", model="ec200u", lines=2):
        assert "5 5" in shown and "b'hello'" in shown, shown


def test_programs_with_a_trace_and_a_power_key_run():
    with web_server() as host:
        with vmodem("--host", host) as device:
            for _ in TWICE:
                shown = run_desktop(blocks("trace")[0], device)
                assert "> AT" in shown and "ok TCP" in shown, shown
        if micropython() is not None:
            for kind, printed in (("power", ["EC600E-CN"]), ("wiring", [])):
                with vmodem("--baud", "115200") as device:
                    for _ in TWICE:
                        assert _run_on_board(blocks(kind)[0], device) == printed


@contextlib.contextmanager
def _typed(command, folder, *options):
    """Run a command of the guides until the end of the block, in `folder`, with another place for /tmp/modem; yields that place."""
    place = str(pathlib.Path(folder) / "modem")
    words = command.replace(_LINK, place).split()
    assert pathlib.Path(words[0]).name in ("python", "python3"), command
    process = subprocess.Popen([sys.executable, *words[1:], *options], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready %s\n" % place
        yield place
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_the_first_program_runs_on_both_pythons():
    (command,), (program,) = blocks("first-modem", "sh"), blocks("first")
    with tempfile.TemporaryDirectory() as folder, web_server() as host, _typed(command, folder, "--host", host) as place:
        pythons = [[sys.executable], *([[micropython()]] if micropython() else []), [sys.executable]]
        for python in pythons:
            path = pathlib.Path(folder) / "first.py"
            path.write_text("import sys\nsys.path.insert(0, %r)\n" % str(ROOT) + program.replace(_LINK, place))
            done = subprocess.run([*python, str(path)], capture_output=True, text=True, timeout=100)
            assert done.stdout.startswith("EC600E-CN 10.") and "200 OK" in done.stdout, done.stdout + done.stderr


def test_programs_without_the_driver_talk_to_the_virtual_modem():
    (command,) = blocks("vmodem", "sh")
    with tempfile.TemporaryDirectory() as folder, _typed(command, folder) as place:
        for _ in TWICE:
            shown = run_desktop(blocks("vmodem-pyserial")[0], place)
            assert shown.count("OK") >= 5 and "+QIACT: 1,1,1" in shown, shown
        if micropython() is not None:
            path = pathlib.Path(folder) / "at.py"
            path.write_text(blocks("vmodem-micropython")[0].replace(_LINK, place))
            done = subprocess.run([micropython(), str(path)], capture_output=True, text=True, timeout=100)
            assert "EC600E-CN" in done.stdout, done.stdout + done.stderr


def test_a_test_ca_is_made_and_trusted():
    (make,), (serve,), (start,) = blocks("test-ca", "sh"), blocks("test-server", "sh"), blocks("test-modem", "sh")
    (provide,), (connect,) = blocks("provision"), blocks("tls-part")
    with tempfile.TemporaryDirectory() as folder:
        for command in make.splitlines():
            subprocess.run(command, shell=True, check=True, cwd=folder, capture_output=True, timeout=100)
        port = free_port()
        server = subprocess.Popen(
            serve.replace("8443", str(port)).split(), cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        try:
            _wait_for(port)
            with _typed(start.replace("8443", str(port)), folder) as place:
                run_desktop(provide, place, {"ca.pem": (pathlib.Path(folder) / "ca.pem").read_bytes()})
                for shown, _ in after_head(place, connect):
                    assert "200 ok" in shown, shown
        finally:
            server.kill()
            server.communicate(timeout=60)


def _wait_for(port):
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 10).close()
            return
        except OSError as error:
            assert error.errno == errno.ECONNREFUSED
            time.sleep(0.05)
    raise AssertionError("no server")


def test_a_server_of_another_ca_is_refused():
    (connect,) = blocks("tls-part")
    with authority("example.com") as (_, chain), authority("example.com") as (other, _):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        web.socket = context.wrap_socket(web.socket, server_side=True, do_handshake_on_connect=False)
        web.handle_error = lambda request, address: None
        threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            with vmodem(
                "--baud", "115200", "--host", "example.com:443=127.0.0.1:%d" % web.server_address[1], model="ec200u"
            ) as device:
                upload = "modem.files.put('UFS:ca.pem', %r)\n" % other.read_bytes()
                caught = "except Exception as error:\n    print(type(error).__name__, error.code)\n"
                body = upload + "try:\n" + "".join("    " + line + "\n" for line in connect.splitlines()) + caught
                for shown, _ in after_head(device, body):
                    assert shown == "CommandError 579\n", shown
        finally:
            web.shutdown()
            web.server_close()


# --- what holds for all guides


def test_every_program_of_the_guides_is_run_by_a_test():
    used = "".join(_text("tests/face/" + name) for name in ("test_readme.py", "test_readme_simcom.py", "test_guides.py"))
    for name in GUIDES:
        text = _text(name)
        for language, _ in re.findall(r"^```(\S*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            assert language in ("python", "sh", "mermaid"), (name, language)
        marked = re.findall(r"<!-- run: (\S+) -->\n```(?:python|sh)\n", text)
        assert len(marked) == text.count("<!-- run: "), name
        assert text.count("```python\n") == len(re.findall(r"<!-- run: \S+ -->\n```python\n", text)), name
        for kind in marked:
            assert '"%s"' % kind.removeprefix("services-") in used, (name, kind)


def _anchors(name):
    found = set()
    for heading in re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", _text(name), flags=re.DOTALL), re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(words.replace(" ", "-"))
    return found


def test_links_lead_somewhere():
    for name in (*GUIDES, "CHANGELOG.md"):
        text = _text(name)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if target.startswith("https://"):
                continue
            path, _, anchor = target.partition("#")
            there = (ROOT / name).parent / path if path else ROOT / name
            assert there.exists(), (name, target)
            if anchor:
                assert anchor in _anchors(there.resolve().relative_to(ROOT.resolve()).as_posix()), (name, target)


def test_each_guide_has_a_table_of_contents():
    for name in GUIDES[1:]:
        top, *sections = re.split(r"^## ", re.sub(r"```.*?```", "", _text(name), flags=re.DOTALL), flags=re.MULTILINE)
        headings = {re.sub(r"[^\w\- ]", "", section.split("\n")[0].lower()).replace(" ", "-") for section in sections}
        listed = set(re.findall(r"\]\(#([^)]+)\)", top))
        assert headings - listed <= {"the-virtual-modem"}, (name, headings - listed)


def test_the_readme_is_short_and_names_every_model_as_it_is():
    assert len(_text("README.md").splitlines()) <= _README_LINES
    rows = _rows("README.md", "## What it supports", 7)
    assert [row[0] for row in rows] == ["`%s`" % model.name for model in models.MODELS]
    for (_, _, _, tls, files, services, _), model in zip(rows, models.MODELS):
        assert (tls != "-") == bool(model.facts.get("tls") or model.vendor == "simcom"), model.name
        assert (files != "-") == (tls != "-"), model.name
        assert (services == "yes") == bool(model.facts.get("services")), model.name


def test_tables_that_are_made_are_up_to_date():
    for path in ("modem/README.md", "ports/README.md"):
        assert tables.rendered(path, _text(path)) == _text(path), "run tools/tables.py"
    assert [row[2] for row in _rows("modem/README.md", "## Models and relatives", 7)] == ["no"] * len(models.MODELS)


def test_tables_of_errors_and_events_are_complete():
    shown = [row[0].strip("`") for row in _rows("modem/README.md", "## Errors", 10)]
    names = next(names for module, names in modem._WHERE if module == "errors")
    assert sorted(shown) == sorted(names.split())
    shown = {kind for row in _rows("modem/README.md", "## Events", 9) for kind in re.findall(r"`([^`]+)`", row[0])}
    sources = "".join(path.read_text() for path in (ROOT / "modem").rglob("*.py"))
    assert shown == {"urc", "events lost", *re.findall(r'\.event\("([a-z ]+)"', sources)}


def test_tests_named_in_the_table_of_faults_exist():
    for row in _rows("modem/README.md", "## What goes wrong on the line", 15):
        for name in re.findall(r"`([^`]+)`", row[2]):
            if name.endswith(".py"):
                assert list((ROOT / "tests").rglob(name)), name
            else:
                assert name.rstrip(".") in _text("tests/scenes/test_faults.py"), name
