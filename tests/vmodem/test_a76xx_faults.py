# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual A76XX when things go wrong: restarts, a network that swallows everything, refusals and late results on demand."""

from tests.rigs.virtual_a76xx import HOST, OK, PEER, PROMPT, SimcomRig, SimcomTlsRig, frames

OPEN = 'AT+CIPOPEN=%%d,"TCP","%s",80' % PEER


def test_restart_when_commands_are_under_way():
    rig = SimcomRig(faults=["reboot:at=10,down_ms=1000"]).service()
    rig.command("AT+CIPRXGET=1")
    peer = rig.tcp(1)
    rig.net.silent = True
    assert rig.command(OPEN % 2) == OK
    assert rig.command("AT+CIPSEND=1,10") == PROMPT
    rig.host(b"half")
    assert rig.pass_time(10.5) == b""
    assert rig.pass_time(2).startswith(frames("*ATREADY: 1", "+CPIN: READY"))
    assert peer.gone and not peer.received
    assert rig.command("AT+NETOPEN?") == frames("+NETOPEN: 0", "OK")
    assert rig.command("AT+CIPRXGET?") == frames("+CIPRXGET: 0", "OK")


def test_restart_when_payload_has_been_delivered():
    rig = SimcomRig(faults=["reboot:after=1000"]).service()
    peer = rig.tcp(1)
    peer.send(bytes(999))
    assert len(rig.port.take()) > 999
    peer.send(b"x")
    assert rig.pass_time(5).endswith(frames("PB DONE"))


def test_restart_when_a_tls_session_is_open():
    rig = SimcomTlsRig(faults=["reboot:at=10"]).configure(authmode=0).start("1,1")
    rig.session()
    peer = rig.net.links[-1]
    rig.pass_time(20)
    assert peer.gone
    assert rig.command("AT+CCHSET?") == frames("+CCHSET: 0,0", "OK")
    assert rig.command("AT+CCHRECV?") == frames("+CCHRECV: LEN,0,0", "OK")


def test_sends_when_the_network_swallows_everything():
    rig = SimcomRig(faults=["blackhole:at=10"]).service()
    rig.command("AT+CIPTIMEOUT=,,5000")
    rig.tcp(1)
    rig.pass_time(11)
    results = []
    for _ in range(7):
        assert rig.command("AT+CIPSEND=1,1500") == PROMPT
        results.append(rig.host(bytes(1500)))
    assert results[5:] == [OK + frames("+CIPSEND: 1,1500,1500"), OK]
    assert rig.pass_time(6) == frames("+CIPSEND: 1,1500,1240", "+IPCLOSE: 1,2")


def test_connections_when_closed_on_demand():
    rig = SimcomRig(faults=["close:after=3"]).service()
    rig.command("AT+CIPRXGET=1")
    peer = rig.tcp(1)
    peer.send(b"abcdef")
    rig.port.take()
    got = rig.command("AT+CIPRXGET=2,1,3") + rig.pass_time()
    assert got.endswith(OK + frames("+IPCLOSE: 1,1"))
    assert rig.command("AT+CIPRXGET=2,1") == frames("+CIPRXGET: 2,1,3,0") + b"def\r\n" + OK


def test_results_when_faults_choose_them():
    rig = SimcomTlsRig(
        faults=["fail:code=15,cmd=+CCHOPEN,urc=1,times=1", "fail:code=10,cmd=+CIPOPEN,urc=1", "fail:code=9,cmd=+CCHSEND"]
    )
    rig.start()
    assert [rig.session(), rig.session()] == [15, 0]
    assert rig.command("AT+CCHSEND=0,1") == frames("ERROR")
    rig.service()
    assert rig.command(OPEN % 1) == OK + frames("+CIPOPEN: 1,10")
    rig = SimcomRig(faults=["fail:code=3,cmd=+CIPSEND", "fail:code=9,cmd=+NETCLOSE,times=1,urc=1"]).service()
    rig.tcp(1)
    assert rig.command("AT+CIPSEND=1,1") == frames("+CIPERROR: 3", "ERROR")
    assert rig.command("AT+NETCLOSE") == OK + frames("+CIPCLOSE: 1,0", "+NETCLOSE: 9")


def test_names_when_servers_are_silent():
    rig = SimcomTlsRig(faults=["dns-silent"]).start()
    assert rig.command('AT+CCHOPEN=0,"%s",443' % HOST) == OK
    assert rig.pass_time(121) == frames("+CCHOPEN: 0,13")


def test_storm_when_it_rages():
    rig = SimcomRig(faults=["storm:ms=100,n=3"])
    assert rig.pass_time(0.1) == frames("+CREG: 1", "+CGREG: 1", "SMS DONE")
