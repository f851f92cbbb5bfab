"""What is wrong with a document is told with its place and its remedy, all of it at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.policy import Fault, Policy, PolicyError, default_policy_path, load_policy, parse_policy
from sluicegate.policy.source import MAX_BYTES
from tests.unit.policy.documents import HEAD, SMALL, with_condition, with_rules


def faults_of(text: str) -> list[str]:
    with pytest.raises(PolicyError) as raised:
        parse_policy(text, "p.yaml")
    return [str(fault) for fault in raised.value.faults]


def place_of(text: str, part: str) -> str:
    """Give line and column of the first place among the rules where a part of the text stands."""
    before = text[: text.index(part, text.index("rules:"))]
    return f"p.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}:"


def test_the_shipped_policy_has_no_fault() -> None:
    assert load_policy(default_policy_path()).name == "default"


@pytest.mark.parametrize(
    ("old", "new", "at", "told"),
    [
        ("missed: 0.1", "mised: 0.1", "mised", "unknown key 'mised' in the policy; did you mean 'missed'?"),
        ("missed: 0.1", "missed: 0.1\nmissed: 0.2", "missed: 0.2", "'missed' is given twice in the policy"),
        ("missed: 0.1", "missed: often", "often", "missed must be a number"),
        ("missed: 0.1", "missed: 1.5", "1.5", "missed is 1.5; it must be at least 0 and at most 1"),
        ("missed: 0.1", "missed: " + "9" * 400, "9" * 400, "missed must be a number"),
        ("severity: 5", "severity: 1e999", "1e999", "severity of 'hate' is 1e999"),
        ("severity: 5", "severity: .nan", ".nan", "severity of 'hate' must be a number"),
        ("minutes: 2", "minutes: 0", "0, warning", "minutes of 'hate' is 0; it must be above 0"),
        ("minutes: 2, ", "", "{severity: 5", "harm 'hate' lacks 'minutes'"),
        ("version: 1", "version: 2", "2\nname", "version is '2'; this release reads 'version: 1'"),
        ("class_bounds: [100, 20]", "class_bounds: [20, 90]", "[20, 90]", "class_bounds must be two values"),
        ("ages: [0, 4]", "ages: [1, 4]", "ages: [1", "ages of views must rise and start at 0"),
        ("left: [[20, 100], [5, 50]]", "left: [[20, 100]]", "ages: [0", "left of views must have 2 rows of 2 numbers"),
        ("unknown_rate: [40, 10]", "unknown_rate: [40]", "ages: [0", "unknown_rate of views must have 2 numbers"),
        ("languages: [en]", "languages: [en-GB]", "en-GB", "the language 'en-GB' is not allowed"),
        ("languages: [en]", "languages: [english]", "english", "the language 'english' is not allowed"),
        ("abuse_en: {", "abuse.en: {", "abuse.en: {", "the queue's name 'abuse.en' is not allowed"),
        ("queue: abuse\n", "queue: abus\n", "abus\n", "unknown queue 'abus'; did you mean 'abuse'?"),
        ("then: act\n", "then: remove\n", "remove\n    action", "then of rule 'spam' is 'remove'"),
        ("    action: remove\n", "", "name: spam", "rule 'spam' acts without an action"),
        ("    queue: abuse\n", "", "name: reported", "rule 'reported' reviews without a queue"),
        ("scores.spam", "scores.spma", "scores.spma", "unknown harm 'spma'; did you mean 'spam'?"),
        ("type == ", "tpye == ", "tpye", "unknown variable 'tpye'; did you mean 'type'?"),
        ("content.reported", "content.report", '"content.report"', "no event has the type 'content.report'"),
        ("scores.spam > 0.9", "scores.spam > 1.0", "scores.spam", "this comparison is never true"),
        ("name: spam", "name: hate", "name: hate\n    when: scores.spam", "a second rule has the name 'hate'"),
        ("default: allow", "default: review", "review\n", "default is 'review'"),
    ],
)
def test_a_fault_is_told_with_its_place_and_a_remedy(old: str, new: str, at: str, told: str) -> None:
    assert SMALL.count(old) == 1
    text = SMALL.replace(old, new)
    at_end = text.rindex(at)
    line, column = text[:at_end].count("\n") + 1, at_end - text[:at_end].rfind("\n")
    assert any(fault.startswith(f"p.yaml:{line}:{column}: {told}") for fault in faults_of(text)), faults_of(text)


def test_all_faults_are_told_at_once_in_the_order_of_the_document() -> None:
    text = (
        SMALL.replace("missed: 0.1", "mised: 0.1").replace("queue: abuse\n", "queue: abus\n").replace("0.9", "0.9 &&")
    )
    faults = faults_of(text)
    lines = [int(fault.split(":")[1]) for fault in faults]
    assert lines == sorted(lines)
    assert len(faults) >= 4


@pytest.mark.parametrize(
    ("condition", "at", "told"),
    [
        ("scores.hate > ", ">", "the condition ends too early"),
        ("(scores.hate > 0.5", "5\n", "the condition ends too early"),
        ("scores.hate = 0.5", "= 0", "'=' is no operator of CEL; write '=='"),
        ("scores.hate > 0.5 and text_truncated", "and", "'and' is no operator of CEL; write '&&'"),
        ("language == 'en", "'en", "a string is not closed"),
        ("scores.hate > 0.5\n  && language > 3.0", "language", "a string is compared with a double"),
        ("scores.hate", "scores.hate", "a condition must be a bool, this is a double"),
        ("!scores.hate > 0.5", "scores.hate", "the operand of '!' must be a bool"),
        ("scores.hate + language > 0.5", "language", "an operand of '+' must be a double"),
        ("scores.hate > 0.5 || signals.reports / signals.views > 0.1", "signals.views", "only a number other than 0"),
        ("language in []", "[]", "nothing is in an empty list"),
        ("language in ['en', 3]", "['en'", "the list must hold literals of type string"),
        ("language.matches('e.')", "language", "unknown method 'matches'"),
        ("size(language) > 1", "size", "the function 'size' is not in the subset"),
        ("has(scores.hate)", "has", "a score is never missing"),
        ("signals['reports'] > 1", "signals", "indexing is not in the subset"),
        ("signals.reports % 2 == 0", "signals", "'%' is not in the subset"),
        (
            "language == 'DE-de'",
            "'DE-de'",
            "language is never 'DE-de'; it is the lower-case primary subtag: write 'de'",
        ),
        (
            "language == 'English'",
            "'English'",
            "language is never 'English'; it is a primary subtag of two or three letters, as in 'en' for English",
        ),
        ("language in ['en', 'english']", "'english'", "language is never 'english'; it is a primary subtag of two"),
        ("language != 'und'", "'und'", "language is never 'und'; content of no one known language has the language ''"),
        (
            "reports > 3",
            "reports",
            "unknown variable 'reports'; did you mean signals.reports or scores.reports? known:",
        ),
        ("type == 'content.deleted'", "'content", "deleted content is decided before any rule"),
        ("scores.hate > 0.9 && scores.hate < 0.5", None, "this condition can never be true"),
        ("has(signals.x) && !has(signals.x)", None, "this condition can never be true"),
        ("signals.x > 1 && !has(signals.x)", None, "this condition can never be true"),
        ("language == 'en' && language in ['de', 'fr']", None, "this condition can never be true"),
        ("!(scores.hate <= 0.9) && !(scores.hate > 0.5)", None, "this condition can never be true"),
        ("text_truncated && !text_truncated", None, "this condition can never be true"),
        ("false", None, "this condition can never be true"),
        ("", None, "the condition is empty"),
        ("!" * 60 + "text_truncated", None, "nested deeper than 50 levels"),
        ("!(" * 60 + "text_truncated" + ")" * 60, None, "nested deeper than 50 levels"),
        ("true && " * 600 + "true", None, "the condition is longer than 4096 characters"),
        ("scores.hate > 1e300", "1e300", "the number is larger than 1e15"),
    ],
)
def test_a_faulty_condition_is_told_where_it_stands(condition: str, at: str | None, told: str) -> None:
    text = with_condition(condition)
    faults = faults_of(text)
    assert any(told in fault for fault in faults), faults
    if at is not None:
        assert any(fault.startswith(place_of(text, at)) and told in fault for fault in faults), faults


@pytest.mark.parametrize(
    "written",
    [
        "scores.hate > 0.5 && scores.hatte > 0.5",
        "'scores.hate > 0.5 && language != ''en'' && scores.hatte > 0.5'",
        '"scores.hate > 0.5 && language != \\"en\\" && scores.hatte > 0.5"',
        ">-\n      scores.hate > 0.5 &&\n\n      scores.hatte > 0.5",
        "|\n        scores.hate > 0.5 &&\n\n        scores.hatte > 0.5\n",
        "|2  # indented\n        scores.hate > 0.5 &&\n        scores.hatte > 0.5\n",
        "scores.hate > 0.5 &&\n      scores.hatte > 0.5",
    ],
    ids=["plain", "single quotes", "double quotes", "folded", "literal", "indented", "plain over lines"],
)
def test_a_place_within_a_condition_is_found_in_every_style_of_scalar(written: str) -> None:
    text = with_rules(f"rules:\n  - name: one\n    when: {written}\n    then: review\n    queue: [abuse_en, abuse]\n")
    assert faults_of(text) == [place_of(text, "scores.hatte") + " unknown harm 'hatte'; did you mean 'hate'?"]


def rules_of(*conditions: str) -> str:
    rules = (
        f"  - {{name: r{index}, when: '{condition}', then: review, queue: [abuse_en, abuse]}}\n"
        for index, condition in enumerate(conditions)
    )
    return with_rules("rules:\n" + "".join(rules))


@pytest.mark.parametrize(
    "conditions",
    [
        ("true", "scores.hate > 0.5"),
        ("scores.hate >= 0.0", "text_truncated"),
        ("scores.hate > 0.5", "scores.hate > 0.5"),
        ("scores.hate > 0.5", "0.6 < scores.hate"),
        ("scores.hate >= 0.5", "!(scores.hate <= 0.5)"),
        ("scores.hate > 0.5", "scores.hate > 0.7 && signals.reports > 2"),
        ("scores.hate > 0.5 || scores.spam > 0.5", "scores.spam > 0.7"),
        ("scores.hate > 0.5", "scores.spam > 0.5", "scores.hate > 0.7 || scores.spam > 0.7"),
        ("has(signals.reports)", "signals.reports > 3"),
        ('language in ["en", "de"]', 'language == "de" && scores.hate > 0.2'),
        ('language != "en"', 'language in ["fr", "de"]'),
        ('surface.startsWith("c")', 'scores.hate > 0.3 && surface.startsWith("c")'),
        ("signals.a + 1 > signals.b", "signals.a + 1.0 > signals.b && text_truncated"),
        ('type in ["content.created", "content.updated", "content.reported"]', "text_truncated"),
        ("text_truncated ? scores.hate > 0.1 : scores.hate > 0.5", "text_truncated && scores.hate > 0.2"),
    ],
)
def test_a_rule_that_earlier_ones_leave_nothing_is_refused(conditions: tuple[str, ...]) -> None:
    last = f"rule 'r{len(conditions) - 1}' is never reached"
    assert any(last in fault for fault in faults_of(rules_of(*conditions)))


@pytest.mark.parametrize(
    "conditions",
    [
        ("scores.hate > 0.5", "scores.hate >= 0.5"),
        ("scores.hate > 0.7", "scores.hate > 0.5"),
        ("scores.hate > 0.5 && signals.reports > 2", "scores.hate > 0.7"),
        ("signals.reports > 3", "has(signals.reports)"),
        # Where the signal is missing the first rule does not fire.
        ("signals.reports >= 0 || signals.reports < 0", "scores.hate > 0.5"),
        ('language != "en"', 'language != "de"'),
        ('surface.startsWith("c")', 'surface.startsWith("d")'),
    ],
)
def test_a_rule_that_may_still_fire_is_let_through(conditions: tuple[str, ...]) -> None:
    assert len(parse_policy(rules_of(*conditions), "p.yaml").rules) == len(conditions)


def test_a_condition_too_entangled_to_be_looked_through_still_runs() -> None:
    pairs = " && ".join(f"(scores.hate > 0.{i} || signals.s{i} > {i})" for i in range(1, 10))
    assert parse_policy(rules_of(pairs, pairs), "p.yaml").rules[1].name == "r1"


def test_queues_without_a_fallback_a_use_or_a_chance_are_refused() -> None:
    rule = "rules:\n  - {name: r, when: 'scores.hate > 0.5', then: review, queue: %s}\n"
    assert "has no queue for the languages" in faults_of(with_rules(rule % "abuse_en"))[-1]
    assert any("no rule sends to queue 'abuse_en'" in fault for fault in faults_of(with_rules(rule % "abuse")))
    assert any("is never reached" in fault for fault in faults_of(with_rules(rule % "[abuse, abuse_en]")))
    assert any("is named twice" in fault for fault in faults_of(with_rules(rule % "[abuse_en, abuse_en]")))


def test_a_rule_for_the_languages_of_its_queue_needs_no_fallback() -> None:
    rules = (
        "rules:\n"
        "  - {name: a, when: 'language == \"en\" && scores.hate > 0.5', then: review, queue: abuse_en}\n"
        "  - {name: b, when: 'scores.hate > 0.7', then: review, queue: abuse}\n"
    )
    assert len(parse_policy(with_rules(rules), "p.yaml").rules) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a policy is a mapping"),
        ("- a\n- b\n", "a policy is a mapping"),
        ("a: &x [1]\nb: [*x, *x]\n", "anchors and aliases are not read"),
        ("a: !!python/object/apply:os.getcwd []\n", "tags are not read"),
        ("a: 1\n---\nb: 2\n", "a second document"),
        ("a: [1, 2\nb: 3\n", "not YAML"),
        ("\ta: 1\n", "not YAML"),
        ("a: \x00\n", "not YAML"),
        ("a: '\ud800'\n", "not YAML"),
        ("a: " + "[" * 100_000, "nested deeper than 12 levels"),
        ("? " * 50_000, "nested deeper than 12 levels"),
        ("a: " + "x" * MAX_BYTES, "the document is larger than 128 KiB"),
        ("a: 1\n" * 4_000, "'a' is given twice in the policy"),
    ],
    ids=["empty", "list", "alias", "tag", "two", "open", "tab", "nul", "surrogate", "deep", "keys", "large", "twice"],
)
def test_a_hostile_document_ends_in_a_fault(text: str, told: str) -> None:
    assert any(told in fault for fault in faults_of(text))


def test_of_very_many_faults_the_first_are_written_and_the_rest_counted() -> None:
    with pytest.raises(PolicyError, match=r"and \d+ more$") as raised:
        parse_policy("a: 1\n" * 300, "p.yaml")
    assert len(raised.value.faults) >= 300
    assert str(raised.value).count("\n") == 50


def test_more_rules_than_can_be_checked_quickly_are_refused() -> None:
    faults = faults_of(rules_of(*(f"signals.s{index} > 1" for index in range(501))))
    assert any("more than 500 rules" in fault for fault in faults)


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: object) -> None:
    with pytest.raises(PolicyError, match=r"missing\.yaml: cannot be read: No such file or directory; check the path$"):
        load_policy(f"{tmp_path}/missing.yaml")


def faults_or_policy(text: str) -> tuple[Fault, ...] | Policy:
    try:
        return parse_policy(text, "p.yaml")
    except PolicyError as error:
        return error.faults


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_damaged_document_ends_in_faults_or_a_policy_and_in_nothing_else(data: st.DataObject) -> None:
    text = SMALL if data.draw(st.booleans()) else HEAD
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(at, min(len(text), at + 20)))
        text = text[:at] + data.draw(st.text(max_size=6)) + text[end:]
    found = faults_or_policy(text)
    lines = text.count("\n") + 1
    assert isinstance(found, Policy) or all(fault.message and 1 <= fault.line <= lines for fault in found)


@settings(deadline=None, max_examples=150)
@given(st.text("()&|!<>=.+-*/?:[]'\" scoresht01e\n", max_size=60))
def test_any_text_as_a_condition_ends_in_faults_or_a_policy(condition: str) -> None:
    assert faults_or_policy(with_condition(condition))


def test_many_brackets_around_a_condition_are_as_good_as_none() -> None:
    assert parse_policy(with_condition("(" * 900 + "text_truncated" + ")" * 900), "p.yaml").rules
