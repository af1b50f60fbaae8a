"""EG915U series: TLS; the same document and figures as EC200U."""

from .ec200u import Profile as _EC200U


class Profile(_EC200U):
    """EG915U series."""

    model = "eg915u"
