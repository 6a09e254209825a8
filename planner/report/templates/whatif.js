"use strict";
(() => {
  const grid = JSON.parse(document.getElementById("grid").textContent);
  const root = document.getElementById("what-if");
  const by = (name) => root.querySelector(`[data-${name}]`);
  const sliders = Object.fromEntries([...root.querySelectorAll("input")].map((e) => [e.name, e]));
  const SMALLEST = 1e-12;

  // the same interpolation as report/sliders.py, which says what it is
  function place(axis, value) {
    let below = 0;
    while (below < axis.length - 2 && axis[below + 1] <= value) below += 1;
    const share = (value - axis[below]) / (axis[below + 1] - axis[below]);
    return [below, Math.min(Math.max(share, 0), 1)];
  }
  const mixed = (low, high, t) => low.map((v, k) => v * (1 - t) + high[k] * t);
  const served = grid.at_confidence.length > 0;
  const busies = grid.busy.map(Math.log);
  const logs = (rows) => rows.map((row) => row.map((v) => Math.log(Math.max(v, SMALLEST))));
  const risks = served ? { central: logs(grid.central), sure: logs(grid.at_confidence) } : {};
  function along(side, busy) {
    const [i, t] = place(busies, Math.log(busy));
    return mixed(side[i], side[i + 1], t);
  }
  function riskAt(log, accounts) {
    const [j, u] = place(grid.accounts, accounts);
    return Math.exp(log[j] * (1 - u) + log[j + 1] * u);
  }
  function servers(busy) {
    if (!served) return null;
    const log = along(risks.sure, busy);
    const bound = Math.log(grid.at_most) + 1e-9;
    const beyond = log.findIndex((v) => v > bound);
    if (beyond <= 0) return beyond < 0 ? null : 0;
    const share = (bound - log[beyond - 1]) / (log[beyond] - log[beyond - 1]);
    const [before, after] = [grid.accounts[beyond - 1], grid.accounts[beyond]];
    return Math.floor(before + share * (after - before) + 1e-6);
  }
  function reach(row, fees) {
    const k = row.findIndex((v) => v >= fees - 1e-9);
    if (k <= 0) return k < 0 ? 0 : 1;
    const part = (fees - row[k - 1]) / (row[k] - row[k - 1]);
    return 1 - (grid.shares[k - 1] + part * (grid.shares[k] - grid.shares[k - 1]));
  }
  function byMonth(accounts, price, rate, cost) {
    const [i, t] = place(grid.paying, Math.max(accounts, 1));
    const own = grid.own_rate === null ? Infinity : (cost * grid.own_rate) / rate;
    const fee = grid.least_fee * price;
    const fits = (cap) => Math.floor(cap / fee + 1e-9) * fee + 1e-6;
    const never = (times, k) => grid.whole_block && grid.caps.length && Math.min(cost * times, own) > fits(grid.caps[k]);
    const needed = (fees) => (grid.one_fee ? Math.ceil(fees - 1e-9) - 0.5 : fees);
    let reached = 0;
    return grid.earned[i].map((low, month) => {
      const row = mixed(low, grid.earned[i + 1][month], t);
      const dearer = (1 + grid.rate_growth) ** (month / 12);
      const have = grid.rates.map((times, k) => (never(times, k) ? 0 : reach(row, needed((cost * times * dearer) / price))));
      reached = Math.max(reached, have.reduce((sum, v) => sum + v, 0) / have.length);
      return reached;
    });
  }
  const firstMonth = (reached, share) => {
    const k = reached.findIndex((v) => v >= share - 1e-9);
    return k < 0 ? null : k + 1;
  };
  const onPaper = (accounts, price, cost) => {
    const earning = Math.max(grid.income[Math.min(accounts, grid.income.length - 1)] * price, 1);
    return Math.ceil((cost * grid.price) / earning);
  };
  const tenths = [0.1, 0.5, 0.9];

  function read() {
    const [accounts, price, rate, hours] = ["accounts", "price", "rate", "hours"].map((n) => Number(sliders[n].value));
    const busy = 2 ** Number(sliders.busy.value);
    // minor units: whole numbers, so that nothing is lost
    return { accounts, price: Math.round(100 * price), rate: Math.round(100 * rate), hours, busy };
  }
  function answers(set) {
    const cost = Math.ceil((Math.round(60 * set.hours) * set.rate) / 60);
    const load = servers(set.busy);
    const all = [load, grid.others].filter((n) => n !== null);
    const reached = byMonth(set.accounts, set.price, set.rate, cost);
    const [p10, p50, p90] = tenths.map((share) => firstMonth(reached, share));
    const [central, sure] = ["central", "sure"].map((name) =>
      served ? riskAt(along(risks[name], set.busy), set.accounts) : null);
    const most = all.length ? Math.min(...all) : null;
    return { cost, load, most, central, sure, p10, p50, p90, chance: reached.at(-1), paper: onPaper(set.accounts, set.price, cost) };
  }

  const words = (v) => v.toLocaleString("en-GB", { maximumFractionDigits: 6 });
  const number = (v) => (v < 1e-4 ? "under 0.0001" : words(v >= 100 ? Math.round(v) : Number(v.toPrecision(2))));
  function risk(value) {
    if (grid.measure === "episodes") {
      if (12 * value < 0.01) return "hardly any overload";
      const yearly = number(12 * value);
      return yearly === "1" ? "1 overload a year" : `${yearly} overloads a year`;
    }
    if (grid.measure === "minutes") return `${number(value)} overloaded minutes a month`;
    if (grid.measure === "any_in_week") return `an overload in ${number(100 * value)} % of weeks`;
    return `an overload ${number(100 * value)} % of the time at the busiest instant`;
  }
  const wait = (n) => (n === null ? `more than ${grid.horizon}` : String(n));

  // charts: a few lines in the page's own colours
  const W = 320, H = 200, LEFT = 38, RIGHT = 10, TOP = 14, BOTTOM = 34;
  function node(parent, tag, attributes, text) {
    const made = document.createElementNS(parent.namespaceURI, tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  }
  const path = (points) => points.map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  function frame(svg, x, y, xs, ys, under) {
    svg.replaceChildren();
    for (const [v, said] of ys) {
      node(svg, "path", { d: path([[LEFT, y(v)], [W - RIGHT, y(v)]]), class: "grid" });
      node(svg, "text", { x: LEFT - 4, y: y(v) + 3, "text-anchor": "end" }, said);
    }
    for (const v of xs) node(svg, "text", { x: x(v), y: H - BOTTOM + 14, "text-anchor": "middle" }, v);
    node(svg, "text", { x: (LEFT + W - RIGHT) / 2, y: H - 4, "text-anchor": "middle" }, under);
  }
  const band = (svg, up, down) => node(svg, "path", { d: `${path(up.concat(down.reverse()))}Z`, class: "band" });
  const label = (svg, x, y, said, kind, anchor = "end") => node(svg, "text", { x, y, "text-anchor": anchor, class: kind }, said);
  const line = (svg, points, kind) => node(svg, "path", { d: path(points), class: kind });

  function marked(svg, at, accounts) {
    line(svg, [[at, TOP], [at, H - BOTTOM]], "here");
    label(svg, at, TOP - 3, accounts, "named", "middle");
  }

  function drawMonths(set, cost) {
    const svg = by("months-chart"), last = grid.paying.at(-1), never = grid.horizon * 1.08;
    const x = (n) => LEFT + ((W - LEFT - RIGHT) * Math.log(n)) / Math.log(last);
    const y = (m) => TOP + ((H - TOP - BOTTOM) * (never - Math.min(m, never))) / never;
    const reached = grid.paying.map((n) => byMonth(n, set.price, set.rate, cost));
    const at = (share) => grid.paying.map((n, k) => [x(n), y(firstMonth(reached[k], share) ?? never)]);
    const ticks = [1, 2, 5, 10, 20, 55].filter((n) => n <= last);
    const ys = [0, 1, 2, 3].map((k) => (grid.horizon / 3) * k).map((m) => [m, String(Math.round(m))]);
    frame(svg, x, y, ticks, ys, "accounts on offer");
    band(svg, at(0.9), at(0.1));
    line(svg, at(0.5), "main dashed");
    line(svg, grid.paying.map((n) => [x(n), y(onPaper(n, set.price, cost))]), "ink");
    line(svg, [[LEFT, y(grid.horizon)], [W - RIGHT, y(grid.horizon)]], "edge");
    label(svg, W - RIGHT - 2, y(grid.horizon) - 2.5, `above: not within ${grid.horizon} months`, "named");
    label(svg, x(last * 0.6), y(onPaper(Math.round(last * 0.6), set.price, cost)) - 6, "on paper", "named", "middle");
    marked(svg, x(Math.min(Math.max(set.accounts, 1), last)), set.accounts);
  }

  function show() {
    const set = read(), found = answers(set);
    for (const name of ["accounts", "price", "rate", "hours"]) by(`${name}-said`).textContent = sliders[name].value;
    by("busy-said").textContent = set.busy.toFixed(2);
    sliders.busy.setAttribute("aria-valuetext", `${set.busy.toFixed(2)} times as many meetings as assumed`);
    by("allowed").textContent = found.most === null ? "any number of" : String(found.most);
    const nearest = grid.busy.map((b) => Math.abs(Math.log(b / set.busy)));
    const tight = grid.tightest[nearest.indexOf(Math.min(...nearest))];
    const held = found.most === null ? [] : [found.most === found.load ? tight : grid.others_limit];
    by("limit").textContent = held.length ? `the first to say no is ${held[0]}` : "nothing says no";
    const alone = found.load === null ? (served ? `more than ${grid.accounts.at(-1)}` : "any number") : String(found.load);
    by("servers").textContent = alone;
    by("enough").textContent = served ? `With the ${set.accounts} chosen, the fullest limit has ${risk(found.central)} if everything is as we think, and ${risk(found.sure)} or more in the worst ${grid.worst} of 100 cases.${found.sure > 10 * found.central ? " They lie so far apart because little has been measured." : ""}` : "";
    by("paper").textContent = String(found.paper);
    by("paper-unit").textContent = found.paper === 1 ? "month" : "months";
    by("paths").textContent = found.p10 === null ? wait(null) : `${wait(found.p10)} to ${wait(found.p90)}`;
    by("chance").textContent = `${Math.round(100 * found.chance)}`;
    Object.assign(root.dataset, { central: found.central ?? "", sure: found.sure ?? "", p50: found.p50 ?? "", part: found.chance });
    drawMonths(set, found.cost);
  }
  for (const e of [root, ...document.querySelectorAll(".live-only")]) e.hidden = false;
  root.addEventListener("input", show);
  by("again").addEventListener("click", () => { Object.values(sliders).forEach((e) => { e.value = e.defaultValue; }); show(); });
  show();
})();
