// What scrolls can be reached by keyboard; and where more is to come on the right, one sees that. What
// is closed is measured when it opens.
const SCROLLS = ".math, .pst-scrollable-table-container, .cell_output > .output, .loops-lines, pre";
function reachScrollable() {
  const parts = [...document.querySelectorAll(SCROLLS)].filter((part) => !part.closest("details:not([open])"));
  // All first: each change would have the page laid out anew before the next is measured.
  const scrolls = parts.map((part) => part.scrollWidth > part.clientWidth);
  const more = parts.map(hasMore);
  parts.forEach((part, n) => {
    part.tabIndex = scrolls[n] ? 0 : -1;
    part.classList.toggle("more", more[n]);
  });
}
function hasMore(part) {
  return part.scrollLeft + part.clientWidth < part.scrollWidth - 1;
}
function showMore(part) {
  if (part.matches?.(SCROLLS)) part.classList.toggle("more", hasMore(part));
}
// A button says what it copies.
function nameButtons() {
  for (const button of document.querySelectorAll("[data-copy] .copybtn")) {
    const { copy } = button.closest("[data-copy]").dataset;
    button.setAttribute("aria-label", copy);
    button.dataset.tooltip = copy;
  }
}
later(reachScrollable, nameButtons);
addEventListener("resize", reachScrollable);
document.addEventListener("scroll", ({ target }) => showMore(target), { capture: true, passive: true });
document.addEventListener("toggle", reachScrollable, true);
// The contents of a narrow page leave it when one of its parts is chosen.
addEventListener("DOMContentLoaded", () => {
  const shown = document.querySelector("#pst-secondary-sidebar-checkbox");
  document.querySelector("nav.page-toc")?.addEventListener("click", ({ target }) => {
    if (target.closest("a")) shown.checked = false;
  });
});
// On a wide page the button of the list of pages takes it away, and must keep the focus: the theme gives
// it to the list, which is gone.
addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector(".primary-toggle"), list = document.querySelector("#pst-primary-sidebar-checkbox");
  const wide = matchMedia("(min-width: 992px)");
  if (!button || !list) return;
  const say = () => { button.ariaExpanded = wide.matches ? !list.checked : null; };
  const keepFocus = () => { say(); if (wide.matches) button.focus(); };
  button.addEventListener("click", () => setTimeout(keepFocus, 150)); // the theme waits for 100 ms
  wide.addEventListener("change", say);
  say();
});
// Where in a list is the last part that begins above this height of the window.
function lastAbove(parts, height) {
  return parts.findLastIndex((part) => part?.getBoundingClientRect().top < height);
}
// The switch of the language leads to the same place of the page: to a lab or cell that is in sight by
// its name, which opens nothing, to a part by its number, for its name is another there. A search goes
// along.
const PARTS = "article section[id]", SHARED = "article :is(.lab, .cell:not(:has(> details)))[id]";
addEventListener("DOMContentLoaded", () => {
  for (const link of document.querySelectorAll("a.language")) link.addEventListener("click", () => {
    const parts = [...document.querySelectorAll(PARTS)];
    const places = [...document.querySelectorAll(`${PARTS}, ${SHARED}`)];
    const above = places[lastAbove(places, innerHeight / 3)];
    if (above && above !== parts[0]) link.hash = above.matches(PARTS) ? `:part-${parts.indexOf(above)}` : above.id;
    link.search = location.search;
  });
  const [, number] = location.hash.match(/^#:part-(\d+)$/) ?? [];
  const part = number && document.querySelectorAll(PARTS)[number];
  if (part) history.replaceState(null, "", `#${part.id}`);
});
// The button of the theme says which one is chosen: the system's, or one of the two.
function nameTheme() {
  const { mode } = document.documentElement.dataset;
  for (const button of document.querySelectorAll(".theme-switch-button")) {
    button.title = `${button.dataset.name ??= button.title}: ${THEMES[mode]}`;
    button.setAttribute("aria-label", button.title);
  }
}
addEventListener("DOMContentLoaded", () => {
  nameTheme();
  new MutationObserver(nameTheme).observe(document.documentElement, { attributeFilter: ["data-mode"] });
});
// The contents say where the reader is: the last part that begins in the upper third of the window.
function followReader() {
  const links = [...document.querySelectorAll(".page-toc a[href^='#']")];
  const parts = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const mark = () => {
    const here = lastAbove(parts, innerHeight / 3);
    links.forEach((link, n) => {
      link.classList.toggle("active", n === here);
      if (n === here) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    });
  };
  if (links.length) addEventListener("scroll", () => requestAnimationFrame(mark), { passive: true });
}
addEventListener("DOMContentLoaded", followReader);
// The box to search closes when the keyboard leaves it: Escape would be lost on what is under it. When
// Escape closes it, the button that opened it has the focus again.
addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector(".search-button__wrapper");
  box?.addEventListener("keydown", ({ key }) => {
    const buttons = [...document.querySelectorAll(".search-button__button")];
    if (key === "Escape") buttons.find((button) => button.checkVisibility())?.focus();
  });
  box?.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !box.contains(relatedTarget)) box.classList.remove("show");
  });
});
