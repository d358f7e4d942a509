// Sends files in chunks with progress, and goes on where it broke off. Without it the form sends small files whole.
const form = document.querySelector("form[data-send]");
const list = form?.querySelector("[data-uploads]");
const pickers = [...(form?.querySelectorAll('input[type="file"]') ?? [])];
const TRIES = 5;
let chosen = []; // from every picker and by dropping: a second photo adds to the first
let sending = false;

if (form) begin();

function begin() {
  form.addEventListener("submit", onSubmit);
  for (const picker of pickers) {
    picker.addEventListener("change", () => {
      add([...picker.files]);
      picker.value = ""; // the list says what is chosen; the same file may be taken out and chosen again
    });
  }
  document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault()); // a file beside the place must not replace the page
  for (const kind of ["dragenter", "dragover"]) pickers[0].addEventListener(kind, () => pickers[0].classList.add("is-over"));
  for (const kind of ["dragleave", "drop"]) pickers[0].addEventListener(kind, () => pickers[0].classList.remove("is-over"));
  document.addEventListener("drop", async (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    add(await foldersIn(event.dataTransfer));
  });
  addEventListener("beforeunload", (event) => sending && event.preventDefault());
}

const holdsFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
const mark = ({ name, size, lastModified }) => [name, size, lastModified].join("/");

function add(files) {
  if (sending) return;
  const there = new Set(chosen.map(mark));
  const empty = files.filter(({ size, name }) => !size && !name.startsWith("."));
  refuse(empty.length ? `${form.dataset.empty} ${empty.slice(0, 5).map(({ name }) => name).join(", ")}${empty.length > 5 ? ` … (${empty.length})` : ""}` : "");
  chosen = [...chosen, ...files.filter((file) => file.size && !file.name.startsWith(".") && !there.has(mark(file)))]; // what systems hide in folders stays there
  show();
}

// What was dropped: files, and the files of folders at any depth.
async function foldersIn({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean); // asked at once: after a wait they are gone
  if (!entries.length) return [...files];
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (let some; (some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))).length; ) found.push(...some); // a hundred at a time
  return (await Promise.all(found.map(filesOf))).flat();
}

async function onSubmit(event) {
  if (!chosen.length) return; // the server says what is missing
  event.preventDefault();
  const button = form.querySelector("button.primary");
  button.disabled = sending = true;
  refuse("");
  try {
    const page = await sendAll(chosen);
    sending = false;
    location.assign(page);
  } catch (error) {
    sending = false;
    refuse(error.isLost ? form.dataset.lost : error.message);
    button.disabled = false;
    show();
  }
}

async function sendAll(files) {
  const said = asked();
  const lines = show();
  const key = `gateway-upload-${document.body.dataset.person}-${JSON.stringify(said)}-${files.map(mark).join("|")}`;
  const upload = (await resumed(key)) ?? (await begun(said, files));
  keep(key, upload.id);
  for (const [index, file] of files.entries()) await sendFile(file, upload.files[index], lines[index]);
  const page = await sent(upload);
  forget(key);
  return page;
}

async function sendFile(file, there, line) {
  const count = Math.ceil(file.size / there.chunk_size);
  for (let number = 0; number < count; number += 1) {
    const chunk = file.slice(number * there.chunk_size, (number + 1) * there.chunk_size);
    const digest = await digestOf(chunk);
    const headers = { "Content-Type": "application/octet-stream", ...(digest && { "X-Chunk-Sha256": digest }) };
    if (!digest || there.have[number] !== digest) await patiently(`${form.dataset.begin}files/${there.id}/${number}/`, { method: "POST", body: chunk, headers });
    line.progress((number + 1) / count);
  }
}

async function sent({ id, page }) {
  try {
    await patiently(`${form.dataset.begin}${id}/send/`, { method: "POST" });
  } catch (error) {
    if (error.code !== "upload_over") throw error; // the answer to the first try was lost on its way
  }
  return page;
}

