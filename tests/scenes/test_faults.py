# CPython only: it starts the virtual modem and both Pythons.
"""The faults that break other drivers, one test each: 64 KiB down (and up) on both Pythons, sync and asyncio, on both vendors' modules.

What arrives is compared byte by byte and must be a beginning of what was sent; either all of it comes or the named error; afterwards
the next command and the next connection work. The table "What goes wrong on the line" of modem/README.md names these tests.
"""

import concurrent.futures
import tempfile

from tests.rigs.scene_runner import data_server, payload, pythons, run_scene, vmodem

SIZE = 65536
CUT = "fragment:max=64,gap_ms=0"
MODELS = ("ec600e", "a76xx")


def _row(
    *faults,
    options=(),
    access="buffer",
    timeout_s=20,
    up=0,
    models=MODELS,
    down="whole",
    instead=(),
    after_up="whole",
    check=None,
):
    """Play the scene on every Python, in both flavours, on each model; `faults`: for --fault; `down`, `after_up`: how it ends.

    `instead`: how some of them may end, where the fault can strike at a place at which it does no harm.
    """
    words = [word for fault in faults for word in ("--fault", fault)]
    with data_server() as port, tempfile.NamedTemporaryFile() as file, concurrent.futures.ThreadPoolExecutor(8) as pool:
        file.write(payload(5, SIZE))
        file.flush()

        def play(who):
            python, flavour, model = who
            with vmodem(*options, *words, model=model) as device:
                return run_scene("faults", device, flavour, port, file.name, access, timeout_s, up, python=python)

        whos = [(python, flavour, model) for model in models for python in pythons() for flavour in ("sync", "async")]
        ends = set()
        for who, found in zip(whos, pool.map(play, whos)):
            ends.add(found["down"])
            assert found["same"] and found["again"] and found["down"] in (down, *instead), (who, found)
            assert found.get("got", SIZE) == SIZE or down != "whole", (who, found)
            assert not up or found["up"] == after_up, (who, found)
            assert check is None or check(found), (who, found)
        assert down in ends, ends


def test_payload_that_looks_like_the_protocol_on_a_slow_line_cut_anywhere():
    _row("fragment:max=40,gap_ms=1", options=("--baud", "460800"))


def test_every_reply_and_every_payload_cut_into_small_pieces():
    _row("fragment:max=5,gap_ms=0", up=SIZE)


def test_a_notice_with_the_prefix_of_the_reply_just_before_it():
    _row("same-prefix:every=5", CUT, up=SIZE)


def test_notices_rain_all_the_time():
    _row("storm:ms=20,n=3", CUT, options=("--baud", "921600", "--latency-ms", "5"), up=16384)


def test_a_reply_that_comes_later_than_the_program_waits():
    _row("late:every=20,ms=1500", timeout_s=1, check=lambda found: found["time-outs"] > 0)


def test_replies_that_come_6_s_late():
    _row("late:every=45,ms=6000,times=1")


def test_the_peer_has_closed_and_the_module_still_holds_data():
    _row("close:after=20000", options=("--baud", "921600", "--window", "%d" % SIZE))


def test_bytes_lost_on_the_line_inside_a_block():
    _row("drop:every=20011,times=1", down="ProtocolError", instead=("whole",))


def test_bytes_lost_inside_a_block_on_a_slow_line_cut_anywhere():
    _row(
        "drop:every=20011,times=1",
        "fragment:max=7,gap_ms=0",
        options=("--baud", "921600"),
        down="ProtocolError",
        instead=("whole",),
    )


def test_a_line_that_stalls_inside_a_block_for_2_s():
    _row("stall:every=30000,ms=2000,times=1")


def test_a_line_that_stalls_inside_a_block_for_too_long():
    _row("stall:every=30000,ms=11000,times=1", down="ProtocolError")


def test_the_module_restarts_in_mid_transfer():
    _row("reboot:after=30000,down_ms=500", up=16384, down="ModemRestarted", check=lambda found: "reboot" in found["events"])


def test_the_network_takes_the_context_away_in_mid_transfer():
    lost = "context-loss:after=30000"
    _row(lost, up=16384, down="ConnectionClosed", check=lambda found: "context lost" in found["events"])


def test_a_send_buffer_that_is_full_now_and_then():
    _row("send-fail:every=4", CUT, up=SIZE, models=MODELS[:1])


def test_a_module_that_takes_part_of_a_send_is_not_sent_the_rest_twice():
    _row("send-fail:every=4", CUT, up=SIZE, models=MODELS[1:], after_up="ConnectionClosed")
