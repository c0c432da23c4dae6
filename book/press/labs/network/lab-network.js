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
// with the losses so far, every 10 steps, and drops a run when newer settings arrive. Where the
// settings name a next rate, too, it answers at last whether that one explodes: `edge`.
function work() {
  const N = 64, H = 100, O = 10, EVERY = 10;
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

  // Whether these settings explode; undefined if newer ones have arrived.
  async function explodes(settings, tell = () => {}) {
    const losses = [];
    for (const loss of train(settings)) {
      const exploded = !(loss < settings.largest);
      if (!exploded) losses.push(loss);
      const done = exploded || losses.length === settings.steps;
      if (done || losses.length % EVERY === 0) {
        tell({ losses, exploded, done });
        await new Promise((resolve) => { // let newer settings in
          tick.port1.onmessage = resolve;
          tick.port2.postMessage(null);
        });
        if (newest !== settings.id) return;
        if (done) return exploded;
      }
    }
  }

  async function run(settings) {
    const { id, next } = settings;
    newest = id;
    const exploded = await explodes(settings, (news) => postMessage({ id, ...news }));
    if (exploded === false && next) postMessage({ id, edge: await explodes({ ...settings, rate: next }) });
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

function networkLab(place) {
  const words = WORDS.network, small = place.dataset.lab === "rate";
  const changed = () => place.update(), allRates = small ? rates(-8, -5) : rates(-8, -1);
  const hundredths = Array.from({ length: 100 }, (_, i) => (i / 100).toFixed(2));
  const controls = small ? {} : {
    start: choice(words.start, words.starts, changed),
    scale: slider(words.scale, SCALES, changed),
  };
  controls.rate = slider(words.rate, allRates, changed);
  if (!small) controls.momentum = slider(words.momentum, hundredths, changed);
  const first = { rate: "1e-6", start: "normal", scale: "1", momentum: "0.00" };
  const presets = { [words.stage1]: first, [words.fast]: { ...first, rate: "5e-6" } };
  if (!small) {
    presets[words.slow] = { ...first, start: "default" };
    presets[words.good] = { ...first, start: "default", rate: "1e-4" };
  }
  const plot = Plot({
    label: words.picture, across: words.step, up: words.loss, first: 0, last: STEPS, every: 100, low: small ? -6 : -12, high: 10,
  });
  let worker, known, reference, run = 0;

  const tell = (losses, exploded) => {
    const first = losses[0], last = losses.at(-1), highest = Math.max(...losses);
    const values = { first: scientific(first), last: scientific(last), highest: scientific(highest), step: losses.indexOf(highest) };
    if (exploded) return fill(words.exploded, { ...values, step: losses.length });
    if (highest > 1.001 * first) return fill(words.rises, values);
    return fill(words[last > first / 2 ? "stays" : last > first / 1e3 ? "slows" : "falls"], values);
  };
  function show({ data: { id, losses, exploded, done, edge } }) {
    if (id !== run) return; // of earlier settings
    if (edge !== undefined) return say(tell(place.losses), edge);
    Object.assign(place, { losses, done });
    plot.draw(losses, reference, exploded);
    const early = losses.findIndex((loss) => loss < 1e-6);
    if (done) say(tell(losses, exploded), !small && early >= 0 && early <= 100);
    else say(""); // the curve speaks for itself, and what was said belonged to another
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
      reference = [...batch.reference];
      if (!known.has(start)) worker.postMessage({ name: start, arrays });
      known.add(start);
    } catch {
      say(words.failed);
      return;
    }
    const [rate, scale, momentum] = ["rate", "scale", "momentum"].map((name) => +(controls[name]?.value ?? first[name]));
    const next = small && +allRates[allRates.indexOf(controls.rate.value) + 1]; // is this the last that does not explode?
    worker.postMessage({ settings: { id, start, rate, scale, momentum, next, steps: STEPS, largest: LARGEST } });
  }

  const say = furnish(place, {
    ...words, controls, presets, drawn: plot.svg, label: words.presets, changed: compute,
    ...(small ? { beginning: { rate: "1e-6" }, goal: words.edge } : { beginning: { ...first, start: "default" } }),
  });
  say(words.waiting);
  whenSeen(place, compute);
  addEventListener("pagehide", () => { worker?.terminate(); worker = undefined; });
  addEventListener("pageshow", ({ persisted }) => { if (persisted && reference) compute(); });
}

for (const place of document.querySelectorAll("[data-lab=network], [data-lab=rate]")) networkLab(place);
