"""Numbers and texts of the errors of general commands: 3GPP TS 27.007, 9.2 (CME) and TS 27.005, 3.2.5 (CMS).

The numbers from 501 on are those of Quectel's GNSS commands ("EC2x&EG2x&EG9x&EM05 Series GNSS Application Note", chapter 5).
"""

NOT_ALLOWED = 3
NOT_SUPPORTED = 4
NO_SIM = 10
PIN_REQUIRED = 11
PUK_REQUIRED = 12
SIM_FAILURE = 13
SIM_BUSY = 14
WRONG_PASSWORD = 16
INVALID_INDEX = 21
NOT_FOUND = 22
NO_NETWORK = 30
NETWORK_NOT_ALLOWED = 32
PARAMETERS = 50

CME_TEXTS = {
    0: "phone failure",
    NOT_ALLOWED: "operation not allowed",
    NOT_SUPPORTED: "operation not supported",
    NO_SIM: "SIM not inserted",
    PIN_REQUIRED: "SIM PIN required",
    PUK_REQUIRED: "SIM PUK required",
    SIM_FAILURE: "SIM failure",
    SIM_BUSY: "SIM busy",
    15: "SIM wrong",
    WRONG_PASSWORD: "incorrect password",
    17: "SIM PIN2 required",
    18: "SIM PUK2 required",
    20: "memory full",
    INVALID_INDEX: "invalid index",
    NOT_FOUND: "not found",
    23: "memory failure",
    24: "text string too long",
    25: "invalid characters in text string",
    26: "dial string too long",
    27: "invalid characters in dial string",
    NO_NETWORK: "no network service",
    31: "network timeout",
    NETWORK_NOT_ALLOWED: "network not allowed - emergency calls only",
    PARAMETERS: "incorrect parameters",
    100: "unknown",
    501: "Invalid parameter(s)",
    504: "Session is ongoing",
    505: "Session not active",
    516: "Not fixed now",
}

CMS_NOT_ALLOWED = 302
CMS_PDU_PARAMETER = 304
CMS_TEXT_PARAMETER = 305
CMS_NO_SIM = 310
CMS_PIN_REQUIRED = 311
CMS_SIM_FAILURE = 313
CMS_SIM_BUSY = 314
CMS_PUK_REQUIRED = 316
CMS_INVALID_INDEX = 321
CMS_MEMORY_FULL = 322
CMS_NO_CENTRE = 330
CMS_NO_NETWORK = 331

CMS_OF_CME = {
    NO_SIM: CMS_NO_SIM,
    PIN_REQUIRED: CMS_PIN_REQUIRED,
    PUK_REQUIRED: CMS_PUK_REQUIRED,
    SIM_FAILURE: CMS_SIM_FAILURE,
    SIM_BUSY: CMS_SIM_BUSY,
}
