// A prediction has a line to type the guess in, which is compared with the output, line by line: by
// the numbers where there are some, which need no labels. The answer of a question that the reader
// opens first is remembered as the one that was chosen, and is open again on the next visit.
function addGuess(cell) {
  const fold = cell.querySelector(":scope > details"), { words } = PRACTICE;
  const printed = fold?.querySelector("pre")?.textContent;
  if (!printed) return;
  const key = `${PAGE}#${cell.id}`, said = element("p", { role: "status" });
  const rows = Math.min(6, printed.trim().split("\n").length);
  const input = element("textarea", { rows, spellcheck: false, value: kept.get("guesses", key) ?? "" });
  const form = element("form", { className: "guess" },
    element("label", {}, `${fold.querySelector("summary p").textContent} ${words.guess}`, input), element("button", {}, words.compare), said);
  const lines = (text) => text.trim().split("\n").map((line) => line.replace(/\s+/g, " ").trim());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!input.value.trim()) {
      said.textContent = words.empty;
      return;
    }
    fold.open = true;
    kept.set("guesses", key, input.value);
    const wanted = lines(printed), found = lines(input.value);
    const right = wanted.filter((line) => found.some((guess) => agrees(line, guess))).length;
    const all = right === wanted.length && found.length === right;
    said.textContent = all ? `✓ ${words.same}`
      : words.differs.replace("{right}", right).replace("{all}", wanted.length);
  });
  fold.before(form);
}

// Is it the same text, or are all its numbers in the line, the last one at least?
function agrees(line, guess) {
  const numbers = (text) => (text.match(/-?\d[\d.]*(?:e[-+]?\d+)?/g) ?? []).map(Number);
  const [there, said] = [numbers(line), numbers(guess)];
  if (!said.length || !there.length) return line === guess;
  return said.at(-1) === there.at(-1) && said.every((number) => there.includes(number));
}

function rememberAnswers() {
  const answers = [...document.querySelectorAll("details.answer")];
  let question = 0;
  answers.forEach((answer, n) => {
    const follows = answers[n - 1] && answers[n - 1].nextElementSibling === answer;
    if (!follows) question += 1;
    const key = `${PAGE}#${question}`, text = answer.querySelector("summary").textContent;
    const chosen = kept.get("answers", key) === text;
    answer.open ||= chosen;
    answer.classList.toggle("chosen", chosen);
    answer.querySelector("summary").addEventListener("click", () => {
      if (!kept.get("answers", key)) {
        kept.set("answers", key, text);
        answer.classList.add("chosen");
      }
    });
  });
}
later(rememberAnswers, () => {
  for (const cell of document.querySelectorAll(".cell.tag_predict")) setTimeout(addGuess, 0, cell);
  if (location.hash) setTimeout(openTarget); // the lines for guesses have moved it
});
