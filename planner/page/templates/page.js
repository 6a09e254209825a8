// The page of one scenario: what is typed goes to the planner on this machine, what it answers is shown.
// The state (which scenario, what is changed, what stands beside) is the address; the form holds nothing else.
"use strict";

const by = id => document.getElementById(id);
const desk = by("desk");
let entries = found();
const selects = [...document.querySelectorAll("select.beside")];
let state = read();
let asking = null;
let unsaid = [];  // edits that the planner has not answered to yet: a request that is ended takes none with it
let drawn = JSON.parse(desk.dataset.drawn);  // what was added to the file before the form was made
let added = false;  // something was added: it is shown when it is in the form
let last = null;  // the entry that was changed last

function read() {
  const said = new URLSearchParams(location.search);
  return { file: desk.dataset.file, sets: said.getAll("set"), beside: said.getAll("beside") };
}

function found() {
  return new Map([...document.querySelectorAll(".entry")].map(entry => [entry.dataset.path, entry]));
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
  if (edit) {
    const before = unsaid.find(one => one.path === edit.path);
    unsaid = [...unsaid.filter(one => one !== before), { ...edit, left: [...(before ? before.left : []), ...edit.left] }];
  }
  doing("Reading …", 0);
  try {
    const answer = await post("answer", { ...state, drawn, formed: desk.dataset.formed, edits: unsaid }, mine.signal);
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
  if ("form" in said) draw(said);
  paint(said.entries || null, wrong);
  if (wrong.length) failed(`${wrong.length === 1 ? "One entry" : `${wrong.length} entries`} cannot be read. The answer below is the one of before.`);
  else {
    by("command").textContent = said.command;
    doing(`A first look is being worked out.${by("shown").dataset.draws ? " Below is the answer of before." : ""}`, 0);
  }
  if ("since" in said) Object.assign(by("since"), { textContent: said.since, hidden: !said.since });
  const count = state.sets.length;
  by("changes").firstElementChild.textContent = count ? `${count} changed.` : "Nothing is changed.";
  by("undo-all").hidden = !count;
  if (!state.beside.length) by("beside").replaceChildren();
}

// The form anew, for something was added to it or is there no more: what was open stays open, what is typed stays.
function draw(said) {
  const name = one => one.dataset.key || one.dataset.path + one.dataset.form;
  const all = () => [...document.querySelectorAll("#parts > details, #parts details.add")];
  const open = new Map(all().map(one => [name(one), one.open]));
  const typing = [...entries].flatMap(([path, entry]) => fields(entry).filter(one => one.typing).map(one => [path, one.dataset.part, one.value]));
  const at = document.activeElement, was = at.closest(".entry")?.dataset.path, part = at.dataset.part;
  const before = new Set([...document.querySelectorAll(".block")].map(one => one.dataset.thing));
  by("parts").innerHTML = said.form;
  entries = found();
  [drawn, desk.dataset.formed] = [said.drawn, said.formed];
  for (const one of all()) if (one.matches(".part")) one.open = open.get(name(one)) ?? one.open;
  const field = (path, name) => entries.get(path) && fields(entries.get(path)).find(one => one.dataset.part === name);
  for (const [path, name, value] of typing) if (field(path, name)) Object.assign(field(path, name), { value, typing: true });
  field(was, part)?.focus();
  const news = [...document.querySelectorAll(".block")].find(one => !before.has(one.dataset.thing));
  if (added && news) {
    news.scrollIntoView({ block: "nearest" });
    (news.querySelector(".entry input, .entry select") || news).focus({ preventScroll: true });
  }
  added = false;
}

// Fill the form: each entry as the planner read it, or as the file says; what is wrong stays as it was typed.
function paint(found, problems) {
  const paths = new Set(state.sets.map(one => one.split("=", 1)[0]));
  const things = new Set([...document.querySelectorAll(".block[data-thing]")].map(one => one.dataset.thing));
  const gone = state.sets.filter(one => one.endsWith("=none") && things.has(one.split("=", 1)[0])).map(one => `${one.split("=", 1)[0]}.`);
  const wrong = new Map();
  for (const one of problems) wrong.set(one.path, [...(wrong.get(one.path) || []), one]);
  for (const [path, entry] of entries) {
    const now = found && found[path];
    if (found) for (const field of fields(entry)) if (!field.typing) field.value = now ? now.parts[field.dataset.part] ?? "" : before(field);
    const changed = found ? Boolean(now?.changed) : paths.has(path) || entry.classList.contains("changed"), why = wrong.get(path) || [];
    entry.classList.toggle("changed", changed);
    entry.classList.toggle("invalid", why.length > 0);
    entry.hidden = gone.some(one => `${path}.`.startsWith(one));
    entry.querySelector(".wrong").replaceChildren(...saying(why, one => fields(entry).find(each => each.value && one.what.includes(`found '${each.value}'`)) || fields(entry)[0]));
    const low = entry.querySelector("[data-part=low]");
    const exact = low && before(low) && !low.value ? ". Now exactly this; for a range fill in from and to" : "";
    if (found) entry.querySelector(".was").textContent = changed && now ? ` In the file: ${now.was}${exact}` : "";
    entry.querySelector(".undo").hidden = !changed;
    for (const field of fields(entry)) field.setAttribute("aria-invalid", why.length > 0);
    if (why.length) for (let box = entry.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  }
  for (const block of document.querySelectorAll(".block[data-thing]")) {
    const thing = block.dataset.thing, taken = gone.includes(`${thing}.`), added = paths.has(thing) && !taken && !entries.has(thing);
    block.classList.toggle("gone", taken);
    block.classList.toggle("added", added);
    const take = block.querySelector(".take");
    if (take) take.textContent = taken || added ? "Undo" : "Take away";
    if (take) take.setAttribute("aria-label", `${take.textContent}: ${block.querySelector("h4").textContent}`);
  }
  for (const part of document.querySelectorAll(".part, .more")) {
    const one = part.querySelectorAll(".entry.changed:not([hidden]), .block.gone, .block.added").length;
    const count = one || (part.dataset.key && paths.has(part.dataset.key) ? 1 : 0);
    const list = part.querySelector(".list-changed");
    if (list) list.hidden = !paths.has(part.dataset.key);
    part.querySelector(".count").textContent = count ? `${count} changed` : "";
  }
  const elsewhere = problems.filter(one => !entries.has(one.path) || entries.get(one.path).hidden);
  by("elsewhere").replaceChildren(...elsewhere.map(one => Object.assign(document.createElement("li"), { textContent: one.said })));
  by("elsewhere").hidden = !elsewhere.length;
}

// What is wrong, with a button that types what was meant, into the field that is picked: "24 GBP/h" for £24.
function saying(problems, pick) {
  return problems.flatMap((one, k) => {
    const words = /^'(low|high)' needs/.test(one.what) ? "fill in both from and to, or neither" : one.what;
    if (!one.write) return [k ? ` · ${words}` : words];
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: `Write ${one.write}` });
    button.addEventListener("click", () => {
      const field = pick(one);
      field.value = one.write;
      field.focus();
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    return [`${k ? " · " : ""}${words.replace(`: write ${one.write}`, "")} `, button];
  });
}

// What was wrong in a field of something to add is typed anew: whether it is right now is said when it is added.
function right(asked) {
  asked?.classList.remove("invalid");
  asked?.querySelector(".wrong").replaceChildren();
  asked?.querySelector("input, select").setAttribute("aria-invalid", false);
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
  now();
  const cases = said.draws.toLocaleString("en-GB");
  if (!said.whole) doing(`A first look from ${cases} cases, good to about ten of 100: the whole answer is being worked out.`, 0);
  else if (said.part === "answer" && state.beside.length) doing(`Worked out from ${cases} cases; side by side follows.`, 0);
  else doing(`Worked out from ${cases} cases${by("shown").dataset.result ? `. Result ${by("shown").dataset.result}` : ""}.`, 1);
}

function doing(words, share, what) {
  if (words) by("doing").textContent = words;
  now();
  by("bar").hidden = share >= 1;
  by("bar").firstElementChild.value = share;
  by("bar").lastElementChild.textContent = what ? `now: ${what}` : "";
}

// Where the answer is not in sight, a line says what it is and leads to it; from there, back to what was changed.
let inSight = true;
new IntersectionObserver(seen => { inSight = seen.at(-1).isIntersecting; now(); }, { rootMargin: "0px 0px -25% 0px" }).observe(by("shown"));

function now() {
  const wrong = [...entries.values()].find(one => one.classList.contains("invalid"));
  const first = by("shown").querySelector(".answer")?.textContent.split(/(?<=[.!?])\s/)[0] || "The answer";
  const stale = by("shown").classList.contains("stale") || by("shown").dataset.whole !== "true";
  const label = last && entries.get(last)?.querySelector("label, .label").textContent;
  by("now").hidden = inSight && !label;
  by("now").dataset.to = inSight ? "entry" : wrong ? "wrong" : "answer";
  const state = asking && by("shown").classList.contains("stale") ? "Working …" : stale && asking ? `First look: ${first}` : first;
  by("now").firstElementChild.textContent = inSight ? `↑ Back to: ${label}` : wrong ? `One entry cannot be read: ${wrong.querySelector("label, .label").textContent}` : `${state} ↓`;
}

by("now").addEventListener("click", event => {
  const to = event.currentTarget.dataset.to;
  const entry = to === "wrong" ? document.querySelector(".entry.invalid") : entries.get(last);
  if (to === "answer") by("answer").scrollIntoView();
  else {
    for (let box = entry.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    entry.scrollIntoView({ block: "center" });
  }
});

function failed(words) {
  doing(words, 1);
}

function go(sets, beside) {
  state = { ...state, sets, beside };
  ask(null, true);
}

// Whoever types while an answer comes in keeps what is typed.
desk.addEventListener("input", event => {
  event.target.typing = event.target.tagName === "INPUT";
  right(event.target.closest(".ask.invalid"));  // while typing: were it at leaving, the button clicked would move away
});

desk.addEventListener("change", event => {
  event.target.typing = false;
  right(event.target.closest(".ask.invalid"));
  const entry = event.target.closest(".entry");
  if (entry) {
    const edit = { path: entry.dataset.path, left: [event.target.dataset.part] };
    for (const field of fields(entry)) edit[field.dataset.part] = field.value;
    last = edit.path;
    ask(edit, true);
  } else if (selects.includes(event.target)) {
    go(state.sets, selects.map(one => one.value).filter(Boolean));
  }
});

desk.addEventListener("click", event => {
  if (event.target.matches(".jump a")) {
    event.preventDefault();  // the address is the state
    document.querySelector(event.target.hash).scrollIntoView();
  } else if (event.target.matches(".take")) {
    const block = event.target.closest(".block");
    const undo = block.matches(".gone, .added");
    change({ do: undo && block.matches(".gone") ? "undo" : "take", path: block.dataset.thing });
  } else if (event.target.matches(".put-back")) {
    change({ do: "undo", path: event.target.dataset.path });
  } else if (event.target.matches(".undo")) {
    const entry = event.target.closest(".entry");
    unsaid = unsaid.filter(one => one.path !== entry.dataset.path);
    change({ do: "undo", path: entry.dataset.path });
    fields(entry)[0].focus();
  }
});

// A whole entry is added, taken away or put back: the planner says which changes that makes of those there are.
async function change(what) {
  try {
    const sets = state.sets;
    const answer = await post("whole", { ...state, ...what });
    if (!answer.ok) throw new Error(await answer.text());
    const found = await answer.json(), { problems } = found;
    if (sets !== state.sets) return change(what);  // another change was answered meanwhile, which this one must not undo
    if (!problems.length) go(found.sets, state.beside);
    return problems;
  } catch (error) {
    failed(error instanceof TypeError ? "The planner does not answer: it may have been stopped." : error.message);
    return null;
  }
}

desk.addEventListener("submit", async event => {
  const box = event.target.closest(".add");
  if (!box) return;
  event.preventDefault();
  const said = {}, asks = [...box.querySelectorAll("[data-inner]")];
  for (const one of asks) said[one.dataset.inner] = one.querySelector("input, select").value;
  const name = box.querySelector("[id$=-name]")?.value || "";
  const general = box.querySelector(".general");
  const { path, form } = box.dataset;
  if (!name && box.querySelector("[id$=-name]")) { general.textContent = "A name is wanted."; return; }
  const problems = await change({ do: "add", path, form, name, said });
  if (!problems) return;
  for (const one of asks) {
    const mine = problems.filter(problem => problem.path === one.dataset.inner && problem.path);
    const field = one.querySelector("input, select");
    one.querySelector(".wrong").replaceChildren(...saying(mine, () => field));
    field.setAttribute("aria-invalid", mine.length > 0);
    one.classList.toggle("invalid", mine.length > 0);
  }
  const inner = new Set(asks.map(one => one.dataset.inner).filter(Boolean));
  general.textContent = problems.filter(problem => !inner.has(problem.path)).map(problem => problem.what).join(" · ");
  box.querySelector(".invalid input, .invalid select")?.focus();
  if (!problems.length) added = true;
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
  by("saved").scrollIntoView({ block: "nearest" });
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
