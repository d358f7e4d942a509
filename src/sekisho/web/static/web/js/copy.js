// <button data-copy="#id" data-copied="Copied">: puts the text of #id on the clipboard and says so on the button.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    say(button, button.dataset.copied);
  } catch {
    getSelection().selectAllChildren(source);
  }
});

function say(button, words) {
  if (!words) return;
  const before = button.textContent;
  button.textContent = words;
  button.setAttribute("aria-live", "polite");
  setTimeout(() => {
    button.textContent = before;
  }, 2000);
}
