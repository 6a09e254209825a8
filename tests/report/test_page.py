"""The report says what the plan says, opens from a disk, and shows hostile text as text."""

import base64
import csv
import hashlib
import io
import itertools
import json
import math
import re
import subprocess
import sys
from dataclasses import replace
from random import Random

import pytest
from page_parts import Page
from PIL import Image
from sample_plan import HORIZON, HOSTILE, ONCE_A_YEAR, allowed_at, chance_at, hostile, risk_at, sample, wait_at, what_if

from planner import report
from planner.model.admission.admission_number import Admission, Pool
from planner.model.admission.server_limits import Count
from planner.model.credit.summary import Held
from planner.model.limit import MeetingDecision
from planner.planning import Amount, Change, Coupled, Months, Names, Plan, Swing, WhatIf
from planner.planning.record import Growth
from planner.report import figures, findings, networks, page, servers, sliders, summary, tables, what_to_measure
from planner.report.answer import coping
from planner.report.folder import write as write_report
from planner.report.sliders import Reading, Setting
from planner.wording import phrases
from planner.wording.reasons import why


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("out")
    write_report(sample(), made)
    return made


@pytest.fixture(scope="module")
def opened(folder):
    return Page((folder / "report.html").read_text("utf-8"))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


# ---- the answer


def with_admission(plan: Plan, number: int | None) -> Plan:
    old = plan.admission
    return replace(plan, admission=Admission(number, old.central, old.binding, old.limits, old.all_hold))


def test_answering_needs_no_matplotlib():
    code = "import sys, planner.report; print('matplotlib' in sys.modules, 'jinja2' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]


def test_report_and_summary_say_the_same_answer(folder, opened):
    plain, found = (folder / "summary.md").read_text("utf-8").replace("\\", ""), report.answer(sample())
    assert all(sentence in opened.text() for sentence in found.sentences)
    for sentence in (found.servers, found.hours, found.number, *(one.follows for one in found.choices)):
        assert sentence in opened.text()
        assert sentence in plain


def test_the_report_answers_every_question_of_the_thread(opened):
    for each in report.questions(sample()):
        assert f"{each.asks} {each.says}" in opened.text()


# ---- what would make it wrong, what to measure


def test_an_input_that_alone_turns_the_answer_is_named_and_one_that_does_not_is_not():
    said = " ".join(what_to_measure.wrong(sample()))
    assert (
        "There is room for fewer than the 5 on offer if one of these is so: 3 with meetings (everyone) at 4 a week or "
        "2 with limit on users (de) at 100 users." in said
    )
    assert "The hours are not bought within 36 months if this is so: sign-ups (ocn) at 0.5 accounts a month." in said
    assert "people in a meeting" not in said, "9 to 41 accounts: enough at both ends"
    assert "some server gets too full in 6 of 100 cases" in said
    assert "The balance cap of 500 credit" in said, "warnings come first"


def test_an_input_that_is_late_for_both_is_said_once():
    both = Swing("networks.ocn.take_up", "months_to_buy", "2 %", "5 %", None, 15.0, 24.0)
    plan = replace(sample(), swings=(both, replace(both, answer="months_to_afford")))
    said = what_to_measure.wrong(plan)
    assert [one for one in said if "joins" in one] == [
        "The hours are neither earned nor bought within 36 months if this is so: share that joins (ocn) at 2 %."
    ]
    (first,) = what_to_measure.measure_first(plan)
    assert first.startswith("Share that joins (ocn): the hours neither earned nor bought within 36 months if it is 2 %")
    assert first.endswith("earned and bought after 15 months if it is 5 %.")


def test_a_plan_that_says_no_names_what_alone_would_make_it_a_yes():
    known = Swing("nodes.de.limits.users", "admission", "100 users", "200 users", 0.0, 58.0, 0.0)
    said = " ".join(what_to_measure.wrong(replace(with_admission(sample(), 0), swings=(known,))))
    assert "The servers have room for all 5 on offer if this is so: limit on users (de) at 200 users." in said


