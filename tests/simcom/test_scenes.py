# CPython only: it starts the virtual modem and both Pythons.
"""Every service type and access mode of the A76XX note, end to end, on both Pythons, sync and asyncio."""

import concurrent.futures
import contextlib
import socket
import ssl
import time

from modem import CommandError, ConnectionClosed, Modem, NotSupported
from ports.tty_uart import TtyUart
from tests.net.test_tls_scenes import LIVE, NOW, Authority, Identity, diagnosis, server_context, tls_server, world
from tests.rigs.assertions import raises
from tests.rigs.network_peers import datagrams, free_port, peers, with_echo
from tests.rigs.scene_runner import _Handler, data_server, payload, pythons, run_scene, vmodem

CUT = ("--fault", "fragment:max=200,gap_ms=0")
CA = {"ca": "ca.pem"}
LATE = ("late:every=30,ms=300", "same-prefix:every=7")
RAIN = ("fragment:max=50", "storm:ms=20,n=3")
PACED = ("--baud", "921600", "--latency-ms", "2", "--fault", "fragment:max=64")


def _flavours():
    return [(python, flavour) for python in pythons() for flavour in ("sync", "async")]


def _access(access, n, options, model="a76xx"):
    """Play the scene on each Python in each flavour, all at a time."""

    def play(who):
        with vmodem(*options, model=model) as device:
            return who, run_scene("access", device, who[1], port, access, n, python=who[0])

    with data_server() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(play, _flavours()):
            want = {"overflow": 0, "down": True, "end": True, "up": True, "lost": 0, "rssi": True}
            assert found == want, (who, model, options, found)


def test_a_mebibyte_each_way_in_buffer_mode():
    _access("buffer", 1 << 20, CUT)


def test_a_mebibyte_each_way_by_direct_push():
    _access("push", 1 << 20, CUT)


def test_a_mebibyte_each_way_in_transparent_mode():
    _access("transparent", 1 << 20, CUT)


def test_each_access_mode_paced_and_cut_in_both_flavours():
    for access in ("buffer", "push", "transparent"):
        _access(access, 16384, PACED)


def test_each_access_mode_on_sim7100():
    for access in ("buffer", "push", "transparent"):
        _access(access, 65536, CUT, "sim7100")


def test_one_transparent_connection_left_and_taken_up_again():
    def play(who):
        with vmodem(*PACED, model="a76xx") as device:
            return who, run_scene("escape", device, who[1], port, python=who[0])

    with data_server() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(play, _flavours()):
            assert len(found) == 6 and all(found.values()), (who, found)


def _servers(access, clients, n, options, model="a76xx"):
    def play(who):
        with vmodem(*options, model=model) as device:
            return who, run_scene("servers", device, who[1], port, free_port(), access, clients, n, python=who[0])

    with peers() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(play, _flavours()):
            assert found == {"same": True, "clients": "SAME", "incoming": clients, "empty": True}, (who, found)


def test_a_listener_with_three_clients_in_buffer_mode():
    _servers("buffer", 3, 22000, CUT)  # more than 64 KiB in all
    _servers("buffer", 3, 4000, PACED)


def test_a_listener_with_three_clients_by_direct_push():
    _servers("push", 3, 22000, CUT)
    _servers("push", 3, 4000, PACED)
    _servers("push", 2, 8192, CUT, "sim7100")


def test_four_listeners_at_a_time_and_no_fifth():
    def play(who):
        with vmodem(*CUT, model="a76xx") as device:
            own = [free_port() for _ in range(5)]
            return who, run_scene("listeners", device, who[1], port, *own, python=who[0])

    with peers() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(play, _flavours()):
            assert found == {"clients": ["SAME"] * 4, "fifth": True, "again": "SAME", "left": 0}, (who, found)


def _datagrams(access, count, options, model="a76xx"):
    def play(who):
        with vmodem(*options, model=model) as device:
            own = free_port(socket.SOCK_DGRAM)
            return who, run_scene("datagrams", device, who[1], port, own, access, count, python=who[0])

    sent = sum(map(len, datagrams(1, count)))
    with peers() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(play, _flavours()):
            assert found.pop("service") == "SAME" and found.pop("seen") == sent, (who, found)
            assert found.pop("sizes", [3, 5, 7]) == [3, 5, 7], (who, found)
            assert found == {"connected": True, "too long": True, "time-out": True, "named": True}, (who, found)


