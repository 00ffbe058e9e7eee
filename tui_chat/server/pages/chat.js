/* A chat on fetch(): deltas are shown as they come, whatever was said is inserted as text and never as HTML. */

import { askForKey, keyHeaders, problemOf } from "./key.js";

const KEPT = "tui-chat.conversation";
const $ = (id) => document.getElementById(id);
const [log, scroll, model, composer, prompt] = ["log", "scroll", "model", "composer", "prompt"].map($);

/** What was said so far: {role, content, reasoning?, note?, problem?}; what is sent to the server is made from it. */
let messages = [];
/** The reply under way, or null. */
let running = null;

async function loadModels() {
  for (;;) {
    let response;
    try {
      response = await fetch("/v1/models", { headers: keyHeaders() });
    } catch (error) {
      complain(`The server cannot be reached (${error.message}). Reload the page when it runs again.`);
      return;
    }
    if (response.ok) {
      const names = (await response.json()).data.map((each) => each.id);
      model.replaceChildren(...names.map((name) => new Option(name, name)));
      model.disabled = false;
      complain("");
      prompt.focus();
      return;
    }
    if (response.status !== 401) {
      complain(`The models cannot be listed. ${await problemOf(response)}`);
      return;
    }
    if ("Authorization" in keyHeaders()) {
      complain(await problemOf(response));
    }
    await askForKey($("key-form"));
  }
}

function complain(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.append(text);
  return made;
}

/** One message on the page, which can grow. */
class View {
  constructor(message) {
    this.message = message;
    this.root = element("article", message.role);
    this.root.append(element("h2", "who", message.role === "user" ? "You" : message.model));
    this.body = element("div", "text");
    this.root.append(this.body);
    this.text = new Text();
    this.body.append(this.text);
    log.append(this.root);
    $("intro").hidden = true;
    this.grow(message.reasoning ?? "", message.content);
    this.end();
  }

  /** Adds what came; the page follows unless somebody has scrolled up. */
  grow(reasoning, content) {
    const follows = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
    if (reasoning) {
      this.thoughts ??= this.#makeThoughts();
      this.thoughts.appendData(reasoning);
    }
    this.text.appendData(content);
    if (follows) {
      scroll.scrollTop = scroll.scrollHeight;
    }
  }

  #makeThoughts() {
    const details = element("details", "thoughts");
    details.open = !this.message.content;
    const thoughts = new Text();
    const inner = element("div", "text");
    inner.append(thoughts);
    details.append(element("summary", "", "Reasoning"), inner);
    this.body.before(details);
    return thoughts;
  }

  /** Shows how the message ended, if it has. */
  end() {
    const { note, problem } = this.message;
    if (problem) {
      const line = element("p", "problem", problem);
      const again = element("button", "", "Try again");
      again.type = "button";
      again.addEventListener("click", () => retry(this));
      line.append(" ", again);
      this.root.append(line);
    }
    if (note) {
      this.root.append(element("p", "note", note));
    }
    if (problem || note) {
      scroll.scrollTop = scroll.scrollHeight;
    }
  }
}

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(messages));
  } catch {
    // too long for the browser's store: the chat lives as long as this page then
  }
}

function add(message) {
  messages.push(message);
  return new View(message);
}

/** Asks for a reply to what stands, and shows it as it comes. */
async function reply() {
  const asked = messages.filter((each) => each.content).map(({ role, content }) => ({ role, content }));
  const message = { role: "assistant", model: model.value, content: "", reasoning: "" };
  const view = add(message);
  running = new AbortController();
  showRunning(true);
  const began = performance.now();
  const seen = { first: null, usage: null, reason: null, sign: false };
  try {
    const response = await fetch("/v1/chat/completions", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...keyHeaders() },
      body: JSON.stringify({
        model: message.model,
        messages: asked,
        stream: true,
        stream_options: { include_usage: true },
      }),
      signal: running.signal,
    });
    if (!response.ok) {
      message.problem = await problemOf(response);
    } else {
      for await (const batch of eventData(response.body)) {
        take(batch, message, view, seen, began);
        if (seen.sign) {
          break; // whatever the connection does from here on
        }
      }
      if (!seen.reason && !seen.sign && !message.problem) {
        message.problem = "The answer broke off: its end never came.";
      }
    }
  } catch (error) {
    if (error.name === "AbortError") {
      message.note = "Stopped";
    } else if (error instanceof SyntaxError) {
      message.problem = `The server sent what is not JSON: ${error.message}`;
    } else {
      message.problem = `The connection failed: ${error.message}`;
    }
  }
  const numbers = numbersOf(seen, began);
  message.note = [message.note, seen.reason && seen.reason !== "stop" ? seen.reason : "", numbers]
    .filter(Boolean)
    .join(" · ");
  view.end();
  running = null;
  showRunning(false);
  $("state").textContent = message.problem ? "Failed" : message.note.startsWith("Stopped") ? "Stopped" : "Done";
  keep();
}

