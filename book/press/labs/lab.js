// What all labs share. A lab is a place in the page, <div data-lab="name" hidden>, that a script of
// its name fills, lab-name.js, with words of the edition: WORDS. Its settings are in the address, so
// that they can be passed on.
const LAB_FOLDER = document.currentScript.src.replace(/[^/]*$/, "");
const DRAWN = new Set("svg g text polyline line path circle ellipse rect marker defs".split(" "));

// An element with these attributes and children; a function among the attributes listens.
function make(name, attributes = {}, ...children) {
  const element = DRAWN.has(name)
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  change(element, attributes);
  element.append(...children);
  return element;
}

function change(element, attributes) {
  for (const [key, value] of Object.entries(attributes))
    if (typeof value === "function") element.addEventListener(key, value);
    else element.setAttribute(key, value);
}

// Rates from 10^low to 10^high, a dozen a decade, as people write them: "1e-6", "1.2e-6".
function rates(low, high) {
  const all = [];
  for (let power = low; power < high; power++)
    for (const digit of ["1", "1.2", "1.5", "2", "2.5", "3", "4", "5", "6", "7", "8", "9"])
      all.push(`${digit}e${power}`);
  return [...all, `1e${high}`];
}

// The text with these values in place of its {names}.
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// 41900000 as "4.19e+07", as the pages print it; no line ends at the minus of "2.62e-08".
function scientific(value) {
  return value.toExponential(2).replace(/([+-])(\d)$/, "$10$2").replace("-", "\u2011");
}

// A number as one would write it: 420, 3.14, 8.73e+03.
function short(value) {
  return value < 1e-2 || value >= 1e3 ? scientific(value) : value.toPrecision(3);
}

// "−3.5" for -3.5, as it is printed in formulas; the 1e-6 of a program stays as it is.
function signed(number) {
  return `${number}`.replace(/^-/, "−");
}

