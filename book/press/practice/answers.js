// A prediction has a field to type the guess in, which is compared with the output, line by line: by
// the numbers where there are some, which need no labels. What cannot be laid beside the lines that are
// printed, as a "yes", or as one number where a line has three, the reader compares. The answer of a
// question that the reader opens first is remembered as the one that was chosen, and is open again on
// the next visit.
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
  input.addEventListener("input", () => kept.set("guesses", key, input.value));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!input.value.trim()) {
      said.textContent = words.empty;
      return;
    }
    fold.open = true;
    const wanted = lines(printed).map(numbersOf);
    let guesses = lines(input.value.replace(/(\d+) ?\/ ?(\d+)/g, (_, a, b) => a / b)).map(numbersOf);
    if (guesses.length === 1 && guesses[0].length === wanted.length) guesses = guesses[0].map((each) => [each]);
    const pairs = guesses.length === wanted.length ? wanted.map((line, n) => [line, guesses[n]]) : [];
    const right = pairs.filter((pair) => agrees(...pair)), wrong = pairs.filter((pair) => differs(...pair));
    if (right.length === wanted.length)
      said.textContent = `✓ ${`${guesses}` === `${wanted}` ? words.same : words.partly}`;
    else if (right.length + wrong.length === wanted.length)
      said.textContent = words.differs.replace("{right}", right.length).replace("{all}", wanted.length);
    else said.textContent = words.yourself;
  });
  fold.before(form);
}

// The numbers of a line, or the line itself where it has none. A minus may be that of a formula,
// "101,110" is one number, and the 0 of "first.0.weight" is none.
function numbersOf(line) {
  const plain = line.replace(/[−‑–－﹣]/g, "-").replace(/(\d),(?=\d{3}\b)/g, "$1");
  return plain.match(/(?<![\w.])-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?!\w|\.\w)/gi)?.map(Number) ?? [line];
}

// Are these the last number of the line, or several of its numbers that stand side by side? The
// others may be labels.
function agrees(line, guess) {
  if (guess.length < 2) return isSame(line.at(-1), guess[0]);
  return line.some((_, at) => guess.every((number, n) => isSame(line[at + n], number)));
}

// Is the guess what was printed, or that number, rounded?
function isSame(printed, guess) {
  const [, decimals] = `${guess}`.split(".");
  return printed === guess || (decimals && !isNaN(printed) && +(+printed).toFixed(decimals.length) === guess);
}

// Is a number of the guess not in the line at all, nor near to one, nor one as a percentage?
function differs(line, guess) {
  if (isNaN(guess[0]) || isNaN(line[0]) || agrees(line, guess)) return false;
  const near = (a, b) => a === b || (!Number.isInteger(a) && Math.abs(a - b) < 0.02 * Math.abs(a));
  return guess.some((number) => !line.some((printed) => near(printed, number) || near(printed, number / 100)));
}

function rememberAnswers() {
  const answers = [...document.querySelectorAll("details.answer")];
  let question = 0, first;
  answers.forEach((answer, n) => {
    const follows = answers[n - 1] && answers[n - 1].nextElementSibling === answer;
    if (!follows) [question, first] = [question + 1, n];
    const key = `${PAGE}#${question}`, number = n - first + 1, chosen = kept.get("answers", key) === number;
    answer.open ||= chosen;
    answer.classList.toggle("chosen", chosen);
    answer.querySelector("summary").addEventListener("click", () => {
      if (!kept.get("answers", key)) {
        kept.set("answers", key, number);
        answer.classList.add("chosen");
      }
    });
  });
  if (PAGE.startsWith("book/") && answers.length) offerAgain(answers);
}

// Questions that one comes back to can all be answered anew.
function offerAgain(answers) {
  const said = element("p", { role: "status" });
  const again = element("button", { type: "button", className: "again" }, PRACTICE.words.again);
  again.addEventListener("click", () => {
    kept.drop("answers", `${PAGE}#`);
    for (const answer of answers) {
      answer.open = false;
      answer.classList.remove("chosen");
    }
    said.textContent = PRACTICE.words.cleared;
  });
  document.querySelector("article h2").before(again, said);
}
later(rememberAnswers, () => {
  for (const cell of document.querySelectorAll(".cell.tag_predict")) setTimeout(addGuess, 0, cell);
  if (location.hash) setTimeout(openTarget); // the lines for guesses have moved it
});
