# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""Details that the documents print and that were played otherwise once: closing, state lines, stream mode, echo, URC ports, mail."""

from tests.rigs.virtual_a76xx import SimcomRig, SimcomTlsRig, frames
from tests.rigs.virtual_modem import ERROR, OK, Rig

# Quectel ----------------------------------------------------------------------------------------------------------------


def test_state_lines_of_a_name_and_of_a_port_that_the_module_chose():
    rig = Rig().online()
    rig.net.silent = True
    rig.command('AT+QIOPEN=1,0,"TCP","example.com",80')
    rig.net.silent = False
    rig.open(1, "UDP", host="example.com", port=53)
    rig.open(2, "TCP LISTENER", host="127.0.0.1", local=0)
    lines = rig.command("AT+QISTATE").split(b"\r\n\r\n")
    assert b'0,"TCP","192.0.2.10",80,0,1,' in lines[0], "while it is being opened"
    assert b'1,"UDP","192.0.2.10",53,' in lines[1]
    port = rig.net.listeners[-1].local[1]
    assert port and b'2,"TCP LISTENER","10.7.157.1",0,%d,3,' % port in lines[2]


def test_datagrams_when_the_send_mode_is_stream():
    rig = Rig().online()
    peer = rig.open(0, "UDP", host="192.0.2.9", port=9)

    def send(data):
        assert rig.command("AT+QISEND=0,%d" % len(data)) + rig.host(data) == b"\r\n>\r\nSEND OK\r\n"

    send(b"one")
    send(b"two")
    assert [data for data, _ in peer.datagrams] == [b"one", b"two"], "block mode: a send is a datagram"
    rig.command('AT+QICFG="udp/sendmode",1')
    for _ in range(4):
        send(b"x" * 400)
    rig.pass_time(0.1)
    send(b"late")
    rig.pass_time(0.1)
    assert [len(data) for data, _ in peer.datagrams[2:]] == [1460, 140, 4]


def test_error_texts_of_both_documents():
    texts = {
        "ec600e": [b"invalid parameters", b"socket connect failed"],
        "bg96": [b"invalid parameter", b"socket connection failed"],
    }
    for model, wants in texts.items():
        rig = Rig(model).online()
        rig.net.refuse = "refused"
        got = []
        for line in ("AT+QIRD=99", 'AT+QIOPEN=1,0,"TCP","192.0.2.1",80'):
            rig.command(line)
            got.append(rig.command("AT+QIGETERROR").split(b",")[1].split(b"\r")[0])
        assert got == wants


def test_payload_echo():
    for model, quirks, echo, shown in (
        ("bg96", (), False, False),
        ("bg96", (), True, True),
        ("bg96", ["payload-echo=always"], False, True),
        ("ec600e", (), False, True),
        ("ec600e", ["payload-echo=with-echo"], False, False),
    ):
        rig = Rig(model, quirks=quirks, payload_echo=True).online()
        rig.open()
        rig.command("ATE%d" % echo)
        rig.command("AT+QISEND=0,4")
        assert rig.host(b"data").startswith(b"data") == shown, (model, quirks, echo)


def test_longest_sends():
    rig = Rig().online()
    rig.open()
    assert rig.command('AT+QISENDEX=0,"%s"' % ("00" * 257)) == ERROR
    assert rig.command('AT+QISENDEX=0,"%s"' % ("00" * 256)) == b"\r\nSEND OK\r\n"


# SIMCom -----------------------------------------------------------------------------------------------------------------


def test_close_when_the_peer_keeps_its_side_open():
    rig = SimcomRig().service()
    peer = rig.tcp(1)
    peer.answers_close = False
    assert rig.command("AT+CIPCLOSE=1") == OK + frames("+CIPCLOSE: 1,0")
    assert peer.closing and not peer.was_reset
    peer.send(b"more")
    assert rig.port.take() == b"" and rig.tcp(1) is not peer, "the number is free"
    rig = SimcomTlsRig().start()
    assert rig.session(0) == 0
    rig.net.links[-1].answers_close = False
    assert rig.command("AT+CCHCLOSE=0") == OK + frames("+CCHCLOSE: 0,0")


def test_keep_alive_before_the_service():
    assert SimcomRig().command("AT+CTCPKA=1,2,5,1") == OK
    assert SimcomRig(quirks=["keep-alive=service-only"]).command("AT+CTCPKA=1,2,5,1") == ERROR


def test_socket_options():
    rig = SimcomRig()
    assert rig.command("AT+CSOC=?") == OK
    names = ("Tcp srxt", "Tcp rxt", "Mss", "RecvWin", "DnsTmr")
    lines = rig.command("AT+CSOC?").split(b"\r\n")[1:6]
    assert [line.split(b'"')[1].decode() for line in lines] == list(names)
    assert rig.command('AT+CSOC="Mss",1400') == OK and b'"Mss",1400' in rig.command("AT+CSOC?")
    assert [rig.command("AT+CSOC=" + text) for text in ('"Mss",100', '"Mss"', '"nothing",1', "5")] == [ERROR] * 4
    rig.modem.reboot()
    rig.pass_time(5)
    assert b'"Mss",1460' in rig.command("AT+CSOC?")


def test_port_of_unsolicited_lines():
    for port_name, own in (("uart1", 1), ("usbmodem", 2), ("usbat", 3)):
        rig = Rig("a76xx", port_name=port_name, payload_echo=True)
        for port in range(8):
            assert rig.command("AT+CATR=%d" % port) == OK
            assert rig.command("AT+CATR?") == frames("+CATR: %d" % port, "OK")
            rig.modem.urc("+CREG: 1")
            assert (rig.port.take() == frames("+CREG: 1")) == (port in (0, own)), (port_name, port)
    assert rig.command("AT+CATR=8") == ERROR and rig.command("AT+CATR=?") == frames("+CATR: (0-7)", "OK")
    rig.command("AT+CATR=1")
    rig.modem.reboot()
    assert b"SMS DONE" in rig.pass_time(5)


# Both -------------------------------------------------------------------------------------------------------------------


def test_last_line_when_repeated():
    for model in ("ec600e", "bg96", "a76xx", "sim7100"):
        rig = Rig(model, payload_echo=True)
        answer = rig.command("AT+CSQ")
        assert rig.host(b"A/") == answer and rig.host(b"a/") == answer
        assert rig.host(b"A/\r\n") == answer, "what need not be there does no harm"
        assert rig.command("AT") == OK
    rig = Rig().online()
    peer = rig.open()
    for repeat in (b"A/", b"A/\r", b"A/\r\n"):
        assert rig.command("AT+QISEND=0,2") + rig.host(b"ab") == b"\r\n>\r\nSEND OK\r\n"
        assert rig.host(repeat) == b"\r\n>" and rig.host(b"cd") == b"\r\nSEND OK\r\n"
    assert peer.received == b"abcd" * 3
