// The page of one scenario: what is typed goes to the planner on this machine, what it answers is shown.
// The state (which scenario, what is changed, what stands beside) is the address; the form holds nothing else.
"use strict";

const by = id => document.getElementById(id);
const desk = by("desk");
const entries = new Map([...document.querySelectorAll(".entry")].map(entry => [entry.dataset.path, entry]));
const selects = [...document.querySelectorAll("select.beside")];
let state = read();
let asking = null;
let unsaid = [];  // edits that the planner has not answered to yet: a request that is ended takes none with it

function read() {
  const said = new URLSearchParams(location.search);
  return { file: desk.dataset.file, sets: said.getAll("set"), beside: said.getAll("beside") };
}

function fields(entry) {
  return [...entry.querySelectorAll("[data-part]")];
}

// What the file says: the page came with it, and the browser keeps it as each field's default.
function before(field) {
  if (field.tagName !== "SELECT") return field.defaultValue;
  return ([...field.options].find(one => one.defaultSelected) || field.options[0]).value;
}

async function post(where, what, signal) {
  const headers = { "Content-Type": "application/json" };
  return fetch(where, { method: "POST", body: JSON.stringify(what), headers, signal });
}

// Ask for the answer; the last request wins, and the one before it is ended here and in the planner.
async function ask(edit, remember) {
  if (asking) asking.abort();
  const mine = asking = new AbortController();
  if (edit) unsaid = [...unsaid.filter(one => one.path !== edit.path), edit];
  doing("Reading …", 0);
  try {
    const answer = await post("answer", { ...state, edits: unsaid }, mine.signal);
    if (!answer.ok) throw new Error(await answer.text());
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const lines = (text + piece.value).split("\n");
      text = lines.pop();
      for (const line of lines) if (mine === asking) heard(JSON.parse(line), remember);
    }
    if (mine === asking) asking = null;
  } catch (error) {
    if (mine !== asking || error.name === "AbortError") return;
    asking = null;
    failed(error instanceof TypeError ? "The planner does not answer: it may have been stopped." : error.message);
  }
}

function heard(said, remember) {
  if ("query" in said) stands(said, remember);
  else if ("doing" in said) doing(null, said.done, said.doing);
  else if ("html" in said) shown(said);
  else if ("failed" in said) failed(said.failed);
}

function stands(said, remember) {
  state.sets = said.sets;
  unsaid = [];
  if (said.query !== location.search) history[remember ? "pushState" : "replaceState"](null, "", said.query);
  for (const link of document.querySelectorAll("[data-keep]")) link.href = `keep/${link.dataset.keep}${said.query}`;
  by("shown").classList.add("stale");
  const wrong = said.problems;
  paint(said.entries || null, wrong);
  if (wrong.length) failed(`${wrong.length === 1 ? "One entry" : `${wrong.length} entries`} cannot be read. The answer below is the one of before.`);
  else {
    by("command").textContent = said.command;
    doing("A first look is being worked out. Below is the answer of before.", 0);
  }
  const count = state.sets.length;
  by("changes").firstElementChild.textContent = count ? `${count} changed.` : "Nothing is changed.";
  by("undo-all").hidden = !count;
  if (!state.beside.length) by("beside").replaceChildren();
}

