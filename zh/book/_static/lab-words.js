// 实验台上的文字。
const WORDS = {
  network: {
    title: "试一试",
    about:
      "这就是我们的网络，大小不变，直接在你的浏览器里训练：每动一下控件，就重新训练 500 步。" +
      "虚线是第 1 阶段的曲线。（浏览器用十六位有效数字计算，所以 200 步以后，它可能比 float32 降得更低。）",
    rate: "学习率",
    start: "初始权重",
    starts: {
      normal: "标准正态分布，无偏置",
      default: "PyTorch 默认，有偏置",
      he: "He 初始化，加 PyTorch 的偏置",
    },
    scale: "缩放",
    momentum: "动量",
    presets: "本页用过的设置",
    stage1: "第 1 阶段",
    fast: "五倍的学习率",
    slow: "默认权重，1e-6",
    good: "默认权重，1e-4",
    picture: "每一步的损失，纵轴为对数坐标；虚线是第 1 阶段的曲线。",
    step: "步",
    loss: "损失",
    waiting: "正在载入数据。",
    failed: "数据没能载入，请刷新页面。",
    exploded: (first, step) => `损失从 ${first} 开始，随即爆炸：到第 ${step} 步，float32 已经装不下它了。`,
    rises: (first, last, highest, step) =>
      `损失从 ${first} 开始，先升后降：第 ${step} 步升到 ${highest}，500 步后是 ${last}。`,
    creeps: (first, last) => `损失从 ${first} 开始，几乎不动：500 步后还有 ${last}。`,
    falls: (first, last) => `损失从 ${first} 开始，一路下降，500 步后是 ${last}。`,
  },
  graph: {
    title: "试一试",
    about: "改变输入，再沿着箭头一步一步往回走。",
    next: "下一个箭头",
    back: "退一步",
    picture: (w, x, b, out) => `out = w 乘 x 加 b 的计算图：w 是 ${w}，x 是 ${x}，b 是 ${b}，out 是 ${out}。`,
    says: [
      (v) => `前向：${v.w} · ${v.x} + ${v.b} = ${v.out}。回程从末端开始。`,
      () => "out 关于自己的斜率是 1，而 out 就是那个和：1。",
      () => "和对每一部分的斜率都是 1。b.grad = 1 · 1 = 1。",
      () => "乘积是和的另一部分，它得到 1 · 1 = 1。",
      (v) => `w · x 关于 w 的斜率是 x。w.grad = 1 · 1 · ${v.x} = ${v.x}。`,
      (v) => `关于 x 的斜率是 w。x.grad = 1 · 1 · ${v.w} = ${v.w}。每个值都有了自己的梯度。`,
    ],
  },
  valley: {
    title: "试一试",
    about: "三种规则用同一个学习率，从同一个起点走 40 步。星号是最低点。",
    rate: "学习率",
    presets: "上图用的学习率",
    rules: { sgd: "SGD", momentum: "动量", adam: "Adam" },
    picture: (rule) => `${rule}在山谷等高线上走过的路。`,
    says: (losses) => `40 步后的损失：${losses.map(([rule, loss]) => `${rule} ${loss}`).join("，")}。`,
    exploded: "大得画不下",
  },
  reset: "回到开头",
};
