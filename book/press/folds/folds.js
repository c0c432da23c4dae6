// Opens the fold in which the target of a link is, or that it names, puts what the reader opens into
// the address, and opens all for the printer.
function openTarget(followed) {
  const [id] = location.hash.slice(1).split(":~:");
  const target = document.getElementById(decodeURIComponent(id));
  const near = [target?.querySelector(":scope > details"), target?.nextElementSibling];
  const named = near.find((each) => each?.matches("details") && !asksFirst(each));
  for (let fold = target?.closest("details") ?? named; fold; fold = fold.parentElement.closest("details"))
    fold.open = true;
  if (followed || ARRIVES) target?.scrollIntoView({ behavior: "instant" });
}
// On a reload, or on the way back, the browser itself leads to where the reader was.
const ARRIVES = performance.getEntriesByType("navigation")[0].type === "navigate";
// An answer, a hint, an output that is to be predicted: the reader opens it.
function asksFirst(fold) {
  return fold.matches(".answer, .tag_predict > *") || isHint(fold);
}
function isHint(fold) {
  return !fold.className && !fold.querySelector("pre, .highlight");
}
// On paper: the light theme, mistakes and predictions open, and at the end what one looks up after
// one's own answer: the right answers of the questions, and the solutions.
function layOut() {
  const page = document.documentElement, article = document.querySelector("article");
  page.dataset.themeOnScreen = page.dataset.theme;
  page.dataset.theme = "light";
  for (const fold of article.querySelectorAll("details:not([open], .above-input, .answer)")) {
    if (isHint(fold)) continue;
    fold.open = true;
    fold.dataset.forPrint = "";
  }
  const looked = article.querySelectorAll("details.right, .cell.tag_solution");
  if (!looked.length) return;
  const end = element("section", { className: "on-paper" }, element("h2", {}, PROGRESS.words.answers));
  for (const each of looked) {
    const copy = each.cloneNode(true);
    for (const named of [copy, ...copy.querySelectorAll("[id]")]) named.removeAttribute("id");
    for (const fold of [copy, ...copy.querySelectorAll("details")]) fold.open = true;
    const asked = each.matches("details") && questionOf(each);
    if (asked) end.append(element("p", {}, asked));
    end.append(copy);
  }
  article.append(end);
}
// The text of the paragraph above the answers.
function questionOf(answer) {
  let above = answer;
  while (above?.matches("details")) above = above.previousElementSibling;
  return above?.textContent;
}
function clearAway() {
  const page = document.documentElement;
  page.dataset.theme = page.dataset.themeOnScreen;
  delete page.dataset.themeOnScreen;
  for (const fold of document.querySelectorAll("details[data-for-print]")) {
    fold.open = false;
    delete fold.dataset.forPrint;
  }
  document.querySelector(".on-paper")?.remove();
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
addEventListener("beforeprint", layOut);
addEventListener("afterprint", clearAway);
