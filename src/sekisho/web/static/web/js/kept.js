// What a form held when it was sent is kept in this tab until the next page shows how that went. Where that page is the
// sign-in page or says that the form was too old (data-interrupted), or where none comes because the connection is lost,
// it is put back when its own page opens again.
// Forms with data-draft-key have their drafts (drafts.js); data-no-keep leaves a form out, data-no-draft a field.
const KEY = "sekisho.kept";
const MINUTES_KEPT = 60;

// not form.method: a field may be called that
const isPost = (form) => form.getAttribute("method")?.toLowerCase() === "post";
const person = () => document.body.dataset.person ?? "";

function fieldsOf(form) {
  return [...form.elements].filter((el) => el.name && !el.disabled && !/^(hidden|password|file|submit|button|reset)$/.test(el.type) && !el.closest("[data-no-draft]"));
}

function read() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    return kept && Date.now() - kept.at < MINUTES_KEPT * 60000 ? kept : null;
  } catch {
    return null;
  }
}

function write(kept) {
  try {
    if (kept) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage nothing is put back; the form itself still works.
  }
}

function keep(form) {
  const values = fieldsOf(form).map((el) => [el.name, /^(checkbox|radio)$/.test(el.type) ? [el.value, el.checked] : el.tagName === "SELECT" && el.multiple ? [...el.selectedOptions].map((o) => o.value) : el.value]);
  write({ at: Date.now(), person: person(), page: location.pathname, action: form.getAttribute("action") ?? "", values });
}

function fill(form, values) {
  const left = [...values];
  for (const el of fieldsOf(form)) {
    const choice = /^(checkbox|radio)$/.test(el.type);
    const at = left.findIndex(([name, value]) => name === el.name && (!choice || value[0] === el.value));
    if (at < 0) continue;
    const [[, value]] = left.splice(at, 1);
    if (choice) el.checked = value[1];
    else if (el.tagName === "SELECT" && el.multiple) for (const option of el.options) option.selected = value.includes(option.value);
    else el.value = value;
  }
}

function note(form) {
  const { keptNote, keptFiles } = document.body.dataset;
  if (!keptNote) return;
  const line = document.createElement("div");
  line.className = "draft-note";
  line.setAttribute("role", "status");
  line.textContent = form.querySelector("input[type=file]") ? `${keptNote} ${keptFiles}` : keptNote;
  form.prepend(line);
}

function putBack(kept) {
  const form = [...document.forms].find((f) => isPost(f) && (f.getAttribute("action") ?? "") === kept.action && fieldsOf(f).length);
  if (!form) return;
  for (let box = form.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  fill(form, kept.values);
  note(form);
  form.scrollIntoView({ block: "center" });
}

const kept = read();
const interrupted = document.querySelector("[data-interrupted]") !== null;
// Without a connection no page of ours follows: people come back to the form, or load it again.
const cameBack = /^(back_forward|reload)$/.test(performance.getEntriesByType("navigation")[0]?.type ?? "");
if (kept && interrupted) write({ ...kept, interrupted: true });
else if (kept && (kept.interrupted || cameBack) && kept.page === location.pathname && kept.person === person()) {
  write(null);
  putBack(kept);
} else if (!kept?.interrupted) write(null);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!isPost(form) || event.defaultPrevented || form.matches("[data-draft-key], [data-no-keep]")) return;
  if (document.querySelector("[data-interrupted]") || !fieldsOf(form).length) return;
  keep(form);
});
