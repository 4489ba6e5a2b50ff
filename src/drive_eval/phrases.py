"""What the words of a finding must not say, whatever the numbers: claims that a study like this cannot carry.

The words around the numbers are written by a person and stay while the numbers move. So they hold no digit, no
quantity in words, no verdict of a test and no cause: those are chosen by the code, from the numbers.
"""

from __future__ import annotations

import re

_QUOTED = re.compile(r"“[^”]*”")
"""The name of an answer stands in “ ” and may say what it says, for example “significant reduction”."""
_SLOT = re.compile(r"\{[^{}]*\}")
_BANNED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:more|less|as) likely\b",
        r"\bno (?:\w+ )?(?:difference|effect|change|association|relationship|impact|reduction|increase)s?\b",
        r"\b(?:prov(?:e|es|ed|en)|proof)\b",
        r"\bcaus(?:e|es|ed|ing|al)\b",
        r"\b(?:led to|leads to|due to|thanks to|because of|as a result of|attributable to|resulted in)\b",
        r"\b(?:effective|effectiveness|ineffective|impact|success(?:ful|fully)?)\b",
        r"\b(?:non-?)?significan(?:t|tly|ce)\b",
        r"\btrend(?:s|ed|ing)?\b",
        r"\b(?:marginal|marginally|borderline|substantial|substantially|dramatic|dramatically|major)\b",
        r"\b(?:fell|rose|dropped|decreased?|increased?|reduc(?:ed|tion)|improv(?:ed|ement)|higher|lower)\b",
        r"\b(?:halved|doubled|trebled|tripled|twice|threefold|half|thirds?|quarters?|two-thirds)\b",
        r"\d",
    )
]


def banned_in(words: str) -> list[str]:
    """The phrases in these words that a finding must not use, as written there.

    Slots (``{result_id|style}``) and the names of answers, in “ ”, are left out of the search.
    """
    bare = _SLOT.sub(" ", _QUOTED.sub(" ", words))
    return [found[0] for pattern in _BANNED if (found := pattern.search(bare))]
