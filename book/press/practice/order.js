// The exercise "In order": lines that the reader moves by buttons, or drags by their handles. They
// are held to the rules of the notebook's verdict, as `order_fault` there does, and remembered.
function makeOrder(place) {
  const { before, pieces, after, rules, words } = JSON.parse(place.dataset.task);
  const list = element("ol");
  const status = element("p", { role: "status" });
  const begins = (line, start) => line.dataset.line.trim().startsWith(start);
  const remember = () => kept.set("orders", PAGE, [...list.children].map((line) => line.dataset.line));

  function move(line, by) {
    // The neighbour moves: the line itself keeps the focus and the pointer.
    const next = by < 0 ? line.previousElementSibling : line.nextElementSibling;
    if (next) line[by < 0 ? "after" : "before"](next);
    const place = [...list.children].indexOf(line) + 1;
    status.textContent = words.place.replace("{place}", place).replace("{all}", list.children.length);
    remember();
  }

  function makeLine(text) {
    const line = element("li");
    line.dataset.line = text;
    const handle = element("span", { className: "order-handle", textContent: "⠿", ariaHidden: true });
    const indent = new RegExp(`^${text.match(/^ */)[0]}`, "gm");
    line.append(handle, makeCode(text.replace(indent, "")));
    for (const [name, sign, by] of [["up", "↑", -1], ["down", "↓", 1]]) {
      const label = `${words[name]}: ${text.trim().split("\n")[0]}`;
      const button = element("button", { type: "button", textContent: sign, ariaLabel: label });
      button.addEventListener("click", () => move(line, by));
      line.append(button);
    }
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      line.classList.add("dragged");
    });
    handle.addEventListener("pointermove", ({ clientY }) => {
      if (!line.classList.contains("dragged")) return;
      const middle = (each) => each.getBoundingClientRect().top + each.offsetHeight / 2;
      while (line.previousElementSibling && clientY < middle(line.previousElementSibling)) move(line, -1);
      while (line.nextElementSibling && clientY > middle(line.nextElementSibling)) move(line, 1);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      handle.addEventListener(end, () => line.classList.remove("dragged"));
    }
    return line;
  }

  function judge() {
    const lines = [...list.children];
    const at = (start) => lines.findIndex((line) => begins(line, start));
    const broken = rules.find(([first, then]) => at(first) > at(then));
    if (!broken) return words.right;
    const line = lines[at(broken[1])].dataset.line.trim().split("\n")[0];
    return words.soon.replace("{line}", line).replace("{why}", broken[2]);
  }

  function start(lines) {
    list.replaceChildren(...lines.map(makeLine));
    status.textContent = "";
  }

  const buttons = element("div", { className: "order-buttons" });
  for (const [name, act] of [["check", () => { status.textContent = judge(); }], ["again", () => { start(pieces); remember(); }]]) {
    const button = element("button", { type: "button", textContent: words[name] });
    button.addEventListener("click", act);
    buttons.append(button);
  }
  const left = kept.get("orders", PAGE) ?? []; // of today's lines, or of earlier ones
  start(`${[...left].sort()}` === `${[...pieces].sort()}` ? left : pieces);
  place.append(makeCode(before), list, makeCode(after));
  place.append(buttons, status);
  place.hidden = false;
  place.previousElementSibling.hidden = true; // the code that one would edit
}
// Code of which a line that is too long for the screen goes on further to the right than it began,
// from a dot, a bracket ... on.
function makeCode(text) {
  const lines = text.split("\n").map((line) => {
    const parts = (line.trimStart() || " ").split(/(?<=[._(,=[])(?=[a-z_])/);
    const made = element("span", {}, ...parts.flatMap((part) => [part, element("wbr")]));
    made.style.setProperty("--deep", `${line.search(/\S|$/)}ch`);
    return made;
  });
  return element("pre", {}, ...lines);
}
later(() => document.querySelectorAll(".order").forEach(makeOrder));
