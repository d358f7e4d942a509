// A session's page: timers, and notes that are kept on this device until the server has them.
// Each form[data-offline] is sent as it is; what cannot be sent waits, in order, and goes out when the connection returns.
// A note carries a client_id, and a result replaces the one before, so that sending again never doubles anything.
const live = document.querySelector("[data-session]");
const queueLine = document.querySelector("[data-queue]");
const key = `sekisho.session.${document.body.dataset.person ?? ""}.${live?.dataset.session}`;

function waiting() {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? [];
  } catch {
    return [];
  }
}

function keep(entries) {
  try {
    if (entries.length) localStorage.setItem(key, JSON.stringify(entries));
    else localStorage.removeItem(key);
    return true;
  } catch {
    return false;
  }
}

function tell(words = "") {
  const count = waiting().length;
  queueLine.textContent = words || (count ? `${count} ${queueLine.dataset.waiting}` : "");
}

const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";

// The session is no longer there, as when the participant took back their consent: nothing of it stays on this device.
function forget() {
  keep([]);
  return queueLine.dataset.gone;
}

// true: it is there; a text: why it was refused; null: not reached, to be tried again
async function send(entry) {
  const body = new URLSearchParams(entry.fields);
  body.set("csrfmiddlewaretoken", token());
  try {
    const answer = await fetch(entry.url, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.status === 200) return true;
    if (answer.status === 404) return forget();
    if (answer.status === 422 || answer.status === 409) return (await answer.json()).why || "422";
    return null; // signed out, too fast, or a fault of ours: the note stays here
  } catch {
    return null;
  }
}

let busy = false;
async function flush() {
  if (busy) return;
  busy = true;
  let words = "";
  for (let entries = waiting(); entries.length; entries = waiting()) {
    const done = await send(entries[0]);
    if (done === null) break;
    const rest = waiting().slice(1);
    keep(rest);
    if (typeof done === "string") words = `${queueLine.dataset.refused} ${done}`;
    else if (!rest.length) words = queueLine.dataset.allSent;
  }
  busy = false;
  tell(words);
}

function renew(form) {
  form.reset();
  const id = form.querySelector("input[name=client_id]");
  if (id) id.value = crypto.randomUUID();
}

function showNote(form) {
  const list = document.querySelector("[data-notes]");
  const item = document.createElement("li");
  const severity = form.querySelector("input[name=severity]:checked")?.closest("label")?.textContent.trim() ?? "";
  item.textContent = `${severity.split(/[::]/)[0]} – ${form.querySelector("[name=words]").value}`;
  list?.prepend(item);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-offline]");
  if (!form || !live) return;
  const seconds = form.querySelector("input[type=hidden][name=seconds]");
  if (seconds) seconds.value = Math.max(0, Math.round((Date.now() - Date.parse(live.dataset.started)) / 1000));
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
  if (!keep([...waiting(), { url: form.action, fields }])) return; // no storage: the form is sent as forms are
  event.preventDefault();
  const saved = form.querySelector("[data-saved]");
  if (saved) saved.textContent = "✓";
  if (form.hasAttribute("data-clear")) {
    showNote(form);
    renew(form);
  }
  tell();
  flush();
});

function startTimer(box) {
  const form = box.closest("form");
  const button = box.querySelector("button");
  const clock = box.querySelector("[data-clock]");
  const field = form.querySelector("input[name$=seconds]");
  let begun = 0;
  let ticking;
  const show = () => {
    const s = Math.floor((Date.now() - begun) / 1000);
    clock.textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
  };
  button.addEventListener("click", () => {
    const running = Boolean(ticking);
    form.closest("article").classList.toggle("is-running", !running);
    button.textContent = running ? button.dataset.start : button.dataset.stop;
    if (running) {
      clearInterval(ticking);
      ticking = undefined;
      field.value = ((Date.now() - begun) / 1000).toFixed(1);
    } else {
      begun = Date.now();
      ticking = setInterval(show, 500);
    }
    show();
  });
  box.hidden = false;
}

if (live) {
  for (const box of document.querySelectorAll("[data-timer]")) startTimer(box);
  addEventListener("online", flush);
  setInterval(() => waiting().length && flush(), 10000);
  tell();
  flush();
}
