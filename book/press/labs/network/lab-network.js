// The labs of stages 1 and 6: the network of the book, trained in a worker. Stage 1's, "rate", has one
// control.
//
// The batch never changes, so h = x @ w1 can be trained without w1: what a step subtracts from w1,
// rate * x.T @ grad_h, it subtracts from h as rate * K @ grad_h, with K = x @ x.T. A bias is an input
// that is always 1, and adds 1 to every entry of K. Momentum adds up gradients, so it holds for that.
const STEPS = 500;
const SCALES = ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "1.5", "2"];
const LARGEST = 3.4e38; // of a float32
const DATA = {
  batch: "lab-batch.js", normal: "lab-normal.js", default: "lab-default.js", he: "lab-he.js",
};

// All that runs in the worker. It is sent the batch and the starts by name, then settings; it answers
// with the losses so far, every 25 steps, and drops a run when newer settings arrive.
function work() {
  const N = 64, H = 100, O = 10, EVERY = 25;
  const data = {}, tick = new MessageChannel();
  let newest;

  function* train({ start, rate, momentum, scale }) {
    const { K, y } = data.batch, biased = start === "normal" ? 0 : 1;
    const [h, w2, b2] = ["h", "w2", "b2"].map((name) => data[start][name].map((each) => each * scale));
    const error = new Float64Array(N * O), moves = new Float64Array(O);
    const v = new Float64Array(N * H), v2 = new Float64Array(H * O), vb2 = new Float64Array(O);
    for (;;) {
      let loss = 0;
      for (let n = 0; n < N; n++)
        for (let o = 0; o < O; o++) {
          let sum = b2[o];
          for (let j = 0; j < H; j++) if (h[n * H + j] > 0) sum += h[n * H + j] * w2[j * O + o];
          const off = sum - y[n * O + o];
          loss += off * off;
          error[n * O + o] = 2 * off;
        }
      yield loss;
      for (let n = 0; n < N; n++) // v: the velocity that grad_h gives
        for (let j = 0; j < H; j++) {
          let sum = 0;
          if (h[n * H + j] > 0) for (let o = 0; o < O; o++) sum += error[n * O + o] * w2[j * O + o];
          v[n * H + j] = momentum * v[n * H + j] + sum;
        }
      for (let j = 0; j < H; j++) {
        moves.fill(0);
        for (let n = 0; n < N; n++)
          if (h[n * H + j] > 0) for (let o = 0; o < O; o++) moves[o] += h[n * H + j] * error[n * O + o];
        for (let o = 0; o < O; o++) {
          v2[j * O + o] = momentum * v2[j * O + o] + moves[o];
          w2[j * O + o] -= rate * v2[j * O + o];
        }
      }
      if (biased)
        for (let o = 0; o < O; o++) {
          let sum = 0;
          for (let n = 0; n < N; n++) sum += error[n * O + o];
          vb2[o] = momentum * vb2[o] + sum;
          b2[o] -= rate * vb2[o];
        }
      for (let n = 0; n < N; n++) // h -= rate * (K + biased) @ v, four rows of v at a time
        for (let m = 0; m < N; m += 4) {
          const [a, b, c, d] = [0, 1, 2, 3].map((i) => rate * (K[n * N + m + i] + biased));
          for (let j = 0; j < H; j++)
            h[n * H + j] -= a * v[m * H + j] + b * v[m * H + H + j] + c * v[m * H + 2 * H + j] + d * v[m * H + 3 * H + j];
        }
    }
  }

  async function run(settings) {
    newest = settings;
    const losses = [];
    let exploded = false;
    for (const loss of train(settings)) {
      exploded = !(loss < settings.largest);
      if (!exploded) losses.push(loss);
      const done = exploded || losses.length === settings.steps;
      if (done || losses.length % EVERY === 0) {
        postMessage({ id: settings.id, losses, exploded, done });
        await new Promise((resolve) => { // let newer settings in
          tick.port1.onmessage = resolve;
          tick.port2.postMessage(null);
        });
        if (done || newest !== settings) return;
      }
    }
  }

  onmessage = ({ data: { name, arrays, settings } }) => {
    if (name) data[name] = arrays;
    else run(settings);
  };
}

// The arrays of a file of data, which is a script so that it loads from the file system too.
const arrivals = {};
function labData(name, arrays) {
  const numbers = (text) => Float64Array.from(
    new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer));
  for (const [key, text] of Object.entries(arrays)) arrays[key] = numbers(text);
  arrivals[name].resolve(arrays);
}
function load(name) {
  if (!arrivals[name]) {
    const arrival = (arrivals[name] = {});
    arrival.promise = new Promise((resolve, reject) => {
      arrival.resolve = resolve;
      const error = () => { delete arrivals[name]; reject(); };
      document.head.append(make("script", { src: LAB_FOLDER + DATA[name], error }));
    });
  }
  return arrivals[name].promise;
}

