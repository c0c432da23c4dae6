// What scrolls can be reached by keyboard; the theme sees to that for code only.
function reachScrollable() {
  for (const part of document.querySelectorAll("div.math, .pst-scrollable-table-container"))
    part.tabIndex = part.scrollWidth > part.clientWidth ? 0 : -1;
}
addEventListener("DOMContentLoaded", reachScrollable);
addEventListener("resize", reachScrollable);