def test_where_no_input_moves_the_number_the_risk_stands_in_its_place():
    risk = Swing("nodes.de.limits.users", "risk", "100 users", "200 users", 127 / 12, 2 / 12, 20 / 12)
    plan = replace(with_admission(sample(), 0), swings=(risk,))
    assert "No single input, known at either end of its range, makes room" in " ".join(what_to_measure.wrong(plan))
    assert what_to_measure.measure_first(plan) == [
        "Limit on users (de): 127 overloads a year if it is 100 users; 2 overloads a year if it is 200 users."
    ]
    headline = findings.of(plan, "tornado").headline
    assert headline == "No one thing makes room; this would tell most if we knew it: limit on users (de)."
    assert "overloads a year: 127 … 2" in Page(page.html(plan, {})).text()


def test_growth_that_alone_fills_a_server_is_a_doubt_and_said_beside_the_load():
    full = replace(sample(), growth=Growth(14, "de", "users"))
    assert any("users on de is too full in month 14" in one for one in what_to_measure.wrong(full))
    assert "alone has used up the room in month 14: users on de" in Page(page.html(full, {})).text()
    assert "does not use up the room within 36 months" in Page(page.html(sample(), {})).text()
    assert "have used up the room already" in servers.growth(replace(sample(), growth=Growth(0, "de", "users")))


def test_how_much_load_is_answered_where_it_takes_the_largest_share():
    said = servers.how_much(sample())
    assert "At the busiest time the 5 on offer add 4.9 users on de: " in said
    assert "3.8 % of the 130 that may be filled" in said
    assert "add no load" in servers.how_much(replace(sample(), servers=()))


def test_a_pool_is_shown_three_times_and_labelled():
    counts = [Count(n, n + 9, already_over=False, draws=(), replications=9, weeks=36) for n in (50, 80)]
    seen = Page(page.html(replace(sample(), pool=(Pool("users", 12, 90, 40, None, *counts),)), {})).text()
    assert "Formula: the load shared at random" in seen
    think = "if all is as we think"
    assert f"users 12 (40 {think}) 50 to 59 (80 to 89 {think}) 90 (no limit {think})" in seen
    assert "The pool" not in Page(page.html(sample(), {})).text()


def test_credit_with_admission_as_it_is_names_what_turns_sign_ups_away():
    never, fan = Months(11, None, None, None, 0.0), sample().credit.paying
    held = tuple(Held(m, "users on de" if m > 6 else "labour", 0.6) for m in range(1, 10))
    coupled = Coupled((5.0,) * 6 + (2.0,) * 30, "users on de", never, Months(11, 14, None, None, 0.3), fan, held)
    rows = dict(networks.with_admission(replace(sample().credit, coupled=coupled)))
    assert rows["room for accounts"] == "5 in months 1 to 6, 2 in months 7 to 36 (users on de)"
    assert rows["16 hours are earned after"] == "not within 36 months"
    assert rows["16 hours are bought after"] == "14 or more months; in 30 of 100 cases within 36 months"
    assert rows["what turns sign-ups away"] == "months 1 to 6: volunteer hours; months 7 to 9: users on de"
    assert networks.with_admission(sample().credit) == []


def test_what_moves_the_answer_most_is_measured_first():
    first = what_to_measure.measure_first(sample())
    assert first[0].startswith("Meetings (everyone): room for 61 accounts if it is 1 a week")
    assert any("sign-ups" in sentence.lower() for sentence in first), "the other answer has its own"


# ---- the page


