# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The host map: mapped ports are reached by name and by the address given out for it; what is not let through is reported."""

import asyncio
import contextlib
import io

from tests.rigs.virtual_modem import live
from tools.vmodem.hosts import HostMap, Unreachable, literal
from tools.vmodem.run import Reports


class Echo(asyncio.DatagramProtocol):
    """A UDP server that answers in capitals."""

    def connection_made(self, transport):
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data, address):
        self.transport.sendto(data.upper(), address)


async def udp_echo():
    loop = asyncio.get_running_loop()
    return (await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0)))[1]


async def shout(reader, writer):
    writer.write((await reader.readexactly(5)).upper())
    await writer.drain()


def test_address_when_it_has_been_given_out():
    hosts = HostMap(
        ["a.example:80=127.0.0.1:8081", "b.example:80=127.0.0.1:8082", "b.example:81=127.0.0.1", "c.example=127.0.0.1"]
    )
    assert hosts.route("127.0.0.1", 80) == ("127.0.0.1", 80), "nobody has asked for a name"
    assert hosts.addresses("A.example") == ["127.0.0.1"]
    assert hosts.route("127.0.0.1", 80) == ("127.0.0.1", 8081) and hosts.route("127.0.0.1", 90) == ("127.0.0.1", 90)
    assert hosts.seen("127.0.0.1", 8081) == ("127.0.0.1", 80)
    hosts.addresses("b.example")
    assert hosts.route("127.0.0.1", 80) == ("127.0.0.1", 8082), "the name that was asked for last"
    assert hosts.route("127.0.0.1", 81) == ("127.0.0.1", 81)
    hosts.addresses("c.example")
    assert hosts.route("127.0.0.1", 80) == ("127.0.0.1", 8082), "a mapping of the port goes first"
    assert hosts.route("a.example", 80) == ("127.0.0.1", 8081), "names are what they were"
    assert hosts.local(80) == ("127.0.0.1", 80), "servers of the module are not at that address"


def test_report_when_only_other_ports_of_a_name_are_mapped():
    told = []
    hosts = HostMap(["a.example:80=127.0.0.1:8081"], refused=lambda host, why: told.append((host, why)))
    for name in ("a.example", "b.example"):
        with contextlib.suppress(Unreachable):
            hosts.route(name, 81)
    assert told == [("a.example", "is not in the host map with port 81"), ("b.example", "is not in the host map")]


def test_address_when_quectel_resolves_first():
    async def scene(table):
        server = await asyncio.start_server(shout, "127.0.0.1", 0)
        table.net.hosts.add("web.example:80=127.0.0.1:%d" % server.sockets[0].getsockname()[1])
        udp = await udp_echo()
        table.net.hosts.add("udp.example:53=127.0.0.1:%d" % udp.port)
        await table.online()
        await table.command('AT+QIDNSGIP=1,"web.example"', b'+QIURC: "dnsgip","127.0.0.1"\r\n')
        await table.command('AT+QIOPEN=1,0,"TCP","127.0.0.1",80,0,1', b"+QIOPEN: 0,0\r\n")
        await table.command("AT+QISEND=0,5", b">")
        table.write(b"hello")
        await table.expect(b'"recv",0,5\r\nHELLO')
        # UDP: with a fixed peer by name and by address, and from an open socket
        await table.command('AT+QIOPEN=1,1,"UDP","udp.example",53,0,1', b"+QIOPEN: 1,0\r\n")
        assert b'"UDP","127.0.0.1",53,' in await table.command("AT+QISTATE=1,1"), "the address, not the name"
        await table.command('AT+QIOPEN=1,2,"UDP","127.0.0.1",53,0,1', b"+QIOPEN: 2,0\r\n")
        await table.command('AT+QIOPEN=1,3,"UDP SERVICE","127.0.0.1",0,0,1', b"+QIOPEN: 3,0\r\n")
        for number, more in ((1, ""), (2, ""), (3, ',"127.0.0.1",53')):
            await table.command("AT+QISEND=%d,3%s" % (number, more), b">")
            table.write(b"abc")
            source = b',"127.0.0.1",53' if number == 3 else b""
            await table.expect(b'"recv",%d,3%s\r\nABC' % (number, source))
        server.close()
        udp.transport.close()

    live(scene)


def test_address_when_simcom_resolves_first():
    async def scene(table):
        udp = await udp_echo()
        table.net.hosts.add("udp.example:53=127.0.0.1:%d" % udp.port)
        await table.command("AT+NETOPEN", b"+NETOPEN: 0\r\n")
        await table.command('AT+CIPOPEN=0,"UDP",,,5000')
        assert b'"127.0.0.1"' in await table.command('AT+CDNSGIP="udp.example"')
        await table.command('AT+CIPSEND=0,3,"127.0.0.1",53', b">")
        table.write(b"abc")
        await table.expect(b"RECV FROM:127.0.0.1:53\r\n+IPD3\r\nABC")
        udp.transport.close()

    live(scene, model="a76xx")


def test_addresses_with_a_zone():
    assert literal("::1%eth0") is None and literal("fe80::1%1") is None and literal("::1").version == 6
    try:
        HostMap().route("::1%eth0", 80)
    except Unreachable as error:
        assert error.reason == "dns"


def test_report_when_something_is_not_let_through():
    async def scene(table):
        table.net.hosts = HostMap(refused=reports.refused)
        await table.online()
        for host in ("no.such.host", "no.such.host", "192.0.2.1"):
            await table.command('AT+QIOPEN=1,0,"TCP","%s",80' % host, b"+QIOPEN: 0,56")
        await table.command('AT+QIDNSGIP=1,"no.such.host"', b'"dnsgip",565\r\n')
        await table.command('AT+QIOPEN=1,0,"TCP","localhost",9', b"+QIOPEN: 0,566\r\n")

    reports = Reports()
    with contextlib.redirect_stderr(io.StringIO()) as told:
        live(scene)
    lines = told.getvalue().splitlines()
    assert len(lines) == 2 and "no.such.host" in lines[0] and "192.0.2.1" in lines[1]
    assert all("--host" in line and "--allow-net" in line for line in lines)