def test_datagrams_in_buffer_mode():
    _datagrams("buffer", 130, CUT)  # more than 64 KiB
    _datagrams("buffer", 20, PACED)


def test_datagrams_by_direct_push():
    _datagrams("push", 130, CUT)
    _datagrams("push", 20, PACED)
    _datagrams("push", 20, CUT, "sim7100")


def test_what_is_on_its_way_is_counted():
    def play(python):
        with vmodem("--fault", "same-prefix:every=5", "--fault", "fragment:max=64,gap_ms=0", model="a76xx") as device:
            return python, run_scene("transfer", device, port, 16384, 16384, python=python)

    with data_server() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for python, found in pool.map(play, pythons()):
            assert found["same"] and found["upload"] == "SAME", (python, found)
            sent, acked, pending = found["stats"]
            assert sent == acked > 16384 and pending == 0, (python, found)


def _certificates(w):
    """Plan a connection to each sort of server. The manual does not say that the host name is looked at."""
    authority, stranger = w.authority, Authority("Stranger", key="stranger", starts=NOW - 86400, ends=NOW + 86400)
    w.file("stranger.pem", stranger.pem)
    good = w.serve()
    w.case("good chain", "ok", good, tls=CA)
    w.case("nothing verified", "ok", good, tls={"verify": False})
    w.case("no CA given", "ValueError: no CA file", good, tls={})
    w.case("wrong CA", 15, good, tls={"ca": "stranger.pem"})
    w.case("CA file missing", 19, good, tls={"ca": "nowhere.pem"})
    expired = w.serve(authority.issue("good.test", starts=NOW - 9 * 86400, ends=NOW - 86400))
    w.case("expired", 15, expired, tls=CA)
    w.case("expired, dates ignored", "ok", expired, tls={**CA, "check_time": False})
    w.case("not yet valid", 15, w.serve(authority.issue("good.test", starts=NOW + 86400, ends=NOW + 9 * 86400)), tls=CA)
    own = w.serve(Identity(stranger.key, stranger.certificate))
    w.case("self-signed", 15, own, tls=CA)
    w.case("self-signed, not verified", "ok", own, tls={"verify": False})
    client = authority.issue(common_name="client", key="client", **LIVE)
    w.file("client.pem", client.certificate_pem)
    w.file("client-key.pem", client.key_pem)
    demanding = w.serve(client_ca=authority)
    mine = {"cert": "client.pem", "key": "client-key.pem"}
    w.case("client certificate given", "ok", demanding, tls={**CA, **mine})
    w.case("client certificate given, server not verified", "ok", demanding, tls={**mine, "verify": False})
    w.case("client certificate missing", 15, demanding, tls=CA)
    w.case("version of one", 15, w.serve(version=ssl.TLSVersion.TLSv1_2), tls={**CA, "version": "tls1.1"})
    w.case("any version", "ok", good, tls={**CA, "version": "all"})
    w.case("two sockets at a time", "ok", good, tls=CA, many=2, sets=2)


def test_tls_with_each_sort_of_certificate():
    with world() as w:
        _certificates(w)
        w.run("a76xx", *CUT)


def test_a_server_with_a_certificate_for_each_name():
    with world() as w:
        context = server_context(w.authority.issue("default.test", starts=NOW - 9 * 86400, ends=NOW - 86400))
        special = server_context(w.authority.issue("good.test", key="special", **LIVE))

        def choose(sock, name, context):
            if name == "good.test":
                sock.context = special

        context.sni_callback = choose
        with tls_server(context) as port:
            w.case("named", "ok", port, tls=CA)
            w.case("not named", 15, port, tls={**CA, "sni": False})
            w.run("a76xx", flavours=("sync",))


def test_a_mebibyte_each_way_over_tls():
    with world() as w:
        w.case("mebibyte", "ok", w.serve(), tls=CA, down=1 << 20, up=1 << 20)
        w.run("a76xx", *CUT, flavours=("sync",))


