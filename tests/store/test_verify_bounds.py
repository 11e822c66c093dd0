"""Verify keeps a bounded number of findings, and counts the others."""

from datetime import timedelta
from pathlib import Path

import pytest

from archiver.maintain.verify import finding
from archiver.maintain.verify.finding import Finding, Findings
from archiver.maintain.verify.verify import verify
from damaged import alter
from filled import fill
from made import START

NOW = START + timedelta(days=2)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Keep four findings of each kind."""
    monkeypatch.setattr(finding, "MAX_FINDINGS", 4)
    return 4


def test_findings_above_the_limit_are_counted(few: int, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    fill(path)
    whole = verify(path, now=NOW)
    alter(path, "UPDATE _visit SET milliseconds = milliseconds + 1")
    found = verify(path, now=NOW)
    values = found.as_json()
    assert len([each for each in found.findings if each.kind == "row"]) == few
    assert values["findings"] >= whole.visits
    assert values["findings_left_out"]["row"] == whole.visits - few
    assert values["damaged_visits"] == whole.visits
    assert not found.whole
    assert not found.confirms_to(whole.last)


def test_a_limit_is_of_a_kind(few: int) -> None:
    findings = Findings()
    for number in range(10):
        findings.add(Finding("row", "a.db", "x", visit_id=number))
    findings.add(Finding("body", "a.vault.db", "x", visit_id=3, healed=True))
    assert [each.kind for each in findings.all] == ["row"] * few + ["body"]
    assert findings.counts == {"row": 10, "body": 1}
    assert findings.left_out == {"row": 6}
    assert (findings.damaged_visits, findings.healed_visits, findings.first_row) == (10, 1, 0)


@pytest.mark.parametrize("visit", [-1, 2**62, 1 << 28])
def test_a_damaged_number_of_a_visit_needs_no_memory(visit: int) -> None:
    findings = Findings()
    findings.add(Finding("row", "a.db", "x" * 10_000, visit_id=visit, versions=tuple(range(10_000))))
    assert findings.damaged_visits == 0
    assert findings.counts.total() == 1
    assert len(str(findings.all[0])) < 4000
