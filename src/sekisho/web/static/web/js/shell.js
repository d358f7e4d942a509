// Small manners of the shell: menus close on Escape or a click elsewhere, "/" goes to the search,
// a lost connection is said, and a form's wait is shown on its button.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenu();
  if (event.key === "/" && !isTyping(event.target)) goToSearch(event);
});

// Chromium leaves a link where it is when only its first letters are in sight.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches(".tabs a:focus-visible, .toc a:focus-visible")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
});

// The tab of this page may lie beyond the edge of the strip on a phone.
for (const tab of document.querySelectorAll(".tabs a[aria-current]")) {
  const strip = tab.parentElement;
  strip.scrollLeft += Math.max(0, tab.getBoundingClientRect().right - strip.getBoundingClientRect().right);
}

function closeMenu() {
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}

function isTyping(element) {
  return element.isContentEditable || /^(input|textarea|select)$/i.test(element.tagName);
}

function goToSearch(event) {
  const search = document.getElementById("jump-q");
  if (!search || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  search.focus();
}

// A machine without a network still reaches a server of its own: the browser's word is checked before it is passed on.
// While it is said that the connection is lost, the server is asked again until it answers.
const lost = document.querySelector("[data-connection]");
let asking;
async function showConnection({ ask = !navigator.onLine } = {}) {
  if (!lost) return;
  clearTimeout(asking);
  lost.hidden = !ask || (await isServerThere());
  if (!lost.hidden) asking = setTimeout(showConnection, 3000, { ask: true });
}

async function isServerThere() {
  try {
    return (await fetch("/healthz", { method: "HEAD", cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

addEventListener("online", () => showConnection({ ask: true }));
addEventListener("offline", () => showConnection());
document.addEventListener("htmx:sendError", () => showConnection({ ask: true }));
showConnection();

// A form sent into a lost connection would leave its page for the browser's error page. It stays, with what was typed.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!lost || lost.hidden || event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") return;
  event.preventDefault();
  await showConnection({ ask: true });
  if (lost.hidden) form.requestSubmit(event.submitter);
});
