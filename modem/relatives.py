"""Modules that are none of models.MODELS: relatives, driven as the model that is nearest, and those that cannot be driven."""

# Relatives on sale, by the beginning of their names, and the model that each is driven as: the one whose commands and limits are
# nearest.
DRIVEN_AS = (
    ("ec600e", "ec600s ec600n ec600u ec600m ec600k ec600g"),
    ("ec800e", "ec800k ec800m ec800g ec800n ec801e"),
    ("ec200u", "ec20 ec21 ec25 eg21 eg25 eg91 eg95 ec200a ec200d ec200g ec200n ec200s ec200t"),
    ("eg915u", "eg800k eg800q eg800g eg810m eg912n eg912u eg912y eg915n eg915k eg916q eg918n eg950a"),
    ("bg96", "bg95 bg77 bg770 bg772"),
    ("a76xx", "a76 sim7500 sim7600 sim7670 sim7672"),
)

# What differs on relatives: "EC2x&EG2x-G&EG9x&EM05 Series TCP/IP Application Note" 1.1 (<contextID> 1-16), "EC25 Hardware Design"
# (500 ms on, 650 ms off, off after 29.5 s); "ECx00x&EG800K&EG810M&EG91xN&EG915K&EG950A Series SSL Application Note" 1.3;
# "BG95&BG77&BG600L Series TCP/IP Application Note" 1.0 (<contextID> 1-15) and "SSL Application Note" 1.0 (item "sni").
OWN_FACTS = (
    ("ec600s ec600n ec600u ec600m ec600k ec600g ec800k ec800m ec800g ec800n ec801e", {"tls": "all"}),
    (
        "ec20 ec21 ec25 eg21 eg25 eg91 eg95",
        {"contexts": 16, "power_on_ms": 600, "power_off_ms": 800, "power_off_wait_ms": 30000},
    ),
    ("bg95 bg77 bg770 bg772", {"contexts": 15, "tls": "few sni"}),
)

# Modules with another command set, and what they are
REFUSED = (
    (
        "sim7000 sim7020 sim7022 sim7070 sim7080 sim7090",
        "an NB-IoT or LTE-M module of SIMCom with commands of its own (CNACT, CAOPEN)",
    ),
    ("sim800 sim808 sim868 sim900", "a 2G module of SIMCom with commands of its own (CIPSTART)"),
    ("bc26 bc28 bc35 bc65 bc66 bc68 bc92 bc95", "an NB-IoT module of Quectel with commands of its own"),
    ("ml307 ml302 m8321 m5311", "a module of China Mobile with commands of its own (MIPOPEN)"),
    ("air780 air724", "a module of Luat with commands of its own"),
    ("sara lara toby", "a module of u-blox with commands of its own (USOCR)"),
    ("nrf91", "a module of Nordic with commands of its own (XSOCKET)"),
)


def next_of_kin(plain):
    """Return (name of the model, what differs from it) for the name of a relative, as models.find() has it; None for another."""
    relative = kin = ""
    for known, relatives in DRIVEN_AS:
        for start in relatives.split():
            at = plain.find(start)
            if at >= 0 and not plain[at + len(start) :][:1].isdigit():  # EG912U is no EG91
                relative, kin = start, known
    if not kin:
        return None
    for relatives, facts in OWN_FACTS:
        if relative in relatives.split():
            return kin, facts
    return kin, {}


def why_refused(plain):
    """Return what a module with another command set is, None where its name is not known either."""
    for refused, what in REFUSED:
        if [start for start in refused.split() if start in plain]:
            return what
    return None