def test_the_numbers_of_the_report_are_those_of_the_plan(opened):
    plan, text = sample(), opened.text()
    for option in plan.options:
        months = f"over {36}" if option.months_to_afford is None else str(option.months_to_afford)
        bought = "" if option.months_to_buy is None else f" 0 h {networks.wait(option.months_to_buy)}"
        verdict = coping(plan, option) or "plan it first"
        numbers = f"{option.income_per_month}, {option.hours_per_month:.1f} h {months}{bought} {verdict}"
        line = rf"{re.escape(option.name)}(?: \(this plan\))? {re.escape(numbers)}"
        assert re.search(line, text), line
    for limit in plan.admission.limits:
        if limit.max_accounts is not None:
            assert why(limit) in text
    for row in plan.assumptions:
        assert row.path in text
        assert row.value in text
        assert row.low is None or phrases.ends(row.low, row.high) in text
    for change in plan.changes:
        assert f"{change.path} : {change.old} → {change.new}" in text
    assert plan.scenario.digest in text
    assert "planner plan scenarios/pilot-5.yaml --set 'spending.hourly_rate=30 GBP/h' --draws 500 --seed 501" in text
    assert "at least 4 h of marketing bought" in text


def test_the_credit_pages_say_both_on_paper_and_as_networks_are(opened):
    text, credit = opened.text(), sample().credit
    assert "16 hours are bought after 11 months 14 or more months; in 71 of 100 cases within 36 months" in text
    assert "bought within 36 months 48 h 0 to 32 h" in text
    assert "refused by the network's cap nothing 0 to 405 credit" in text
    assert "months 1 to 8: businesses that would join; months 9 to 36: the number on offer" in text
    assert "At least 4 hours bought: missed in 82 of 100 cases." in text
    assert "By this rule: go on in 15 of 100 cases, hold in 20 of 100 cases, stop in 65 of 100 cases." in text
    assert f"If the volunteer stops in month {credit.work.hand_over.month}" in text
    assert f"The way out in month {credit.way_out.month}" in text
    assert "result in money; below 0 = it costs −465 to −10 GBP" in text


def test_each_network_has_its_own_page_and_unit():
    plan = sample()
    other = replace(plan.credit, network="sardex", unit="srd")
    text = Page(page.html(replace(plan, credit_by_network=(plan.credit, other)), {})).text()
    assert "with the usual delays: ocn" in text
    assert "with the usual delays: sardex" in text
    assert "0 to 405 srd" in text
    assert "never added together" in text


def test_assumptions_come_in_the_order_of_what_they_move(opened):
    text = opened.text()
    places = [
        text.index(f"{path} ", text.index("Every assumption"))
        for path in dict.fromkeys(s.path for s in sample().swings)
    ]
    assert places == sorted(places)


def test_money_and_credit_are_never_added():
    plan = sample()
    for each in (plan.credit.income_per_month, plan.credit.target_cost):
        assert not hasattr(each, "__add__")
    assert str(Amount(-5, "credit")) == "-0.05 credit"


def test_nothing_is_loaded_from_anywhere(folder, opened):
    text = (folder / "report.html").read_text("utf-8")
    for tag, attributes in opened.elements:
        assert tag not in {"img", "iframe", "object", "embed", "video", "audio", "form"}
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
            value = attributes.get(name, "#")
            assert value.startswith("#") or value == "data:,", f"<{tag} {name}={value}>"
    assert not re.search(r"url\((?!#)|@import|@font-face", text)
    assert "http://" not in text
    assert "https://" not in text
    assert "default-src 'none'" in text


def test_headings_are_in_order_and_landmarks_are_there(opened):
    levels = [level for level, _ in opened.headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= before + 1 for before, later in itertools.pairwise(levels))
    tags = [tag for tag, _ in opened.elements]
    assert [tags.count(tag) for tag in ("header", "main", "footer", "html")] == [1, 1, 1, 1]
    assert dict(opened.elements)["html"] == {"lang": "en-GB"}
    first = [said for level, said in opened.headings if level == 2]
    assert first[:3] == ["The answer", "What the thread asked", "What to see"]


