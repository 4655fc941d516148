// Show Chinese, English or both; without script the page stays Chinese.
const root = document.documentElement;
const buttons = document.querySelectorAll(".switch button");
function show(language) {
  root.dataset.show = language;
  root.lang = language === "en" ? "en" : "zh-CN";
  buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.value === language)));
  document.title = root.dataset[language === "en" ? "titleEn" : "titleZh"];
}
buttons.forEach((button) => button.addEventListener("click", () => show(button.value)));
