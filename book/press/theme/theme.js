// What scrolls can be reached by keyboard; the theme sees to that for code only.
function reachScrollable() {
  for (const part of document.querySelectorAll("div.math, .pst-scrollable-table-container"))
    part.tabIndex = part.scrollWidth > part.clientWidth ? 0 : -1;
}
// A button says what it copies.
function nameButtons() {
  for (const button of document.querySelectorAll("[data-copy] .copybtn")) {
    const { copy } = button.closest("[data-copy]").dataset;
    button.setAttribute("aria-label", copy);
    button.dataset.tooltip = copy;
  }
}
addEventListener("DOMContentLoaded", reachScrollable);
addEventListener("DOMContentLoaded", nameButtons);
addEventListener("resize", reachScrollable);
// The contents say where the reader is: the last part that begins in the upper third of the window.
function followReader() {
  const links = [...document.querySelectorAll(".page-toc a[href^='#']")];
  const parts = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const mark = () => {
    const tops = parts.map((part) => part?.getBoundingClientRect().top ?? Infinity);
    const here = tops.findLastIndex((top) => top < innerHeight / 3);
    links.forEach((link, n) => {
      link.classList.toggle("active", n === here);
      if (n === here) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    });
  };
  if (links.length) addEventListener("scroll", () => requestAnimationFrame(mark), { passive: true });
}
addEventListener("DOMContentLoaded", followReader);
// The box to search closes when the keyboard leaves it: Escape would be lost on what is under it.
addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector(".search-button__wrapper");
  box?.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !box.contains(relatedTarget)) box.classList.remove("show");
  });
});
