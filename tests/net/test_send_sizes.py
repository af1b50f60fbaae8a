"""Firmware that refuses sends of the length that its document allows: smaller blocks, each byte once."""

from modem import CommandError, Modem
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module, SimcomModule

DATA = bytes(range(256)) * 12


def narrow(port, most, answer=b""):
    """Have a played module refuse more than `most` bytes a send; `answer`: what follows the data, b"": that they are taken."""
    simcom = isinstance(port, SimcomModule)
    port.refused = 0

    def send(line):
        n = int(line.split(b",")[1])
        if not n:
            return b"\r\n+QISEND: 0,0,0\r\n" + OK  # the counters
        if n > most:
            port.refused += 1
            return (b"\r\n+CIPERROR: 3\r\n" if simcom else b"") + ERROR
        port.need = n
        port.after = answer or (OK + b"\r\n+CIPSEND: 0,%d,%d\r\n" % (n, n) if simcom else b"\r\nSEND OK\r\n")
        return b"\r\n> "

    port.table[b"AT+CIPSEND=" if simcom else b"AT+QISEND="] = send
    port.table[b"AT+CIPACK="] = b"\r\n+CIPACK: 0,0,0\r\n" + OK
    port.table[b"AT+QIOPEN="] = [(0, OK), (5, b"\r\n+QIOPEN: 0,0\r\n")]
    modem = Modem(port)
    modem.start()
    modem.connect("internet")
    return modem.create_connection(("10.0.0.1", 80), 20)


def test_a_block_that_is_refused_goes_out_in_smaller_ones():
    for port, first, refused in ((Module(), 1095, 2), (SimcomModule(), 1125, 1)):  # a Quectel module is asked twice
        sock = narrow(port, 1400)
        sock.sendall(DATA)
        assert b"".join(port.payloads) == DATA and port.refused == refused
        assert [len(data) for data in port.payloads][:2] == [first] * 2
        del port.payloads[:]
        sock.sendall(DATA)
        assert b"".join(port.payloads) == DATA and port.refused == refused, "what was refused once is not tried again"


def test_a_firmware_that_refuses_every_length_is_told():
    for port in (Module(), SimcomModule()):
        sock = narrow(port, 100)
        with raises(CommandError):
            sock.sendall(DATA)
        assert port.payloads == [] and port.refused < 16


def test_an_error_after_the_data_sends_nothing_again():
    for port in (Module(), SimcomModule()):
        sock = narrow(port, 5000, ERROR)
        port.table[b"AT+QISTATE=1,0"] = b'\r\n+QISTATE: 0,"TCP","10.0.0.1",80,5000,2,1,0,0,"uart1"\r\n' + OK
        with raises(CommandError):
            sock.sendall(DATA)
        assert len(port.payloads) == 1


def test_a_quectel_module_that_refuses_a_send_once_gets_it_again():
    port = Module()
    sock = narrow(port, 5000)
    answers = [ERROR, b""]
    usual = port._usual
    port._usual = lambda line: (answers.pop(0) if answers and line.startswith(b"AT+QISEND=") else b"") or usual(line)
    assert sock.send(b"again") == 5 and b"".join(port.payloads) == b"again"