def _tls_modes(n, options):
    with world() as w:
        port = w.serve()
        for access in ("buffer", "push"):
            w.case(access, "ok", port, down=n, up=n, access=access, tls=CA)
            w.case(access + ", ended by the server", "ok", port, down=n, access=access, ask="GET", tls=CA)
        w.run("a76xx", *options)


def test_tls_in_both_access_modes():
    _tls_modes(65536, CUT)


def test_tls_in_both_access_modes_on_a_slow_line():
    _tls_modes(6000, PACED)


def test_sockets_with_and_without_tls_at_the_same_time():
    with world() as w, data_server() as port:
        w.case("both", "ok", w.serve(), tls=CA, plain=port)
        w.run("a76xx", *CUT)


def test_ipv6_alone():
    def play(who):
        with vmodem("--host", "six.test=::1", *CUT, model="a76xx") as device:
            return who, run_scene("six", device, who[1], port, free_port(), python=who[0])

    with with_echo(_Handler, "::1") as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found in pool.map(play, _flavours()):
            assert len(found) == 10 and all(found.values()), (who, found)


def _call(own, data, count):
    """Be the clients of a transparent server, one behind the other: each wants back what it sends. One that finds the link still in
    use is turned away, and calls again."""
    back = []
    end = time.monotonic() + 150
    while len(back) < count and time.monotonic() < end:
        got = b""
        with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", own), 20) as client:
            client.sendall(data)
            while len(got) < len(data):
                more = client.recv(4096)
                if not more:
                    break
                got += more
        if got:
            back.append(got == data)
        time.sleep(0 if got else 0.02)
    return back


def test_clients_of_a_transparent_server_one_behind_the_other():
    data = payload(3, 1000)

    def play(who):
        own = free_port()
        with vmodem(*CUT, model="a76xx") as device, concurrent.futures.ThreadPoolExecutor() as caller:
            calls = caller.submit(_call, own, data, 3)
            return who, run_scene("one_client", device, who[1], own, 3, python=who[0]), calls.result()

    with concurrent.futures.ThreadPoolExecutor() as pool:
        for who, found, calls in pool.map(play, _flavours()):
            assert found == {"ends": [True] * 3, "rssi": True} and calls == [True] * 3, (who, found, calls)


def _faulty(scene, *options):
    """Run `scene(modem, port)` against a module with faults, in this process."""
    with data_server() as port, vmodem(*options, model="a76xx") as device:
        modem = Modem(TtyUart(device))
        modem.start()
        modem.connect("internet")
        scene(modem, port)
        assert modem.status("rssi") is not None
        with modem.create_connection(("srv", port)) as sock:
            sock.sendall(b"ECHO 5\nhello")
            assert sock.read(5) == b"hello"
        modem.close()


def test_a_module_that_takes_less_than_it_was_asked_to_ends_the_connection():
    def scene(modem, port):
        sock = modem.create_connection(("srv", port))
        sock.sendall(b"ECHO 100\n")
        with raises(ConnectionClosed, "took 0 of 50"):
            sock.sendall(bytes(50))
        with raises(ConnectionClosed, "took 0 of 50"):
            sock.send(b"x")
        sock.close()

    _faulty(scene, "--fault", "send-fail:skip=1,times=1")


def test_a_module_that_is_busy_says_so_in_each_command():
    def scene(modem, port):
        with raises(CommandError, "busy") as error:
            modem.create_connection(("srv", port))
        assert (error.value.code, error.value.lines) == (8, [b"+CIPOPEN: 0,8"])
        sock = modem.create_connection(("srv", port))
        with raises(CommandError, "busy"):
            sock.send(b"x")
        sock.sendall(b"ECHO 5\nthere")
        assert sock.read(5) == b"there"
        sock.close()

    _faulty(scene, "--fault", "busy:cmd=+CIPOPEN,times=1", "--fault", "busy:cmd=+CIPSEND,times=1")


def test_one_access_mode_at_a_time():
    def scene(modem, port):
        kinds = {"buffer": 8192, "push": 8192, "transparent": 8192}
        for access, rxbuf in kinds.items():
            sock = modem.socket(access=access, rxbuf=rxbuf)
            sock.settimeout(10)
            sock.connect(("srv", port))
            sock.sendall(b"ECHO 5\nthere")
            assert sock.read(5) == b"there"
            if access == "transparent":
                sock.escape()
            for other in kinds:
                if other != access or access == "transparent":
                    with raises(NotSupported, "link 0 and no other" if other == access else access + " is in force"):
                        modem.create_connection(("srv", port), access=other)
            sock.close()

    _faulty(scene)


