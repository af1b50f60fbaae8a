# CPython only: it starts the virtual modem, TLS servers and both Pythons.
"""TLS by the module, end to end: real servers with real certificates, the virtual modem, the driver on both Pythons."""

import concurrent.futures
import contextlib
import json
import pathlib
import ssl
import tempfile
import threading
import time

from modem import Modem
from ports.tty_uart import TtyUart
from tests.rigs import scene_runner
from tests.rigs.tls_network import DAY, Authority, Identity, server_context

NOW = int(time.time())
LIVE = {"starts": NOW - 10 * DAY, "ends": NOW + 10 * DAY}
GOOD = {"ca": "UFS:ca.pem"}
CUT = ("--fault", "fragment:max=200,gap_ms=0")
PACED = ("--baud", "921600", "--latency-ms", "2", "--fault", "fragment:max=64")
HOSTS = ("--host", "good.test=127.0.0.1", "--host", "other.test=127.0.0.1")


class _TlsServer(scene_runner._Server):
    """The data server of the rig behind TLS."""

    context = None

    def get_request(self):
        sock, address = super().get_request()
        sock.settimeout(20)
        return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), address


class _Handler(scene_runner._Handler):
    def handle(self):
        self.request.do_handshake()
        super().handle()
        with contextlib.suppress(OSError, ValueError):  # a connection that was reset has nothing to unwrap
            self.request.unwrap()


@contextlib.contextmanager
def tls_server(context):
    """Run a data server that speaks TLS with `context`; yields its port."""
    with _TlsServer(("127.0.0.1", 0), _Handler) as server:
        server.context = context
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


class World:
    """An authority, its servers, a folder with the files that the module gets."""

    def __init__(self, stack):
        self._stack = stack
        self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.authority = Authority(starts=NOW - 100 * DAY, ends=NOW + 100 * DAY)
        self.files = []
        self.cases = []
        self.want = {}
        self.file("ca.pem", self.authority.pem)

    def file(self, name, data):
        """Have `data` stored on the module as `name`."""
        (self.folder / name).write_bytes(data)
        self.files.append(["UFS:" + name, str(self.folder / name)])

    def serve(self, identity=None, **options):
        """Run a server; return its port."""
        context = server_context(identity or self.authority.issue("good.test", **LIVE), **options)
        return self._stack.enter_context(tls_server(context))

    def case(self, ident, want, port, host="good.test", tls=GOOD, **more):
        """Plan a connection, and note what is to come of it."""
        self.cases.append({"id": ident, "host": host, "port": port, "tls": tls, "down": 300, **more})
        self.want[ident] = want

    def run(self, model, *options, flavours=("sync", "async"), pythons=None):
        """Have the driver do what was planned, on each Python in each flavour, all at a time, and compare."""
        plan = self.folder / "plan.json"
        plan.write_text(json.dumps({"files": self.files, "cases": self.cases}))

        def play(who):
            with scene_runner.vmodem(*HOSTS, *options, model=model) as device:
                return who, scene_runner.run_scene("tls", device, who[1], plan, python=who[0], timeout_s=200)

        with concurrent.futures.ThreadPoolExecutor() as pool:
            for who, found in pool.map(
                play, [(python, flavour) for python in pythons or scene_runner.pythons() for flavour in flavours]
            ):
                wrong = {key: value for key, value in found["found"].items() if value != self.want[key]}
                assert found["found"] == self.want, (model, who, wrong)
                assert found["names"] == sorted(name[4:] for name, _ in self.files)


@contextlib.contextmanager
def world():
    """Return a World whose servers end with the test."""
    with contextlib.ExitStack() as stack:
        yield World(stack)


