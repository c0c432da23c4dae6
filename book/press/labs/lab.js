// What all labs share. A lab is a place in the page, <div data-lab="name" hidden>, that a script of
// its name fills, lab-name.js, with words of the edition: WORDS. Its settings are in the address, so
// that they can be passed on.
const LAB_FOLDER = document.currentScript.src.replace(/[^/]*$/, "");
const DRAWN = new Set("svg g text polyline line path circle ellipse rect clipPath marker defs".split(" "));

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

// 41900000 as "4.19e+07", as the pages print it.
function scientific(value) {
  return value.toExponential(2).replace(/([+-])(\d)$/, "$10$2");
}

// A labelled slider over these values, texts.
function slider(label, values, changed) {
  const shown = make("output");
  const input = make("input", {
    type: "range", min: 0, max: values.length - 1, step: 1, input: () => { show(); changed(); },
  });
  const show = () => {
    shown.textContent = values[input.value];
    input.setAttribute("aria-valuetext", values[input.value]);
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

// Fill the place with a title, controls, presets, what is drawn, and a sentence that screen readers
// hear when it changes. `controls` are by name; a preset sets some of them, the others begin anew.
// `changed` is called when a control has been moved. Returns the sentence's element.
function furnish(place, { title, about, controls, beginning, presets = {}, label, drawn, changed }) {
  const set = (settings) => {
    for (const [name, control] of Object.entries(controls)) control.value = settings[name] ?? beginning[name];
  };
  const keep = () => {
    const query = new URLSearchParams();
    for (const [name, control] of Object.entries(controls))
      if (control.value !== beginning[name]) query.set(name, control.value);
    const search = `${query}` && `?${query}`;
    history.replaceState(null, "", `${location.pathname}${search}${search ? `#${place.id}` : location.hash}`);
  };
  const button = (text, settings) =>
    make("button", { type: "button", click: () => { set(settings); place.update(); } }, text);
  const sentence = make("p", { role: "status" });
  place.update = () => { keep(); changed(); };
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", title);
  place.append(
    make("p", {}, make("strong", {}, title), " ", about),
    make("div", { class: "lab-controls" }, ...Object.values(controls).map((each) => each.element)),
    make("div", { class: "lab-presets" },
      ...(label ? [make("span", {}, `${label}:`)] : []),
      ...Object.entries(presets).map(([text, settings]) => button(text, settings)),
      button(WORDS.reset, {})),
    drawn, sentence);
  set(beginning);
  const asked = location.hash === `#${place.id}`; // of several labs on a page, the one that is named
  if (asked || document.querySelectorAll(".lab").length === 1)
    for (const [name, value] of new URLSearchParams(location.search))
      if (controls[name]?.allows(value)) controls[name].value = value;
  place.hidden = false;
  if (asked) place.scrollIntoView();
  return sentence;
}
