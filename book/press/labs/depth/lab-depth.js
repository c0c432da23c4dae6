// The lab of stage 6's fifty layers: how large the numbers become that pass through them.
//
// The ReLU passes a multiple on as a multiple. So with weights s times as large, what leaves layer k
// is s^k times as large: the layers are computed once, and a move of the slider multiplies.
const LAYERS = 50, UNITS = 100, SAMPLES = 64, SEED = 2, HE = Math.sqrt(2 / UNITS);
const SIZES = "0.01 0.02 0.03 0.05 0.07 0.08 0.09 0.1 0.11 0.12 0.125 0.13 0.135 0.14 0.1414 0.145 0.15 0.155 0.16 0.17 0.18 0.2 0.22 0.25 0.3 0.5 0.7 1".split(" ");
const TOO_LARGE = 3.4e38, TOO_SMALL = 1.4e-45; // for a float32

// Standard normal numbers, as Box and Muller make them of even ones, and the generator mulberry32 those.
function normals(seed) {
  const even = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return (count) => Float64Array.from({ length: count }, () =>
    Math.sqrt(-2 * Math.log(1 - even())) * Math.cos(2 * Math.PI * even()));
}

// The size of what leaves each layer, with weights of He's size.
function passThrough() {
  const draw = normals(SEED), sizes = [];
  let h = draw(SAMPLES * UNITS);
  for (let layer = 0; layer < LAYERS; layer++) {
    const weights = draw(UNITS * UNITS), next = new Float64Array(SAMPLES * UNITS);
    let squares = 0;
    for (let n = 0; n < SAMPLES * UNITS; n += UNITS) {
      for (let i = 0; i < UNITS; i++)
        if (h[n + i]) for (let j = 0; j < UNITS; j++) next[n + j] += h[n + i] * weights[i * UNITS + j];
      for (let j = n; j < n + UNITS; j++) squares += (next[j] = Math.max(0, HE * next[j])) ** 2;
    }
    sizes.push(Math.sqrt(squares / next.length));
    h = next;
  }
  return sizes;
}

function depthLab(place) {
  const words = WORDS.depth, controls = { size: slider(words.size, SIZES, () => place.update()) };
  const plot = Plot({
    label: words.picture, across: words.layer, up: words.after, first: 1, last: LAYERS, every: 10, low: -12, high: 12,
  });
  let he; // the sizes with He's weights, once they have been computed
  const changed = () => {
    const scale = controls.size.value / HE, sizes = (he ??= passThrough()).map((size, i) => size * scale ** (i + 1));
    const [first, last] = [sizes[0], sizes.at(-1)];
    plot.draw(sizes, sizes.map(() => first));
    const layer = 1 + sizes.findIndex((size) => size > TOO_LARGE || size < TOO_SMALL);
    const kind = layer ? (last > 1 ? "large" : "small") : "says";
    const values = { first: short(first), last: short(last), factor: ((last / first) ** (1 / (LAYERS - 1))).toPrecision(3), layer };
    say(fill(words[kind], values), Math.abs(last / first - 1) < 0.2);
    place.sizes = sizes;
  };
  const say = furnish(place, {
    ...words, controls, changed, drawn: plot.svg, label: words.presets, beginning: { size: "0.1" },
    presets: { "1": { size: "1" }, "0.01": { size: "0.01" }, [words.root]: { size: "0.1" } },
  });
  whenSeen(place, changed);
}

for (const place of document.querySelectorAll("[data-lab=depth]")) depthLab(place);
