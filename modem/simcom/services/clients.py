"""The clients of SIM7100's Internet services by name. Each is loaded when a program first asks for it."""


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
