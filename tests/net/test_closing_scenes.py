# CPython only: it starts the virtual modem, servers and both Pythons.
"""The other side ends the connection: after any number of bytes, in order or by a reset, in every access mode, both ways."""

import concurrent.futures
import contextlib
import json
import pathlib
import tempfile

from tests.net.test_tls_scenes import world
from tests.rigs.network_peers import free_port, peers
from tests.rigs.scene_runner import data_server, payload, pythons, run_scene, vmodem

CUT = ("--fault", "fragment:max=200,gap_ms=0")
PACED = ("--baud", "921600", "--latency-ms", "2", "--fault", "fragment:max=64")
CONTENT = payload(5, 200000)
READS = ("recv", "read", "recv_into")


def _flavours():
    return [(python, flavour) for python in pythons() for flavour in ("sync", "async")]


def ended(access, cases, options, port, model="ec600e", flavours=None, **more):
    """Play the scene on each Python in each flavour, all at a time: they mostly wait; return [(what for, what it found)]."""

    def play(who):
        with vmodem(*options, model=model) as device:
            found = run_scene("closing", device, who[1], plan, python=who[0])
        assert found["rssi"] and found["left"] == 0, (who, access, found)
        return (*who, access), found["found"]

    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor() as pool:
        plan, content = pathlib.Path(folder) / "plan.json", pathlib.Path(folder) / "content"
        content.write_bytes(CONTENT)
        plan.write_text(json.dumps({"port": port, "access": access, "content": str(content), "cases": cases, **more}))
        return list(pool.map(play, flavours or _flavours()))


def _in_order(access, sizes, options, server=data_server, **more):
    cases = [["GET", n, READS[i % 3]] for i, n in enumerate(sizes)]
    with server() as port:
        for who, found in ended(access, cases, options, port, **more):
            assert found == [[n, True, "end", "ConnectionClosed"] for n in sizes], (who, found)


def test_an_end_in_order_after_any_number_of_bytes_in_buffer_mode():
    _in_order("buffer", (0, 1, 2, 14, 511, 512, 1280, 1499, 1500, 1501, 2999, 3000, 4561), CUT)
    _in_order("buffer", (0, 1, 1500, 3001), PACED)


def test_an_end_in_order_after_any_number_of_bytes_by_direct_push():
    _in_order("push", (0, 1, 2, 14, 511, 512, 1280, 1499, 1500, 1501, 2999, 3000, 4561), CUT, rxbuf=8192)
    _in_order("push", (0, 1, 1500, 3001), PACED, rxbuf=8192)


def test_an_end_in_order_after_any_number_of_bytes_in_transparent_mode():
    _in_order("transparent", (0, 14, 4561), CUT, rxbuf=8192)
    _in_order("transparent", (1, 3001), PACED, rxbuf=8192)


def _cut_off(access, options, server=data_server, **more):
    brief = access == "transparent"  # each end takes more than a second there
    cases = [["CUT", n, READS[n % 3]] for n in ((1501, 90000) if brief else (0, 40, 1501, 90000))]
    cases += [[ask, n, "send"] for ask in ("TAKE", "LEAVE") for n in ((20000,) if brief else (0, 20000))]
    with server() as port:
        for who, found in ended(access, cases, options, port, **more):
            for (ask, n, _), (got, same, end, sending) in zip(cases, found, strict=True):
                assert got <= n and same is True and end != "never" and sending == "ConnectionClosed", (who, ask, n, found)
                if ask != "CUT":
                    assert end == "ConnectionClosed", (who, ask, n, found)


def test_a_reset_in_mid_stream_in_buffer_mode():
    _cut_off("buffer", CUT)


def test_a_reset_in_mid_stream_by_direct_push():
    _cut_off("push", CUT, rxbuf=32768)


def test_a_reset_in_mid_stream_in_transparent_mode():
    _cut_off("transparent", CUT, rxbuf=32768)


def _over_tls(play, access, model, *arguments, **more):
    """Play the same to a TLS server; the module is `model`."""
    with world() as w:
        port = w.serve()

        @contextlib.contextmanager
        def server():
            yield port

        tls = {"ca": "UFS:ca.pem"} if model in ("bg96", "a76xx") else {"ca": "UFS:ca.pem", "ignore": "name"}
        play(access, *arguments, server=server, model=model, tls=tls, files=w.files, **more)


