"""Damage to the bytes of files with delimiters."""

from ..deliveries import RAW, delimited
from ..judge import text
from .base import Claim, kind


@kind("delimited")
def byte_order_mark(case):
    case.delivery.content = b"\xef\xbb\xbf" + case.delivery.written()
    return case.same()


@kind("delimited")
def utf_16(case):
    case.delivery.content = case.delivery.written().decode().encode("utf-16")
    return case.same()


@kind("delimited")
def utf_16_without_mark(case):
    case.delivery.content = case.delivery.written().decode().encode(case.rng.choice(["utf-16-le", "utf-16-be"]))
    return Claim("refused")


@kind("delimited")
def windows_letters(case):
    header = case.header("code", "text")
    row, _ = case.cell(header, lambda cell: text(cell) + "é")
    case.delivery.content = case.delivery.written().decode().encode("cp1252")
    return case.refused(column=header, rows=row)


@kind("delimited")
def mojibake(case):
    header = case.header("code", "text")
    row, _ = case.cell(header, lambda cell: (text(cell) + "–é").encode().decode("cp1252"))
    return case.refused(column=header, rows=row)


@kind("delimited")
def bytes_of_no_encoding(case):
    row, _ = case.cell(case.header(), lambda cell: text(cell) + "\x81")
    case.delivery.content = case.delivery.written().replace(b"\xc2\x81", b"\x81")
    return Claim("refused", case.sheet, {"rows": row})


@kind("delimited")
def null_bytes(case):
    case.cell(case.header(), lambda cell: text(cell) + "\x00")
    return Claim("refused", case.sheet, {"rule": "not a text file"})


@kind("delimited")
def line_ends(case):
    lines = case.delivery.written().split(b"\n")
    mix = case.rng.choice([[b"\r\n"], [b"\r"], [b"\n", b"\r\n"], [b"\n\n"]])
    case.delivery.content = b"".join(line + case.rng.choice(mix) for line in lines if line)
    return case.same()


@kind("delimited")
def other_delimiter(case):
    case.delivery.content = delimited(case.delivery.sheets[case.sheet], delimiter=case.rng.choice(";\t|"))
    return case.same()


@kind("delimited")
def all_quoted(case):
    case.delivery.content = delimited(case.delivery.sheets[case.sheet], quoting=1)
    return case.same()


@kind("delimited")
def trailing_delimiters(case):
    case.delivery.content = b"".join(line + b",,\n" for line in case.delivery.written().splitlines())
    return case.same()


@kind("delimited")
def two_delimiters(case):
    lines = case.delivery.written().splitlines(keepends=True)
    half = case.rng.randrange(2, len(lines))
    case.delivery.content = b"".join(lines[:half] + [line.replace(b",", b";") for line in lines[half:]])
    return case.refused(rows=half + 1)


@kind("delimited")
def file_cut_off(case):
    written = case.delivery.written()
    case.delivery.content = written[: case.rng.randrange(len(written) // 2, len(written) - 1)]
    return case.judged()


@kind("delimited")
def quote_left_open(case):
    rows = case.rows()
    number = case.rng.randrange(1, len(rows))
    lines = case.delivery.written().splitlines(keepends=True)
    lines[number] = b'"' + lines[number]
    case.delivery.content = b"".join(lines)
    return Claim("refused", case.sheet, {"rule": "broken quotation marks"})


@kind("delimited")
def quotes_over_lines(case):
    lines = case.delivery.written().splitlines(keepends=True)
    first = case.rng.randrange(1, len(lines) - 4)
    place = case.rng.randrange(1, len(case.columns) - 1)
    one, other = (lines[number].split(b",") for number in (first, first + 3))
    one[place], other[place] = b'"' + one[place], other[place].rstrip(b"\n") + b'"'
    lines[first], lines[first + 3] = b",".join(one), b",".join(other)
    case.delivery.content = b"".join(lines)
    return case.judged()


@kind("delimited")
def delivered_twice_in_one(case):
    case.delivery.content = case.delivery.written() * 2
    return case.judged()


@kind("delimited")
def another_extract(case):
    others = ("interviews.csv", "police_subjects.csv", "allocation_register.csv", "police_extract.csv")
    wrong = [name for name in others if (RAW / name).read_bytes()[:60] != case.delivery.written()[:60]]
    case.delivery.content = (RAW / case.rng.choice(wrong)).read_bytes()
    return Claim("refused")


@kind("delimited")
def no_text_at_all(case):
    case.delivery.content = case.rng.choice(
        [
            b"",
            b"\n",
            b" \n \n",
            b"\xef\xbb\xbf",
            (RAW / "insights_extract.xlsx").read_bytes(),
            b"\xd0\xcf\x11\xe0" + bytes(99),
            b"<html><body>Session expired</body></html>",
            b"%PDF-1.4\n",
            b"\x00" * 50,
            b"\x1f\x8b\x08" + bytes(9),
        ]
    )
    return Claim("refused")


@kind("delimited")
def byte_flipped(case):
    written = bytearray(case.delivery.written())
    written[case.rng.randrange(len(written))] ^= 1 << case.rng.randrange(7)
    case.delivery.content = bytes(written)
    return case.judged()
