// The lab of "Your own data": the reader draws a digit, and the network that the page has trained
// reads it. A drawing is made as the scans were: it fills 32 x 32 dots, black or white, and each pixel
// counts the black ones among 4 x 4. The scans of all digits have about as much ink, so a short line
// is a thick one.
const PAD = 224, DOTS = 32, PIXELS = 8, INK = 312;

// The arrays of lab-digit-weights.js, a script so that it loads from the file system too.
function digitData(data) {
  for (const name of ["w1", "b1", "w2", "b2"]) data[name] = unpack(data[name]);
  data.scans = bytesOf(data.scans);
  for (const place of document.querySelectorAll("[data-lab=digit]")) place.arrived(data);
}

// The 64 pixels, from 0 to 16, of these strokes, lists of points.
function toPixels(strokes) {
  const points = strokes.flat();
  const [left, right] = [Math.min, Math.max].map((most) => most(...points.map(([x]) => x)));
  const [top, bottom] = [Math.min, Math.max].map((most) => most(...points.map(([, y]) => y)));
  const size = Math.max(bottom - top, right - left, PAD / 8), length = strokes.map(lengthOf).reduce((a, b) => a + b);
  const width = Math.min(8, Math.max(3, (INK * size) / (DOTS * length || 1)));
  const scale = (DOTS - width) / size; // half a line stays free on either side
  const canvas = make("canvas", { width: DOTS, height: DOTS }), draw = canvas.getContext("2d");
  draw.setTransform(scale, 0, 0, scale, DOTS / 2 - (scale * (left + right)) / 2, DOTS / 2 - (scale * (top + bottom)) / 2);
  trace(draw, strokes, width / scale);
  const dots = draw.getImageData(0, 0, DOTS, DOTS).data, pixels = new Array(PIXELS ** 2).fill(0);
  for (let dot = 0; dot < DOTS ** 2; dot++) {
    const row = Math.floor(dot / DOTS / 4), column = Math.floor((dot % DOTS) / 4);
    if (dots[4 * dot + 3] > 127) pixels[PIXELS * row + column] += 1;
  }
  return pixels;
}

function lengthOf(stroke) {
  return stroke.slice(1).reduce((sum, [x, y], n) => sum + Math.hypot(x - stroke[n][0], y - stroke[n][1]), 0);
}

function trace(draw, strokes, width) {
  Object.assign(draw, { lineWidth: width, lineCap: "round", lineJoin: "round" });
  for (const [first, ...others] of strokes) {
    draw.beginPath();
    draw.moveTo(...first);
    for (const point of others.length ? others : [first]) draw.lineTo(...point);
    draw.stroke();
  }
}

// The forward pass: the ten scores of these pixels, and their softmax.
function read({ w1, b1, w2, b2, mean, std }, pixels) {
  const layer = (w, b, x) => Array.from(b, (bias, i) => x.reduce((sum, each, j) => sum + each * w[i * x.length + j], bias));
  const hidden = layer(w1, b1, pixels.map((pixel) => (pixel - mean) / std)).map((each) => Math.max(each, 0));
  const scores = layer(w2, b2, hidden);
  return { scores, shares: softmax(scores) };
}

function digitLab(place) {
  const words = WORDS.digit;
  let strokes = [], network;
  const pad = make("canvas", { class: "digit-pad", width: PAD, height: PAD, role: "img", "aria-label": words.pad });
  const seen = make("canvas", { class: "digit-seen", width: PIXELS, height: PIXELS, role: "img", "aria-label": words.seen });
  const bars = [...Array(10).keys()].map((digit) => {
    const bar = make("i"), share = make("span");
    return { bar, share, row: make("li", {}, make("b", {}, digit), make("span", { class: "digit-bar" }, bar), share) };
  });
  const sentence = make("p", { role: "status" }, words.waiting), scans = make("div", { class: "lab-presets" });
  const button = (text, click, more = {}) => make("button", { type: "button", click, ...more }, text);

  const percent = (share) => (100 * share).toFixed(1);

  function show(pixels) {
    place.pixels = pixels;
    const paint = seen.getContext("2d"), image = paint.createImageData(PIXELS, PIXELS);
    const grey = (pixel) => 255 - Math.min(255, pixel * 16); // black on white, in every theme
    pixels.forEach((pixel, n) => image.data.set([...Array(3).fill(grey(pixel)), 255], 4 * n));
    paint.putImageData(image, 0, 0);
    const { scores, shares } = read(network, pixels);
    place.scores = scores;
    shares.forEach((share, digit) => {
      bars[digit].bar.style.width = `${100 * share}%`;
      bars[digit].share.textContent = `${percent(share)} %`;
    });
    const [first, second] = [...shares.keys()].sort((a, b) => shares[b] - shares[a]);
    sentence.textContent = fill(shares[first] > 0.6 ? words.sure : words.unsure, {
      digit: first, percent: percent(shares[first]), other: second, rest: percent(shares[second]),
    });
  }
  function redraw() {
    const draw = pad.getContext("2d");
    draw.clearRect(0, 0, PAD, PAD);
    draw.strokeStyle = getComputedStyle(pad).color;
    trace(draw, strokes, 16);
    if (network && strokes.length) show(toPixels(strokes));
  }
  function clear() {
    strokes = [];
    redraw();
    seen.getContext("2d").clearRect(0, 0, PIXELS, PIXELS);
    for (const { bar, share } of bars) bar.style.width = share.textContent = "";
    for (const scan of scans.children) scan.setAttribute("aria-pressed", false);
    sentence.textContent = words.empty;
  }
  const at = ({ clientX, clientY }) => {
    const box = pad.getBoundingClientRect();
    return [(clientX - box.left) * (PAD / box.width), (clientY - box.top) * (PAD / box.height)];
  };
  pad.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary) return; // a second finger, or the palm
    if (!strokes.length) clear(); // a scan is gone
    pad.setPointerCapture(event.pointerId);
    strokes.push([at(event)]);
    redraw();
  });
  pad.addEventListener("pointermove", (event) => {
    if (!event.isPrimary || !pad.hasPointerCapture(event.pointerId)) return;
    strokes.at(-1).push(at(event));
    redraw();
  });
  place.arrived = (data) => {
    network = data;
    data.labels.forEach((label, n) => {
      const scan = button(label, () => {
        clear();
        show([...data.scans.subarray(64 * n, 64 * n + 64)]);
        sentence.textContent += ` ${fill(words.meant, { label })}`;
        scan.setAttribute("aria-pressed", true);
      }, { "aria-label": fill(words.scan, { number: n + 1, label }) });
      scans.append(scan);
    });
    clear();
  };
  place.append(
    make("p", {}, make("strong", {}, words.title), " ", words.about),
    make("div", { class: "digit" },
      pad,
      make("div", {}, make("figure", {}, seen, make("figcaption", {}, words.seen)), button(words.clear, clear)),
      sentence,
      make("div", { class: "digit-scans" }, make("p", {}, words.scans), scans),
      make("ol", { class: "digit-scores" }, ...bars.map(({ row }) => row))));
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  openModel(place, words, sentence, "lab-digit-weights.js");
}

for (const place of document.querySelectorAll("[data-lab=digit]")) digitLab(place);
