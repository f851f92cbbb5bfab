"""The guard tells what is slower from what is not, and says so where there is nothing to compare with."""

import subprocess
import textwrap
from pathlib import Path

import pytest

from sluicegate.bench.guard import GuardError, compare_trees
from sluicegate.bench.revisions import NoBaseError, base_of, checked_out, named_base
from sluicegate.bench.verdicts import Comparison, compare_in_turn, slower, table_of

REPOSITORY = Path(__file__).resolve().parents[3]


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=n@example.test", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", folder, *identity, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of two commits."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    for number in ("1", "2"):
        (folder / "file").write_text(number, encoding="utf-8")
        git(folder, "add", "file")
        git(folder, "commit", "--quiet", "-m", number)
    return folder


def test_a_ratio_is_the_median_of_neighbouring_repetitions() -> None:
    # The machine was busy for all of the second pair: that changes both times, and not the ratio.
    comparison = Comparison("score", [1.0, 9.0, 1.0], [1.1, 9.9, 1.1])

    assert comparison.ratio == pytest.approx(1.1)


@pytest.mark.parametrize(("seconds", "names"), [(1.14, []), (1.15, ["score"]), (2.0, ["score"]), (0.5, [])])
def test_fifteen_percent_more_time_is_slower(seconds: float, names: list[str]) -> None:
    assert slower([Comparison("score", [1.0], [seconds])]) == names


def test_one_slow_repetition_is_no_slowdown() -> None:
    assert slower([Comparison("score", [1.0, 1.0, 1.0], [1.0, 5.0, 1.0])]) == []


def test_both_run_in_turn_and_each_begins_as_often() -> None:
    order: list[str] = []

    def run(who: str) -> float:
        order.append(who)
        return float(len(order))

    found = compare_in_turn("decode", lambda _: run("base"), lambda _: run("here"), 4)

    assert order == ["here", "base", "base", "here", "here", "base", "base", "here"]
    assert found.base == [2.0, 3.0, 6.0, 7.0]
    assert found.here == [1.0, 4.0, 5.0, 8.0]


def test_the_table_marks_what_is_slower() -> None:
    fast, slow = table_of([Comparison("fast", [0.1], [0.1]), Comparison("slow", [0.1], [0.2])]).splitlines()[1:]

    assert fast.split() == ["fast", "100.0", "100.0", "1.00"]
    assert slow.split() == ["slow", "100.0", "200.0", "2.00", "slower"]


def test_a_branch_is_compared_with_where_it_left_main(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD~1")
    git(repository, "update-ref", "refs/remotes/origin/main", first)
    (repository / "file").write_text("3", encoding="utf-8")
    git(repository, "commit", "--quiet", "-am", "3")

    assert base_of(repository) == first


def test_main_is_compared_with_the_revision_before(repository: Path) -> None:
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")

    assert base_of(repository) == git(repository, "rev-parse", "HEAD~1")


def test_a_shallow_clone_has_no_base(repository: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", str(shallow))

    with pytest.raises(NoBaseError, match="shallow clone"):
        base_of(shallow)


def test_a_folder_outside_any_repository_has_no_base(tmp_path: Path) -> None:
    with pytest.raises(NoBaseError, match="no clone"):
        base_of(tmp_path)


def test_a_base_that_is_named_must_be_there(repository: Path) -> None:
    with pytest.raises(NoBaseError, match="'absent'"):
        named_base(repository, "absent")


def test_a_revision_lies_beside_the_tree_and_is_gone_afterwards(repository: Path) -> None:
    with checked_out(repository, base_of(repository)) as checkout:
        assert (checkout.path / "file").read_text(encoding="utf-8") == "1"
        assert checkout.fault is None
        assert (repository / "file").read_text(encoding="utf-8") == "2"

    assert not checkout.path.exists()
    assert len(git(repository, "worktree", "list").splitlines()) == 1


def test_kernels_of_the_same_sources_are_taken_over_and_others_are_built(repository: Path) -> None:
    package = repository / "models" / "compiled"
    package.mkdir(parents=True)
    for name, content in (("setup.py", "raise SystemExit(1)"), ("models/compiled/a.c", "1"), (".gitignore", "*.so")):
        (repository / name).write_text(content, encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "kernel")
    (package / "a.so").write_text("built of 1", encoding="utf-8")

    with checked_out(repository, "HEAD") as checkout:
        assert checkout.fault is None
        assert (checkout.path / "models" / "compiled" / "a.so").read_text(encoding="utf-8") == "built of 1"

    (package / "a.c").write_text("2", encoding="utf-8")
    with checked_out(repository, "HEAD") as checkout:
        assert checkout.fault == "its kernels could not be built"
        assert not (checkout.path / "models" / "compiled" / "a.so").exists()

    (package / "a.c").write_text("1", encoding="utf-8")
    (package / "a.so").unlink()
    with checked_out(repository, "HEAD") as checkout:
        assert checkout.fault == "its kernels could not be built"


def tree(folder: Path, decode: str) -> Path:
    """Make a tree whose package has nothing but a way to decode."""
    package = folder / "src" / "sluicegate"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "schemas.py").write_text(textwrap.dedent(decode), encoding="utf-8")
    return folder


FAST = """
    def decode_event(record):
        return sum(range(600))
"""
SLOW = """
    def decode_event(record):
        return sum(range(1800))
"""


def test_an_artificial_slowdown_is_found_and_what_only_one_tree_lacks_is_skipped(tmp_path: Path) -> None:
    base, here = tree(tmp_path / "base", FAST), tree(tmp_path / "here", SLOW)

    found = compare_trees(base, here, repetitions=7)

    assert slower(found.comparisons) == ["decode"]
    assert sorted(found.skipped) == ["folding", "pipeline", "pipeline in columns", "score"]


def test_a_tree_is_not_slower_than_one_that_is_the_same(tmp_path: Path) -> None:
    base, here = tree(tmp_path / "base", FAST), tree(tmp_path / "here", FAST)

    # A limit that no noise of a busy machine comes near.
    assert slower(compare_trees(base, here, repetitions=7).comparisons, limit=1.5) == []


def test_the_benchmarks_run_on_this_tree() -> None:
    found = compare_trees(REPOSITORY, REPOSITORY, repetitions=1, names=["decode"])

    assert found.skipped == {}
    assert [each.name for each in found.comparisons] == ["decode"]


def test_a_revision_that_cannot_be_imported_is_named(tmp_path: Path) -> None:
    base, here = tree(tmp_path / "base", FAST), tree(tmp_path / "here", FAST)
    (here / "src" / "sluicegate" / "__init__.py").write_text("raise SystemExit(3)", encoding="utf-8")

    with pytest.raises(GuardError, match="the benchmarks of this tree ended early"):
        compare_trees(base, here, repetitions=1)
