"""What identifies a person: the patterns of the identifier gate. Decisions are in docs/identifiers.md."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from drive_eval.contracts.model import Column
from drive_eval.contracts.names import ALSO_WORDS, ANSWERS, FORENAMES, NOT_NAMES, SURNAMES, TITLES

NAME, FREE_TEXT, BIRTH, HEADER = "name", "free text", "date of birth", "value in place of a header"
CHECK_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
AREAS = (
    "AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN "
    "EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE "
    "NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR "
    "TS TW UB W WA WC WD WF WN WR WS WV YO ZE "
)
_EARLIEST = dt.date(1900, 1, 1)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = f"(?:{'|'.join(MONTHS)})[a-z]*"
_ANY_DIGIT = dict.fromkeys(map(ord, "012345678"), "9")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")


@dataclass(frozen=True)
class Rule:
    """One kind of identifier: a pattern of candidates, and whether a candidate is one."""

    name: str
    candidate: re.Pattern[str]
    holds: Callable[[re.Match[str]], bool] = lambda _: True


def plain(text: str) -> str:
    """A text as a person sees it: full-width and look-alike characters made plain, invisible ones removed."""
    if text.isascii():
        return text
    made = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return "".join(letter for letter in made if letter == "\n" or unicodedata.category(letter) not in ("Cf", "Cc"))


def find(
    texts: Collection[str], *, born_before: dt.date | None = None, longest: int | None = None, shape: bool = False
) -> dict[str, set[str]]:
    """Say which texts identify a person.

    Texts that differ in digits alone are first looked at together, which makes a million ids one look (see `_Plan`).

    Parameters
    ----------
    texts : collection of str
        Distinct texts.
    born_before : date, optional
        A full date before this day counts as a date of birth.
    longest : int, optional
        A text of more characters counts as free text.
    shape : bool
        Whether two or three capitalised words count as a name although none is a known one.

    Returns
    -------
    dict, rule to set of str
        The texts each rule finds, as they were given.
    """
    given = list(texts)
    lines = plain("\n".join(given)).split("\n")
    if len(lines) != len(given):  # a line break inside a text
        lines = [plain(text).replace("\n", " ") for text in given]
    forms = "\n".join(lines).translate(_ANY_DIGIT).split("\n")
    plans = {form: plan for form in set(forms) if (plan := _plan(form, longest, shape))}
    found: dict[str, set[str]] = {}
    for text, line, form in zip(given, lines, forms, strict=True) if plans else ():
        if form in plans:
            for kind in plans[form].kinds(line, born_before):
                found.setdefault(kind, set()).add(text)
    return found


@dataclass(frozen=True)
class _Plan:
    """What is to be looked at in texts that differ in digits alone: all that does not depend on the digits is known.

    `certain` are the kinds that each of them is; `is_number`: a spreadsheet may have written a whole number so.
    """

    rules: tuple[Rule, ...]
    certain: tuple[str, ...]
    has_date: bool
    is_number: bool

    def kinds(self, line: str, born_before: dt.date | None) -> Iterator[str]:
        """The kinds of identifier that one of the texts holds."""
        whole = _NUMBER_FORMS.sub(_whole_number, line) if self.is_number else line
        for rule in RULES if self.is_number else self.rules:
            if any(rule.holds(match) for match in rule.candidate.finditer(whole)):
                yield rule.name
        yield from self.certain
        if self.has_date and born_before is not None and any(_EARLIEST <= day < born_before for day in _days(line)):
            yield BIRTH


def _plan(form: str, longest: int | None, shape: bool) -> _Plan | None:
    """What is to be looked at in texts of a form; nothing where none can break a rule, whatever its digits are."""
    certain: tuple[str, ...] = (FREE_TEXT,) if longest is not None and len(form) > longest else ()
    certain += (NAME,) if is_name(form, shape=shape) else ()
    rules = tuple(rule for rule in RULES if rule.candidate.search(form))
    plan = _Plan(rules, certain, bool(_DATE.search(form)), bool(_NUMBER_FORMS.match(form)))
    return plan if rules or certain or plan.has_date or plan.is_number else None


def header_rule(header: str) -> str | None:
    """The rule that a header breaks by what it says its column holds; nothing if by none."""
    words = " ".join(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain(header)).lower()))
    return next((rule for rule, pattern in _HEADERS.items() if pattern.search(words)), None)


def harmless(text: str, column: Column) -> bool:
    """Whether a faulty value of a column that may be quoted is safe to quote: plain answer words, or nearly a code.

    A column of codes may hold anything by mistake, a name or an id too; those are never quoted.
    """
    if difflib.get_close_matches(text.casefold(), [code.casefold() for code in column.codes], n=1, cutoff=0.8):
        return True
    meanings = (f"{raw} {code.canonical} {code.meaning}" for raw, code in column.codes.items())
    known = ANSWERS | set(re.findall(r"[a-z]+", " ".join(meanings).replace("_", " ").casefold()))
    words = re.findall(r"[^\W_]+", text.casefold())
    return len(text) <= 40 and all(word in known or re.fullmatch(r"\d{1,2}", word) for word in words)


def is_name(text: str, *, shape: bool = False) -> bool:
    """Whether a text is or holds the name of a person."""
    if not _LETTERS.search(text):
        return False
    if _TITLED.search(text):
        return True
    words = [word for word in _WORD.findall(text) if word]
    keys = [_key(word) for word in words]
    if len(words) == 1:
        return text.strip(" .,") == words[0] and keys[0] in (FORENAMES | SURNAMES) - ALSO_WORDS
    if any(map(_is_pair, words, keys, words[1:], keys[1:])):
        return True
    shaped = 2 <= len(words) <= 3 and " ".join(words) == text.replace(",", "") and not NOT_NAMES & set(keys)
    return shape and shaped and all(word[0].isupper() and len(word) > 1 for word in words)


def _is_pair(first: str, first_key: str, second: str, second_key: str) -> bool:
    """Whether two words that follow each other are forename and surname, in either order, or initial and surname."""
    if {first_key, second_key} & NOT_NAMES:
        return False
    known = (first_key in FORENAMES and second_key in SURNAMES) or (first_key in SURNAMES and second_key in FORENAMES)
    if known:
        return True
    capitals = first[0].isupper() and second[0].isupper()
    if len(first_key) == 1 or len(second_key) == 1:
        return capitals and (first_key in SURNAMES or second_key in SURNAMES)
    certain = first_key in FORENAMES - ALSO_WORDS or second_key in SURNAMES - ALSO_WORDS
    certain |= first_key in SURNAMES - ALSO_WORDS and first.isupper()
    return capitals and certain


def _key(word: str) -> str:
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    return bare.replace("\u2019", "'").casefold().removesuffix("'s")


def _whole_number(match: re.Match[str]) -> str:
    value = float(match[0])
    return str(int(value)) if value.is_integer() and value < 1e15 else match[0]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_nhs(match: re.Match[str]) -> bool:
    """Modulus 11 over the first nine digits, weights 10 to 2."""
    digits = [int(digit) for digit in _digits(match[0])]
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return len(set(digits)) > 1 and (0 if check == 11 else check) == digits[9]


def _is_telephone(match: re.Match[str]) -> bool:
    text, digits = match[0], _digits(match[0])
    if text.startswith("+") and not digits.startswith("44"):
        return 10 <= len(digits) <= 15
    if re.fullmatch(r"(0|[1-9]\d*)\.\d+", text) or any(len(group) < 2 for group in _groups(text)):
        return False
    abroad = digits.removeprefix("00") if text.startswith("00") else digits
    if abroad.startswith("44") and (text.startswith(("+", "00")) or len(abroad) == 12):
        return len(abroad[2:].removeprefix("0")) in (9, 10)
    if text.lstrip("(").startswith("0"):
        return len(digits) in (10, 11) and digits[1] in "1235789"
    return len(digits) == 10 and digits[0] == "7" and digits[1] != "0"


def _groups(text: str) -> Iterator[str]:
    """Groups of digits, without the 0 of +44 (0)."""
    return (group for group in re.findall(r"\d+", re.sub(r"\(0\)", "", text)))


def _check_letter(year: str, serial: str, width: int) -> str:
    return CHECK_LETTERS[int(year[-2:] + serial.zfill(width)) % len(CHECK_LETTERS)]


def _is_pnc(match: re.Match[str]) -> bool:
    """The whole form whatever its letter, shorter forms only with the right letter."""
    first, serial, also_first, also_serial, letter = match.groups()
    year, serial = first or also_first, serial or also_serial
    if len(year) == 4 and year[:2] not in ("19", "20"):
        return False
    return len(year + serial) == 11 or _check_letter(year, serial, 7) == letter.upper()


def _is_cro(match: re.Match[str]) -> bool:
    serial, year, letter = match.groups()
    return serial is None or _check_letter(year, serial, 6) == letter.upper()


def _days(text: str) -> Iterator[dt.date]:
    """All full dates in a text, day first unless only month first is a date; years to 30 are 20xx."""
    found = [_year_month_day(match.groupdict()) for match in _DATE.finditer(text)]
    if re.fullmatch(r"\d{8}", text):
        found = [(text[:4], text[4:6], text[6:]), (text[4:], text[2:4], text[:2])]
    for year, month, day in found:
        if len(year) == 2:
            year = ("20" if int(year) <= 30 else "19") + year
        for a, b in ((month, day), (day, month)):
            try:
                yield dt.date(int(year), int(a), int(b))
                break
            except ValueError:
                continue


def _year_month_day(found: dict[str, str | None]) -> tuple[str, str, str]:
    parts = dict.fromkeys("ymd", "0") | {key[0]: value for key, value in found.items() if value}
    month = parts["m"][:3].lower()
    return parts["y"], str(MONTHS.index(month) + 1) if month in MONTHS else month, parts["d"]


_LETTERS = re.compile(r"[^\W\d_]{2}")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_TITLED = re.compile(rf"(?<!\w)(?:{'|'.join(f'{t.title()}|{t.upper()}' for t in TITLES.split('|'))})\.? [A-Z][^\W\d_]*")
_NUMBER_FORMS = re.compile(r"^(?:\d\.?\d*[eE]\+?\d{1,2}|\d{9,12}\.\d+)$", re.MULTILINE)
_DATE = re.compile(
    r"(?<!\d)(?P<y1>\d{4})[-/. ](?P<m1>\d{1,2})[-/. ](?P<d1>\d{1,2})(?!\d)"
    r"|(?<!\d)(?P<d2>\d{1,2})(?P<s>[-/. ])(?P<m2>\d{1,2})(?P=s)(?P<y2>\d{4}|\d\d)(?!\d)"
    rf"|(?<!\d)(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?[-/. ]?(?:of )?(?P<m3>{_MONTH})[-/., ]*(?P<y3>\d{{4}}|\d\d)(?!\d)"
    rf"|\b(?P<m4>{_MONTH})[-/. ]*(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?[-/., ]+(?P<y4>\d{{4}})(?!\d)"
    r"|^\d{8}$",
    re.IGNORECASE,
)

RULES = (
    Rule(
        "e-mail address",
        re.compile(
            r"[^\s@,;:<>()]+ ?(?:@|[(\[] ?at ?[)\]]) ?[a-z0-9-]+(?: ?(?:\.|[(\[] ?dot ?[)\]]) ?[a-z0-9-]+)+",
            re.IGNORECASE,
        ),
    ),
    Rule("NHS number", re.compile(r"(?<!\w)(?:nhs)?\d{3}[ ./-]?\d{3}[ ./-]?\d{4}(?!\w)", re.IGNORECASE), _is_nhs),
    Rule(  # ten digits at least
        "telephone number",
        re.compile(r"(?<![\w/.])(?:\+|\()?(?=(?:\d[ ().-]*){10})\d[\d ().-]{7,18}\d(?![\w/:])"),
        _is_telephone,
    ),
    Rule(
        "postcode",
        re.compile(
            rf"(?<![a-z0-9])(?:(?:{'|'.join(AREAS.split())})\d[a-z\d]?|GIR)[ -]?\d[abd-hjlnp-uw-z]{{2}}(?![a-z0-9])",
            re.IGNORECASE,
        ),
    ),
    Rule(
        "PNC number",
        re.compile(
            r"(?<![\w/])(?:(\d{4}|\d\d)[/ -](\d{1,7})|(\d{4}|\d\d)(\d{7}))([A-HJ-NP-RT-Z])(?!\w)", re.IGNORECASE
        ),
        _is_pnc,
    ),
    Rule(
        "CRO number",
        re.compile(r"(?<![\w/])(?:(\d{1,6})/(\d\d)([A-HJ-NP-RT-Z])|SF\d\d/\d{1,6}[A-Z])(?!\w)", re.IGNORECASE),
        _is_cro,
    ),
    Rule(
        "national insurance number",
        re.compile(
            r"(?<![a-z0-9])(?!bg|gb|kn|nk|nt|tn|zz)[a-ceghj-prtw-z][a-ceghj-nprtw-z]"
            r"[ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[a-d](?![a-z0-9])",
            re.IGNORECASE,
        ),
    ),
    Rule(
        "address",
        re.compile(
            r"(?<!\w)\d{1,4}[A-Za-z]?,? (?:[A-Z][\w'-]+ ){1,3}"
            r"(?:Road|Rd|Street|St|Lane|Ln|Avenue|Ave|Close|Drive|Way|Court|Crescent|Gardens|Grove|Place|Terrace|Mews)\b"
        ),
    ),
)

_HEADERS = {
    BIRTH: re.compile(r"\bdob\b|\bd o b\b|\bbirth ?(?:date|day)\b|\bdates? of birth\b|\bborn\b"),
    "NHS number": re.compile(r"\bnhs (?:no|num|number|id)\b|\bnhs$|\bchi (?:no|number)\b"),
    "PNC number": re.compile(r"\bpnc(?:id)?\b"),
    "CRO number": re.compile(r"\bcro (?:no|number)\b|\bcro$"),
    "national insurance number": re.compile(r"\bnational insurance\b|\bnino\b|\bni (?:no|number)\b"),
    "postcode": re.compile(r"\bpost ?code\b|\bpcd\b"),
    "telephone number": re.compile(
        r"(?<!by )\b(?:tele)?phone(?: (?:no|num|number|home|mobile|work))?$|\bmobile(?: (?:no|number|phone))?$"
        r"|\btel(?: (?:no|number))?$"
    ),
    "e-mail address": re.compile(r"(?<!by )\be ?mail(?: address)?$"),
    "address": re.compile(r"\baddress(?: line)?$"),
    NAME: re.compile(
        r"\b(?:sur|fore|last|first|family|given|middle|maiden|full|christian|nick|client|victim|survivor|perpetrator|offender"
        r"|suspect|person|patient|child|mother|father|partner|user|subject|known) ?names?\b"
        r"|^names?$|^name of\b|^alias(?:es)?$"
    ),
}
"""What a header says its column holds, in lower-case words."""
