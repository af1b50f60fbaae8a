# CPython only: it plays against the virtual modem in simulated time.
"""What an earlier program has typed last, or a person: start() and connect() get the module out of it.

Real time, real pseudo-terminals and every model: test_states_left_behind.py.
"""

from modem import Modem
from tests.rigs.simulated import plug_in, served
from tools.simulation.services import PASSWORD, USER
from tools.simulation.world import simulated_time

START_MS = 30000  # the default
COMMON = {
    "no result codes": ["ATQ1"],
    "result codes as numbers": ["ATV0"],
    "all of these, with echo": ["ATE1V0Q1"],
    "another end of lines": ["ATS3=10"],
    "another begin of lines": ["ATS4=13"],
    "PPP": ["ATD*99***1#"],
    "a message in PDU mode": ["AT+CMGF=0", "AT+CMGS=20", b"0011"],
    "texts come as they are": ["AT+CMGF=1;+CNMI=2,2,0,1,0"],
    "off the network": ["AT+COPS=2"],
    "detached": ["AT+CGATT=0"],
    "half a line with a quote": [b'AT+CPIN="12'],
    "a search for networks": ["AT+COPS=?"],
}
QUECTEL = {
    "send without length": ['AT+QIOPEN=1,0,"TCP","peer.test",7,0,1', "", "AT+QISEND=0", b"half"],
    "datagram": ['AT+QIOPEN=1,2,"UDP SERVICE","127.0.0.1",0,3030,1', "", 'AT+QISEND=2,100,"192.0.2.10",7', b"ha"],
    "other formats": ['AT+QICFG="viewmode",1', 'AT+QICFG="dataformat",1,1', "AT+QISDE=1"],
    "pushed data": ['AT+QIOPEN=1,0,"TCP","peer.test",1000,0,1'],
    "transparent data": ['AT+QIOPEN=1,0,"TCP","peer.test",1000,0,2'],
    "all ids": ['AT+QIOPEN=1,%d,"TCP","peer.test",7,0,0' % n for n in range(12)],
}
FILES = {
    "upload in ACK mode": ['AT+QFUPL="x.pem",5000,60,1', b"x" * 100],
    "download of a file": ['AT+QFUPL="x.pem",9000,60', b"x" * 9000, 'AT+QFDWL="x.pem"'],
    "transparent TLS": ['AT+QSSLCFG="seclevel",1,0', 'AT+QSSLOPEN=1,1,4,"peer.test",7,2'],
}
SIMCOM = {
    "send without length": ['AT+CIPOPEN=0,"TCP","peer.test",7', "AT+CIPSEND=0", b"half"],
    "datagram": ['AT+CIPOPEN=1,"UDP",,,3030', 'AT+CIPSEND=1,100,"192.0.2.10",7', b"ha"],
    "pushed data": ["AT+CIPRXGET=0", 'AT+CIPOPEN=0,"TCP","peer.test",1000'],
    "transparent data": ["AT+NETCLOSE", "", "AT+CIPMODE=1", "AT+NETOPEN", "", 'AT+CIPOPEN=0,"TCP","peer.test",1000'],
    "other formats": ["AT+CIPHEAD=0;+CIPSRIP=0;+CIPCCFG=10,0,0,1,0,0,500"],
    "TLS upload": [
        "AT+CCHSET=1,0", "AT+CCHSTART", 'AT+CSSLCFG="authmode",0,0', "AT+CCHSSLCFG=0,0", 'AT+CCHOPEN=0,"peer.test",7,2',
        "AT+CCHSEND=0,100", b"ha",
    ],
    "the service closes": ["AT+NETCLOSE"],
    "certificate": ['AT+CCERTDOWN="h.pem",9000', b"x" * 20],
}  # fmt: skip
LOGIN = ['AT+CFTPSERV="ftp.test"', 'AT+CFTPUN="%s"' % USER, 'AT+CFTPPW="%s"' % PASSWORD]
SERVICES = {
    "long upload": ['AT+CFTRANRX="C:/a.bin",60000', b"x" * 10],
    "body of a mail": ['AT+SMTPSRV="mail.test",25', "AT+SMTPBODY", b"half"],
    "FTP upload": [*LOGIN, 'AT+CFTPPUT="/x"', b"abc"],
    "FTP download": [*LOGIN, 'AT+CFTPGET="/page.bin"'],
    "HTTP request": ['AT+CHTTPACT="peer.test",7', b"GET / HT"],
    "HTTPS request": ["AT+CHTTPSSTART", 'AT+CHTTPSOPSE="peer.test",7,2', "AT+CHTTPSSEND=200", b"GET"],
    "FTPS upload": [
        "AT+CFTPSSTART",
        'AT+CFTPSLOGIN="ftp.test",21,"%s","%s",1' % (USER, PASSWORD),
        'AT+CFTPSPUT="/x",5000',
        b"abc",
    ],
    "mailbox": ['AT+POP3SRV="mail.test","%s","%s",110' % (USER, PASSWORD), "AT+POP3IN"],
}
LEFT = {"ec600e": (COMMON, QUECTEL), "ec200u": (FILES,), "a76xx": (COMMON, SIMCOM), "sim7100": (SERVICES,)}


def _typed(world, port, what):
    """Type a line, or bytes as they are, and wait half a second."""
    data = what if isinstance(what, bytes) else what.encode() + b"\r"
    port.write(data, 0, len(data))
    world.pass_time(0.5)


def _works_again(model, lines):
    """Connect, type `lines`, and begin anew with a new driver; an echo comes back. Returns the seconds until then."""
    world = served(model)
    world.horizon = 10000.0
    with simulated_time(world):
        first = Modem(plug_in(world))
        first.start()
        first.connect("internet")
        for line in lines:
            _typed(world, world.port, line)
        began = world.clock.now()
        modem = Modem(plug_in(world))
        modem.start(START_MS)
        modem.connect("internet", timeout_ms=60000)
        sock = modem.create_connection(("peer.test", 7), 20)
        sock.sendall(b"hello")
        assert sock.recv(9) == b"hello"
        sock.close()
    return world.clock.now() - began


def test_each_state_is_left():
    for model, groups in LEFT.items():
        for group in groups:
            for state, lines in group.items():
                try:
                    took = _works_again(model, lines)
                except OSError as error:
                    raise AssertionError("%s, %s: %r" % (model, state, error)) from error
                assert took < START_MS / 1000 + 1, (model, state, took)
