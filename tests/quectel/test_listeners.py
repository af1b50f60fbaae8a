"""Listening sockets: clients announced, accepted, announced twice, closed with their listener."""

from modem import ConnectionClosed, SocketTimeout
from tests.conformance import check
from tests.quectel.test_sockets import module, opening, pulled, push
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK
from tests.rigs.scripted_port import modem_of, ready


def listener(access="buffer", backlog=None):
    port = module()
    server = ready(port).socket(access=access)
    server.settimeout(5)
    server.bind(("", 2020))
    server.listen(backlog)
    return port, server


def test_listener_takes_the_id_of_a_client_from_the_notice():
    port, server = listener(backlog=3)
    check("Q-080", port.lines[-1], b'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,2020,0,3')
    events = []
    modem_of(server).on_event(lambda kind, detail: events.append((kind, detail)))
    port.later(100, b'\r\n+QIURC: "incoming",11,0,"172.31.242.222",54091\r\n')
    port.later(100, b'\r\n+QIURC: "incoming full"\r\n')
    client, address = server.accept()
    check("Q-376", (client.connection_id(), address), (11, ("172.31.242.222", 54091)))
    modem_of(server).poll(200)
    check("Q-280", [kind for kind, _ in events], ["incoming", "incoming full"])
    assert events[0][1] is server
    port.table[b"AT+QIRD="] = pulled(b"hello")
    port.after = b"\r\nSEND OK\r\n"
    port.table[b"AT+QISEND=11,0"] = b"\r\n+QISEND: 2,2,0\r\n\r\nOK\r\n"
    got = client.recv(10), client.send(b"ok"), client.stats(), client.getpeername()
    client.close()
    check("Q-382", (got, port.lines[-1]), ((b"hello", 2, (2, 2, 0), address), b"AT+QICLOSE=11"))


def test_client_of_a_pushing_listener_may_be_in_either_access_mode():
    port, server = listener("push")
    port.later(0, b'\r\n+QIURC: "incoming",11,0,"10.0.0.9",5\r\n' + push(b"pushed", 11))
    port.later(5, b'\r\n+QIURC: "incoming",10,0,"10.0.0.9",6\r\n\r\n+QIURC: "recv",10\r\n')
    port.table[b"AT+QIRD="] = pulled(b"pulled")
    first, second = server.accept()[0], server.accept()[0]
    check("Q-378", (first.recv(10), second.recv(10)), (b"pushed", b"pulled"))


def test_id_that_a_client_was_given_while_the_driver_chose_it_stays_with_the_client():
    port, server = listener()
    modem = modem_of(server)
    port.table[b"AT+QIOPEN="] = lambda line: (
        b'\r\n+QIURC: "incoming",1,0,"10.0.0.9",5\r\n\r\nERROR\r\n' if b"=1,1," in line else opening(line)
    )
    port.table[b"AT+QIGETERROR"] = b"\r\n+QIGETERROR: 563,socket identity has been used\r\n\r\nOK\r\n"
    other = modem.create_connection(("10.0.0.1", 80))
    assert other.connection_id() == 2 and server.accept()[0].connection_id() == 1


def test_accept_keeps_the_time_out_and_ends_with_the_listener():
    port, server = listener()
    with raises(SocketTimeout):
        server.accept()
    server.settimeout(0)
    with raises(OSError):
        server.accept()
    with raises(OSError):
        server.recv(1)
    server.settimeout(None)
    port.later(100, b'\r\n+QIURC: "pdpdeact",1\r\n')
    with raises(ConnectionClosed):
        server.accept()


def test_a_client_that_is_announced_twice_is_one():
    port, server = listener()
    port.later(0, 2 * b'\r\n+QIURC: "incoming",11,0,"10.0.0.9",5\r\n')
    client, address = server.accept()
    assert address == ("10.0.0.9", 5) and not server.link.backlog and not client.link.ended()


def test_closing_a_listener_closes_clients_that_nobody_took():
    port, server = listener()
    port.later(0, b'\r\n+QIURC: "incoming",11,0,"10.0.0.9",5\r\n')
    modem_of(server).poll(10)
    server.close()
    assert port.lines[-2:] == [b"AT+QICLOSE=0", b"AT+QICLOSE=11"]


def test_clients_that_come_while_their_listener_is_closed_are_closed_too():
    port, server = listener()
    modem = modem_of(server)
    urc = b'\r\n+QIURC: "incoming",%d,0,"10.0.0.9",5\r\n'
    port.table[b"AT+QICLOSE=0"] = urc % 11 + OK
    server.close()
    assert port.lines[-2:] == [b"AT+QICLOSE=0", b"AT+QICLOSE=11"]
    port.later(0, urc % 10)
    port.table[b"AT+QISTATE=1,10"] = b'\r\n+QISTATE: 10,"TCP INCOMING","10.0.0.9",5,80,2,1,0,0,"uart1"\r\n' + OK
    modem.poll(10)
    assert port.lines[-1] == b"AT+QICLOSE=10" and modem.module.links == [None] * 12
    strays = []
    modem.on_event(lambda kind, detail: strays.append(kind))
    port.later(0, b'\r\n+QIURC: "incoming",9,3,"10.0.0.9",5\r\n')  # a listener that is none of this driver's
    modem.poll(10)
    assert strays == ["urc"] and modem.module.links == [None] * 12
    again = modem.socket()
    again.bind(("", 80))
    again.listen()
    again.close()
    assert modem.module.dialect.closed_listeners == (0,), "what is remembered does not grow"
