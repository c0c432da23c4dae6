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

function valleyLab(place) {
  const words = WORDS.valley, controls = { rate: slider(words.rate, rates(-3, 0), () => place.update()) };
  const at = ([a, b]) => `${(24 * (b + 3)).toFixed(1)},${(75 + 40 * a).toFixed(1)}`; // 24 and 40 to a unit
  const panels = {}, drawn = make("div", { class: "lab-panels" });
  for (const [rule, name] of Object.entries(words.rules)) {
    const svg = make("svg", { viewBox: "0 0 250 150", role: "img", "aria-label": fill(words.picture, { rule: name }) });
    for (const level of [1, 3, 6, 10, 15])
      svg.append(make("ellipse", { class: "grid", cx: 72, cy: 75, rx: 24 * Math.sqrt(level / 0.1), ry: 40 * Math.sqrt(level / 10) }));
    panels[rule] = make("g", { class: "path" });
    svg.append(panels[rule], make("text", { x: 72, y: 81, "text-anchor": "middle" }, "★"));
    drawn.append(make("div", {}, make("div", {}, name), svg));
  }
  const draw = () => {
    const losses = [];
    place.paths = {};
    for (const [rule, name] of Object.entries(words.rules)) {
      const path = walk(rule, +controls.rate.value), loss = height(path.at(-1));
      const near = path.filter((each) => each.every((value) => Math.abs(value) < 1e3));
      panels[rule].replaceChildren(
        make("polyline", { points: near.map(at).join(" ") }),
        ...near.map((each) => make("circle", { cx: at(each).split(",")[0], cy: at(each).split(",")[1], r: 2 })));
      losses.push(`${name} ${loss < 1e6 ? loss.toPrecision(2) : words.exploded}`);
      place.paths[rule] = path;
    }
    sentence.textContent = fill(words.says, { all: losses.join(words.between) });
  };
  const sentence = furnish(place, {
    ...words, controls, drawn, changed: draw, label: words.presets, beginning: { rate: "3e-2" },
    presets: {
      [`${words.rules.sgd} 9e-2`]: { rate: "9e-2" },
      [`${words.rules.momentum} 3e-2`]: { rate: "3e-2" },
      [`${words.rules.adam} 3e-1`]: { rate: "3e-1" },
    },
  });
  draw();
}

for (const place of document.querySelectorAll("[data-lab=valley]")) valleyLab(place);
