"""The words that the site adds to its pages, in the language of the edition.

An edition is English, or the Chinese one in the folder `zh`, whose _config.yml has `language:
zh_CN`. Templates have the words as `words`, such as `words.search`.
"""

ENGLISH = {
    "colab": "Open in Colab",
    "binder": "Open in Binder",
    "download": "Download {}",
    "run": "Run or download",
    "updated": "Last updated",
    "report": "Report an error on this page",
    "report_title": "Error on the page “{}”",
    "edit": "Edit this page",
    "repository": "Repository",
    "other": "中文版",
    "diff": "What changed in the loop since stage {}",
    "diff_counts": "Of the {all} lines of stage {stage}, {taken} are taken away (-) and {kept} "
    "{stay}; {added} are added (+).",
    "stays": ("stays", "stay"),
    "loops": "The lines of one training step in each program: {}.",
    "lines": ("{} line", "{} lines"),
    "search": "Search",
    "search_for": "Words to search for",
    "no_script": "The search needs JavaScript. The {} does not.",
    "glossary": "glossary",
    "found": "{} places, the best {} first:",
    "best": ("one", "{}"),
    "nowhere": "“{}” is nowhere in the book. Try fewer words.",
    "no_page": "There is no such page",
    "no_page_why": "The address may be mistyped, or the page has another name now. Search the "
    "book, or {}.",
    "beginning": "begin at the beginning",
    "the_book": "The book",
}
CHINESE = {
    "colab": "在 Colab 中打开",
    "binder": "在 Binder 中打开",
    "download": "下载 {}",
    "run": "运行或下载",
    "updated": "最后更新",
    "report": "报告本页的错误",
    "report_title": "页面“{}”有错",
    "edit": "编辑本页",
    "repository": "代码仓库",
    "other": "English",
    "diff": "与第 {} 阶段相比，循环里变了什么",
    "diff_counts": "第 {stage} 阶段的 {all} 行里，删去 {taken} 行（-），保留 {kept} 行{stay}；"
    "新增 {added} 行（+）。",
    "stays": ("", ""),
    "loops": "每个程序里一步训练的行数：{}。",
    "lines": ("{} 行", "{} 行"),
    "search": "搜索",
    "search_for": "要搜索的词",
    "no_script": "搜索需要 JavaScript，{} 则不需要。",
    "glossary": "术语表",
    "found": "找到 {} 处，最好的 {} 处在前：",
    "best": ("{}", "{}"),
    "nowhere": "书中没有“{}”。少用几个词再试试。",
    "no_page": "没有这个页面",
    "no_page_why": "地址也许写错了，也许页面换了名字。可以搜索全书，或者{}。",
    "beginning": "从头读起",
    "the_book": "本书",
}


def of(config):
    """The words for the language of this Sphinx configuration."""
    return CHINESE if (config.language or "").startswith("zh") else ENGLISH


def give_to_templates(app, pagename, templatename, context, doctree):
    context["words"] = of(app.config)


def setup(app):
    app.connect("html-page-context", give_to_templates)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
