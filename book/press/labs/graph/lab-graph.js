// The lab of stage 3: out = w * x + b, its values, and the walk back from out, an arrow at a time.
const BOXES = { w: [40, 20], x: [40, 92], b: [40, 168], times: [180, 56], out: [320, 112] };
const FORWARD = [["w", "times"], ["x", "times"], ["times", "out"], ["b", "out"]];
const WALK = [["out", "b"], ["out", "times"], ["times", "w"], ["times", "x"]];

function graphLab(place) {
  const words = WORDS.graph;
  const numbers = Array.from({ length: 21 }, (_, i) => `${(i - 10) / 2}`);
  const steps = Array.from({ length: WALK.length + 1 }, (_, i) => `${i}`);
  let step = "0";
  const draw = () => {
    const [w, x, b] = ["w", "x", "b"].map((name) => +controls[name].value);
    const values = { w, x, b, times: w * x, out: w * x + b };
    const shown = (number) => `${number}`.replace("-", "−");
    const grads = { out: 1, b: 1, times: 1, w: x, x: w };
    const gone = WALK.slice(0, step), reached = ["out", ...gone.map(([, to]) => to)];
    const signs = { times: "w·x" };
    svg.setAttribute("aria-label", fill(words.picture, { w, x, b, out: values.out }));
    svg.replaceChildren(
      make("defs", {}, ...["forward", "backward"].map((kind) =>
        make("marker", { id: `lab-${kind}`, class: kind, viewBox: "0 0 8 8", refX: 7, refY: 4, markerUnits: "userSpaceOnUse", markerWidth: 10, markerHeight: 10, orient: "auto" },
          make("path", { d: "M0,0L8,4L0,8z" })))));
    for (const [from, to] of FORWARD) svg.append(arrow(from, to, "forward"));
    gone.forEach(([from, to], i) => {
      const latest = i === gone.length - 1 ? " latest" : "";
      svg.append(arrow(from, to, `backward${latest}`));
    });
    for (const [name, [cx, cy]] of Object.entries(BOXES)) {
      svg.append(
        make("rect", { x: cx - 32, y: cy - 14, width: 64, height: 28, rx: 6, class: name in controls ? "input" : "" }),
        make("text", { x: cx, y: cy + 5, "text-anchor": "middle" }, `${signs[name] ?? name} ${shown(values[name])}`));
      if (reached.includes(name) && step > 0)
        svg.append(make("text", { x: name === "times" ? cx - 14 : cx, y: cy + 29, "text-anchor": "middle", class: "grad" }, `grad ${shown(grads[name])}`));
    }
    change(back, { "aria-disabled": step === "0" });
    change(next, { "aria-disabled": step === steps.at(-1) });
    sentence.textContent = fill(words.says[step],
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(value)])));
    place.values = values;
    place.grads = Object.fromEntries(reached.map((name) => [name, grads[name]]));
  };
  // From the edge of one box to the edge of the other; the way back runs beside the way there.
  const arrow = (from, to, kind) => {
    const [[x1, y1], [x2, y2]] = [BOXES[from], BOXES[to]], length = Math.hypot(x2 - x1, y2 - y1);
    const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length], aside = kind === "forward" ? 5 : 8;
    const reach = Math.min(36 / Math.abs(ux), 17 / Math.abs(uy));
    const [sx, sy] = [-uy * aside, ux * aside];
    return make("line", {
      class: kind, "marker-end": `url(#lab-${kind.split(" ")[0]})`,
      x1: x1 + ux * reach + sx, y1: y1 + uy * reach + sy, x2: x2 - ux * reach + sx, y2: y2 - uy * reach + sy,
    });
  };
  const go = (by) => {
    step = steps[+step + by] ?? step;
    place.update();
  };
  const back = make("button", { type: "button", click: () => go(-1) }, words.back);
  const next = make("button", { type: "button", click: () => go(1) }, words.next);
  const controls = Object.fromEntries(
    ["w", "x", "b"].map((name) => [name, slider(name, numbers, () => place.update())]));
  controls.step = {
    element: "", // the two buttons, below the picture
    get value() { return step; }, set value(text) { step = text; },
    allows: (text) => steps.includes(text),
  };
  const svg = make("svg", { role: "img", viewBox: "0 0 372 202", class: "graph" });
  const sentence = furnish(place, {
    ...words, controls, changed: draw, beginning: { w: "3", x: "2", b: "1", step: "0" },
    drawn: make("div", {}, svg, make("div", { class: "lab-presets" }, back, next)),
  });
  draw();
}

for (const place of document.querySelectorAll("[data-lab=graph]")) graphLab(place);
