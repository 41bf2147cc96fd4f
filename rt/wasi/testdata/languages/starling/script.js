// A component for tests, which uses what the engine has of its host.

export const now = () => Date.now();
export const random = () => crypto.getRandomValues(new Uint8Array(4));
export const fail = (text) => { throw new Error(text); };

export function say(text) {
  console.log(text);
  console.error(text);
}

export async function sleep(milliseconds) {
  const start = performance.now();
  await new Promise((done) => setTimeout(done, milliseconds));
  return performance.now() - start;
}

export async function get(url) {
  let response;
  try {
    response = await fetch(url);
  } catch (e) {
    throw String(e);
  }
  return [response.status, await response.text()];
}
