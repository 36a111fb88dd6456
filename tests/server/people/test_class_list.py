"""A class list as people have it: pasted from a messenger, a word processor, a spreadsheet, in any script."""

import pytest

from server import errors
from server.people.class_list import LIST_BYTES_MAX, Listed, called, read, text_of
from server.shapes.class_lists import LEARNERS_MAX, OddReason

COURSES = called(
    {"water-and-health": {"en": "Water and health", "ar": "الماء والصحة"}, "small": {"en": "Small, sweet"}}
)


def names(text: str) -> list[str]:
    found = read(text, COURSES)
    assert not found.odd
    return [one.name for one in found.listed]


def odd(text: str) -> list[tuple[int, OddReason]]:
    return [(one.line, one.reason) for one in read(text, COURSES).odd]


def test_names_one_a_line_in_any_script_as_a_messenger_or_a_word_processor_lists_them() -> None:
    text = (
        "\ufeff1. Amina  Yusuf\r\n٢- سارة محمد\r\n\r\n• ወርቅነሽ ተስፋዬ\n 4) Ng\u0169g\u0129 wa Thiong’o\n\u200fعلي\u200f\n"
    )

    assert names(text) == ["Amina Yusuf", "سارة محمد", "ወርቅነሽ ተስፋዬ", "Ngũgĩ wa Thiong’o", "علي"]


@pytest.mark.parametrize(
    "text",
    [
        "Amina\tar\twater-and-health\nNeema\t\t",
        "Language,Name,Phone,Course\nArabic,Amina,0712,WATER and  health\n,Neema,,\n",
        "الاسم;اللغة;الدورة\nAmina;العربية;الماء والصحة\nNeema\n",
    ],
)
def test_columns_for_language_and_course_by_id_or_title_with_or_without_a_first_line(text: str) -> None:
    first, second = read(text, COURSES).listed

    assert (first.name, first.language, first.courses) == ("Amina", "ar", ("water-and-health",))
    assert (second.name, second.language, second.courses) == ("Neema", "", ())


def test_a_first_line_may_part_the_name_and_what_it_names_besides_is_told_as_unread() -> None:
    found = read('First name,Last name,Age,Courses\nAmina,Yusuf,14,"small; Water and health"\n', COURSES)

    assert found.listed == (Listed(2, "Amina Yusuf", "", ("small", "water-and-health")),)
    assert found.unread == ("Age",)


def test_a_title_with_a_comma_is_one_course() -> None:
    assert read('Amina,,"Small, sweet"', COURSES).listed[0].courses == ("small",)


def test_each_odd_line_is_named_with_its_reason_and_holds_up_no_other() -> None:
    lines = {
        "Amina,en": None,
        ",en": OddReason.NO_NAME,
        "=1+1": OddReason.NO_NAME,
        "-----": OddReason.NO_NAME,
        "a" * 121: OddReason.NAME_TOO_LONG,
        "A\x00b": OddReason.CHARACTERS,
        "Yusuf, Amina!": OddReason.LANGUAGE,
        "Neema,en,algebra": OddReason.COURSE,
        '"Neema': OddReason.QUOTES,
        "Neema,en,small,1": OddReason.COLUMNS,
        "Zawadi": None,
    }

    assert odd("\n".join(lines)) == [(place, reason) for place, reason in enumerate(lines.values(), 1) if reason]
    assert [one.name for one in read("\n".join(lines), COURSES).listed] == ["Amina", "Zawadi"]


def test_what_is_odd_is_shown_short_and_harmless() -> None:
    (line,) = read(f"Neema\t{'x' * 500}\x1b[2J", COURSES).odd

    assert line.about == "x" * 80
    assert len(line.text) == 80
    assert "\x1b" not in read("\x1b[2J", COURSES).odd[0].text


def test_more_than_a_list_takes_is_named_line_by_line() -> None:
    found = read("\n".join(f"Learner {number}" for number in range(LEARNERS_MAX + 2)), COURSES)

    assert len(found.listed) == LEARNERS_MAX
    assert [(one.line, one.reason) for one in found.odd] == [(201, OddReason.TOO_MANY), (202, OddReason.TOO_MANY)]


def test_files_as_spreadsheets_save_them() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert names(text_of("سارة\tar\r\n".encode(encoding))) == ["سارة"]
    for raw in ("سارة".encode("cp1256"), b"PK\x03\x04 a workbook", b"\xff\xfea"):
        with pytest.raises(errors.DoesNotFit, match="CSV UTF-8"):
            text_of(raw)
    with pytest.raises(errors.BodyTooLarge):
        text_of(b"a" * (LIST_BYTES_MAX + 1))


def test_an_empty_list_is_empty() -> None:
    assert read("\n \n,,\n", COURSES).listed == read("", COURSES).listed == ()
