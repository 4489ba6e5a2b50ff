"""``audit.yaml``: the shipped document is closed and known to the register; placeholders, patterns, faults."""

import csv
from pathlib import Path

import pytest
import yaml

from drive_eval.errors import UserError
from drive_eval.reference.audit import audit
from drive_eval.reference.audit.document import SECTIONS, build_document, fill, matching
from drive_eval.reference.audit.findings import AUDIT_COLUMNS, Code, Finding, summarise, table_of
from drive_eval.reference.register import read_register
from drive_eval.study import ConfigurationError, check_closed

from .audit_entries import register_of

ROOT = Path(__file__).parents[3]


@pytest.fixture
def schema():
    return yaml.safe_load((ROOT / "schemas/audit.schema.yaml").read_text())


@pytest.fixture
def shipped():
    return yaml.safe_load((ROOT / "config/year2/audit.yaml").read_text())


def empty(**sections):
    document = {name: [] for name in (*SECTIONS, "relations", "complete", "sets", "codes")}
    return {**document, "settings": {"whole_units": [], "words": {}, "notable_gap": 0.5}, **sections}


def test_the_shipped_document_is_valid_and_known(schema, shipped):
    check_closed(shipped, schema, file="audit.yaml")
    with (ROOT / "config/year2/reference.csv").open(newline="") as stream:
        register = read_register(csv.DictReader(stream))
    document = build_document(shipped, register)
    assert len(document.relations) > 100
    checks = [(code.published_id, code.check) for code in document.codes]
    assert len(checks) == len(set(checks))


def test_the_shipped_document_gives_no_outcome(shipped):
    """Codes stand apart, so that nothing that is known of the outcome reaches a check."""
    codes = shipped.pop("codes")
    assert codes
    text = yaml.safe_dump(shipped)
    for word in ("issue", "expected", "discrepan", "misprint", "impossible", "tension:"):
        assert word not in text


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"relations": [{"id": "a", "check": "c", "says": "a = b", "expect": "fails"}]}, id="unknown key"),
        pytest.param({"relations": [{"id": "a", "check": "c", "says": "a and b"}]}, id="no comparison"),
        pytest.param({"sets": [{"check": "c", "limit": 9, "statements": [{"id": "a"}]}]}, id="empty statement"),
        pytest.param(
            {
                "sets": [
                    {
                        "check": "c",
                        "limit": 9,
                        "statements": [{"id": "a", "count": "x", "share": {"of": "x", "in": "y"}}],
                    }
                ]
            },
            id="two statements in one",
        ),
        pytest.param({"codes": [{"code": "new", "id": "a", "check": "c"}]}, id="no code"),
        pytest.param({"surprise": []}, id="unknown section"),
    ],
)
def test_the_schema_is_closed(schema, change):
    with pytest.raises(ConfigurationError):
        check_closed(empty(**change), schema, file="audit.yaml")


def test_fill_keeps_unknown_names():
    assert fill({"a": ["{x}.{y}", 3]}, {"x": "b"}) == {"a": ["b.{y}", 3]}


def test_items_repeat_for_each_mapping():
    register = register_of(a__one=1, a__two=2, b__one=1, b__two=2)
    item = {"for": [{"g": "a"}, {"g": "b"}], "id": "{g}.two", "check": "c", "says": "{g}.two > {g}.one"}
    document = build_document(empty(relations=[item]), register)
    assert [relation.published_id for relation in document.relations] == ["a.two", "b.two"]


def test_sets_write_out_lists_and_sums():
    register = register_of(a__n=3, b__n=4)
    item = {
        "check": "c",
        "limit": 9,
        "for": [{"kind": "n", "group": ["a", "b"]}],
        "statements": [{"each": ["group"], "id": "{group}.{kind}", "count": "x_{group}"}],
        "structure": ["total = sum(group: x_<group>)", {"each": ["group"], "holds": "x_{group} <= total"}],
    }
    (numbers,) = build_document(empty(sets=[item]), register).sets
    assert [statement["id"] for statement in numbers.statements] == ["a.n", "b.n"]
    assert numbers.structure == ("total = x_a + x_b", "x_a <= total", "x_b <= total")


def test_patterns_stand_for_one_part():
    register = register_of(a__b__c=1, a__b=1, a__x__c=1)
    assert matching("a.*.c", register) == ["a.b.c", "a.x.c"]


def test_unknown_entries_are_all_named():
    relations = [{"id": "x.a", "check": "c", "says": "x.a = x.b"}]
    worded = [{"id": "x.c", "exact": "100 * x.d / 2"}]
    with pytest.raises(UserError, match=r"x\.a, x\.b, x\.c, x\.d"):
        build_document(empty(relations=relations, worded=worded), register_of(a=1))
    test = {"test": "x.t", "form": "welch", "groups": ["x.t.one", "x.t.two"], "at_most": ["a", "a"]}
    with pytest.raises(UserError, match=r"x\.t"):
        build_document(empty(tests=[test]), register_of(a=1))
    with pytest.raises(UserError, match=r"no entry fits x\.\*"):
        build_document(empty(complete=[{"about": "a", "check": "c", "parts": ["x.*"]}]), register_of(a=1))


def test_one_row_per_entry_and_check_with_the_worst_verdict():
    register = register_of(b={"value": 2, "issue": "Y01"}, a={"value": 1, "issue": "Y02"})
    findings = [
        Finding("a", "sum", "holds", "fits"),
        Finding("b", "sum", "holds", "fits"),
        Finding("b", "sum", "impossible", "fails", ("a",)),
        Finding("b", "other", "tension", "odd"),
    ]
    table = table_of(findings, register, [Code("X09", "b", "other")])
    assert tuple(table.columns) == AUDIT_COLUMNS
    assert table[["published_id", "check", "verdict", "code"]].to_numpy().tolist() == [
        ["b", "other", "tension", "X09"],
        ["b", "sum", "impossible", "Y01"],
        ["a", "sum", "holds", ""],
    ]
    assert summarise(table, register)["verdicts"] == {"impossible": 1, "tension": 0, "holds": 1, "not testable": 0}
    assert summarise(table, register)["found"] == {"X09": ["b"], "Y01": ["b"]}


def test_no_other_verdict_exists():
    with pytest.raises(ValueError, match="no verdict"):
        Finding("a", "sum", "perhaps", "")


def test_a_study_without_published_numbers_has_nothing_to_examine(shipped):
    table = audit({}, shipped)
    assert list(table.columns) == list(AUDIT_COLUMNS)
    assert table.empty
    assert summarise(table, {})["entries"] == 0


def test_one_published_number_and_relations_on_others_is_a_fault(shipped):
    with pytest.raises(UserError, match=r"audit\.yaml"):
        audit(register_of(a=1), shipped)