// A labelled slider over these values, texts.
function slider(label, values, changed) {
  const shown = make("output");
  const input = make("input", {
    type: "range", min: 0, max: values.length - 1, step: 1, input: () => { show(); changed(); },
  });
  const show = () => {
    shown.textContent = signed(values[input.value]);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  return {
    element: make("label", {}, make("span", {}, label), input, shown),
    get value() { return values[input.value]; },
    set value(text) { input.value = values.indexOf(text); show(); },
    allows: (text) => values.includes(text),
  };
}

// A labelled choice among these, names and what they are called.
function choice(label, options, changed) {
  const input = make("select", { change: changed });
  for (const [name, text] of Object.entries(options)) input.append(make("option", { value: name }, text));
  return {
    element: make("label", {}, make("span", {}, label), input),
    get value() { return input.value; },
    set value(name) { input.value = name; },
    allows: (name) => name in options,
  };
}

// Call `begin` when the place comes into view.
function whenSeen(place, begin) {
  const seen = new IntersectionObserver((entries) => { // of several moments, where the page was busy
    if (entries.some((entry) => entry.isIntersecting)) { seen.disconnect(); begin(); }
  });
  seen.observe(place);
}

// Numbers from 16-bit ones and their scale, as labs/numbers.py packs them.
function unpack({ scale, whole }) {
  return Float64Array.from(new Int16Array(bytesOf(whole).buffer), (each) => each * scale);
}
function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function softmax(scores) {
  const most = Math.max(...scores), powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

// Show the lab of a trained network, and load its weights, a script, when it comes into view.
function openModel(place, { title, failed }, sentence, script) {
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", title);
  place.hidden = false;
  const error = () => { sentence.textContent = failed; };
  whenSeen(place, () => document.head.append(make("script", { src: LAB_FOLDER + script, error })));
}

// A picture that is drawn anew, by `lay(width, height)`, whenever its place gets another size. The
// style sheet gives it its height, so that it has it from the beginning.
function picture(attributes, lay) {
  const svg = make("svg", { role: "img", ...attributes });
  const draw = () => {
    if (!svg.clientWidth) return; // out of sight, as on paper
    svg.setAttribute("viewBox", `0 0 ${svg.clientWidth} ${svg.clientHeight}`);
    svg.replaceChildren(...lay(svg.clientWidth, svg.clientHeight));
  };
  new ResizeObserver(draw).observe(svg);
  return { svg, draw };
}

// A picture of values on a logarithmic axis, from 10^low to 10^high, over the steps first to last; a
// curve that is lost ends in a cross. The dashed reference is there for comparison.
function Plot({ label, across, up, first, last, every, low, high }) {
  const left = 48, top = 10, bottom = 36, right = 8;
  const power = (n) => `${n}`.replace(/./g, (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]));
  let values = [], reference = [], lost = false;
  const { svg, draw } = picture({ class: "plot", "aria-label": label }, (width, height) => {
    const frame = { x: left, y: top, width: width - left - right, height: height - top - bottom };
    const x = (step) => left + ((step - first) / (last - first)) * frame.width;
    const y = (value) => top + ((high - Math.log10(value)) / (high - low)) * frame.height;
    const curve = (name, all) => make("polyline", {
      class: name, points: all.map((each, i) => `${x(first + i).toFixed(1)},${y(each).toFixed(1)}`).join(" "),
    });
    const parts = [];
    for (let n = low; n <= high; n += 4)
      parts.push(
        make("line", { class: "grid", x1: left, x2: width - right, y1: y(10 ** n), y2: y(10 ** n) }),
        make("text", { x: left - 6, y: y(10 ** n) + 5, "text-anchor": "end" }, `10${power(n)}`));
    for (let t = first; t <= last; t += t % every ? every - (t % every) : every)
      parts.push(
        make("line", { class: "grid", x1: x(t), x2: x(t), y1: top, y2: height - bottom }),
        make("text", { x: x(t), y: height - bottom + 16, "text-anchor": t < last ? "middle" : "end" }, `${t}`));
    const [px, py] = [x(first + values.length - 1), Math.max(top, y(values.at(-1)))];
    const inside = make("svg", { ...frame, viewBox: Object.values(frame).join(" ") }); // nothing leaves it
    inside.append(curve("reference", reference), curve("yours", values));
    return [
      ...parts, inside,
      make("text", { x: (left + width) / 2, y: height - 4, "text-anchor": "middle" }, across),
      make("text", { x: width - right - 6, y: top + 16, "text-anchor": "end" }, up),
      ...(lost ? [make("path", { d: `M${px - 6},${py - 6}l12,12m0,-12l-12,12` })] : []),
    ];
  });
  return {
    svg,
    draw(newest, over, isLost = false) { [values, reference, lost] = [newest, over, isLost]; draw(); },
  };
}

// Fill the place with a title, a goal, controls, presets, what is drawn, and a sentence that screen
// readers hear when it changes. `controls` are by name; a preset sets some of them, the others begin
// anew; other buttons stand behind those of the presets. `changed` is called when a control has been
// moved. Returns what says the sentence, whether the goal is reached, and which, where there are two.
function furnish(place, { title, about, goal, controls, beginning, presets = {}, label, buttons = [], drawn, changed }) {
  const set = (settings) => {
    for (const [name, control] of Object.entries(controls)) control.value = settings[name] ?? beginning[name];
  };
  const areSet = (settings) =>
    Object.entries(controls).every(([name, control]) => control.value === (settings[name] ?? beginning[name]));
  const write = () => {
    const query = new URLSearchParams(location.search); // another lab's settings stay
    for (const [name, control] of Object.entries(controls))
      if (control.value !== beginning[name]) query.set(name, control.value);
      else query.delete(name);
    const search = `${query}` && `?${query}`;
    try {
      history.replaceState(null, "", `${location.pathname}${search}${search ? `#${place.id}` : location.hash}`);
    } catch {} // Safari takes a hundred in half a minute
  };
  const button = (text, settings) =>
    make("button", { type: "button", click: () => { set(settings); place.update(); } }, text);
  const reset = button(WORDS.reset, {});
  const mark = () => {
    for (const [text, settings] of Object.entries(presets)) choices[text].setAttribute("aria-pressed", areSet(settings));
    reset.setAttribute("aria-disabled", areSet({}));
  };
  let resting;
  place.update = () => { // draw first; the address follows when the hand rests
    mark();
    changed();
    clearTimeout(resting);
    resting = setTimeout(write, 300);
  };
  const choices = Object.fromEntries(Object.entries(presets).map(([text, settings]) => [text, button(text, settings)]));
  const sentence = make("p", { role: "status" }), asks = make("span"), goals = [goal].flat();
  const goalLine = make("p", { class: "lab-goal" }, make("strong", {}, WORDS.goal), " ", asks);
  const say = (text, reached = false, which = 0) => {
    asks.textContent = goals[which];
    const key = `${PAGE}#${place.id} ${which}`, before = kept.get("goals", key);
    if (reached && !before) kept.set("goals", key, true);
    goalLine.classList.toggle("reached", Boolean(reached || before));
    sentence.textContent = reached ? `${text} ${WORDS.reached}` : text;
  };
  set(beginning);
  const begins = Object.values(presets).some(areSet); // then that button leads back to the beginning
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", title);
  place.append(
    make("p", {}, make("strong", {}, title), " ", about), goalLine,
    make("div", { class: "lab-controls" }, ...Object.values(controls).map((each) => each.element)),
    make("div", { class: "lab-presets" },
      ...(label ? [make("span", {}, `${label}:`)] : []), ...Object.values(choices), ...buttons, ...(begins ? [] : [reset])),
    drawn, sentence);
  for (const [name, value] of new URLSearchParams(location.search))
    if (controls[name]?.allows(value)) controls[name].value = value;
  mark();
  say("");
  place.hidden = false;
  if (ARRIVES && location.hash === `#${place.id}`) place.scrollIntoView();
  return say;
}
