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