function asked() {
  const values = new FormData(form);
  const said = ["receiver_kind", "person", "project", "box", "outside", "purpose"].map((name) => [name, values.get(name) ?? ""]);
  return { ...Object.fromEntries(said), route: Number(values.get("route")) };
}

function begun(said, files) {
  const body = JSON.stringify({ ...said, files: files.map(({ name, size }) => ({ name, size })) });
  return call(form.dataset.begin, { method: "POST", body, headers: { "Content-Type": "application/json" } });
}

async function resumed(key) {
  const id = recall(key);
  if (!id) return null;
  try {
    const there = await patiently(`${form.dataset.begin}${id}/`, {});
    return there.state === "uploading" ? there : null;
  } catch (error) {
    if (error.isLost) throw error;
    return null;
  }
}

async function patiently(address, options) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call(address, options);
    } catch (error) {
      if (!error.isLost || tries === TRIES) throw error;
      await new Promise((resume) => setTimeout(resume, 500 * 2 ** tries));
    }
  }
}

async function call(address, options, isSecond = false) {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const response = await fetch(address, { ...options, headers: { "X-CSRFToken": token, ...options.headers } }).catch(lost);
  if ([502, 503, 504].includes(response.status)) return lost(); // a server that is being started anew
  const kind = response.headers.get("Content-Type") ?? "";
  if (!kind.startsWith("application/json")) {
    if (isSecond) throw new Error(form.dataset.fault);
    if (!(await signedIn())) throw new Error(form.dataset.signedOut);
    return call(address, options, true);
  }
  const said = await response.json().catch(lost);
  if (!response.ok) throw Object.assign(new Error(said.detail), { code: said.code });
  return said;
}

// Whether the same person is still signed in, perhaps again, by another tab; the page's token is taken anew then.
async function signedIn() {
  const answer = await fetch(location.href).catch(lost);
  const page = new DOMParser().parseFromString(await answer.text().catch(lost), "text/html");
  const token = page.querySelector("form[data-send] [name=csrfmiddlewaretoken]")?.value;
  if (!token || page.body.dataset.person !== document.body.dataset.person) return false;
  form.querySelector("[name=csrfmiddlewaretoken]").value = token;
  return true;
}

function lost() {
  throw Object.assign(new Error(form.dataset.lost), { isLost: true });
}

async function digestOf(chunk) {
  if (!globalThis.crypto?.subtle) return ""; // plain http: the server makes the digest
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await chunk.arrayBuffer()));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function show() {
  const lines = chosen.map((file) => (sending ? uploading(file) : waiting(file)));
  list.replaceChildren(...lines.map(({ line }) => line));
  return lines;
}

function waiting(file) {
  const line = named(file);
  const out = Object.assign(document.createElement("button"), { type: "button", className: "button quiet small", textContent: form.dataset.out });
  out.setAttribute("aria-label", `${form.dataset.out}: ${file.name}`);
  out.addEventListener("click", () => {
    chosen = chosen.filter((other) => other !== file);
    show();
    pickers[0].focus();
  });
  line.append(out);
  return { line };
}

function uploading(file) {
  const line = named(file);
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", file.name);
  const share = Object.assign(document.createElement("span"), { className: "upload-share" });
  line.append(share, bar);
  return { line, progress: (value) => { bar.value = value; share.textContent = `${Math.floor(100 * value)}%`; } };
}

function named({ name, size }) {
  const line = document.createElement("li");
  const [amount, unit] = size < 1048576 ? [Math.ceil(size / 1024), "KB"] : [Math.ceil(size / 1048576), "MB"];
  line.append(Object.assign(document.createElement("span"), { className: "upload-name", textContent: `${name} (${amount.toLocaleString()} ${unit})` }));
  return line;
}

function refuse(words) {
  const place = form.querySelector("[data-refusal]");
  place.textContent = words;
  place.hidden = !words;
}

function keep(key, id) {
  try { localStorage.setItem(key, id); } catch { /* a private window keeps nothing */ }
}

function recall(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function forget(key) {
  try { localStorage.removeItem(key); } catch { /* as above */ }
}
