// Opens the fold in which the target of a link is, puts what the reader opens into the address, and
// opens all for the printer.
function openTarget() {
  const [id] = location.hash.slice(1).split(":~:");
  const target = document.getElementById(decodeURIComponent(id));
  const near = [target?.closest("details"), target?.querySelector(":scope > details")];
  const fold = [...near, target?.nextElementSibling].find((each) => each?.matches("details"));
  for (let each = fold; each; each = each.parentElement.closest("details")) each.open = true;
  if (fold) target.scrollIntoView();
}
function openAll(open) {
  const closed = open ? "details:not([open])" : "details[data-for-print]";
  for (const fold of document.querySelectorAll(closed)) {
    fold.toggleAttribute("data-for-print", open);
    fold.open = open;
  }
}
addEventListener("DOMContentLoaded", () => {
  openTarget();
  document.querySelector("article").addEventListener("click", (event) => {
    const fold = event.target.closest("summary")?.parentElement;
    const id = fold?.id || fold?.parentElement.id;
    if (id && !fold.open) history.replaceState(null, "", `#${id}`);
  });
});
addEventListener("hashchange", openTarget);
addEventListener("beforeprint", () => openAll(true));
addEventListener("afterprint", () => openAll(false));
