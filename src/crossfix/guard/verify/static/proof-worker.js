// Solves an ALTCHA challenge (PBKDF2 over a nonce and a counter) away from the page's thread.
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (buffer) =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function derived(parameters, nonce, salt, counter) {
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  new DataView(password.buffer).setUint32(nonce.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = {
    name: "PBKDF2", hash: parameters.algorithm.split("/")[1], salt, iterations: parameters.cost,
  };
  return hex(await crypto.subtle.deriveBits(how, key, parameters.keyLength * 8));
}

self.onmessage = async ({ data: { parameters, start, step } }) => {
  const nonce = bytes(parameters.nonce);
  const salt = bytes(parameters.salt);
  const began = performance.now();
  for (let counter = start; counter <= 0xffffffff; counter += step) {
    const key = await derived(parameters, nonce, salt, counter);
    if (key.startsWith(parameters.keyPrefix)) {
      const time = Math.round(performance.now() - began);
      self.postMessage({ solution: { counter, derivedKey: key, time } });
      return;
    }
    self.postMessage({ tried: 1 });
  }
};
