// What the reader has done: pages, guesses, answers. It is kept by this browser alone, and goes with
// a click. The keys are those of both editions: what is done in one language is done.
const TOP = new URL("..", document.currentScript.src).href;
const PAGE = location.href.split(/[?#]/)[0].replace(TOP, "").replace(/\.html$/, "");

const kept = {
  read() {
    try {
      return JSON.parse(localStorage.getItem("one-network")) ?? {};
    } catch { // refused, or not ours
      return {};
    }
  },
  // The value of a key in one of the parts: "done", "guesses", "answers", "orders", "goals".
  get(part, key) {
    return this.read()[part]?.[key];
  },
  set(part, key, value) {
    const all = this.read();
    all[part] = { ...all[part], [key]: value };
    try {
      localStorage.setItem("one-network", JSON.stringify(all));
    } catch {} // full, or refused: then it is forgotten
  },
  drop(part, start) {
    for (const key of Object.keys(this.read()[part] ?? {})) if (key.startsWith(start)) this.set(part, key);
  },
  erase() {
    try {
      localStorage.removeItem("one-network");
    } catch {}
  },
};

// What changes the page comes after all that measures it, a piece at a time: measuring a changed page
// would have it laid out anew.
function later(...works) {
  addEventListener("DOMContentLoaded", () => works.forEach((work) => setTimeout(work)));
}

function element(name, more, ...children) {
  const made = Object.assign(document.createElement(name), more);
  made.append(...children);
  return made;
}

// The list of pages: the main line, what of it is done, and how much is left.
function showProgress() {
  const { line, words } = PROGRESS, pages = Object.keys(line);
  const done = pages.filter((page) => kept.get("done", page));
  const left = pages.filter((page) => !done.includes(page));
  const minutes = left.reduce((sum, page) => sum + line[page].minutes, 0);
  const sum = words.count.replace("{done}", done.length).replace("{all}", pages.length);
  const rest = left.length ? words.left.replace("{hours}", Math.max(1, Math.round(minutes / 60))) : "";
  for (const nav of document.querySelectorAll(".bd-sidebar-primary nav.bd-links")) {
    const said = nav.querySelector(".count") ?? element("p", { className: "count" });
    said.textContent = `${sum}${rest}`;
    nav.prepend(said);
    for (const link of nav.querySelectorAll("li > a")) {
      const page = link.href.split("#")[0].replace(TOP, "").replace(/\.html$/, "");
      link.classList.toggle("main-line", page in line || (link.href.endsWith("#") && PAGE in line));
      link.classList.toggle("done", Boolean(kept.get("done", link.href.endsWith("#") ? PAGE : page)));
    }
  }
}

// Show it, and again when it has changed in another tab, or the browser brings the page back as it was.
function keepShown(show) {
  show();
  addEventListener("storage", show);
  addEventListener("pageshow", ({ persisted }) => persisted && show());
}

// The button with which the reader marks the page as done.
function addMark() {
  const button = document.querySelector(".way .mark");
  if (!button) return;
  const show = () => {
    const done = Boolean(kept.get("done", PAGE));
    button.setAttribute("aria-pressed", done);
    const { done: marked, mark, forgets } = PROGRESS.words, forgotten = "forgets" in document.documentElement.dataset;
    button.textContent = done ? `✓ ${marked}${forgotten ? ` ${forgets}` : ""}` : mark;
  };
  button.addEventListener("click", () => {
    kept.set("done", PAGE, button.getAttribute("aria-pressed") === "false");
    show();
    showProgress();
  });
  button.hidden = false;
  keepShown(show);
}

// The landing page leads back to where the reader was, or, where that page is done, on; and forgets it
// when asked to.
function addReturn() {
  const list = document.querySelector(".begin ul"), { words } = PROGRESS;
  for (const old of document.querySelectorAll(".begin :is(.return, .erase)")) old.remove();
  if (!list || !Object.keys(kept.read()).length) return;
  const last = kept.get("last", "page"), part = kept.get("last", "part"), done = last && kept.get("done", last);
  const line = Object.keys(PROGRESS.line), onward = [...line.slice(line.indexOf(last) + 1), ...line];
  const name = done ? onward.find((page) => !kept.get("done", page)) : last;
  const page = name && document.querySelector(`.bd-sidebar-primary a[href$="${CSS.escape(name)}.html"]`);
  if (page) {
    const href = page.href + (part && !done ? `#:part-${part}` : "");
    const why = done ? words.next : words.return;
    list.prepend(element("li", { className: "return" }, element("a", { href }, `${why} ${page.textContent.trim()}`)));
  }
  const button = element("button", { type: "button", className: "erase" }, words.erase);
  button.addEventListener("click", () => {
    if (!confirm(words.sure)) return;
    kept.erase();
    showProgress();
    if (page) list.firstChild.remove();
    const said = element("p", { role: "status", tabIndex: -1 }, words.erased);
    button.replaceWith(said);
    said.focus();
  });
  list.after(button);
}

// Where the reader is: the last section that begins above the middle of the window, by its number,
// since its name is another in another language. A phone ends a browser without a word, once it is
// out of sight.
const came = { when: Date.now(), at: NaN };
function keepPlace() {
  const read = Math.abs(scrollY - came.at) >= innerHeight / 2 || Date.now() - came.when >= 30_000;
  if (!read) return; // it was a glance
  kept.set("last", "page", PAGE);
  kept.set("last", "part", Math.max(0, lastAbove([...document.querySelectorAll(PARTS)], innerHeight / 2)));
}

// The theme keeps the list where it was; the page that is open may be elsewhere in it.
function showOpenPage() {
  document.querySelector(".bd-sidebar-primary nav.bd-links a[href='#']")?.scrollIntoView({ block: "nearest", behavior: "instant" });
}

later(() => keepShown(showProgress), addMark, () => keepShown(addReturn), showOpenPage);
addEventListener("DOMContentLoaded", () => {
  if (!PAGE.startsWith("notebooks/")) return;
  setTimeout(() => { came.at = scrollY; }, 500);
  addEventListener("pagehide", keepPlace);
  document.addEventListener("visibilitychange", keepPlace);
});
