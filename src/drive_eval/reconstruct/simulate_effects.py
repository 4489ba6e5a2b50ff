"""The effects that a simulated trial is given, and the mechanism that hides outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace

from drive_eval.errors import UserError
from drive_eval.reconstruct.dva import TYPES


@dataclass(frozen=True)
class Effects:
    """What Drive does to people, and what hides it.

    Parameters
    ----------
    physical, sexual, harassment_stalking, jealousy_control : float
        Log odds ratio, Drive against control, of abuse of this type at exit given the covariates and the intake.
    police_during, police_after : float
        Rate ratio of DVA incidents in the ten months from allocation and in the six after; others have no effect.
    support_days : float
        Difference in the mean days of support.
    dash_trend : float
        Change of the log odds of each Drive DASH item from one assessment to the next (Drive arm, no comparison).
    effect_spread : float
        SD over sites of the log odds ratios.
    site_spread : float
        SD over sites of the log odds of abuse and of the log rate of incidents (clusters).
    police_dispersion : float
        Variance of the frailty, a gamma with mean 1 that multiplies all rates of a person; 0 is Poisson.
    missing_exit : float
        Share without an exit form in a control person of average severity (see `missing_mnar`).
    missing_severity, missing_arm : float
        Log odds ratio of a missing exit form per standard deviation of the intake score (missing at random given
        the score), and of Drive against control.
    missing_mnar : float
        Log odds ratio of a missing exit form where there is any abuse at exit, against none (not at random).
    missing_item : float
        Share of single answers on abuse that are not known, completely at random.
    """

    physical: float = -0.6
    sexual: float = -0.5
    harassment_stalking: float = -0.5
    jealousy_control: float = -0.4
    police_during: float = 0.85
    police_after: float = 0.7
    support_days: float = 60.0
    dash_trend: float = -0.3
    effect_spread: float = 0.0
    site_spread: float = 0.2
    police_dispersion: float = 1.0
    missing_exit: float = 0.3
    missing_severity: float = 0.2
    missing_arm: float = 0.0
    missing_mnar: float = 0.0
    missing_item: float = 0.05

    def __post_init__(self) -> None:
        """Refuse values that no population has."""
        for name, value in asdict(self).items():
            low, high = _LIMITS.get(name, (-5.0, 5.0))
            if not low <= value <= high:
                raise UserError(f"effect {name} must lie between {low:g} and {high:g}")

    @classmethod
    def null(cls) -> Effects:
        """Drive does nothing; clusters and missing forms stay."""
        return cls(**dict.fromkeys(TYPES, 0.0), police_during=1.0, police_after=1.0, support_days=0.0, dash_trend=0.0)

    @classmethod
    def from_text(cls, settings: Iterable[str]) -> Effects:
        """Effects as the command line gives them: ``null`` or ``moderate`` first, then ``name=value`` one by one.

        Raises
        ------
        UserError
            If a setting has another form, an unknown name, no number, or a number out of its limits.
        """
        known = [field.name for field in fields(cls)]
        effects = cls()
        for setting in settings:
            name, _, text = setting.partition("=")
            if setting in ("null", "moderate"):
                effects = cls.null() if setting == "null" else cls()
                continue
            if name not in known:
                names = ", ".join(known)
                raise UserError(f"effect {setting!r}: use null, moderate or NAME=NUMBER with a name of {names}")
            try:
                effects = replace(effects, **{name: float(text)})
            except UserError:
                raise
            except ValueError as error:
                raise UserError(f"effect {setting!r}: {text!r} is not a number") from error
        return effects

    @property
    def missing_mechanism(self) -> str:
        """MCAR, MAR or MNAR, of exit forms."""
        if self.missing_mnar:
            return "MNAR"
        return "MAR" if self.missing_severity or self.missing_arm else "MCAR"


_LIMITS = {
    "police_during": (0.0, 10.0),
    "police_after": (0.0, 10.0),
    "support_days": (-100.0, 400.0),
    "effect_spread": (0.0, 3.0),
    "site_spread": (0.0, 3.0),
    "police_dispersion": (0.0, 20.0),
    "missing_exit": (0.0, 0.95),
    "missing_item": (0.0, 0.95),
}
