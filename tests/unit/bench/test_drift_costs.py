"""Each step of watching drift is measured."""

from sluicegate.bench.drift import DriftCosts, measure_drift
from sluicegate.models import default_bundle_path, load_bundle
from sluicegate.models.labelled import Row


def test_each_step_has_its_cost() -> None:
    rows = [Row("see you at the park" + " again" * (number % 9), {}, "forum", "en") for number in range(60)]
    found = measure_drift(load_bundle(default_bundle_path()), rows, 20, 2)
    for name in DriftCosts.__struct_fields__:
        assert getattr(found, name).count == 2
        assert getattr(found, name).least > 0
