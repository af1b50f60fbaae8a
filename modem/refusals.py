"""Errors that say what is not to be had: of this model, with this SIM card, in this network. Part of errors.py; see there."""

from errno import EOPNOTSUPP

from .errors import ModemError

_EACCES = 13
_ENODEV = 19


class NotSupported(ModemError):
    """This model cannot do that; nothing was sent. The text names the model and the document."""

    default_errno = EOPNOTSUPP


class SimError(ModemError):
    """No SIM card, or it wants a PIN or PUK that was not given or was wrong."""

    default_errno = _ENODEV


class RegistrationDenied(ModemError):
    """The network refuses the subscriber (registration status 3)."""

    default_errno = _EACCES