def test_a_name_is_used_once_and_everything_named_is_there(folder, opened):
    names = [attributes["id"] for _, attributes in opened.elements if "id" in attributes]
    assert len(names) == len(set(names))
    text = (folder / "report.html").read_text("utf-8")
    wanted = set(re.findall(r"url\(#([^)]+)\)", text))
    for _, attributes in opened.elements:
        wanted |= {
            attributes[key].lstrip("#")
            for key in ("href", "aria-labelledby", "aria-describedby")
            if attributes.get(key, "").startswith("#") or (key != "href" and key in attributes)
        }
    assert wanted <= set(names)


def test_every_chart_says_what_to_see_to_those_who_see_it_and_to_those_who_do_not(folder, opened):
    plan = sample()
    charts = [attributes for tag, attributes in opened.elements if tag == "svg" and "aria-labelledby" in attributes]
    names = [chart.name for chart in figures.of(plan)]
    assert {"limits", "risk", "week", "months", "balance", "hours", "money", "tornado"} <= set(names)
    assert len(charts) == len(list((folder / "charts").glob("*.svg"))) == len(names)
    assert all(one["role"] == "img" for one in charts)
    for name in names:
        found = findings.of(plan, name)
        assert f"{found.headline} {found.more}".strip() in opened.titles
        assert re.search(r"\d", found.headline + found.more), "a finding has a number of the plan in it"
        assert page.unbroken(found.headline) in [said for level, said in opened.headings if level == 3]


def test_findings_are_derived_from_the_numbers():
    plan = sample()
    assert findings.of(plan, "limits").headline == "The first to say no: the pilot's own cap, at 5 accounts."
    assert "volunteer hours, at 7" in findings.of(plan, "limits").more
    assert "3 to 8" in findings.of(plan, "limits").more
    higher = replace(
        plan, admission=replace(plan.admission, limits=plan.admission.limits[:4], binding=plan.admission.limits[1])
    )
    assert findings.of(higher, "limits").headline == "The first to say no: users on de, at 24 accounts."
    assert (
        "5 accounts in 11 months, 10 accounts in 6 months and 55 accounts in 1 month"
        in findings.of(plan, "months").headline
    )
    poor = replace(plan, credit=replace(plan.credit, largest_balance=Amount(30000, "credit")))
    assert "can never be bought in one piece" in findings.of(poor, "balance").more


def test_colours_of_the_charts_are_those_of_the_style_sheet(folder):
    text = (folder / "report.html").read_text("utf-8")
    charts = text[text.index("<main") : text.index("</main>")]
    assert not re.search(r"#[0-9a-fA-F]{6}\b", charts), "a colour of its own would stay light on a dark page"
    used = set(re.findall(r"var\(--([\w-]+)\)", text))
    assert used <= set(re.findall(r"--([\w-]+):", text))


def test_the_report_is_small(folder):
    assert (folder / "report.html").stat().st_size < 1.5e6 / 3, "with three times the records still under 1.5 MB"


# ---- what if


def test_without_a_grid_there_is_no_script_at_all():
    text = page.html(replace(sample(), what_if=None), {})
    assert "<script" not in text
    assert "script-src" not in text


def test_the_page_allows_its_own_script_and_no_other(folder):
    text = (folder / "report.html").read_text("utf-8")
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    allowed = re.search(r"script-src 'sha256-([^']+)'", text)[1]
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() == allowed
    assert not re.search(r"fetch|XMLHttpRequest|eval|innerHTML|document\.write|import\(", script)


def test_hostile_names_cannot_end_the_grid(text):
    plan = hostile(text)
    said = str(sliders.embedded(plan))
    assert not re.search(r"[<>&]", said)
    assert json.loads(said)["tightest"] == [text] * 9


def settings() -> list[Setting]:
    random = Random(501)
    return [
        Setting(
            random.randint(1, 60),
            50 * random.randint(8, 36),
            100 * random.randint(15, 60),
            float(random.randint(4, 32)),
            2 ** random.uniform(-1, 1),
        )
        for _ in range(200)
    ]


