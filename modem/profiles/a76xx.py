"""A76XX: TCP/IP, TLS. Source: "A76XX Series TCPIP Application Note" 1.04."""

from ..simcom import SimCom


class Profile(SimCom):
    """A76XX (A7670, A7672, A7608 and others): the vendor's defaults are its figures."""

    model = "a76xx"
    document = "A76XX Series TCPIP Application Note 1.04"