/** Takes the chunks that came at once. */
function take(batch, message, view, seen, began) {
  let [reasoning, content] = ["", ""];
  for (const data of batch) {
    if (data.trim() === "[DONE]") {
      seen.sign = true;
    }
    if (seen.sign || !data.trim()) {
      continue;
    }
    const chunk = JSON.parse(data);
    if (chunk.error) {
      message.problem = chunk.error.message ?? String(chunk.error);
    }
    seen.usage = chunk.usage ?? seen.usage;
    const choice = chunk.choices?.[0];
    seen.reason = choice?.finish_reason ?? seen.reason;
    reasoning += choice?.delta?.reasoning_content ?? "";
    content += choice?.delta?.content ?? "";
  }
  if (reasoning || content) {
    seen.first ??= performance.now() - began;
    message.reasoning += reasoning;
    message.content += content;
    view.grow(reasoning, content);
  }
}

function numbersOf({ first, usage }, began) {
  const told = [];
  if (usage) {
    told.push(`↑${usage.prompt_tokens ?? "n/a"} ↓${usage.completion_tokens ?? "n/a"} tokens`);
  }
  if (first !== null) {
    const total = performance.now() - began;
    told.push(`first ${(first / 1000).toFixed(2)} s`, `whole ${(total / 1000).toFixed(2)} s`);
    if (usage?.completion_tokens > 1 && total > first) {
      told.push(`${((usage.completion_tokens - 1) / ((total - first) / 1000)).toFixed(0)} tok/s`);
    }
  }
  return told.join(" · ");
}

/** The data of a body's server-sent events, in lists of what came at once. */
async function* eventData(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split(/\r\n|\n|\r(?!$)/); // a CR at the end may be half of a line end
      rest = lines.pop();
      const complete = [];
      for (const line of lines) {
        if (line === "" && data.length) {
          complete.push(data.join("\n"));
          data = [];
        } else if (line === "data" || line.startsWith("data:")) {
          data.push(line.slice(5).replace(/^ /, ""));
        }
      }
      yield complete;
    }
  } finally {
    reader.cancel().catch(() => {}); // a stopped answer's is cancelled already
  }
}

function showRunning(is) {
  $("send").hidden = is;
  $("stop").hidden = !is;
  $("new").disabled = is;
  log.setAttribute("aria-busy", String(is)); // a screen reader reads the answer when it is whole
  if (is) {
    $("state").textContent = "Answering …";
  }
  prompt.focus();
}

function retry(view) {
  if (!running) {
    messages = messages.slice(0, messages.indexOf(view.message));
    while (view.root.nextSibling) {
      view.root.nextSibling.remove();
    }
    view.root.remove();
    reply();
  }
}

function fit() {
  prompt.style.height = "auto";
  prompt.style.height = `${prompt.scrollHeight}px`;
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = prompt.value;
  if (!text.trim() || running || model.disabled) {
    return;
  }
  prompt.value = "";
  fit();
  add({ role: "user", content: text });
  scroll.scrollTop = scroll.scrollHeight;
  keep();
  reply();
});
prompt.addEventListener("input", fit);
prompt.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    composer.requestSubmit();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) {
    running?.abort();
  }
});
$("stop").addEventListener("click", () => running?.abort());
$("new").addEventListener("click", () => {
  messages = [];
  log.querySelectorAll("article").forEach((each) => each.remove());
  $("intro").hidden = false;
  $("state").textContent = "Ready";
  keep();
  prompt.focus();
});
addEventListener("pagehide", keep);

messages = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
messages.forEach((message) => new View(message));
loadModels();