def read(grid: WhatIf, setting: Setting) -> Reading:
    return sliders.at(grid, setting, ONCE_A_YEAR)


def test_on_the_grid_the_sliders_give_what_was_worked_out():
    here = read(what_if(), Setting(4, 900, 3000, 16.0, 1.0))
    assert here.central == pytest.approx(risk_at(4, 1.0, sure=False))
    assert here.at_confidence == pytest.approx(risk_at(4, 1.0, sure=True))
    assert here.allowed == here.servers == 24
    assert here.paper == 14
    on = read(what_if(), Setting(8, 900, 3000, 12.0, 2.0))
    assert (on.p10, on.p50, on.p90) == tuple(wait_at(8, 40.0, share) for share in (0.1, 0.5, 0.9))
    assert on.allowed == allowed_at(2.0)


def test_between_the_points_of_the_grid_the_error_is_as_stated():
    grid = what_if()
    for setting in settings():
        seen = read(grid, setting)
        for value, sure in ((seen.central, False), (seen.at_confidence, True)):
            assert value == pytest.approx(risk_at(setting.accounts, setting.busy, sure), rel=grid.error_risk - 1)
        assert abs(seen.allowed - min(40, allowed_at(setting.busy))) <= grid.error_accounts
        cost = setting.hours * setting.rate
        assert seen.paper == math.ceil(cost / (setting.accounts * setting.price))
        fees, months = cost / setting.price, range(1, HORIZON + 1)
        chances = sliders.by_month(grid, setting, round(cost))
        truth = [chance_at(setting.accounts, fees, month) for month in months]
        assert chances == pytest.approx(truth, abs=grid.error_chance)
        assert seen.chance == chances[-1]
        for value, share in ((seen.p10, 0.1), (seen.p50, 0.5), (seen.p90, 0.9)):
            assert value == next((month for month in months if chances[month - 1] >= share - 1e-9), None)


def test_a_block_dearer_than_the_cap_is_never_earned_in_one_piece():
    capped = replace(what_if(), caps=(45000.0,) * 3)
    block, cheap = Setting(10, 900, 3000, 16.0, 1.0), Setting(10, 900, 2000, 16.0, 1.0)
    assert read(capped, cheap) == read(what_if(), cheap)
    assert read(what_if(), block).p50 is not None
    assert read(capped, block).p90 is None, "the two dearer of three rates pass the cap"
    assert read(capped, block).p10 == wait_at(10, 48000 / 900, 0.1, cap=50.0)
    assert read(replace(capped, whole_block=False), block) == read(what_if(), block)


def test_a_balance_of_whole_fees_stops_a_whole_fee_below_the_cap():
    capped = replace(what_if(), caps=(48000.0,) * 3, rates=(1.0,) * 3, one_fee=True)
    fits, just_over = Setting(10, 800, 3000, 16.0, 1.0), Setting(10, 900, 3000, 16.0, 1.0)
    assert read(capped, fits).chance > 0, "sixty fees of 8 are 480, the price and the cap"
    assert read(capped, just_over).chance == 0, "after 53 fees of 9 the balance is 477, and the next is refused"
    assert read(replace(capped, one_fee=False, least_fee=1 / 9), just_over).chance > 0, "a fee of 1 still fits"


def test_a_seller_with_a_lower_rate_of_its_own_sells_the_block_that_the_cap_lets_nobody_save_up_for():
    capped = replace(what_if(), caps=(45000.0,) * 3)
    dear = Setting(10, 900, 4000, 16.0, 1.0)
    assert read(capped, dear).chance == 0
    assert read(replace(capped, own_rate=2800), dear) == read(what_if(), dear)
    assert read(replace(capped, own_rate=2900), dear).chance == 0, "16 hours at 29 are 464"


