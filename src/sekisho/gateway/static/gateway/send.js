// Sends files in chunks with progress, and goes on where it broke off. Without it the form sends small files whole.
const form = document.querySelector("form[data-send]");
if (form) form.addEventListener("submit", onSubmit);

const pickers = [...(form?.querySelectorAll('input[type="file"]') ?? [])];
const chosen = () => pickers.flatMap((picker) => [...picker.files]).filter(({ name }) => !name.startsWith(".")); // what systems hide in folders stays there
for (const picker of pickers) {
  for (const kind of ["dragenter", "dragover"]) picker.addEventListener(kind, () => picker.classList.add("is-over"));
  for (const kind of ["dragleave", "drop"]) picker.addEventListener(kind, () => picker.classList.remove("is-over"));
  picker.addEventListener("change", () => show(chosen()));
}

async function onSubmit(event) {
  const files = chosen();
  if (!files.length) return; // the server says what is missing
  event.preventDefault();
  const button = form.querySelector("button.primary");
  button.disabled = true;
  refuse("");
  try {
    await sendAll(files);
  } catch (error) {
    refuse(error instanceof TypeError ? form.dataset.lost : error.message);
    button.disabled = false;
  }
}

async function sendAll(files) {
  const bars = show(files);
  const key = `gateway-upload-${document.body.dataset.person}-${files.map((f) => [f.name, f.size, f.lastModified].join("/")).join("|")}`;
  const upload = (await resumed(key)) ?? (await begun(files));
  keep(key, upload.id);
  for (const [index, file] of files.entries()) await sendFile(file, upload.files[index], bars[index]);
  const sent = await call(`${form.dataset.begin}${upload.id}/send/`, { method: "POST" });
  forget(key);
  location.assign(sent.page);
}

async function sendFile(file, there, bar) {
  const count = Math.ceil(file.size / there.chunk_size);
  for (let number = 0; number < count; number += 1) {
    const chunk = file.slice(number * there.chunk_size, (number + 1) * there.chunk_size);
    const digest = await digestOf(chunk);
    if (!digest || there.have[number] !== digest) await sendChunk(there.id, number, chunk, digest);
    bar.value = (number + 1) / count;
  }
}

async function sendChunk(id, number, body, digest) {
  const headers = { "Content-Type": "application/octet-stream", ...(digest && { "X-Chunk-Sha256": digest }) };
  for (let tries = 1; ; tries += 1) {
    try {
      return await call(`${form.dataset.begin}files/${id}/${number}/`, { method: "POST", body, headers });
    } catch (error) {
      if (!(error instanceof TypeError) || tries === 5) throw error; // only a broken connection is tried again
      await new Promise((resume) => setTimeout(resume, 500 * 2 ** tries));
    }
  }
}

function begun(files) {
  const said = Object.fromEntries(["receiver_kind", "person", "project", "box", "outside", "purpose"].map((name) => [name, new FormData(form).get(name) ?? ""]));
  const body = { ...said, route: Number(new FormData(form).get("route")), files: files.map(({ name, size }) => ({ name, size })) };
  return call(form.dataset.begin, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
}

async function resumed(key) {
  const id = recall(key);
  if (!id) return null;
  try {
    const there = await call(`${form.dataset.begin}${id}/`, {});
    return there.state === "uploading" ? there : null;
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return null;
  }
}

async function call(address, options) {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const response = await fetch(address, { ...options, headers: { "X-CSRFToken": token, ...options.headers } });
  const kind = response.headers.get("Content-Type") ?? "";
  if (!kind.startsWith("application/json")) throw new Error(form.dataset.fault);
  const said = await response.json();
  if (!response.ok) throw new Error(said.detail);
  return said;
}

async function digestOf(chunk) {
  if (!globalThis.crypto?.subtle) return ""; // plain http: the server makes the digest
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await chunk.arrayBuffer()));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function show(files) {
  const list = form.querySelector("[data-uploads]");
  list.replaceChildren();
  return files.map((file) => {
    const line = document.createElement("li");
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    bar.setAttribute("aria-label", file.name);
    line.append(`${file.name} (${Math.ceil(file.size / 1024).toLocaleString()} KB)`, bar);
    list.append(line);
    return bar;
  });
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
