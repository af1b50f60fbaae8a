"""The names that modules report: each is driven as a model of the one list, or refused with the reason."""

from modem import Modem, NotSupported
from modem.models import MODELS, find, known
from modem.relatives import DRIVEN_AS, OWN_FACTS, REFUSED
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import Module

OK = b"\r\nOK\r\n"
RELATIVES = {
    "ec600e": "EC600S-CN EC600N EC600U-EU EC600M",
    "ec800e": "EC800K EC800M-CN EC800G EC800N-CN EC801E",
    "ec200u": "EC20 EC21-E EC25 EG21-G EG25-G EG91 EG95 EC200A-CN EC200N EC200S EC200T",
    "eg915u": "EG800K EG800Q EG810M EG912U EG912Y EG915N EG915K",
    "bg96": "BG95-M3 BG77 BG770A-GL",
    "a76xx": "A7600C A7602E A7608SA-H A7670E A7672S A7677S A7683E SIM7500E SIM7600G-H SIM7670G SIM7672E A7670E-FASE",
}  # fmt: skip


def test_every_model_finds_itself_and_its_relatives():
    for model in MODELS:
        assert find(model.name) is model and find(model.name.upper() + "-CN") is model
    for name, relatives in RELATIVES.items():
        for relative in relatives.split():
            assert find(relative).name == name, relative
    assert find("SIMCOM_SIM7600G-H").name == "a76xx" and find("SIMCOM_SIM7100E").name == "sim7100"


def test_what_manuals_say_of_relatives_besides_is_theirs_and_not_their_kins():
    for name, contexts, tls, on_ms in (
        ("EC25-E", 16, "all", 600),
        ("ec200a", 7, "all", 2100),
        ("BG95-M3", 15, "few sni", 600),
        ("BG96", 16, "few", 600),
        ("EC800M-CN", 15, "all", None),
        ("EC600N", 15, "all", None),
        ("EC800E-CN", 15, None, None),
    ):
        facts = find(name).facts
        assert (facts["contexts"], facts.get("tls"), facts.get("power_on_ms")) == (contexts, tls, on_ms), name
    for names, _ in OWN_FACTS:
        for name in names.split():
            assert [kin for kin, relatives in DRIVEN_AS if name in relatives.split()], name


def test_every_name_of_the_lists_is_found_or_refused():
    for kin, relatives in DRIVEN_AS:
        for name in relatives.split():
            assert known(name).name == kin
    for names, why in REFUSED:
        for name in names.split():
            assert find(name) is None
            with raises(NotSupported, name, why):
                known(name)
    for name in "SIM7000G SIM7070 SIM7080 SIM800C ML307A Air780EP SARA-R5 LARA-R6 nRF9160 nRF9151".split():
        with raises(NotSupported, "commands of its own"):
            known(name)


def test_names_as_modules_spell_them():
    """AT+CGMI and AT+CGMM as logs and makers' pages show them: prefixes, suffixes, names of firmware, quotes, no vendor's name."""
    for maker, name, model in (
        ("Quectel", "EC25EFAR06A03M4G", "ec200u"),
        ("Quectel", "EC20CEFAG", "ec200u"),
        ("Quectel", "EG91EX", "ec200u"),
        ("Quectel", "Quectel EC200UCNAA", "ec200u"),
        ("Manufacturer: Quectel", "Model: EG915U-EU", "eg915u"),
        ('"Quectel"', '"EG912UGL"', "eg915u"),
        ("Quectel", "EG916Q-GL", "eg915u"),
        ("Quectel", "ec800mcnga", "ec800e"),
        ("Quectel", "BG95-M3", "bg96"),
        ("INCORPORATED", "A7670SA-FASE", "a76xx"),
        ("ASR", "A7682E-FASL", "a76xx"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600G-H", "a76xx"),
        ("+CGMI: SIMCOM_Ltd", '+CGMM: "SIM7670G-MNGV"', "a76xx"),
        ("SIMCOM INCORPORATED", "SIM7100E", "sim7100"),
    ):
        answers = {b"AT+CGMI": maker, b"AT+CGMM": name}
        modem = Modem(Module({line: b"\r\n" + told.encode() + b"\r\n" + OK for line, told in answers.items()}))
        modem.start()
        assert modem.module.dialect.model == model, (name, modem.module.dialect.model)
    for name in ("BG951A-GL", "EG060K", "EC210", "EG9150"):  # a number that goes on is another one
        assert find(name) is None, name


def test_a_relative_is_driven_as_its_next_of_kin_and_says_so():
    for reported, model in (("EC25", "ec200u"), ("EC600E-CN", None)):
        port = Module({b"AT+CGMM": b"\r\n" + reported.encode() + b"\r\n" + OK})
        modem = Modem(port)
        seen = []
        modem.on_event(lambda kind, detail, seen=seen: seen.append((kind, detail)))
        modem.start()
        assert modem.config("model") == reported
        assert seen == ([("driven as", model)] if model else [])


def test_a_module_with_other_commands_is_refused_by_name_and_reason():
    for reported, words in (
        ("SIM7080G", "NB-IoT"),
        ("SIM800L", "2G"),
        ("ML307R-DC", "China Mobile"),
        ("Air780E", "Luat"),
        ("SARA-R412M", "u-blox"),
    ):
        with raises(NotSupported, reported, words):
            Modem(Module({b"AT+CGMM": b"\r\n" + reported.encode() + b"\r\n" + OK})).start()
    with raises(NotSupported, "unknown model XYZ", "bg96, ec200u, ec600e"):
        Modem(Module({b"AT+CGMM": b"\r\nXYZ\r\n" + OK})).start()
    modem = Modem(Module({b"AT+CGMM": b"\r\nXYZ\r\n" + OK}), "ec600e")
    modem.start()  # the program's word counts
    assert modem.module.dialect.model == "ec600e"