// Fill the form: each entry as the planner read it, or as the file says; what is wrong stays as it was typed.
function paint(found, problems) {
  const paths = new Set(state.sets.map(one => one.split("=", 1)[0]));
  const wrong = new Map();
  for (const one of problems) wrong.set(one.path, [...(wrong.get(one.path) || []), one.what]);
  for (const [path, entry] of entries) {
    const now = found && found[path];
    if (found) for (const field of fields(entry)) if (!field.typing) field.value = now ? now.parts[field.dataset.part] ?? "" : before(field);
    const changed = paths.has(path), why = wrong.get(path) || [];
    entry.classList.toggle("changed", changed);
    entry.classList.toggle("invalid", why.length > 0);
    entry.querySelector(".wrong").textContent = why.map(one => /^'(low|high)' needs/.test(one) ? "fill in both from and to, or neither" : one).join(" · ");
    const ranged = entry.querySelector("[data-part=low]")?.value ? ". From and to still count: empty both for exactly this" : "";
    if (found) entry.querySelector(".was").textContent = changed && now ? ` In the file: ${now.was}${ranged}` : "";
    entry.querySelector(".undo").hidden = !changed;
    for (const field of fields(entry)) field.setAttribute("aria-invalid", why.length > 0);
    if (why.length) for (let box = entry.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  }
  for (const part of document.querySelectorAll(".part")) {
    const count = part.querySelectorAll(".entry.changed").length;
    part.querySelector(".count").textContent = count ? `${count} changed` : "";
  }
  const elsewhere = problems.filter(one => !entries.has(one.path));
  by("elsewhere").replaceChildren(...elsewhere.map(one => Object.assign(document.createElement("li"), { textContent: one.said })));
  by("elsewhere").hidden = !elsewhere.length;
}

function shown(said) {
  const place = by(said.part === "answer" ? "shown" : "beside");
  const open = [...place.querySelectorAll("details")].map(one => one.open);
  place.innerHTML = said.html;
  place.querySelectorAll("details").forEach((one, k) => { if (open[k]) one.open = true; });
  place.classList.remove("stale");
  place.dataset.draws = said.draws;
  place.dataset.whole = said.whole;
  if (said.part === "answer") place.dataset.result = said.result;
  const cases = said.draws.toLocaleString("en-GB");
  if (!said.whole) doing(`A first look from ${cases} cases; the whole answer is being worked out.`, 0);
  else if (said.part === "answer" && state.beside.length) doing(`Worked out from ${cases} cases; side by side follows.`, 0);
  else doing(`Worked out from ${cases} cases${by("shown").dataset.result ? `. Result ${by("shown").dataset.result}` : ""}.`, 1);
}

function doing(words, share, what) {
  if (words) by("doing").textContent = words;
  by("bar").hidden = share >= 1;
  by("bar").firstElementChild.value = share;
  by("bar").lastElementChild.textContent = what || "";
}

function failed(words) {
  doing(words, 1);
}

function go(sets, beside) {
  state = { ...state, sets, beside };
  ask(null, true);
}

// Whoever types while an answer comes in keeps what is typed.
desk.addEventListener("input", event => { event.target.typing = event.target.tagName === "INPUT"; });

desk.addEventListener("change", event => {
  event.target.typing = false;
  const entry = event.target.closest(".entry");
  if (entry) {
    const edit = { path: entry.dataset.path };
    for (const field of fields(entry)) edit[field.dataset.part] = field.value;
    ask(edit, true);
  } else if (selects.includes(event.target)) {
    go(state.sets, selects.map(one => one.value).filter(Boolean));
  }
});

desk.addEventListener("click", event => {
  if (!event.target.matches(".undo")) return;
  const entry = event.target.closest(".entry");
  unsaid = unsaid.filter(one => one.path !== entry.dataset.path);
  go(state.sets.filter(one => one.split("=", 1)[0] !== entry.dataset.path), state.beside);
  fields(entry)[0].focus();
});

by("undo-all").addEventListener("click", () => { unsaid = []; go([], state.beside); by("h-form").closest("summary").focus(); });

by("save").addEventListener("submit", async event => {
  event.preventDefault();
  const { name, title } = Object.fromEntries(new FormData(event.target));
  try {
    const answer = await post("save", { ...state, name, title, seen: desk.dataset.seen });
    if (!answer.ok) throw new Error(await answer.text());
    const saved = await answer.json();
    by("saved").replaceChildren(`Saved as ${saved.file}. `, Object.assign(document.createElement("a"), { href: saved.query, textContent: "Open it" }));
  } catch (error) {
    by("saved").textContent = error instanceof TypeError ? "Not saved: the planner does not answer." : `Not saved: ${error.message}`;
  }
});

by("stop").addEventListener("click", async () => {
  if (asking) asking.abort();
  asking = null;
  try { await post("stop", {}); } catch { /* it is gone already */ }
  failed("The page has stopped. To go on: planner open.");
});

addEventListener("popstate", () => { state = read(); unsaid = []; choose(); ask(null, false); });

function choose() {
  selects.forEach((one, k) => { one.value = state.beside[k] || ""; });
}

// A browser that comes back fills in what was typed last; the address says what counts.
for (const entry of entries.values()) for (const field of fields(entry)) field.value = before(field);
if (!matchMedia("(min-width: 60rem)").matches) by("form").open = false;
choose();
ask(null, false);
