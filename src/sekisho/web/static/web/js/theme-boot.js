// Sets the chosen theme before the first paint. A classic script on purpose: a module would run after the page is shown.
(function () {
  try {
    var theme = localStorage.getItem("sekisho.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch (_error) {
    // Storage may be forbidden; the device's own setting then holds.
  }
})();