def test_the_page_says_in_words_how_exact_the_sliders_are(opened):
    text, grid = opened.text(), what_if()
    assert "the months on paper are exact" in text
    assert "by any one month to ±1 in 100 cases" in text
    assert f"the accounts that the servers allow to ±{grid.error_accounts}, or to as many as" in text
    assert "the risk if everything is as we think to 5 %, that of the worst cases to a factor of 1.05;" in text
    alone = sliders.stated(replace(grid, at_confidence=()))
    assert not any("risk" in said or "servers" in said for said in alone), "without a server limit there is no risk"


def test_dearer_hours_take_longer_as_rates_grow():
    slow = replace(what_if(), rate_growth=0.1)
    setting = Setting(4, 900, 3000, 16.0, 1.0)
    assert read(slow, setting).p10 > read(what_if(), setting).p10


def test_a_mix_of_levels_pays_what_it_pays():
    mixed = replace(what_if(), price=1350, income=tuple(900 * n + 900 * (n // 2) for n in range(61)))
    assert read(mixed, Setting(5, 1350, 3000, 16.0, 1.0)).paper == math.ceil(48000 / 6300)


def test_beyond_the_grid_its_edge_counts():
    far = read(what_if(), Setting(500, 900, 3000, 16.0, 1.0))
    assert far.central == pytest.approx(risk_at(60, 1.0, sure=False))
    assert read(what_if(), Setting(5, 900, 3000, 16.0, 9.0)).allowed == allowed_at(2.0)


def test_no_limit_stays_no_limit():
    free = replace(what_if(), central=(), at_confidence=(), tightest=(), others=None)
    seen = read(free, Setting(5, 900, 3000, 16.0, 1.3))
    assert (seen.allowed, seen.servers, seen.central, seen.at_confidence) == (None, None, None, None)
    page.html(replace(sample(), what_if=free), {})


# ---- the summary


def test_the_summary_is_short_enough_to_post_and_its_two_pictures_stand_in_it_after_all_that_is_said(folder):
    text = (folder / "summary.md").read_text("utf-8")
    assert len(text.split()) <= 320
    assert len(text) <= 32_000, "a post on Discourse is no longer"
    pictures = re.findall(r"!\[[^\]]+\]\(data:image/png;base64,([^)]+)\)", text)
    assert len(pictures) == 2
    for picture in map(base64.b64decode, pictures):
        with Image.open(io.BytesIO(picture)) as shown:
            shown.load()
            assert shown.width == 462
            assert len(shown.convert("RGB").getcolors()) > 4, "something is drawn"
    assert text.index("Does anybody object?") < text.index("![") < text.index("```")
    assert "|5 × level-1|45.00 GBP|1.5|11|96|" in text
    assert "planner plan scenarios/pilot-5.yaml" in text


def test_without_room_for_pictures_the_summary_reads_whole(folder):
    large = dict.fromkeys(summary.PICTURES, b"x" * summary.POST)
    assert summary.markdown(sample(), large) == summary.markdown(sample())
    assert "data:" not in summary.markdown(sample())


ASKED = (
    Change("offer.accounts", "5", "8", "--set"),
    Change("levels.level-1.price", "9 GBP/month", "7 GBP/month", "--set"),
    Change("spending.sellers.Anna", "not there", "{rate: 30 GBP/h, hours: 5 h/month}", "--set"),
)


def test_what_was_changed_for_this_plan_stands_in_people_s_words_below_the_title():
    plan = replace(sample(), changes=ASKED, names=Names(levels={"level-1": "Level 1"}))
    said = (
        "accounts that are offered: 5 → 8; fee of one account, Level 1: 9 GBP/month → 7 GBP/month; seller Anna: added"
    )
    assert f"Changed for this plan: {said}" in Page(page.html(plan, {})).text()
    assert f"Changed for this plan: {said}." in summary.markdown(plan)


def test_a_summary_that_grows_too_long_still_names_what_was_changed(monkeypatch):
    """The title says five: whoever pastes eight says so, and counts the warnings instead."""
    monkeypatch.setattr(summary, "WORDS", 0)
    whole = summary.markdown(replace(sample(), changes=ASKED))
    assert "Changed for this plan: accounts that are offered: 8; " in whole
    assert "**Warning:** see the report (1 of them)." in whole


def test_where_nobody_may_come_the_summary_asks_which_choice_and_says_what_the_gate_does():
    plan = sample(offered=10)
    text = summary.markdown(replace(plan, admission=replace(plan.admission, max_accounts=0)))
    assert "**For consent:** which of these? Until a decision is written down, the gate lets nobody in." in text
    decided = MeetingDecision(5, "2021-04-06", "All Hands", "", "", {"level-1": 5}, "")
    assert "**Decided.** The gate lets 5 accounts in" in summary.markdown(replace(plan, decision=decided))


# ---- tables


def test_the_tables_hold_the_numbers_of_the_plan(folder):
    plan = sample()
    limits = rows((folder / "tables" / "limits.csv").read_bytes().decode())
    assert [row["accounts at confidence"] for row in limits] == [
        "" if x.max_accounts is None else str(x.max_accounts) for x in plan.admission.limits
    ]
    assert [row["limit"] for row in limits if row["binds"] == "yes"] == ["policy"]
    risk = rows((folder / "tables" / "risk.csv").read_bytes().decode())
    assert [float(row["overloads a month, at confidence"]) for row in risk] == pytest.approx(
        [at.at_confidence.episodes for server in plan.servers for at in (server.now, server.offered)], rel=1e-5
    )
    assert len(rows((folder / "tables" / "weeks.csv").read_bytes().decode())) == 168 * len(plan.weeks)
    months = rows((folder / "tables" / "months.csv").read_bytes().decode())
    assert {row["accounts"]: row["months on paper"] for row in months}["5"] == "11"
    assumed = rows((folder / "tables" / "assumptions.csv").read_bytes().decode())
    assert [row["input"] for row in assumed] == [x.path for x in plan.assumptions]
    options = rows((folder / "tables" / "options.csv").read_bytes().decode())
    assert options[2]["income a month [GBP]"] == "45.00"


@pytest.mark.parametrize("number", ["-3", "+4.5", "12", "0.25", "-0.001"])
def test_numbers_are_not_guarded(number):
    assert tables.guarded(number) == number
    assert tables.as_csv(("n",), [(float(number),)]).splitlines()[1] == str(float(number))


@pytest.mark.parametrize("text", ["=1", "+cmd", "-cmd", "@x", "\tx", "\rx", "  =1", "a;=1", "a\n=1", "＝1", "-3 %=1"])
def test_no_cell_can_start_a_formula_whatever_separates_cells(text):
    cell = tables.guarded(text)
    for part in re.split(r"[;\t\r\n]", cell):
        assert not part.lstrip().startswith(("=", "+", "-", "@", "＝"))
    assert text in cell.replace("'", "")


# ---- hostile text


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def text(request):
    return request.param


def test_hostile_text_is_text_in_the_page(text):
    clean, tame = Page(page.html(hostile(text), {})), Page(page.html(sample(), {}))
    assert {tag for tag, _ in clean.elements} <= {tag for tag, _ in tame.elements}
    for _, attributes in clean.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("href", "#").startswith("#") or attributes["href"] == "data:,"
    assert clean.text().count(" ".join(text.split())) > 20, "and it is there to be read, wherever it stands"


def test_hostile_text_is_text_in_a_chart_inside_the_page(tmp_path):
    write_report(hostile(HOSTILE[1]), tmp_path)
    clean = Page((tmp_path / "report.html").read_text("utf-8"))
    assert not {"img", "iframe", "foreignobject"} & {tag for tag, _ in clean.elements}
    assert [tag for tag, _ in clean.elements].count("script") == 2, "the grid, and what moves the sliders"
    assert not [name for _, attributes in clean.elements for name in attributes if name.startswith("on")]


def test_marks_of_direction_are_isolated_in_the_page_and_left_out_of_the_forum():
    plan = hostile(HOSTILE[6])
    html = page.html(plan, {})
    inside = re.findall(r"<(?:bdi|code|title)>[^<]*\u202e[^<]*<", html)
    assert html.count("\u202e") == sum(part.count("\u202e") for part in inside) > 20
    assert "\u202e" not in summary.markdown(plan).split("```")[0]


def test_hostile_text_is_text_in_markdown(text):
    whole = summary.markdown(hostile(text))
    assert len(whole.split()) <= 320
    prose = re.sub(r"(?s)(`{3,}).*?\n\1", "", whole)
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", prose)
    assert not re.search(r"(?i)<[a-z/!]", bare)
    assert re.findall(r"\]\(([^)]*)\)", bare) == []
    assert "javascript:" not in bare
    assert "@SUM" not in bare
    assert len(re.findall(r"(?m)^#", bare)) == 1
    for line in bare.splitlines():
        assert line.count("|") in {0, 6}, f"a row has five cells: {line}"


def test_hostile_text_is_text_in_every_table(text):
    for name, table in tables.of(hostile(text)):
        for row in csv.reader(io.StringIO(table, newline="")):
            for cell in row:
                for part in re.split(r"[;\t\r\n]", cell):
                    number = re.fullmatch(r"[-+]?\d+(\.\d+)?(e[-+]\d+)?", part)
                    assert number or not part.lstrip().startswith(("=", "+", "-", "@")), f"{name}: {cell[:60]!r}"


# ---- the folder


def test_the_same_plan_gives_the_same_files_to_the_byte(folder, tmp_path):
    write_report(sample(), tmp_path)
    files = sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    assert files == sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file())
    assert [name for name in files if (folder / name).read_bytes() != (tmp_path / name).read_bytes()] == []


def test_nothing_is_half_written_and_what_stood_there_stays(tmp_path, monkeypatch):
    (tmp_path / "report.html").write_text("of yesterday")

    def fails(*_: object) -> str:
        raise OSError("no space left on device")

    monkeypatch.setattr(page, "html", fails)
    with pytest.raises(OSError, match="no space"):
        write_report(sample(), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "of yesterday"


def test_charts_of_an_older_plan_go_and_other_files_stay(tmp_path):
    write_report(sample(), tmp_path)
    others = ("charts/own.svg", "charts/own.png", "tables/own.csv", "plan.json", "charts/notes.txt")
    for name in others:
        (tmp_path / name).write_text("x")
    assert (tmp_path / "charts" / "risk.svg").exists()
    write_report(replace(sample(), servers=(), weeks=()), tmp_path)
    assert not (tmp_path / "charts" / "risk.svg").exists()
    assert not (tmp_path / "charts" / "risk.png").exists()
    assert {(tmp_path / name).read_text() for name in others} == {"x"}


@pytest.mark.parametrize(
    "name", ["report.html", "summary.md", "charts/limits.svg", "charts/limits.png", "tables/risk.csv"]
)
def test_a_folder_with_somebody_elses_file_in_it_is_left_as_it_is(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("of somebody else")
    with pytest.raises(OSError, match="kept as it is: choose another name"):
        write_report(sample(), tmp_path)
    assert [file.read_text() for file in tmp_path.rglob("*") if file.is_file()] == ["of somebody else"]


def test_progress_goes_forward_to_the_end(tmp_path):
    seen: list[tuple[str, float]] = []
    write_report(sample(), tmp_path, lambda doing, done: seen.append((doing, done)))
    shares = [done for _, done in seen]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1


def test_the_command_is_quoted_for_a_shell():
    plan = sample()
    odd = replace(plan, scenario=replace(plan.scenario, file="my plans/it's $(rm).yaml"))
    assert "'my plans/it'\"'\"'s $(rm).yaml'" in page.command(odd)


def test_free_text_in_markdown_keeps_plain_words_plain():
    assert summary.text("Start with five accounts, then review 1.5 h") == "Start with five accounts, then review 1.5 h"
