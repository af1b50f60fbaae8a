# CPython only: it starts the virtual modem, servers and both Pythons.
"""The scenes of tests/net/test_closing_scenes.py on the A76XX: the other side, the network or the module ends the connection."""

from tests.net import test_closing_scenes as scenes
from tests.net.test_closing_scenes import CUT, PACED

SIZES = (0, 1, 14, 512, 1499, 1500, 1501, 3000, 4561)


def test_an_end_in_order_after_any_number_of_bytes():
    scenes._in_order("buffer", SIZES, CUT, model="a76xx")
    scenes._in_order("buffer", (0, 1, 1500, 3001), PACED, model="a76xx")
    scenes._in_order("push", SIZES, CUT, model="a76xx", rxbuf=8192)


def test_an_end_in_order_in_transparent_mode():
    scenes._in_order("transparent", (0, 1501, 3000), CUT, model="a76xx", rxbuf=8192)


def test_a_reset_in_mid_stream():
    scenes._cut_off("buffer", CUT, model="a76xx")
    scenes._cut_off("push", CUT, model="a76xx", rxbuf=32768)


def test_a_reset_in_mid_stream_in_transparent_mode():
    scenes._cut_off("transparent", CUT, model="a76xx", rxbuf=32768)


def test_the_ends_of_tls_sessions():
    for access in ("buffer", "push"):
        scenes._over_tls(scenes._in_order, access, "a76xx", (0, 1501, 4561), CUT, rxbuf=8192)
        scenes._over_tls(scenes._cut_off, access, "a76xx", CUT, rxbuf=32768)


def test_every_connection_is_closed_at_once():
    for access in ("buffer", "push", "transparent"):
        scenes._struck(access, "close:after=20000", CUT, model="a76xx", rxbuf=32768)


def test_the_network_is_closed_unexpectedly_and_can_be_connected_again():
    for access in ("buffer", "push"):
        scenes._struck(access, "context-loss:after=20000", CUT, model="a76xx", end=("ConnectionClosed",), rxbuf=32768)
    scenes._struck("transparent", "context-loss:after=20000", CUT, model="a76xx", end=("end", "ConnectionClosed"), rxbuf=32768)


def test_the_module_restarts():
    ends = ("ModemRestarted", "ProtocolError")
    for access in ("buffer", "push"):
        fault = "reboot:after=20000,down_ms=300"
        scenes._struck(access, fault, CUT, model="a76xx", end=ends, least=10000, rxbuf=32768)


def test_clients_of_a_listener_leave_before_and_after_they_are_accepted():
    scenes._clients("buffer", CUT, "a76xx", turned_away=0)  # the module takes all it has links for
    scenes._clients("push", CUT, "a76xx", turned_away=0)
