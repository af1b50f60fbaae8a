"""EC800E-CN: TCP/IP, the same document and figures as EC600E-CN."""

from .ec600e import Profile as _EC600E


class Profile(_EC600E):
    """EC800E-CN."""

    model = "ec800e"
