"""The models: one small class of constants each, loaded when it is the one in use."""

KNOWN = ("ec600e", "ec800e", "ec200u", "eg915u", "bg96", "a76xx", "sim7100")


def name_of(model):
    """Return the profile's name for what AT+CGMM or a user says ("EC800E-CN", "ec600e"), None for an unknown model."""
    plain = (model or "").lower().replace("-", "").replace("_", "").replace(" ", "")
    for name in KNOWN:
        if name.rstrip("x") in plain:  # A7670E, A7672S, ... are all a76xx
            return name
    return None
