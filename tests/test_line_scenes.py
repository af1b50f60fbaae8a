# CPython only: it starts the virtual modem and both Pythons.
"""One TCP connection, end to end, on both Pythons, over a pty that is paced and cut, under the faults that break other drivers."""

import tempfile

from tests.rig import data_server, payload, pythons, run_scene, vmodem


def _transfer(down, up, *options, timeout_s=90):
    with data_server() as port:
        for python in pythons():
            with vmodem(*options) as device:
                found = run_scene("transfer", device, port, down, up, python=python, timeout_s=timeout_s)
            if down:
                assert (found["announced"], found["got"], found["same"]) == (down, down, True), (python, options, found)
            if up:
                assert found["upload"] == "SAME", (python, options, found)
                sent, acked, pending = found["stats"]
                assert sent == acked > up and pending == 0, (python, found)


def test_a_mebibyte_each_way_when_every_write_is_cut():
    _transfer(1 << 20, 1 << 20, "--fault", "fragment:max=200,gap_ms=0")


def test_a_paced_line_with_latency_when_urcs_rain():
    _transfer(65536, 16384, "--baud", "921600", "--latency-ms", "5", "--fault", "storm:ms=20,n=3", "--fault", "fragment:max=64")


def test_urcs_with_the_prefix_of_the_reply_just_before_it():
    _transfer(65536, 16384, "--fault", "same-prefix:every=5", "--fault", "fragment:max=64,gap_ms=0")


def test_replies_that_come_1500_ms_late():
    _transfer(65536, 0, "--fault", "late:every=20,ms=1500")


def test_replies_that_come_6_s_late():
    _transfer(65536, 0, "--fault", "late:every=40,ms=6000")


def test_the_peer_closes_while_data_is_still_in_the_module():
    _transfer(65536, 0, "--baud", "921600", "--fault", "close:after=20000")


def test_payload_full_of_protocol_look_alikes_paced_and_cut():
    _transfer(65536, 0, "--baud", "460800", "--fault", "fragment:max=40,gap_ms=1")


def test_a_send_buffer_that_is_full_now_and_then():
    _transfer(0, 32768, "--fault", "send-fail:every=4")


def test_a_restart_of_the_module_in_mid_transfer_is_a_named_error_and_can_be_mended():
    data = payload(5, 200000)
    with data_server() as port, tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        for python in pythons():
            with vmodem("--fault", "reboot:after=60000,down_ms=500", "--fault", "fragment:max=300,gap_ms=0") as device:
                found = run_scene("reboot", device, port, len(data), file.name, python=python)
            assert found["closed"] and found["reboot"] and found["prefix_same"] and found["again"], (python, found)
