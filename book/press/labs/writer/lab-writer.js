// The lab of "Text": the network that the page has trained goes on with what the reader types, a
// character at a time. The forward pass is the page's Writer: one block, 4 heads, 64 characters back.
const SIZE = 48, HEADS = 4, BACK = 64;

function writerData({ alphabet, weights }) {
  for (const [name, packed] of Object.entries(weights)) weights[name] = unpack(packed);
  for (const place of document.querySelectorAll("[data-lab=writer]")) place.arrived(alphabet, weights);
}

// The scores of what comes after these characters, given as numbers.
function scoresAfter(weights, numbers) {
  const of = (name) => weights[name], seen = numbers.slice(-BACK);
  const row = (matrix, n) => matrix.subarray(n * SIZE, (n + 1) * SIZE);
  const linear = (name, x) => {
    const w = of(`${name}.weight`), bias = of(`${name}.bias`), size = x.length;
    return Float64Array.from({ length: w.length / size }, (_, i) => {
      let sum = bias ? bias[i] : 0;
      for (let j = 0; j < size; j++) sum += w[i * size + j] * x[j];
      return sum;
    });
  };
  const norm = (name, x) => {
    const mean = x.reduce((a, b) => a + b) / x.length;
    const root = Math.sqrt(x.reduce((sum, each) => sum + (each - mean) ** 2, 0) / x.length + 1e-5);
    return x.map((each, i) => ((each - mean) / root) * of(`${name}.weight`)[i] + of(`${name}.bias`)[i]);
  };
  const add = (x, y) => x.map((each, i) => each + y[i]);
  const rows = seen.map((number, t) => add(row(of("embed.weight"), number), row(of("places.weight"), t)));
  const qkv = rows.map((x) => linear("block.attention.qkv", norm("block.norm_1", x)));
  // One block: only the last character's question is asked.
  const heard = new Float64Array(SIZE), last = qkv.at(-1), wide = SIZE / HEADS;
  for (let head = 0; head < HEADS; head++) {
    const from = head * wide;
    const scores = qkv.map((each) => {
      let sum = 0;
      for (let i = from; i < from + wide; i++) sum += last[i] * each[SIZE + i];
      return sum / Math.sqrt(wide);
    });
    softmax(scores).forEach((share, t) => {
      for (let i = from; i < from + wide; i++) heard[i] += share * qkv[t][2 * SIZE + i];
    });
  }
  const a = add(rows.at(-1), linear("block.attention.out", heard));
  const hidden = linear("block.network.0", norm("block.norm_2", a)).map((each) => Math.max(each, 0));
  return [...linear("out", norm("norm", add(a, linear("block.network.2", hidden))))];
}

// One of the places, drawn by the shares of these scores; at temperature 0 the likeliest.
function draw(scores, temperature) {
  if (temperature === 0) return scores.indexOf(Math.max(...scores));
  let left = Math.random();
  const shares = softmax(scores.map((score) => score / temperature));
  return Math.max(0, shares.findIndex((share) => (left -= share) < 0));
}

function writerLab(place) {
  const words = WORDS.writer, length = 400;
  let alphabet, weights, timer, text = "";
  const input = make("input", { type: "text", value: "the ", maxlength: 60, spellcheck: "false" });
  const temperatures = [...Array(21).keys()].map((n) => (n / 10).toFixed(1));
  const heat = slider(words.temperature, temperatures, () => timer && start()); // a text has one temperature
  const out = make("p", { class: "writer-text" });
  const sentence = make("p", { role: "status" }, words.waiting);
  const toggle = make("button", { type: "button", click: () => (timer ? stop() : start()) }, words.write);
  heat.value = "0.7";
  input.addEventListener("keydown", ({ key, isComposing }) => {
    if (key === "Enter" && !isComposing && !toggle.disabled) start();
  });

  // What the reader typed, in the characters that the network knows.
  const known = (typed) => [...typed.toLowerCase().replace(/[?!]/g, ".").replace(/[:;]/g, ",")]
    .filter((letter) => alphabet.includes(letter)).join("");
  const clean = (typed) => known(typed) || "the ";
  place.read = (typed) => scoresAfter(weights, [...clean(typed)].map((letter) => alphabet.indexOf(letter)));

  function stop() {
    clearInterval(timer);
    timer = undefined;
    toggle.textContent = words.write;
    sentence.textContent = fill(words.said, { count: text.length, temperature: heat.value });
  }
  function start() {
    clearInterval(timer);
    text = "";
    const begun = clean(input.value);
    out.replaceChildren(make("b", {}, begun), "");
    toggle.textContent = words.stop;
    const unknown = [...input.value].filter((letter) => !known(letter).length);
    sentence.textContent = unknown.length ? fill(words.unknown, { letters: unknown.join(" ") }) : words.writes;
    timer = setInterval(() => {
      text += alphabet[draw(place.read(begun + text), +heat.value)];
      out.lastChild.data = text;
      if (text.length >= length) stop();
    }, 30);
  }
  place.arrived = (...arrived) => {
    [alphabet, weights] = arrived;
    toggle.disabled = false;
    sentence.textContent = words.ready;
  };
  toggle.disabled = true;
  place.append(
    make("p", {}, make("strong", {}, words.title), " ", words.about),
    make("div", { class: "lab-controls" },
      make("label", { class: "writer-start" }, make("span", {}, words.start), input), heat.element),
    make("div", { class: "lab-presets" }, toggle), out, sentence);
  openModel(place, words, sentence, "lab-writer-weights.js");
}

for (const place of document.querySelectorAll("[data-lab=writer]")) writerLab(place);
