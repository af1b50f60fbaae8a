# CPython only: it starts the virtual modem and both Pythons.
"""On a module of each vendor: a supervisor keeps the connection up; DTR ends transparent mode."""

import concurrent.futures

from modem import Modem
from ports.pyserial_uart import SerialUART
from tests.rigs.scene_runner import data_server, pythons, run_scene, vmodem

CUT = ("--fault", "fragment:max=200,gap_ms=0")


def _kept_up(n, *faults):
    """Play the supervisor's scene on both Pythons and on a module of each vendor, all at a time."""

    def play(who):
        python, model = who
        with vmodem(*CUT, *[word for fault in faults for word in ("--fault", fault)], model=model) as device:
            return who, run_scene("keep_up", device, port, n, python=python)

    with data_server() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        return list(pool.map(play, [(python, model) for python in pythons() for model in ("ec600e", "a76xx")]))


def test_supervisor_survives_lost_contexts():
    for who, found in _kept_up(8, "context-loss:after=30000", "context-loss:after=90000"):
        assert found["good"] == 8 and found["bad"] == 0 and "context lost" in found["events"], (who, found)
        assert found["states"][-1] == "up" and found["restarts"] == 0, (who, found)


def test_supervisor_survives_restarts_of_the_module():
    for who, found in _kept_up(6, "reboot:after=30000,down_ms=800"):
        assert found["good"] == 6 and found["bad"] == 0 and "reboot" in found["events"], (who, found)


def test_transparent_mode_is_left_by_dtr_where_the_port_carries_it():
    for model in ("ec600e", "a76xx"):
        with data_server() as port, vmodem("--rfc2217", "127.0.0.1:0", model=model) as address:
            modem = Modem(SerialUART("rfc2217://" + address, 115200))
            modem.start()
            modem.connect("internet")
            sock = modem.socket(access="transparent", rxbuf=8192)
            sock.settimeout(10)
            sock.connect(("srv", port))
            sock.sendall(b"ECHO 15\n")
            for word in (b"hello", b"again", b"three"):
                sock.sendall(word)
                assert sock.read(5) == word
                sock.escape(dtr=True)
                modem.sleep()  # DTR lets the module sleep, and wakes it
                assert modem.status("rssi") is not None and modem.connections(0)
                sock.resume()
            sock.close()
            modem.close()
