"""The Internet services that a SIM7100 does itself: mail, FTP, HTTP and their TLS forms, and its file system.

IS = "SIM7100 AT Command Set for Internet Service" 0.01; chapter numbers are those of its body.

    client()      the clients by name: where the dialect comes in
    state.py      what the clients share: who listens for which lines, habits of the firmware, sessions after a restart
    inflow.py     receiving: counted blocks, and result lines before or after OK      outflow.py   sending data and names
    smtp.py  pop3.py  ftp.py  ftps.py  http.py  https.py    the clients               response.py  an HTTP response
    pop3_read.py  a mail without a length, for firmware without file commands         drives.py    the file system
"""


def client(module, name, arguments, options):
    """Return the client `name` ("smtp", "pop3", "ftp", "ftps", "http", "https") for a Module. ValueError, TypeError."""
    if name == "smtp":
        from .smtp import Smtp as Client
    elif name == "pop3":
        from .pop3 import AsyncPop3 as Client
    elif name == "ftp":
        from .ftp import Ftp as Client
    elif name == "ftps":
        from .ftps import Ftps as Client
    elif name == "http":
        from .http import Http as Client
    elif name == "https":
        from .https import Https as Client
    else:
        raise module.dialect.lacks("%s client" % name.upper())
    return Client(module, *arguments, **options)
