"""The host map: addresses, names and ports as the module sees them -> what is really reached.

Without `--allow-net` only loopback addresses are reached, whatever a program asks for. Names are looked up in the map; names
that are not in it exist only with `--allow-net`.
"""

import ipaddress
import socket


class Unreachable(Exception):
    """The map forbids it (`dns`: there is no such name; `unreachable`: the address is not loopback)."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def split_host(text):
    """`host`, `host:port`, `[v6]:port` or a bare v6 address -> (host, port or None)."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest[1:] if rest.startswith(":") else ""
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    else:
        host, port = text, ""
    if not host or (port and not (port.isdecimal() and int(port) < 65536)):
        raise ValueError("not HOST[:PORT]: %r" % text)
    return host, int(port) if port else None


def literal(host):
    """The address object of a literal, or None for a name; an IPv6 address with a zone is none that a module could reach."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return None if getattr(address, "scope_id", None) else address


def twin(sock):
    """A socket like `sock`, which is bound to an IPv4 address, for the same port of the IPv6 address that corresponds to it: the
    loopback address for a loopback address, else every address. None where that cannot be had."""
    host, port = sock.getsockname()[:2]
    address = literal(host)
    if address is None or address.version != 4:
        return None
    other = None
    try:
        other = socket.socket(socket.AF_INET6, sock.type)
        other.setblocking(False)
        other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if sock.type == socket.SOCK_STREAM:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("::1" if address.is_loopback else "::", port))
    except OSError:
        if other:
            other.close()
        return None
    return other


class HostMap:
    """Where a connection really goes. `refused(host, why)` is called for what the map does not let through."""

    def __init__(self, entries=(), allow_net=False, refused=None):
        self.allow_net = allow_net
        self._refused = refused or (lambda host, why: None)
        self._entries = []  # (host in lower case, port or None, real host, real port or None)
        self._given_out = []  # names that the module has resolved, the latest first
        for entry in entries:
            self.add(entry)

    def add(self, entry):
        """Add `NAME[:PORT]=ADDR[:PORT]`."""
        seen, equals, real = entry.partition("=")
        if not equals:
            raise ValueError("not NAME[:PORT]=ADDR[:PORT]: %r" % entry)
        host, port = split_host(seen)
        real_host, real_port = split_host(real)
        if literal(real_host) is None:
            real_host = "127.0.0.1" if real_host.lower() == "localhost" else real_host
        self._entries.append((host.lower(), port, real_host, real_port))

    def _find(self, host, port):
        host = host.lower()
        for wanted in (port, None):
            for entry in self._entries:
                if entry[0] == host and entry[1] == wanted:
                    return entry
        return None

    def _find_given_out(self, address, port):
        """The entry of the name under which `address` has been given out last; a mapping of the port goes first."""
        named = [entry for name in self._given_out for entry in self._entries if entry[0] == name and entry[2] == address]
        for wanted in (port, None):
            for entry in named:
                if entry[1] == wanted:
                    return entry
        return None

    def route(self, host, port):
        """Where `host`:`port` really is: (host, port). Raises `Unreachable`."""
        entry = self._find(host, port) or self._find_given_out(host, port)
        if entry:
            host, port = entry[2], port if entry[3] is None else entry[3]
        elif host.lower() == "localhost":
            host = "127.0.0.1"
        address = literal(host)
        if self.allow_net or (address is not None and address.is_loopback):
            return host, port
        mapped = any(entry[0] == host.lower() for entry in self._entries)  # other ports of this name
        where = "is not in the host map%s" % (" with port %d" % port if mapped else "")
        self._refused(host, where if address is None else "is not a loopback address")
        raise Unreachable("dns" if address is None else "unreachable")

    def local(self, port):
        """Where a server that the module opens on `port` really listens: (host, port)."""
        entry = self._find("127.0.0.1", port)
        if entry:
            return entry[2], port if entry[3] is None else entry[3]
        return ("0.0.0.0" if self.allow_net else "127.0.0.1"), port

    def seen(self, host, port):
        """How the module sees a real address: the other way round, for literals only."""
        for seen_host, seen_port, real_host, real_port in self._entries:
            if real_host == host and real_port in (None, port) and literal(seen_host) is not None:
                return seen_host, port if seen_port is None else seen_port
        for seen_host, seen_port, real_host, real_port in self._entries:
            if real_host == host and real_port == port and seen_port is not None and seen_host in self._given_out:
                return host, seen_port
        return host, port

    def addresses(self, name):
        """The addresses of a name as the map has them, in order; empty if it has none. A literal is its own address."""
        if literal(name) is not None:
            return [name]
        found = []
        for host, _, real_host, _ in self._entries:
            if host == name.lower() and real_host not in found and literal(real_host) is not None:
                found.append(real_host)
        if not found and name.lower() == "localhost":
            found.append("127.0.0.1")
        if found:
            name = name.lower()
            self._given_out = [name] + [other for other in self._given_out if other != name]
        elif not self.allow_net:
            self._refused(name, "is not in the host map")
        return found

    def ping_target(self, address):
        """The real address behind an address as the module sees it. Raises `Unreachable`."""
        for host, _, real_host, _ in self._entries:
            if host == address.lower():
                return self.route(real_host, 0)[0]
        return self.route(address, 0)[0]