// The picture: the loss from 1e-12 to 1e12 over the steps, as wide as its place.
function Plot() {
  const words = WORDS.network, left = 48, top = 10, bottom = 36, low = -12, high = 12;
  const svg = make("svg", { role: "img", "aria-label": words.picture });
  let width, height;
  const x = (step) => left + (step / STEPS) * (width - left - 8);
  const y = (loss) => top + ((high - Math.log10(loss)) / (high - low)) * (height - top - bottom);
  const points = (losses) => losses.map((loss, t) => `${x(t).toFixed(1)},${y(loss).toFixed(1)}`).join(" ");
  const power = (n) => `${n}`.replace(/./g, (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]));
  const line = make("polyline", { class: "yours" }), end = make("path", { class: "end" });
  return {
    svg,
    // Lay it out anew for the width that it has, with stage 1's losses.
    frame(reference) {
      if (!svg.clientWidth) return; // out of sight, as on paper
      width = svg.clientWidth;
      height = Math.min(360, Math.max(240, width * 0.55));
      const frame = { x: left, y: top, width: width - left - 8, height: height - top - bottom };
      change(svg, { viewBox: `0 0 ${width} ${height}`, height });
      svg.replaceChildren(make("clipPath", { id: "lab-frame" }, make("rect", frame)));
      for (let n = low; n <= high; n += 4)
        svg.append(
          make("line", { class: "grid", x1: left, x2: width - 8, y1: y(10 ** n), y2: y(10 ** n) }),
          make("text", { x: left - 6, y: y(10 ** n) + 5, "text-anchor": "end" }, `10${power(n)}`));
      for (let t = 0; t <= STEPS; t += 100)
        svg.append(
          make("line", { class: "grid", x1: x(t), x2: x(t), y1: top, y2: height - bottom }),
          make("text", { x: x(t), y: height - bottom + 16, "text-anchor": t < STEPS ? "middle" : "end" }, `${t}`));
      svg.append(
        make("text", { x: (left + width) / 2, y: height - 4, "text-anchor": "middle" }, words.step),
        make("text", { x: width - 14, y: top + 16, "text-anchor": "end" }, words.loss),
        make("g", { "clip-path": "url(#lab-frame)" },
          make("polyline", { class: "reference", points: points(reference) }), line),
        end);
    },
    draw(losses, exploded) {
      line.setAttribute("points", points(losses));
      const [px, py] = [x(losses.length - 1), Math.max(top, y(losses.at(-1)))];
      end.setAttribute("d", exploded ? `M${px - 6},${py - 6}l12,12m0,-12l-12,12` : "");
    },
  };
}

function networkLab(place) {
  const words = WORDS.network, small = place.dataset.lab === "rate";
  const changed = () => place.update();
  const hundredths = Array.from({ length: 100 }, (_, i) => (i / 100).toFixed(2));
  const controls = { rate: slider(words.rate, rates(-8, -1), changed) };
  if (!small) {
    controls.momentum = slider(words.momentum, hundredths, changed);
    controls.start = choice(words.start, words.starts, changed);
    controls.scale = slider(words.scale, SCALES, changed);
  }
  const first = { rate: "1e-6", start: "normal", scale: "1", momentum: "0.00" };
  const presets = { [words.stage1]: first, [words.fast]: { ...first, rate: "5e-6" } };
  if (!small) {
    presets[words.slow] = { ...first, start: "default" };
    presets[words.good] = { ...first, start: "default", rate: "1e-4" };
  }
  const plot = Plot();
  let worker, known, reference, run = 0;

  function show({ data: { id, losses, exploded, done } }) {
    if (id !== run) return; // of earlier settings
    plot.draw(losses, exploded);
    Object.assign(place, { losses, done });
    if (done) {
      const first = losses[0], last = losses.at(-1), highest = Math.max(...losses);
      const [start, end, top] = [first, last, highest].map(scientific);
      if (exploded) sentence.textContent = fill(words.exploded, { first: start, step: losses.length });
      else if (highest > 1.001 * first)
        sentence.textContent = fill(words.rises, { first: start, last: end, highest: top, step: losses.indexOf(highest) });
      else sentence.textContent = fill(words[last > first / 2 ? "creeps" : "falls"], { first: start, last: end });
    }
  }

  async function compute() {
    const id = ++run, start = controls.start?.value ?? first.start;
    Object.assign(place, { losses: [], done: false });
    try {
      const batch = await load("batch"), arrays = await load(start);
      if (id !== run) return;
      if (!worker) {
        const code = URL.createObjectURL(new Blob([`(${work})()`], { type: "text/javascript" }));
        worker = new Worker(code);
        worker.onmessage = show;
        URL.revokeObjectURL(code);
        known = new Set(["batch"]);
        const K = new Float64Array(64 * 64); // it is symmetric: what is sent is one triangle
        for (let n = 0, at = 0; n < 64; n++)
          for (let m = n; m < 64; m++, at++) K[n * 64 + m] = K[m * 64 + n] = batch.K[at];
        worker.postMessage({ name: "batch", arrays: { K, y: batch.y } });
      }
      if (!reference) plot.frame((reference = [...batch.reference]));
      if (!known.has(start)) worker.postMessage({ name: start, arrays });
      known.add(start);
    } catch {
      sentence.textContent = words.failed;
      return;
    }
    const [rate, scale, momentum] = ["rate", "scale", "momentum"].map((name) => +(controls[name]?.value ?? first[name]));
    worker.postMessage({ settings: { id, start, rate, scale, momentum, steps: STEPS, largest: LARGEST } });
  }

  const sentence = furnish(place, {
    ...words, controls, presets, drawn: plot.svg, label: words.presets, changed: compute,
    beginning: small ? { rate: "1e-6" } : { ...first, start: "default" },
  });
  sentence.textContent = words.waiting;
  const seen = new IntersectionObserver(([entry]) => {
    if (entry.isIntersecting) { seen.disconnect(); compute(); }
  });
  seen.observe(place);
  new ResizeObserver(() => {
    if (!reference) return;
    plot.frame(reference);
    if (place.losses.length) plot.draw(place.losses, place.losses.length < STEPS && place.done);
  }).observe(plot.svg);
  addEventListener("pagehide", () => { worker?.terminate(); worker = undefined; });
  addEventListener("pageshow", ({ persisted }) => { if (persisted && reference) compute(); });
}

for (const place of document.querySelectorAll("[data-lab=network], [data-lab=rate]")) networkLab(place);
