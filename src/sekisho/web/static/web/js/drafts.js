// Keeps what was written in a form[data-draft-key] on this device until it is saved, through a reload or a lost connection.
// A save is known by the page coming back without an error: a form with data-draft-saved (or an htmx answer of 2xx) clears it.
// Words come from the form: data-draft-note ("restored"), data-draft-discard (the button).
const PREFIX = "sekisho.draft.";
const DAYS_KEPT = 30;

const keyOf = (form) => `${PREFIX}${document.body.dataset.person ?? ""}.${form.dataset.draftKey}`;

function fieldsOf(form) {
  return [...form.elements].filter(
    (el) => el.name && !el.disabled && !/^(hidden|password|file|submit|button)$/.test(el.type) && !el.closest("[data-no-draft]"),
  );
}

function valuesOf(form) {
  return fieldsOf(form).map((el) => [el.name, el.value, /^(checkbox|radio)$/.test(el.type) ? el.checked : null]);
}

const versionOf = (form) => form.querySelector("input[type=hidden][name=version]");

// A draft written over an older version than the page now shows keeps that version: saving then shows both,
// instead of replacing unseen what somebody else saved in between. A form that shows both already is rebased.
function rebase(form, draft) {
  const version = versionOf(form);
  if (version && draft.base !== undefined && !form.hasAttribute("data-draft-rebased")) version.value = draft.base;
}

function load(form) {
  try {
    const draft = JSON.parse(localStorage.getItem(keyOf(form)));
    if (!draft || Date.now() - draft.at > DAYS_KEPT * 86400000) return null;
    return draft;
  } catch {
    return null;
  }
}

function keep(form) {
  try {
    const values = valuesOf(form);
    if (JSON.stringify(values) === form.sekishoFirst) return forget(form);
    localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values, base: versionOf(form)?.value }));
  } catch {
    // Without storage there is no draft; the form itself still works.
  }
}

function forget(form) {
  try {
    localStorage.removeItem(keyOf(form));
  } catch {
    // Nothing was kept.
  }
  form.querySelector(":scope > .draft-note")?.remove();
}

function fill(form, values) {
  const left = [...values];
  for (const el of fieldsOf(form)) {
    const choice = /^(checkbox|radio)$/.test(el.type);
    const at = left.findIndex(([name, value]) => name === el.name && (!choice || value === el.value));
    if (at < 0) continue;
    const [[, value, checked]] = left.splice(at, 1);
    if (choice) el.checked = checked;
    else el.value = value;
  }
}

function showNote(form, shown) {
  const note = document.createElement("div");
  note.className = "draft-note";
  note.setAttribute("role", "status");
  note.append(form.dataset.draftNote ?? "");
  const discard = document.createElement("button");
  discard.type = "button";
  discard.className = "button quiet small";
  discard.textContent = form.dataset.draftDiscard ?? "";
  discard.addEventListener("click", () => {
    form.reset();
    written = undefined;
    if (shown !== undefined) versionOf(form).value = shown;
    forget(form);
  });
  if (form.dataset.draftDiscard) note.append(discard);
  form.prepend(note);
}

function start(form) {
  if (form.sekishoFirst) return;
  form.sekishoFirst = JSON.stringify(valuesOf(form));
  if (form.hasAttribute("data-draft-saved")) return forget(form);
  const draft = load(form);
  if (!draft || JSON.stringify(draft.values) === form.sekishoFirst) return;
  fill(form, draft.values);
  const shown = versionOf(form)?.value;
  rebase(form, draft);
  showNote(form, shown);
}

function startAll(root) {
  if (root.matches?.("form[data-draft-key]")) start(root);
  for (const form of root.querySelectorAll("form[data-draft-key]")) start(form);
}

function clearMarked(root) {
  const marks = [...root.querySelectorAll("[data-draft-clear]"), ...(root.matches?.("[data-draft-clear]") ? [root] : [])];
  for (const mark of marks) {
    forget({ dataset: { draftKey: mark.dataset.draftClear }, querySelector: () => null });
  }
}

// What was typed in the last moment before a form is sent or its page left is kept, too.
let timer, written;
function flush() {
  clearTimeout(timer);
  if (written) keep(written);
  written = undefined;
}
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.matches("form[data-draft-key]")) return;
  if (written !== form) flush();
  clearTimeout(timer);
  written = form;
  timer = setTimeout(flush, 300);
});
document.addEventListener("submit", flush);
addEventListener("pagehide", flush);

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form[data-draft-key]");
  if (!form) return;
  flush();
  const status = event.detail.xhr?.status ?? 0;
  if (event.detail.successful && status < 300) forget(form);
  else keep(form);
});
document.addEventListener("htmx:load", (event) => {
  clearMarked(event.detail.elt);
  startAll(event.detail.elt);
});
clearMarked(document);
startAll(document);
