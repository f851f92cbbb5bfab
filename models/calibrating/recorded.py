"""What a manifest says of a calibration that was read anew."""

import msgspec

from sluicegate.models.thresholds.recorded import Estimate, ScoredFile


class LogitMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A straight line over log-odds: ``slope * log_odds + intercept``."""

    slope: float
    intercept: float


class Recalibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one harm was calibrated anew.

    ``map`` goes from the log-odds that the bundle gave before to those it gives now, prevalences included; it
    stands in the weights or among ``logit_maps``. ``before`` and ``after`` are expected calibration errors at
    even odds on texts that it was not fitted on, None where only the prevalence moved.
    """

    map: LogitMap
    prevalence_before: float
    prevalence: float
    before: Estimate | None
    after: Estimate | None
    fitted: int
    measured: int
    data: tuple[ScoredFile, ...]
    seed: int
