"use strict";
(() => {
  const grid = JSON.parse(document.getElementById("grid").textContent);
  const root = document.getElementById("what-if");
  const by = (name) => root.querySelector(`[data-${name}]`);
  const sliders = Object.fromEntries([...root.querySelectorAll("input")].map((e) => [e.name, e]));
  const SMALLEST = 1e-12;
  const log = (values) => values.map(Math.log);

  // the same interpolation as report/whatif.py, which says what it is
  function place(axis, value) {
    let below = 0;
    while (below < axis.length - 2 && axis[below + 1] <= value) below += 1;
    const share = (value - axis[below]) / (axis[below + 1] - axis[below]);
    return [below, Math.min(Math.max(share, 0), 1)];
  }
  const sides = ([i, t]) => [[i, 1 - t], [i + 1, t]].filter(([, share]) => share > 0);
  function between(rows, row, column) {
    let sum = 0;
    for (const [i, a] of sides(row)) for (const [j, b] of sides(column)) sum += rows[i][j] * a * b;
    return sum;
  }
  function months(rows, row, column) {
    let sum = 0;
    for (const [i, a] of sides(row)) for (const [j, b] of sides(column)) sum += (rows[i][j] ?? Infinity) * a * b;
    return Number.isFinite(sum) ? Math.ceil(sum - 1e-9) : null;
  }
  function allowed(busy) {
    const known = sides(busy).filter(([k]) => grid.allowed[k] !== null);
    const weight = known.reduce((sum, [, share]) => sum + share, 0);
    const load = weight ? Math.floor(known.reduce((s, [k, share]) => s + grid.allowed[k] * share, 0) / weight + 1e-9) : null;
    const found = [load, grid.others].filter((n) => n !== null);
    return [found.length ? Math.min(...found) : null, load !== null && (grid.others === null || load < grid.others)];
  }
  const risks = { central: grid.central, sure: grid.at_confidence };
  for (const name in risks) risks[name] = risks[name].map((row) => row.map((v) => Math.log(Math.max(v, SMALLEST))));
  const axes = { busy: log(grid.busy), paying: log(grid.paying), fees: log(grid.fees) };

  function read() {
    const [accounts, price, rate, hours] = ["accounts", "price", "rate", "hours"].map((n) => Number(sliders[n].value));
    const busy = 2 ** Number(sliders.busy.value);
    // minor units: whole numbers, so that nothing is lost
    return { accounts, price: Math.round(100 * price), rate: Math.round(100 * rate), hours, busy };
  }
  function answers(set) {
    const cost = Math.ceil((Math.round(60 * set.hours) * set.rate) / 60);
    const busy = place(axes.busy, Math.log(set.busy));
    const paying = place(axes.paying, Math.log(Math.max(set.accounts, 1)));
    const fees = place(axes.fees, Math.log(cost / set.price));
    const room = place(grid.accounts, set.accounts);
    const [most, load] = allowed(busy);
    return {
      most, load, cost,
      central: Math.exp(between(risks.central, busy, room)),
      sure: Math.exp(between(risks.sure, busy, room)),
      paper: Math.ceil(cost / Math.max(set.accounts * set.price, 1)),
      p10: months(grid.p10, paying, fees), p50: months(grid.p50, paying, fees), p90: months(grid.p90, paying, fees),
    };
  }

  const number = (v) => (v >= 100 ? v.toFixed(0) : String(Number(v.toPrecision(2))));
  function risk(value) {
    if (grid.measure === "episodes") {
      const yearly = number(12 * value);
      return yearly === "1" ? "1 overload a year" : `${yearly} overloads a year`;
    }
    if (grid.measure === "minutes") return `${number(value)} overloaded minutes a month`;
    if (grid.measure === "any_in_week") return `an overload in ${number(100 * value)} % of weeks`;
    return `an overload ${number(100 * value)} % of the time at the busiest instant`;
  }
  const wait = (n) => (n === null ? `more than ${grid.horizon}` : String(n));

  // charts: a few lines in the page's own colours
  const W = 320, H = 190, LEFT = 34, RIGHT = 10, TOP = 10, BOTTOM = 32;
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
    for (const v of xs) node(svg, "text", { x: x(v), y: H - BOTTOM + 13, "text-anchor": "middle" }, v);
    node(svg, "text", { x: (LEFT + W - RIGHT) / 2, y: H - 4, "text-anchor": "middle" }, under);
  }
  const band = (svg, up, down) => node(svg, "path", { d: `${path(up.concat(down.reverse()))}Z`, class: "band" });
  const line = (svg, points, kind) => node(svg, "path", { d: path(points), class: kind });

  function drawRisk(set) {
    const svg = by("risk-chart"), busy = place(axes.busy, Math.log(set.busy)), last = grid.accounts.at(-1);
    const factor = grid.measure === "episodes" ? 12 : 1, bound = Math.log10(factor * grid.at_most);
    const at = (rows) => grid.accounts.map((n) => [n, (between(rows, busy, place(grid.accounts, n)) + Math.log(factor)) / Math.LN10]);
    const low = bound - 3, high = bound + 2;
    const x = (n) => LEFT + ((W - LEFT - RIGHT) * n) / last;
    const y = (v) => TOP + ((H - TOP - BOTTOM) * (high - Math.min(Math.max(v, low), high))) / (high - low);
    const steps = [];
    for (let k = Math.ceil(low); k <= high; k += 1) steps.push([k, String(Number((10 ** k).toPrecision(1)))]);
    frame(svg, x, y, [0, Math.round(last / 2), last], steps, "further accounts");
    const [central, sure] = [at(risks.central), at(risks.sure)].map((r) => r.map(([n, v]) => [x(n), y(v)]));
    band(svg, sure.slice(), central.slice());
    line(svg, central, "main");
    line(svg, sure, "main dashed");
    line(svg, [[LEFT, y(bound)], [W - RIGHT, y(bound)]], "limit");
    line(svg, [[x(Math.min(set.accounts, last)), TOP], [x(Math.min(set.accounts, last)), H - BOTTOM]], "here");
  }
  function drawMonths(set, cost) {
    const svg = by("months-chart"), last = grid.paying.at(-1), never = grid.horizon * 1.08;
    const fees = place(axes.fees, Math.log(cost / set.price));
    const x = (n) => LEFT + ((W - LEFT - RIGHT) * Math.log(n)) / Math.log(last);
    const y = (m) => TOP + ((H - TOP - BOTTOM) * (never - Math.min(m, never))) / never;
    const at = (rows) => grid.paying.map((n) => [x(n), y(months(rows, place(axes.paying, Math.log(n)), fees) ?? never)]);
    const ticks = [1, 2, 5, 10, 20, 55].filter((n) => n <= last);
    const ys = [0, 1, 2, 3].map((k) => (grid.horizon / 3) * k).map((m) => [m, String(Math.round(m))]);
    frame(svg, x, y, ticks, ys, "accounts that pay in credit");
    band(svg, at(grid.p90), at(grid.p10));
    line(svg, at(grid.p50), "main dashed");
    line(svg, grid.paying.map((n) => [x(n), y(Math.ceil(cost / (n * set.price)))]), "ink");
    const n = Math.min(Math.max(set.accounts, 1), last);
    line(svg, [[x(n), TOP], [x(n), H - BOTTOM]], "here");
  }

  function show() {
    const set = read(), found = answers(set);
    for (const name of ["accounts", "price", "rate", "hours"]) by(`${name}-said`).textContent = sliders[name].value;
    by("busy-said").textContent = set.busy.toFixed(2);
    by("allowed").textContent = found.most === null ? "no limit" : String(found.most);
    by("limit").textContent = found.most === null ? "" : `the limit is ${found.load ? grid.tightest : grid.others_limit}`;
    const enough = found.most === null || found.most >= set.accounts;
    by("enough").textContent = `${enough ? "Enough" : "Not enough"} for the ${set.accounts} chosen: ${risk(found.sure)}.`;
    by("paper").textContent = String(found.paper);
    by("paths").textContent = `${wait(found.p10)} to ${wait(found.p90)}`;
    Object.assign(root.dataset, { central: found.central, sure: found.sure, p50: found.p50 ?? "" });
    drawRisk(set);
    drawMonths(set, found.cost);
  }
  root.hidden = false;
  root.addEventListener("input", show);
  by("again").addEventListener("click", () => { Object.values(sliders).forEach((e) => { e.value = e.defaultValue; }); show(); });
  show();
})();
