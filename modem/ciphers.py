"""Cipher suites by their IANA names; loaded only when a context names one.

Sources: "EC200U&EG915U Series SSL Application Note" 1.1, table 2 (all of them; its last name carries a
library's prefix); "BG96 SSL AT Commands Manual", 1.1 (those that are marked).
"""

# number, whether BG96 has it, name without "TLS_"
_SUITES = (
    (0x0035, 1, "RSA_WITH_AES_256_CBC_SHA"),
    (0x002F, 1, "RSA_WITH_AES_128_CBC_SHA"),
    (0x0005, 1, "RSA_WITH_RC4_128_SHA"),
    (0x0004, 1, "RSA_WITH_RC4_128_MD5"),
    (0x000A, 1, "RSA_WITH_3DES_EDE_CBC_SHA"),
    (0x003D, 1, "RSA_WITH_AES_256_CBC_SHA256"),
    (0xC002, 0, "ECDH_ECDSA_WITH_RC4_128_SHA"),
    (0xC003, 0, "ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA"),
    (0xC004, 0, "ECDH_ECDSA_WITH_AES_128_CBC_SHA"),
    (0xC005, 0, "ECDH_ECDSA_WITH_AES_256_CBC_SHA"),
    (0xC007, 0, "ECDHE_ECDSA_WITH_RC4_128_SHA"),
    (0xC008, 0, "ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"),
    (0xC009, 0, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
    (0xC00A, 0, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
    (0xC00C, 0, "ECDH_RSA_WITH_RC4_128_SHA"),
    (0xC00D, 0, "ECDH_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0xC00E, 0, "ECDH_RSA_WITH_AES_128_CBC_SHA"),
    (0xC00F, 0, "ECDH_RSA_WITH_AES_256_CBC_SHA"),
    (0xC011, 1, "ECDHE_RSA_WITH_RC4_128_SHA"),
    (0xC012, 1, "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0xC013, 1, "ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    (0xC014, 1, "ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    (0xC023, 0, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
    (0xC024, 0, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"),
    (0xC025, 0, "ECDH_ECDSA_WITH_AES_128_CBC_SHA256"),
    (0xC026, 0, "ECDH_ECDSA_WITH_AES_256_CBC_SHA384"),
    (0xC027, 1, "ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
    (0xC028, 1, "ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
    (0xC029, 0, "ECDH_RSA_WITH_AES_128_CBC_SHA256"),
    (0xC02A, 0, "ECDH_RSA_WITH_AES_256_CBC_SHA384"),
    (0xC02F, 1, "ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    (0xC030, 0, "ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
)


def code(name):
    """Return the number of the suite with this IANA name; ValueError for one that no model here has."""
    plain = name[4:] if name.startswith("TLS_") else name
    for number, _, known in _SUITES:
        if known == plain:
            return number
    raise ValueError("no module here knows the cipher suite " + name)


def name(number):
    """Return the IANA name of a suite, its number as text where it is not in the tables."""
    for known, _, text in _SUITES:
        if known == number:
            return "TLS_" + text
    return "0x%04X" % number


def codes(few):
    """Return the numbers of all suites; `few`: of those that BG96 has."""
    return [number for number, both, _ in _SUITES if both or not few]
