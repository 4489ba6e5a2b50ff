"""The superpopulation that simulated trials are drawn from: who there is, and what happens to them in either arm.

Covariates are whole numbers, so the superpopulation is a grid of cells with known weights, and every probability and
mean is a table over cells. Averages over the superpopulation are therefore exact sums; nothing is estimated.
Described in ``docs/methods/simulate.md``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drive_eval.reconstruct.dva import TYPES
from drive_eval.reconstruct.simulate_effects import Effects
from drive_eval.reconstruct.spine import SITES

VERSION = 1
"""Raised by any change that gives other people or another truth for the same call."""
Floats = NDArray[np.floating[Any]]
Numbers = NDArray[np.int64]

SITE_SHARES = {"essex": 0.4, "south_wales": 0.3, "west_sussex": 0.3}
SITE_CONTRASTS = {"essex": -0.9, "south_wales": 1.1, "west_sussex": 0.1}
"""How far a site lies from the others; scaled to mean 0 and SD 1 over the superpopulation before use."""
SCORE = {"mean": 15.0, "sd": 3.2, "min": 5, "max": 24}
"""Risk checklist score at intake, a normal distribution cut into whole numbers."""
NEEDS = {"of": 6, "intercept": -1.0, "severity": 0.4}
"""Number of needs, binomial; `severity` is the standardised score."""
AGE = {"median": 34.0, "log_sd": 0.3, "min": 18, "max": 70}
INTAKE = {"physical": 1.0, "sexual": -1.0, "harassment_stalking": 1.2, "jealousy_control": 1.8}
INTAKE_SLOPES = {"severity": 0.5, "needs": 0.15}
EXIT = {"physical": -2.0, "sexual": -3.0, "harassment_stalking": -1.5, "jealousy_control": -1.5}
EXIT_SLOPES = {"severity": 0.4, "needs": 0.1, "age": -0.15, "intake": 1.2}
"""Log odds of each type of abuse: intercepts, and slopes for the standardised score, for needs above 2, for ten
years of age above 36 and for the same type at intake."""
LEVEL_SLOPES = {"moderate": (0.6, 0.4), "high": (-0.6, 0.5)}
"""Log odds that abuse, where there is any, reaches a level: intercept and slope for the standardised score."""
WINDOWS = {"earlier": (-12, -6, 1.0), "before": (-6, 0, 1.0), "during": (0, 10, 0.8), "after": (10, 16, 0.7)}
"""Months from allocation at which a window begins and ends, and the rate in it relative to before, in both arms."""
POLICE = {"dva": {"per_month": 0.16, "severity": 0.3}, "non_dva": {"per_month": 0.12, "severity": 0.1}}
CRIMINAL = {"dva": 0.55, "non_dva": 0.6}
SUPPORT = {"mean": 145.0, "needs": 8.0, "site": 10.0, "most": 700, "precision": 5.0}
"""Days of support: 1 + beta-binomial up to `most`, with this mean under control."""
DASH = {"items": 20, "intercept": -0.2, "severity": 0.5, "spread": 1.0}
"""Items of the Drive DASH; their log odds lie evenly within `spread` of the intercept."""


@dataclass(frozen=True)
class Superpopulation:
    """The grid of covariates with its weights, and the tables of what happens in each cell.

    Last axis of every table: cells. `intake[type]`; `exit[type, arm, type at intake]`, control first;
    `incidents[kind, window]` by arm, at frailty 1; `support` by arm; `missing[arm, any abuse at exit]`;
    `dash_items[time, item]`.
    """

    weight: Floats
    site: Numbers
    score: Numbers
    needs: Numbers
    age: Numbers
    intake: Floats
    exit: Floats
    incidents: dict[tuple[str, str], Floats]
    support: Floats
    missing: Floats
    dash_items: Floats

    @property
    def exit_by_covariates(self) -> Floats:
        """Risk of each type at exit by type and arm, over abuse at intake."""
        risk: Floats = (1 - self.intake)[:, None] * self.exit[:, :, 0] + self.intake[:, None] * self.exit[:, :, 1]
        return risk


def superpopulation(effects: Effects) -> Superpopulation:
    """The cells and their tables under these effects."""
    weight, site, score, needs, age = _cells()
    severity = (score - SCORE["mean"]) / SCORE["sd"]
    contrast = _contrasts()[site]
    at_site = effects.site_spread * contrast
    linear = INTAKE_SLOPES["severity"] * severity + INTAKE_SLOPES["needs"] * (needs - 2) + at_site
    support = SUPPORT["mean"] + SUPPORT["needs"] * (needs - 2) + SUPPORT["site"] * contrast
    return Superpopulation(
        weight=weight,
        site=site,
        score=score,
        needs=needs,
        age=age,
        intake=np.stack([expit(INTAKE[abuse] + linear) for abuse in TYPES]),
        exit=_exit(effects, severity, needs, age, contrast),
        incidents=_incidents(effects, severity, at_site),
        support=np.stack([support, support + effects.support_days]),
        missing=_missing(effects, severity),
        dash_items=_dash_items(effects, severity),
    )


def _exit(effects: Effects, severity: Floats, needs: Numbers, age: Numbers, contrast: Floats) -> Floats:
    """Risk at exit by type, arm and the same type at intake."""
    linear = (
        EXIT_SLOPES["severity"] * severity
        + EXIT_SLOPES["needs"] * (needs - 2)
        + EXIT_SLOPES["age"] * (age - 36) / 10
        + effects.site_spread * contrast
    )

    def risk(abuse: str, arm: int, before: int) -> Floats:
        effect = arm * (getattr(effects, abuse) + effects.effect_spread * contrast)
        return expit(EXIT[abuse] + linear + EXIT_SLOPES["intake"] * before + effect)

    return np.stack([[[risk(abuse, arm, before) for before in (0, 1)] for arm in (0, 1)] for abuse in TYPES])


def _missing(effects: Effects, severity: Floats) -> Floats:
    """Probability of no exit form by arm and by any abuse at exit; the share is half way between abuse and none."""
    share = effects.missing_exit
    base = -math.inf if share == 0 else math.log(share / (1 - share))

    def probability(arm: int, any_abuse: float) -> Floats:
        given = effects.missing_severity * severity + effects.missing_arm * arm + effects.missing_mnar * any_abuse
        return expit(base + given)

    return np.stack([[probability(arm, any_abuse) for any_abuse in (-0.5, 0.5)] for arm in (0, 1)])


def _dash_items(effects: Effects, severity: Floats) -> Floats:
    """Probability of each item of the Drive DASH, by time."""
    offset = np.linspace(-DASH["spread"], DASH["spread"], int(DASH["items"]))[:, None]
    linear = DASH["intercept"] + offset + DASH["severity"] * severity
    return np.stack([expit(linear + effects.dash_trend * time) for time in range(3)])


def _cells() -> tuple[Floats, Numbers, Numbers, Numbers, Numbers]:
    """Weight, site, score, number of needs and age of each cell."""
    scores = np.arange(SCORE["min"], SCORE["max"] + 1)
    severity = (scores - SCORE["mean"]) / SCORE["sd"]
    numbers = np.arange(NEEDS["of"] + 1)
    ages = np.arange(AGE["min"], AGE["max"] + 1)
    of_score = _shares(np.exp(-(severity**2) / 2))
    likely = expit(NEEDS["intercept"] + NEEDS["severity"] * severity)[:, None]
    ways = np.array([math.comb(int(NEEDS["of"]), int(number)) for number in numbers])
    of_needs = ways * likely**numbers * (1 - likely) ** (NEEDS["of"] - numbers)
    of_age = _shares(np.exp(-((np.log(ages / AGE["median"]) / AGE["log_sd"]) ** 2) / 2) / ages)
    of_site = np.array([SITE_SHARES[site] for site in SITES])
    weight = np.einsum("s,d,dn,a->sdna", of_site, of_score, of_needs, of_age)
    place = np.indices(weight.shape).reshape(4, -1)
    return weight.ravel(), place[0], scores[place[1]], numbers[place[2]], ages[place[3]]


def _incidents(effects: Effects, severity: Floats, at_site: Floats) -> dict[tuple[str, str], Floats]:
    """Expected incidents by arm of each kind in each window, at frailty 1."""
    found: dict[tuple[str, str], Floats] = {}
    for kind, rate in POLICE.items():
        monthly = rate["per_month"] * np.exp(rate["severity"] * severity + at_site)
        for window, (start, end, trend) in WINDOWS.items():
            control = (end - start) * trend * monthly
            found[kind, window] = np.stack([control, rate_ratio(effects, kind, window) * control])
    return found


def rate_ratio(effects: Effects, kind: str, window: str) -> float:
    """Incidents in Drive over those in control."""
    return float(getattr(effects, f"police_{window}", 1.0)) if kind == "dva" else 1.0


def expit(log_odds: Floats) -> Floats:
    """Probability of log odds."""
    probability: Floats = 1 / (1 + np.exp(-log_odds))
    return probability


def coefficients() -> dict[str, Any]:
    """Every constant of the model, for the truth file."""
    return {
        "site_shares": SITE_SHARES,
        "site_contrasts": dict(zip(SITES, _contrasts().round(12).tolist(), strict=True)),
        "score": SCORE,
        "needs": NEEDS,
        "age": AGE,
        "intake": INTAKE | {"slopes": INTAKE_SLOPES},
        "exit": EXIT | {"slopes": EXIT_SLOPES},
        "levels": LEVEL_SLOPES,
        "windows": WINDOWS,
        "police": POLICE,
        "criminal": CRIMINAL,
        "support": SUPPORT,
        "dash": DASH,
    }


def _contrasts() -> Floats:
    share = np.array([SITE_SHARES[site] for site in SITES])
    contrast = np.array([SITE_CONTRASTS[site] for site in SITES])
    contrast = contrast - share @ contrast
    scaled: Floats = contrast / math.sqrt(share @ contrast**2)
    return scaled


def _shares(weights: Floats) -> Floats:
    shares: Floats = weights / weights.sum()
    return shares