def test_an_end_in_order_over_tls_in_every_access_mode():
    for model, access in (("ec200u", "buffer"), ("eg915u", "push"), ("ec200u", "transparent")):
        _over_tls(_in_order, access, model, (0, 1501, 4561), CUT, rxbuf=8192)


def test_a_reset_in_mid_stream_over_tls():
    for model, access in (("eg915u", "buffer"), ("bg96", "buffer"), ("bg96", "push"), ("ec200u", "push")):
        _over_tls(_cut_off, access, model, CUT, rxbuf=32768)


def test_a_reset_in_mid_stream_over_tls_in_transparent_mode():
    _over_tls(_cut_off, "transparent", "ec200u", CUT, rxbuf=32768)


def _struck(access, fault, options, server=data_server, end=("end",), least=20000, **more):
    """A fault strikes in a download; the same modem then does another one."""
    cases = [["GET", 200000, "recv_into"], ["GET", 3000, "recv"]]
    with server() as port:
        for who, found in ended(access, cases, (*options, "--fault", fault), port, **more):
            (got, same, how, sending), second = found
            assert least <= got < 200000 and second == [3000, True, "end", "ConnectionClosed"], (who, fault, found)
            if same is True:
                assert how in end and sending in ("ConnectionClosed", *end), (who, fault, found)
            else:
                assert _swallowed(access, fault, *found[0]), (who, fault, found)


def _swallowed(access, fault, got, right, how, sending):
    """Was the text with which a module boots counted as the end of the block that it was pushing when it restarted?

    Nothing tells it from data. When all of it was, the restart shows in that the module knows the connection no more.
    """
    if access != "push" or "reboot" not in fault or got - right > 200:
        return False
    return (how == "SocketTimeout" and sending == "CommandError") or sending == "ConnectionClosed"


def test_every_connection_is_closed_in_the_middle_of_a_push():
    _struck("push", "close:after=20000", CUT, rxbuf=32768)
    _struck("push", "close:after=20000", PACED, rxbuf=32768)


def test_every_connection_is_closed_in_transparent_mode():
    _struck("transparent", "close:after=20000", CUT, rxbuf=32768)


def test_every_tls_connection_is_closed_by_push_and_in_transparent_mode():
    for access in ("push", "transparent"):
        _over_tls(_struck, access, "ec200u", "close:after=20000", CUT, rxbuf=32768)


def test_the_context_is_lost_and_can_be_connected_again():
    for access in ("buffer", "push"):
        _struck(access, "context-loss:after=20000", CUT, end=("ConnectionClosed",), rxbuf=32768)
    _over_tls(_struck, "push", "bg96", "context-loss:after=20000", CUT, end=("ConnectionClosed",), rxbuf=32768)


def test_the_context_is_lost_in_transparent_mode():
    _struck("transparent", "context-loss:after=20000", CUT, end=("end", "ConnectionClosed"), rxbuf=32768)


def test_the_module_restarts_while_it_pushes():
    _struck("push", "reboot:after=20000,down_ms=300", CUT, end=("ModemRestarted", "ProtocolError"), least=10000, rxbuf=32768)


def _clients(access, options, model="ec600e", turned_away=2):
    def play(who):
        with vmodem(*options, model=model) as device:
            return who, run_scene("clients", device, who[1], port, free_port(), access, turned_away, python=who[0])

    with peers() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(play, _flavours()):
            want = {"reset": True, "left": 0, "stay": str(3 - turned_away), "full": turned_away}
            want.update({"%s %d" % (when, n): [True, "end", True] for when in ("late", "early") for n in (0, 1, 1500, 30000)})
            wrong = {key: value for key, value in found.items() if value != want.get(key)}
            assert found == want, (who, access, wrong)


def test_clients_of_a_listener_leave_before_and_after_they_are_accepted():
    _clients("buffer", CUT)
    _clients("push", CUT)


def test_clients_of_a_listener_leave_on_a_slow_line():
    _clients("buffer", PACED)
