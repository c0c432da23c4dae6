// The lab of stage 3: the graphs of w * x + b and of w * x + w, and the walk back from their ends, an
// arrow at a time, as the engine of that page walks.
const WIDTHS = { w: 72, x: 72, b: 72, times: 104, out: 104 };
const GRAPHS = { // where the boxes are, and the arrows of the walk
  once: {
    boxes: { w: [40, 38], x: [150, 38], b: [260, 38], times: [95, 130], out: [178, 222] },
    walk: [["out", "b"], ["out", "times"], ["times", "w"], ["times", "x"]],
  },
  twice: {
    boxes: { w: [60, 38], x: [244, 38], times: [190, 130], out: [110, 222] },
    walk: [["out", "w"], ["out", "times"], ["times", "w"], ["times", "x"]],
  },
};

function graphLab(place) {
  const words = WORDS.graph;
  const numbers = Array.from({ length: 21 }, (_, i) => `${(i - 10) / 2}`), steps = [..."01234"];
  let step = "0";
  const draw = () => {
    const twice = controls.graph.value === "twice", { boxes, walk } = GRAPHS[controls.graph.value];
    const [w, x, b] = ["w", "x", "b"].map((name) => +controls[name].value);
    const values = { w, x, b, times: w * x, out: w * x + (twice ? w : b) };
    const slopes = { w: x, x: w }; // along the arrows of the product; those of the sum have 1
    const gone = walk.slice(0, step), grads = step === "0" ? {} : { out: 1 };
    for (const [from, to] of gone) grads[to] = (grads[to] ?? 0) + grads[from] * (from === "times" ? slopes[to] : 1);
    controls.b.element.hidden = twice;
    const shown = Object.fromEntries(Object.entries({ ...values, both: 1 + x }).map(([name, value]) => [name, signed(value)]));
    svg.setAttribute("aria-label", fill(words.picture[+twice], shown));
    svg.replaceChildren(
      make("defs", {}, ...["forward", "backward"].map((kind) =>
        make("marker", { id: `lab-${kind}`, class: kind, viewBox: "0 0 8 8", refX: 7, refY: 4, markerUnits: "userSpaceOnUse", markerWidth: 10, markerHeight: 10, orient: "auto" },
          make("path", { d: "M0,0L8,4L0,8z" })))));
    for (const [to, from] of walk) svg.append(arrow(boxes, from, to, "forward"));
    gone.forEach(([from, to], i) => {
      const [[x1, y1], [x2, y2]] = [boxes[from], boxes[to]], slope = from === "times" ? slopes[to] : 1;
      const side = to === "w" && !twice ? -1 : 1; // to the right, but for one that has no room there
      const away = (15 * side) / Math.hypot(x2 - x1, y2 - y1);
      svg.append(
        arrow(boxes, from, to, i === gone.length - 1 ? "backward latest" : "backward"),
        make("text", { x: (x1 + x2) / 2 - (y2 - y1) * away, y: (y1 + y2) / 2 + 5 + (x2 - x1) * away, "text-anchor": side < 0 ? "end" : "start", class: "grad" }, `× ${signed(slope)}`));
    });
    for (const [name, [cx, cy]] of Object.entries(boxes)) {
      const width = WIDTHS[name], below = name === "out" ? 34 : -23;
      svg.append(
        make("rect", { x: cx - width / 2, y: cy - 15, width, height: 30, rx: 6, class: name in controls ? "input" : "" }),
        make("text", { x: cx, y: cy + 5, "text-anchor": "middle" }, `${name === "times" ? "w·x" : name} = ${shown[name]}`));
      if (name in grads)
        svg.append(name === "times" // its arrows leave above and below
          ? make("text", { x: cx + width / 2 + 5, y: cy + 5, class: "grad" }, `grad ${signed(grads[name])}`)
          : make("text", { x: cx, y: cy + below, "text-anchor": "middle", class: "grad" }, `grad ${signed(grads[name])}`));
    }
    change(back, { "aria-disabled": step === "0" });
    change(next, { "aria-disabled": step === steps.at(-1) });
    const reached = twice ? step > 2 && grads.w === 0 : grads.x < 0;
    say(fill(words[twice ? "says_twice" : "says"][step], shown), reached, +twice);
    Object.assign(place, { values, grads });
  };
  // From the edge of one box to the edge of the other; the way back runs beside the way there.
  const arrow = (boxes, from, to, kind) => {
    const [[x1, y1], [x2, y2]] = [boxes[from], boxes[to]], length = Math.hypot(x2 - x1, y2 - y1);
    const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length], aside = kind === "forward" ? 5 : 8;
    const [sx, sy] = [-uy * aside, ux * aside];
    const reach = (name, side) => { // from the middle of a box to its edge, beside its middle line
      const across = (WIDTHS[name] / 2 - side * Math.sign(ux) * sx) / Math.abs(ux);
      return Math.min(across, (15 - side * Math.sign(uy) * sy) / Math.abs(uy)) + 2;
    };
    const [out, into] = [reach(from, 1), reach(to, -1)];
    return make("line", {
      class: kind, "marker-end": `url(#lab-${kind.split(" ")[0]})`,
      x1: x1 + ux * out + sx, y1: y1 + uy * out + sy, x2: x2 - ux * into + sx, y2: y2 - uy * into + sy,
    });
  };
  const go = (by) => {
    step = steps[+step + by] ?? step;
    place.update();
  };
  const back = make("button", { type: "button", click: () => go(-1) }, words.back);
  const next = make("button", { type: "button", click: () => go(1) }, words.next);
  const controls = {
    graph: choice(words.graph, words.graphs, () => { step = "0"; place.update(); }),
    ...Object.fromEntries(["w", "x", "b"].map((name) => [name, slider(name, numbers, () => place.update())])),
    step: {
      element: "", // the two buttons
      get value() { return step; }, set value(text) { step = text; },
      allows: (text) => steps.includes(text),
    },
  };
  const svg = make("svg", { role: "img", viewBox: "0 0 300 260", class: "graph" });
  const say = furnish(place, {
    ...words, controls, changed: draw, beginning: { graph: "once", w: "3", x: "2", b: "1", step: "0" },
    buttons: [back, next], drawn: svg,
  });
  draw();
}

for (const place of document.querySelectorAll("[data-lab=graph]")) graphLab(place);
