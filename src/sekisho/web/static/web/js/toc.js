// Marks the chapter being read in a .toc, and keeps the mark in view where the list scrolls sideways.
const links = new Map();
for (const link of document.querySelectorAll(".toc a[href^='#']")) {
  const chapter = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (chapter) links.set(chapter, link);
}

function mark(link) {
  for (const other of links.values()) other.removeAttribute("aria-current");
  if (!link) return;
  link.setAttribute("aria-current", "true");
  const list = link.closest("ol, ul");
  if (list.scrollWidth > list.clientWidth && !list.querySelector(":focus-visible")) list.scrollLeft = link.offsetLeft - list.clientWidth / 3;
}

function follow() {
  const line = innerHeight * 0.3;
  const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
  const chapters = [...links.keys()];
  const read = chapters.filter((chapter) => chapter.getBoundingClientRect().top <= line);
  mark(links.get(atEnd ? chapters.at(-1) : (read.at(-1) ?? chapters[0])));
}

if (links.size) {
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      follow();
    });
  }, { passive: true });
  follow();
}