def _certificates(w, failed):
    """Plan a connection to each sort of server; `failed` is the code of a handshake that did not come about."""
    authority, stranger = w.authority, Authority("Stranger", key="stranger", starts=NOW - DAY, ends=NOW + DAY)
    good = w.serve()
    w.case("good chain", "ok", good)
    w.case("nothing verified", "ok", good, tls={"verify": False})
    w.case("no CA given", "ValueError: no CA file", good, tls={})
    w.file("stranger.pem", stranger.pem)
    w.case("wrong CA", failed, good, tls={"ca": "UFS:stranger.pem"})
    expired = w.serve(authority.issue("good.test", starts=NOW - 9 * DAY, ends=NOW - DAY))
    w.case("expired", failed, expired)
    w.case("expired, dates ignored", "ok", expired, tls={"ca": "UFS:ca.pem", "check_time": False})
    w.case("not yet valid", failed, w.serve(authority.issue("good.test", starts=NOW + DAY, ends=NOW + 9 * DAY)))
    own = w.serve(Identity(stranger.key, stranger.certificate))
    w.case("self-signed", failed, own)
    w.case("self-signed, not verified", "ok", own, tls={"verify": False})
    client = authority.issue(common_name="client", key="client", **LIVE)
    w.file("client.pem", client.certificate_pem)
    w.file("client.key", client.key_pem)
    demanding = w.serve(client_ca=authority)
    mine = {"ca": "UFS:ca.pem", "cert": "UFS:client.pem", "key": "UFS:client.key"}
    w.case("client certificate given", "ok", demanding, tls=mine)
    w.case("client certificate given, nobody asks", "ok", good, tls=mine)
    w.case("client certificate missing", failed, demanding)
    w.case("client certificate given, wrong CA of the server", failed, demanding, tls={**mine, "ca": "UFS:stranger.pem"})
    foreign = stranger.issue(common_name="client", key="foreign", **LIVE)
    w.file("foreign.pem", foreign.certificate_pem)
    w.file("foreign.key", foreign.key_pem)
    theirs = {"ca": "UFS:ca.pem", "cert": "UFS:foreign.pem", "key": "UFS:foreign.key"}
    w.case("client certificate of another CA", failed, demanding, tls=theirs)
    w.case("key of another certificate", failed, demanding, tls={**mine, "key": "UFS:foreign.key"})
    w.case("suite of both", "ok", good, tls={"ca": "UFS:ca.pem", "ciphers": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"})
    narrow = w.serve(ciphers="ECDHE-RSA-AES128-GCM-SHA256")
    w.case("suite of one", failed, narrow, tls={"ca": "UFS:ca.pem", "ciphers": "TLS_RSA_WITH_AES_256_CBC_SHA"})
    w.case("version of one", failed, w.serve(version=ssl.TLSVersion.TLSv1_2), tls={"ca": "UFS:ca.pem", "version": "tls1.1"})
    w.case("CA file missing", failed, good, tls={"ca": "UFS:nowhere.pem"})


def test_each_sort_of_certificate_on_ec200u():
    with world() as w:
        _certificates(w, 579)
        named = w.serve(w.authority.issue("other.test", **LIVE))
        w.case("wrong name", 579, named)
        w.case("wrong name, ignored", "ok", named, tls={"ca": "UFS:ca.pem", "ignore": ["name"]})
        w.case("any fault, ignored", "ok", named, tls={"ca": "UFS:ca.pem", "ignore": "all"})
        w.run("ec200u")
        w.run("eg915u", flavours=("async",), pythons=scene_runner.pythons()[-1:])


def test_each_sort_of_certificate_on_bg96():
    with world() as w:
        _certificates(w, 566)
        w.case("wrong name", "ok", w.serve(w.authority.issue("other.test", **LIVE)))  # it knows no check of names
        w.run("bg96")


def test_every_setting_is_read_back():
    few = {
        "ca": "UFS:ca.pem",
        "cert": None,
        "key": None,
        "verify": True,
        "version": "tls1.2",
        "ciphers": None,
        "check_time": True,
    }
    few["handshake_timeout_s"] = 300
    more = {"ca_extra": None, "sni": True, "dtls": False, "ignore": []}
    suite = {"ciphers": "TLS_RSA_WITH_AES_128_CBC_SHA", "version": "tls1.1", "check_time": False, "handshake_timeout_s": 11}
    other = {**few, **suite, "ciphers": [0x2F], "cert": "UFS:c.pem", "key": "UFS:c.key"}
    own = {"ca_extra": "UFS:b.pem", "sni": False, "dtls": True, "ignore": ["expired", "key", "chain", "broken signature"]}
    with world() as w:
        port = w.serve()
        w.case("usual", "ok", port, read=few)
        w.case("other", "ok", port, tls={**GOOD, **suite, "cert": "UFS:c.pem", "key": "UFS:c.key"}, read=other)
        w.case("nothing verified", "ok", port, tls={"verify": False}, read={**few, "ca": None, "verify": False})
        w.run("bg96")
        for case in w.cases:
            case["read"].update(more)
        tls = {**w.cases[1]["tls"], **own}
        w.case("every one", "ok", port, tls=tls, read={**other, **own})
        w.run("ec200u")
        w.run("eg915u", flavours=("sync",), pythons=scene_runner.pythons()[:1])


def test_a_clock_that_is_unset_is_set_before_certificates_are_judged():
    with world() as w:
        w.case("good chain", "ok", w.serve())
        expired = w.serve(w.authority.issue("good.test", starts=NOW - 9 * DAY, ends=NOW - DAY))
        w.case("expired", 566, expired)
        w.run("bg96", "--quirk", "clock=unset", flavours=("sync",))


def test_a_server_with_a_certificate_for_each_name():
    with world() as w:
        context = server_context(w.authority.issue("default.test", **LIVE))
        special = server_context(w.authority.issue("good.test", key="special", **LIVE))

        def choose(sock, name, context):
            if name == "good.test":
                sock.context = special

        context.sni_callback = choose
        with tls_server(context) as port:
            w.case("named", "ok", port)
            w.case("not named", 579, port, tls={"ca": "UFS:ca.pem", "sni": False})
            w.run("eg915u", flavours=("sync",))


def test_a_mebibyte_each_way_in_buffer_mode():
    with world() as w:
        w.case("mebibyte", "ok", w.serve(), down=1 << 20, up=1 << 20)
        w.run("ec200u", *CUT)


def _every_access_mode(w, n):
    port = w.serve()
    for access in ("buffer", "push", "transparent"):
        w.case(access, "ok", port, down=n, up=n, access=access)
    w.case("ended by the server", "ok", port, down=n, access="push", ask="GET")


def test_every_access_mode_on_a_line_that_cuts():
    with world() as w:
        _every_access_mode(w, 65536)
        w.run("ec200u", *CUT)
        w.run("bg96", *CUT, flavours=("sync",), pythons=scene_runner.pythons()[-1:])


def test_every_access_mode_on_a_slow_line():
    with world() as w:
        _every_access_mode(w, 16384)
        w.case("transparent, ended by the server", "ok", w.serve(), down=3000, access="transparent", ask="GET")
        w.run("bg96", *PACED, flavours=("async",), pythons=scene_runner.pythons()[:1])
        w.run("eg915u", *PACED, flavours=("sync",), pythons=scene_runner.pythons()[-1:])


def test_twelve_sockets_over_six_contexts():
    with world() as w:
        w.case("twelve", "ok", w.serve(), many=12, sets=6)
        w.run("ec200u", *CUT)
        w.run("bg96", *CUT, flavours=("async",), pythons=scene_runner.pythons()[-1:])


def diagnosis(w, model, port, tls, host="good.test", *options):
    """Run diagnose() on a fresh module; return its findings by step."""
    with scene_runner.vmodem(*HOSTS, *options, model=model) as device:
        modem = Modem(TtyUart(device))
        modem.start()
        modem.connect("internet")
        for name, path in w.files:
            with open(path, "rb") as f:
                modem.files.put(name, f)
        findings = modem.diagnose(host, port, modem.tls_context(**tls) if tls is not None else None)
        modem.close()
    return {finding.step: (finding.ok, finding.text) for finding in findings}, [finding.step for finding in findings]


def test_the_doctor_finds_what_is_wrong():
    from tests.conformance import check

    first = ["module", "SIM", "registration", "signal", "context", "DNS servers", "name lookup", "TCP"]
    with world() as w:
        stranger = Authority("Stranger", key="stranger", starts=NOW - DAY, ends=NOW + DAY)
        w.file("stranger.pem", stranger.pem)
        good = w.serve()
        found, steps = diagnosis(w, "ec200u", good, GOOD)
        assert steps == first + ["certificate files", "clock", "TLS"] and all(ok for ok, _ in found.values()), found

        found, steps = diagnosis(w, "ec200u", good, {"ca": "UFS:stranger.pem"})
        check("Q-393", steps, first + ["certificate files", "clock", "TLS version and cipher suite", "CA", "TLS"])
        assert not found["CA"][0] and "stranger.pem" in found["CA"][1] and "579" in found["TLS"][1], found
        assert "diagnose" not in found["TLS"][1]

        expired = w.serve(w.authority.issue("good.test", starts=NOW - 9 * DAY, ends=NOW - DAY))
        found, _ = diagnosis(w, "bg96", expired, GOOD)
        assert found["CA"][0] and not found["dates"][0], found

        named = w.serve(w.authority.issue("other.test", **LIVE))
        found, _ = diagnosis(w, "ec200u", named, GOOD)
        assert found["CA"][0] and "other" in found["host name"][1], found

        narrow = w.serve(version=ssl.TLSVersion.TLSv1_2, ciphers="ECDHE-RSA-AES128-GCM-SHA256")
        found, _ = diagnosis(w, "ec200u", narrow, {"ca": "UFS:ca.pem", "ciphers": "TLS_RSA_WITH_AES_256_CBC_SHA"})
        assert found["TLS version and cipher suite"][0] is False, found

        found, _ = diagnosis(w, "ec200u", good, {"ca": "UFS:nowhere.pem"})
        assert "UFS:nowhere.pem" in found["certificate files"][1], found
        found, _ = diagnosis(w, "ec200u", good, {})
        assert "modem.files.put" in found["CA file"][1], found

        found, steps = diagnosis(w, "ec200u", 9, GOOD)
        assert steps[-1] == "TCP" and not found["TCP"][0], found
        found, steps = diagnosis(w, "ec200u", good, GOOD, "nowhere.test")
        assert steps[-1] == "name lookup" and not found["name lookup"][0], found


def test_the_doctor_looks_at_client_certificates_and_the_clock():
    step = "TLS version and cipher suite"
    with world() as w:
        stranger = Authority("Stranger", key="stranger", starts=NOW - DAY, ends=NOW + DAY)
        for name, issuer in (("mine", w.authority), ("foreign", stranger)):
            identity = issuer.issue(common_name="client", key=name, **LIVE)
            w.file(name + ".pem", identity.certificate_pem)
            w.file(name + ".key", identity.key_pem)
        demanding = w.serve(client_ca=w.authority)

        def given(name):
            return {"ca": "UFS:ca.pem", "cert": "UFS:%s.pem" % name, "key": "UFS:%s.key" % name}

        found, steps = diagnosis(w, "ec200u", demanding, GOOD)
        assert found[step][0] is False and "client certificate" in found[step][1] and "CA" not in steps, found
        found, steps = diagnosis(w, "bg96", demanding, given("mine"))
        assert steps[-1] == "TLS" and all(ok for ok, _ in found.values()), found
        found, steps = diagnosis(w, "ec200u", demanding, given("foreign"))
        assert [found[name][0] for name in (step, "CA", "client certificate", "TLS")] == [None, None, None, False], found
        assert "UFS:foreign.pem" in found["client certificate"][1], found
        found, _ = diagnosis(w, "ec200u", demanding, given("nowhere"))
        assert "UFS:nowhere.pem, UFS:nowhere.key" in found["certificate files"][1] and "TLS" not in found, found

        good = w.serve()
        found, _ = diagnosis(w, "eg915u", good, GOOD, "good.test", "--quirk", "clock=unset")
        assert found["clock"][0] is False and "1980: call sync_time" in found["clock"][1] and found["TLS"][0], found
        found, steps = diagnosis(w, "ec200u", good, {"verify": False}, "good.test", "--quirk", "clock=unset")
        assert "nothing is verified" in found["TLS"][1] and "clock" not in steps, found
