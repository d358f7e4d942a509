// A download leaves its page as it was: look again at how often each file was taken, so that no button is left for a file
// that may not be taken any more. Without it the server says so when the button is pressed.
const AFTER = [1500, 5000, 15000]; // a download may begin late

document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-takes]")) for (const wait of AFTER) setTimeout(look, wait);
});

async function look() {
  const place = document.querySelector("[data-taken-from]");
  const answer = await fetch(place.dataset.takenFrom).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const card of place.querySelectorAll("li:has([data-takes])")) {
    const cardNow = page.getElementById(card.id);
    if (cardNow) bring(card, cardNow);
  }
}

function bring(card, cardNow) {
  const [before, now] = [card, cardNow].map((one) => [...one.querySelectorAll("[data-takes]")]);
  if (before.length !== now.length) return card.replaceWith(cardNow);
  for (const [number, form] of now.entries()) {
    const [words, wordsNow] = [before[number], form].map((one) => one.querySelector("span.muted"));
    if (words && wordsNow) words.textContent = wordsNow.textContent;
  }
}
