// The light / dark / as-the-device switch. The choice lives on this device only.
const KEY = "sekisho.theme";

function read() {
  try {
    return localStorage.getItem(KEY) ?? "system";
  } catch {
    return "system";
  }
}

function write(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice holds for this page only.
  }
}

function show(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll("[data-theme-value]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeValue === theme));
  }
}

for (const box of document.querySelectorAll("[data-theme-switch]")) box.hidden = false;
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-theme-value]");
  if (!button) return;
  write(button.dataset.themeValue);
  show(button.dataset.themeValue);
});
show(read());
