# CPython only: it starts the virtual modem, servers and both Pythons.
"""The other side ends the connection: after any number of bytes, in order or by a reset, in every access mode, both ways."""

import concurrent.futures
import json
import pathlib
import tempfile

from tests.rig import data_server, payload, pythons, run_scene, vmodem

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


def _in_order(access, sizes, options, **more):
    cases = [["GET", n, READS[i % 3]] for i, n in enumerate(sizes)]
    with data_server() as port:
        for who, found in ended(access, cases, options, port, **more):
            assert found == [[n, True, "end", "ConnectionClosed"] for n in sizes], (who, found)


def test_an_end_in_order_after_any_number_of_bytes_in_buffer_mode():
    _in_order("buffer", (0, 1, 2, 14, 511, 512, 1280, 1499, 1500, 1501, 2999, 3000, 4561), CUT)
    _in_order("buffer", (0, 1, 1500, 3001), PACED)


def test_an_end_in_order_after_any_number_of_bytes_by_direct_push():
    _in_order("push", (0, 1, 2, 14, 511, 512, 1280, 1499, 1500, 1501, 2999, 3000, 4561), CUT, rxbuf=8192)
    _in_order("push", (0, 1, 1500, 3001), PACED, rxbuf=8192)


def test_an_end_in_order_after_any_number_of_bytes_in_transparent_mode():
    _in_order("transparent", (0, 14, 1500, 4561), CUT, rxbuf=8192)
    _in_order("transparent", (1, 3001), PACED, rxbuf=8192)


def _cut_off(access, options, **more):
    cases = [["CUT", n, READS[n % 3]] for n in (0, 40, 1501, 90000)]
    cases += [[ask, n, "send"] for ask in ("TAKE", "LEAVE") for n in (0, 20000)]
    with data_server() as port:
        for who, found in ended(access, cases, options, port, **more):
            for (ask, n, _), (got, same, end, sending) in zip(cases, found, strict=True):
                assert got <= n and same and end != "never" and sending == "ConnectionClosed", (who, ask, n, found)
                if ask != "CUT":
                    assert end == "ConnectionClosed", (who, ask, n, found)


def test_a_reset_in_mid_stream_in_buffer_mode():
    _cut_off("buffer", CUT)


def test_a_reset_in_mid_stream_by_direct_push():
    _cut_off("push", CUT, rxbuf=32768)


def test_a_reset_in_mid_stream_in_transparent_mode():
    _cut_off("transparent", CUT, rxbuf=32768)
