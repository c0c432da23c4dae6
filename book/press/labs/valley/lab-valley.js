// The lab of stage 7: three rules in the valley 10 a² + 0.1 b², with one learning rate.
const VALLEY_STEPS = 40;
const slope = ([a, b]) => [20 * a, 0.2 * b];
const height = ([a, b]) => 10 * a * a + 0.1 * b * b;

// Each rule returns the step to take, from the gradient and what it keeps between the steps.
const RULES = {
  sgd: () => (g) => g,
  momentum: () => {
    const v = [0, 0];
    return (g) => g.map((each, i) => (v[i] = 0.9 * v[i] + each));
  },
  adam: () => {
    const m = [0, 0], s = [0, 0];
    let t = 0;
    return (g) => {
      t++;
      return g.map((each, i) => {
        m[i] = 0.9 * m[i] + 0.1 * each;
        s[i] = 0.999 * s[i] + 0.001 * each * each;
        return m[i] / (1 - 0.9 ** t) / (Math.sqrt(s[i] / (1 - 0.999 ** t)) + 1e-8);
      });
    };
  },
};

function walk(rule, rate) {
  const step = RULES[rule](), path = [[1.2, 6]];
  for (let t = 0; t < VALLEY_STEPS; t++) {
    const place = path.at(-1), move = step(slope(place));
    path.push(place.map((each, i) => each - rate * move[i]));
  }
  return path;
}

// The picture, in units of a and b, which grow upwards and to the right.
const EDGES = { a: 1.9, left: -3, right: 8 };
const isInside = ([a, b]) => Math.abs(a) <= EDGES.a && b >= EDGES.left && b <= EDGES.right;

// What marks a step: each rule has a shape of its own, beside its colour.
const MARKS = {
  sgd: (x, y) => make("circle", { cx: x, cy: y, r: 3 }),
  momentum: (x, y) => make("rect", { x: x - 2.7, y: y - 2.7, width: 5.4, height: 5.4 }),
  adam: (x, y) => make("path", { d: `M${x - 3.6},${y + 2.8}h7.2l-3.6,-6.4z` }),
};

function valleyLab(place) {
  const words = WORDS.valley, all = rates(-3, 0), names = Object.entries(words.rules);
  const controls = { rate: slider(words.rate, all, () => place.update()) };
  const legend = make("div", { class: "lab-legend" }, ...names.map(([rule, name]) =>
    make("span", { class: rule },
      make("svg", { viewBox: "0 0 28 12", "aria-hidden": true }, make("line", { x1: 0, x2: 28, y1: 6, y2: 6 }), MARKS[rule](14, 6)),
      name)));
  const { svg, draw } = picture({ class: "valley", "aria-label": words.picture }, (width, height) => {
    const [wide, high] = [width / (EDGES.right - EDGES.left), height / 2 / EDGES.a]; // pixels to a unit
    const at = ([a, b]) => [wide * (b - EDGES.left), height / 2 - high * a];
    const [cx, cy] = at([0, 0]), [startX, startY] = at([1.2, 6]);
    const parts = [1, 3, 6, 10, 15, 22, 30].map((level) =>
      make("ellipse", { class: "grid", cx, cy, rx: wide * Math.sqrt(level / 0.1), ry: high * Math.sqrt(level / 10) }));
    const left = {}; // by the edge: which paths leave there, and where the first does
    for (const [rule, name] of names) {
      const path = place.paths[rule], gone = path.findIndex((each) => !isInside(each));
      const points = path.slice(0, gone < 0 ? path.length : gone + 1).map(at);
      parts.push(make("g", { class: rule },
        make("polyline", { points: points.map((each) => each.map((value) => value.toFixed(1)).join()).join(" ") }),
        ...points.map(([x, y]) => MARKS[rule](x, y))));
      if (gone < 0) continue;
      const edge = path[gone][0] > 0 ? "↑" : "↓", x = (points.at(-1)[0] + points.at(-2)[0]) / 2;
      (left[edge] ??= { x, rules: [] }).rules.push(name);
    }
    for (const [edge, { x, rules }] of Object.entries(left))
      parts.push(make("text", { class: "left", x: x - 8, y: edge === "↑" ? 18 : height - 8, "text-anchor": "end" }, fill(words.left, { rules: rules.join(words.between), edge })));
    return [
      ...parts,
      make("circle", { class: "start", cx: startX, cy: startY, r: 8 }),
      make("text", { x: startX + 12, y: startY + 5 }, words.start),
      make("text", { class: "bottom", x: cx, y: cy + 7, "text-anchor": "middle" }, "★"),
    ];
  });
  const stay = (paths) => Object.values(paths).every((path) => path.every(isInside));
  const walkAll = (rate) => Object.fromEntries(names.map(([rule]) => [rule, walk(rule, +rate)]));
  const changed = () => {
    const { rate } = controls, next = all[all.indexOf(rate.value) + 1];
    place.paths = walkAll(rate.value);
    draw();
    const losses = names.map(([rule, name]) => {
      const loss = height(place.paths[rule].at(-1));
      return `${name} ${loss < 1e6 ? short(loss) : words.exploded}`;
    });
    say(fill(words.says, { all: losses.join(words.between) }), stay(place.paths) && !(next && stay(walkAll(next))));
  };
  const say = furnish(place, {
    ...words, controls, changed, drawn: make("div", {}, legend, svg), label: words.presets, beginning: { rate: "3e-2" },
    presets: {
      [`${words.rules.sgd} 9e-2`]: { rate: "9e-2" },
      [`${words.rules.momentum} 3e-2`]: { rate: "3e-2" },
      [`${words.rules.adam} 3e-1`]: { rate: "3e-1" },
    },
  });
  changed();
}

for (const place of document.querySelectorAll("[data-lab=valley]")) valleyLab(place);
