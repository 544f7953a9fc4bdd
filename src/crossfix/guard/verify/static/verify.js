// The page works without this file, except for what only a browser can do: work and passkeys.
const MOST_WORKERS = 4;

document.querySelector("[data-focus]")?.focus();
for (const element of document.querySelectorAll("[data-script]")) element.hidden = false;

// Proof of work -----------------------------------------------------------------------------

function solve(challenge, tries, progressed) {
  const count = Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1));
  const workers = [];
  let tried = 0;
  return new Promise((resolve, reject) => {
    for (let start = 0; start < count; start += 1) {
      const worker = new Worker("/verify/static/proof-worker.js", { type: "module" });
      workers.push(worker);
      worker.onerror = reject;
      worker.onmessage = ({ data }) => {
        if (data.solution) {
          resolve(data.solution);
          return;
        }
        tried += data.tried;
        progressed(Math.min(99, Math.round((100 * tried) / tries)));
      };
      worker.postMessage({ parameters: challenge.parameters, start, step: count });
    }
  }).finally(() => workers.forEach((worker) => worker.terminate()));
}

async function work(form) {
  const bar = form.querySelector("progress");
  const said = form.querySelector(".said");
  const button = form.querySelector("button");
  button.disabled = true;
  bar.hidden = false;
  let last = -1;
  try {
    const answer = await fetch(form.dataset.proof, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const { challenge, tries } = await answer.json();
    const solution = await solve(challenge, tries, (percent) => {
      bar.value = percent;
      // A screen reader need not hear every percent.
      if (Math.floor(percent / 20) !== last) {
        last = Math.floor(percent / 20);
        said.textContent = form.dataset.working.replace("{percent}", String(percent));
      }
    });
    bar.value = 100;
    form.elements.altcha.value = btoa(JSON.stringify({ challenge, solution }));
    form.submit();
  } catch {
    said.textContent = form.dataset.failed;
    bar.hidden = true;
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("[data-proof]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    work(form);
  });
}

// Passkeys ----------------------------------------------------------------------------------

async function passkey(form) {
  const said = form.querySelector(".said");
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.dataset.passkey, {
      method: "POST",
      headers: { accept: "application/json" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { options, make } = await answer.json();
    const credential = make
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
        })
      : await navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
        });
    form.elements.credential.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch {
    said.textContent = form.dataset.failed;
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
    form.closest("section").hidden = true;
    continue;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    passkey(form);
  });
}
