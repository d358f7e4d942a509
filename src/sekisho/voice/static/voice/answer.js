// Keeps what was chosen on this device until it is sent, and asks follow-up questions only when they apply.
// Without this script every question is shown, with words that say whom it is for.
const form = document.querySelector("form[data-survey]");
const key = form && `sekisho.answer.${form.dataset.survey}`;
const fields = () => [...form.elements].filter((el) => el.name?.startsWith("q-"));

// What is answered to a question that is asked: a hidden one has no answer.
function given(code) {
  const asked = fields().filter((el) => el.name === `q-${code}` && !el.closest("[hidden]"));
  return asked.filter((el) => !/^(radio|checkbox)$/.test(el.type) || el.checked).map((el) => el.value);
}

function holds(when) {
  if (when.all) return when.all.every(holds);
  if (when.any) return when.any.some(holds);
  if (when.not) return !holds(when.not);
  const values = given(when.question);
  if (when.among) return values.some((value) => when.among.includes(value));
  const number = Number.parseFloat(values[0]?.normalize("NFKC").replaceAll(",", "").replace("−", "-"));
  const { at_least: least = number, at_most: most = number, above = -Infinity, below = Infinity } = when;
  return number >= least && number <= most && number > above && number < below;
}

function follow() {
  for (const box of form.querySelectorAll("[data-when]")) {
    box.hidden = !holds(JSON.parse(box.dataset.when));
    for (const words of box.querySelectorAll(".after")) words.hidden = true;
  }
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "[]");
  for (const el of fields()) {
    const choice = /^(radio|checkbox)$/.test(el.type);
    const found = kept.find(([name, value]) => name === el.name && (!choice || value === el.value));
    if (!found) continue;
    if (choice) el.checked = true;
    else if (!el.value) el.value = found[1];
  }
}

function keep() {
  const given = fields().filter((el) => !/^(radio|checkbox)$/.test(el.type) || el.checked);
  sessionStorage.setItem(key, JSON.stringify(given.map((el) => [el.name, el.value])));
}

if (form) {
  try {
    if (!form.querySelector("input:checked, [aria-invalid]")) restore();
    form.addEventListener("input", keep);
  } catch {
    // Without storage the page still works.
  }
  form.addEventListener("input", follow);
  follow();
} else {
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith("sekisho.answer.")) sessionStorage.removeItem(name);
  } catch {
    // Nothing was kept.
  }
}