def test_options_that_change_what_the_module_does():
    def scene(modem, port):
        modem.configure("ciptimeout", 20000, 3000, 4000)
        modem.configure("cipsendmode", 1)  # results of sends wait for the peer
        modem.configure("ctcpka", 1, 2, 5, 1)
        modem.configure("cipccfg/nmretry", 3)
        modem.configure("cipccfg/delaytm", 30)
        modem.configure("cipccfg/timeoutval", 900)
        sock = modem.create_connection(("srv", port))
        sock.settimeout(10)
        sock.sendall(b"ECHO 9000\n" + bytes(9000))
        assert sock.stats()[2] == 0 and sock.read(9000) == bytes(9000)
        assert modem.configure("ciptimeout") == (20000, 3000, 4000) and modem.configure("ctcpka") == (1, 2, 5, 1)
        found = [modem.configure("cipccfg/" + name)[0] for name in ("nmretry", "delaytm", "timeoutval")]
        assert found == [3, 30, 900] and modem.configure("csocksetpn") == (1, 1)
        sock.close()

    _faulty(scene)


def test_an_option_that_only_later_firmware_has():
    def later(modem, port):
        modem.configure("cipcfg/transwaittm", 200)
        assert modem.configure("cipcfg/transwaittm") == (200,) and modem.configure("cipcfg/dataecho")[1] == "OFF"

    def early(modem, port):
        with raises(CommandError):
            modem.configure("cipcfg/transwaittm", 200)

    _faulty(later, "--quirk", "dataecho=on")
    _faulty(early)


def test_the_doctor_finds_what_is_wrong():
    with world() as w:
        good = w.serve()
        stranger = Authority("Stranger", key="stranger", starts=NOW - 86400, ends=NOW + 86400)
        w.file("stranger.pem", stranger.pem)
        found, steps = diagnosis(w, "a76xx", good, CA)
        assert steps[-1] == "TLS" and all(ok for ok, _ in found.values()), found
        found, _ = diagnosis(w, "a76xx", good, {"ca": "stranger.pem"})
        assert not found["CA"][0] and "15" in found["TLS"][1], found
        expired = w.serve(w.authority.issue("good.test", starts=NOW - 9 * 86400, ends=NOW - 86400))
        found, _ = diagnosis(w, "a76xx", expired, CA)
        assert found["CA"][0] and not found["dates"][0], found
        found, _ = diagnosis(w, "a76xx", good, {"ca": "nowhere.pem"})
        assert "nowhere.pem" in found["certificate files"][1], found
        found, steps = diagnosis(w, "a76xx", 9, CA)
        assert steps[-1] == "TCP" and not found["TCP"][0], found
        found, steps = diagnosis(w, "a76xx", good, CA, "nowhere.test")
        assert steps[-1] == "name lookup" and not found["name lookup"][0], found


def test_an_open_that_the_module_gives_up_after_its_own_time():
    def scene(modem, port):
        modem.configure("ciptimeout", 120000, 3000, 120000)
        with raises(CommandError, "DNS") as error:
            modem.create_connection(("slow.test", port), timeout=30)
        assert error.value.code == 11

    with data_server() as port, vmodem("--fault", "dns-silent", model="a76xx") as device:
        modem = Modem(TtyUart(device))
        modem.start()
        modem.connect("internet")
        scene(modem, port)
        modem.close()


def test_three_sockets_with_late_replies_and_urcs_in_between_under_asyncio():
    def play(python, faults):
        with vmodem(*[word for fault in faults for word in ("--fault", fault)], model="a76xx") as device:
            return python, run_scene("many", device, port, 3, 24000, python=python)

    runs = [(python, faults) for python in pythons() for faults in (LATE, RAIN)]
    with data_server() as port, concurrent.futures.ThreadPoolExecutor() as pool:
        for python, found in pool.map(play, *zip(*runs)):
            assert found["same"] == [True] * 3, (python, found)
            assert found["cancels"] > 0 and found["rssi"] is not None, (python, found)
