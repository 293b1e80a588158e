"""The page: all of the record, told once and in words; nothing of a guest's does anything; readable without eyes."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from reports import html
from reports.evidence import (
    ArtifactRecord,
    DiskIdentity,
    Evidence,
    ForecastRecord,
    Gate,
    IdentityRecord,
    PlainTestRecord,
    ProblemRecord,
    Reason,
)
from tests.reports.fleets import many
from tests.reports.samples import (
    FORETOLD,
    HOSTILE,
    SAMPLES,
    STARTED,
    failed_gate,
    linux_rows,
    proven,
    record,
    row,
    run,
    story,
    target,
)


class Reader(HTMLParser):
    """What a browser makes of a page: elements with their attributes, and the text outside of style and script."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.sheets: dict[str, str] = {}
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._in = tag if tag in ("style", "script") else ""

    def handle_endtag(self, tag: str) -> None:
        self._in = ""
        if tag in ("dt", "dd", "th", "td", "time", "p", "li"):
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self._in:
            self.sheets[self._in] = self.sheets.get(self._in, "") + data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))

    def having(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


def read(evidence: Evidence) -> Reader:
    reader = Reader()
    reader.feed(html.render(evidence).decode())
    reader.close()
    return reader


def test_the_verdict_comes_in_words_and_numbers() -> None:
    text = read(failed_gate()).text
    assert "Failed A rule is broken. Targets at the goal 1 of 2 Mode generalize Took 41 s Exit code 1" in text


def test_what_nobody_may_overlook_stands_before_the_verdict() -> None:
    before = read(proven()).text.split("Targets at the goal")[0]
    assert "LAB RUN Nothing here was shown to come from Azure" in before
    assert "SIMULATED GUEST debian, server." in before
    assert "CONSTRUCTED DISK debian, server." in before


def test_a_sealed_target_is_called_not_proven_above_and_where_it_is_told() -> None:
    subject = target("debian", outcome="sealed", witness="guest")
    text = read(record(run=run(), verdict="sealed", targets=(subject,), results=linux_rows("debian"))).text
    assert "NOT PROVEN debian. Nobody read the stopped disk." in text.split("Targets at the goal")[0]
    assert "Not proven. Nobody read the stopped disk." in text


def test_a_run_that_was_killed_says_so() -> None:
    text = read(proven().model_copy(update={"run": run(ended=None)})).text
    assert "UNFINISHED" in text
    assert "Took not over Exit code 8" in text


@pytest.mark.parametrize("sample", SAMPLES)
def test_all_of_the_record_is_there(sample: str) -> None:
    evidence = SAMPLES[sample]()
    text = read(evidence).text
    for row_ in evidence.results:
        missing = [
            part
            for part in (row_.check, row_.rule.title, *row_.rule.fix.split("\n"), row_.rule.why)
            if part.strip() not in text
        ]
        missing += [part for item in row_.problems for part in (item.observed, item.expected) if part not in text]
        missing += [row_.reason] if row_.reason not in text and row_.outcome != "waived" else []
        assert missing == []
    for subject in evidence.targets:
        assert subject.id in text
        assert all(line in text for line in (subject.receipt.excerpt if subject.receipt else ()))
        assert all(reason.text in text for reason in subject.gate.reasons)


def test_a_story_has_its_times_and_what_each_step_took() -> None:
    text = read(proven()).text
    assert "20:15:03 Observed azure and guest could be seen 1.2 s" in text
    assert "20:15:04 Gate open" in text
    assert "20:15:07 Sealed and stopped wait until the guest is sealed 12 s" in text
    assert "Proven shown by LNX-STATE-001" in text


def test_a_step_that_began_and_never_ended_is_told_as_that() -> None:
    subject = target("debian", outcome="undetermined", story=story((1.0, "launch.begin", "start waagent")), proof=())
    text = read(record(run=run(), verdict="undetermined", targets=(subject,), results=linux_rows("debian"))).text
    assert "Launched start waagent began, never ended" in text


def test_a_waiver_has_its_approver_and_how_long_it_holds() -> None:
    text = read(failed_gate()).text
    assert "dana@example.com, 2026-11-01 2026-12-31 for 39 more days" in text
    old = failed_gate().model_copy(update={"run": run(started=STARTED + timedelta(days=39), ended=None)})
    assert "2026-12-31 over before the run" in read(old).text


def test_a_rule_names_the_controls_that_it_supports_and_how_sure_that_is() -> None:
    text = read(failed_gate()).text
    assert "satisfies none by itself" in text
    assert "Supports NIST SP 800-53: IA-5(7) (partial)" in text
    for derived in ("ISO/IEC 27001: A.5.17", "PCI DSS: 8.3.2", "SOC 2: CC6.7"):
        assert f"Supports {derived} (derived)" in text


def test_a_forecast_that_was_wrong_is_open_and_says_no() -> None:
    wrong = ForecastRecord(**(FORETOLD.model_dump() | {"survives": True}))
    page = html.render(proven().model_copy(update={"targets": (target("debian", forecast=(wrong,)),)})).decode()
    assert '<details class="quiet" open><summary>Forecast against findings: 0 of 1 agree' in page
    assert "Forecast against findings: 1 of 1 agree" in html.render(proven()).decode()


def test_a_reason_without_a_row_is_among_what_is_wrong() -> None:
    reason = Reason(code="forecast", text="/etc/shadow- will survive", remedy="clean: [passwd-backups]")
    closed = target("debian", outcome="failed", gate=Gate(open=False, reasons=(reason,)))
    text = read(record(run=run(), verdict="failed", targets=(closed,), results=linux_rows("debian"))).text
    wrong = text.split("What is wrong")[2].split("Fleet")[0]
    assert "gate, forecast: /etc/shadow- will survive" in wrong
    assert "clean: [passwd-backups]" in wrong


def test_plain_tests_are_told() -> None:
    said = PlainTestRecord(test="rules/test_a.py::test_team", outcome="skipped", reason="no licence <here>")
    text = read(proven().model_copy(update={"tests": (said,)})).text
    assert "0 of 1 test passed." in text
    assert "rules/test_a.py::test_team every one skipped no licence <here>" in text


def test_many_targets_with_one_mistake_are_one_entry() -> None:
    text = read(many(100, rules=8)).text
    wrong = text.split("What is wrong")[2].split("Fleet")[0]
    assert wrong.count("TEAM-RULE-003") == 1
    assert "10 targets /etc/shadow-: azureuser: a password hash, required: no hash golden-0003 golden-0013" in wrong


def test_a_large_fleet_stays_a_file_that_opens() -> None:
    page = html.render(many(200))
    assert len(page) < 1_600_000, "8 kB for each target, so a thousand open as well"
    assert page.count(b'<details class="subject') == 200
    assert page.count(b'class="subject o-proven"') == 180
    assert page.count(b" open>") == 3, "those are told first that did not reach the goal"


def test_which_disk_it_was_is_told() -> None:
    artifact = ArtifactRecord(format="qcow2", size_bytes=1024, unique_id="u-1")
    disk = DiskIdentity(id="/disks/golden-os", unique_id="5f0a", size_bytes=1024)
    machine = target("debian", identity=IdentityRecord(location="westeurope", os_disk=disk), run="another-run")
    file = target("server", "windows", kind="file", id="/images/golden.qcow2", artifact=artifact)
    text = read(proven().model_copy(update={"targets": (machine, file)})).text
    assert "OS disk /disks/golden-os, 5f0a" in text
    assert "Run another-run" in text
    assert "File /images/golden.qcow2" in text
    assert "Format qcow2" in text


# What it may do


@pytest.mark.parametrize("sample", SAMPLES)
def test_its_policy_allows_its_own_style_and_script_and_nothing_else(sample: str) -> None:
    reader = read(SAMPLES[sample]())
    digests = {
        name: f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for name, text in reader.sheets.items()
    }
    (policy,) = [item["content"] for tag, item in reader.elements if item.get("http-equiv")]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src {digests['style']}",
        f"script-src {digests['script']}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    order = [tag for tag, _ in reader.elements]
    assert order.index("meta") < order.index("style"), "what stands before the policy is not bound by it"


@pytest.mark.parametrize("sample", SAMPLES)
def test_nothing_in_it_loads_or_runs_anything(sample: str) -> None:
    reader = read(SAMPLES[sample]())
    assert [tag for tag, _ in reader.elements].count("script") == 1
    assert not {tag for tag, _ in reader.elements} & {
        "img",
        "link",
        "iframe",
        "object",
        "embed",
        "base",
        "i",
        "testcase",
    }
    assert not [
        name for _, item in reader.elements for name in item if name.startswith("on") or name in ("src", "style")
    ]
    assert all(link.startswith(("#", "https://learn.microsoft.com/")) for link in reader.having("href"))
    assert "url(" not in reader.sheets["style"]
    assert "@import" not in reader.sheets["style"]
    assert "innerHTML" not in reader.sheets["script"]


@pytest.mark.parametrize(
    "source", ["javascript:alert(1)", "http://plain.example", 'https://a.example/"onload=alert(1)', "data:text/html,x"]
)
def test_only_an_address_of_the_web_becomes_a_link(source: str) -> None:
    rows = tuple(row(item.check, "debian", source=source) for item in linux_rows("debian"))
    reader = read(record(run=run(), verdict="proven", targets=(target("debian"),), results=rows))
    assert all(link.startswith("#") for link in reader.having("href"))
    assert source in reader.text


def test_hostile_text_is_shown_as_text_wherever_it_stands() -> None:
    hostile = f"{HOSTILE}\x00</style></script><script>alert(1)</script>\"'><svg onload=alert(1)>"
    problem = ProblemRecord(observed=hostile, expected=hostile, where=hostile)
    subject = target(problem.observed[:200], outcome="failed", note=problem.observed)
    told = dict.fromkeys(("title", "why", "fix", "source", "grade"), problem.observed)
    rows = tuple(
        row(item.check, subject.name, "failed", problems=(problem,), reason=hostile, **told)
        for item in linux_rows("web01")
    )
    evidence = record(run=run(), verdict="failed", targets=(subject,), results=rows)
    reader = read(evidence)
    plain = {tag for tag, _ in read(proven()).elements}
    assert {tag for tag, _ in reader.elements} - plain <= {"article"}
    assert "<script>alert(1)</script>" in reader.text
    assert not re.search("[\u202e\x00\x07\x1b]", reader.text)


def test_a_megabyte_of_guest_text_is_bounded() -> None:
    problem = ProblemRecord(observed="A" * 1_000_000, expected="B" * 1_000_000, where="C" * 1_000_000)
    rows = (row("LNX-SHADOW-001", "web01", "failed", problems=(problem,) * 500),)
    evidence = record(run=run(), verdict="failed", targets=(target("web01", outcome="failed"),), results=rows)
    assert len(html.render(evidence)) < 200_000


# Who reads it


@pytest.mark.parametrize("sample", SAMPLES)
def test_headings_go_down_one_by_one(sample: str) -> None:
    levels = [int(tag[1]) for tag, _ in read(SAMPLES[sample]()).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("sample", SAMPLES)
def test_parts_are_named_and_tables_have_heads(sample: str) -> None:
    reader = read(SAMPLES[sample]())
    tags = [tag for tag, _ in reader.elements]
    assert {"header", "nav", "main", "footer"} <= set(tags)
    assert all("scope" in item for tag, item in reader.elements if tag == "th")
    ids = reader.having("id")
    assert len(ids) == len(set(ids))
    named = {item.get("aria-label") or item.get("aria-labelledby") for tag, item in reader.elements if tag == "section"}
    assert all(named)
    assert {link[1:] for link in reader.having("href") if link.startswith("#")} <= set(ids)
    assert set(reader.having("aria-labelledby")) <= set(ids)


@pytest.mark.parametrize("sample", SAMPLES)
def test_each_outcome_is_a_word_beside_its_colour(sample: str) -> None:
    page = html.render(SAMPLES[sample]()).decode()
    badges = re.findall(r'<span class="badge o-([a-z-]+)"><span aria-hidden="true">.</span> ([a-z ]+)</span>', page)
    assert badges
    assert all(name == word.replace(" ", "-") for name, word in badges)


# Its colours

TONES = ("ink", "quiet", "link", "good", "bad", "unknown", "warn", "waive")
GROUNDS = ("paper", "panel", "faint")


def sheet(part: int) -> dict[str, str]:
    """Return the colours of the style sheet's first (light) or second (dark) block of variables."""
    text = (Path(html.__file__).parent / "report.css").read_text()
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", text.split(":root {")[1 + part].split("}")[0]))


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("part", [0, 1], ids=["light", "dark"])
def test_every_text_has_contrast_enough(part: int) -> None:
    colors = sheet(part)
    pairs = [(tone, ground) for tone in TONES for ground in GROUNDS] + [("made-ink", "made-back")]
    for tone, ground in pairs:
        high, low = sorted((luminance(colors[tone]), luminance(colors[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, f"{tone} on {ground}"
