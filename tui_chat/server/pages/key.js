/* The server's key: asked for when a request is refused, kept until the tab is closed. */

const NAME = "tui-chat.key";

/** Headers that carry the key, where there is one. */
export function keyHeaders() {
  const key = sessionStorage.getItem(NAME);
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** A path of this server with the key in it, for what cannot send headers: EventSource, links. */
export function withKey(path) {
  const url = new URL(path, location.origin);
  const key = sessionStorage.getItem(NAME);
  if (key) {
    url.searchParams.set("key", key);
  }
  return url.pathname + url.search;
}

/** Shows the form that asks for the key, and resolves when one was given. */
export function askForKey(form) {
  const field = form.querySelector("input");
  const { promise, resolve } = deferred();
  form.hidden = false;
  field.focus();
  form.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      sessionStorage.setItem(NAME, field.value.trim());
      field.value = "";
      form.hidden = true;
      resolve();
    },
    { once: true },
  );
  return promise;
}

/** What went wrong with a request, from its response: status and what the server says. */
export async function problemOf(response) {
  const text = await response.text();
  let said = text.trim().slice(0, 500);
  try {
    const body = JSON.parse(text);
    said = body.error?.message ?? body.error ?? said;
  } catch {
    // no JSON: the text itself says it
  }
  return `${response.status} ${response.statusText}${said && said !== response.statusText ? `: ${said}` : ""}`;
}

function deferred() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
