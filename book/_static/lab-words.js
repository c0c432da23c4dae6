// The words of the labs, in the language of this edition.
const WORDS = {
  network: {
    title: "Try it",
    about:
      "This is our network at full size, trained in your browser, 500 steps each time you move a " +
      "control. The dashed line is stage 1’s curve. (The browser counts with sixteen digits, so past " +
      "step 200 it may end lower than float32 does.)",
    rate: "learning rate",
    start: "starting weights",
    starts: {
      normal: "standard normal, no biases",
      default: "PyTorch’s default, with biases",
      he: "He, with PyTorch’s biases",
    },
    scale: "their scale",
    momentum: "momentum",
    presets: "Settings of this page",
    stage1: "stage 1",
    fast: "five times its rate",
    slow: "the default at 1e-6",
    good: "the default at 1e-4",
    picture: "The loss of each step on a logarithmic axis, over stage 1’s curve.",
    step: "step",
    loss: "loss",
    waiting: "The numbers are being loaded.",
    failed: "The numbers could not be loaded: reload the page.",
    exploded: (first, step) => `The loss begins at ${first} and explodes: at step ${step} no float32 can hold it.`,
    rises: (first, last, highest, step) =>
      `The loss begins at ${first}, rises at first, to ${highest} at step ${step}, and after 500 steps it is ${last}.`,
    creeps: (first, last) => `The loss begins at ${first} and creeps: after 500 steps it is still ${last}.`,
    falls: (first, last) => `The loss begins at ${first}, falls at once, and after 500 steps it is ${last}.`,
  },
  graph: {
    title: "Try it",
    about: "Change the inputs, then walk back, one arrow at a time.",
    next: "next arrow",
    back: "one back",
    picture: (w, x, b, out) => `The graph of out = w times x plus b: w is ${w}, x is ${x}, b is ${b}, out is ${out}.`,
    says: [
      (v) => `Forward: ${v.w} · ${v.x} + ${v.b} = ${v.out}. The walk back begins at the end.`,
      () => "The slope of out with respect to itself is 1, and out is the sum: 1.",
      () => "The slope of a sum is 1 for either part. b.grad = 1 · 1 = 1.",
      () => "The product is the other part of the sum, so it gets 1 · 1 = 1.",
      (v) => `The slope of w · x with respect to w is x. w.grad = 1 · 1 · ${v.x} = ${v.x}.`,
      (v) => `With respect to x it is w. x.grad = 1 · 1 · ${v.w} = ${v.w}. Every value has its gradient.`,
    ],
  },
  valley: {
    title: "Try it",
    about: "One learning rate for all three rules, 40 steps from the same start. The star is the bottom.",
    rate: "learning rate",
    presets: "Rates of the figure",
    rules: { sgd: "SGD", momentum: "momentum", adam: "Adam" },
    picture: (rule) => `The path of ${rule} on the contour lines of the valley.`,
    says: (losses) => `Loss after 40 steps: ${losses.map(([rule, loss]) => `${rule} ${loss}`).join(", ")}.`,
    exploded: "too large to draw",
  },
  reset: "back to the beginning",
};
