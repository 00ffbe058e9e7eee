/* What EventSource hears from this server's streams, and what becomes of their connections. */

import { askForKey, keyHeaders, problemOf, withKey } from "./key.js";

/** How many events stay on the page. */
const SHOWN = 100;
/** The events that have names; a browser gives those to nobody who did not ask for them by name. */
const NAMED = ["update", "end", "shutdown"];

class Listener {
  constructor(card) {
    this.path = card.dataset.path;
    this.form = card.querySelector("form");
    this.state = card.querySelector(".state");
    this.count = card.querySelector(".count");
    this.heard = card.querySelector(".heard");
    this.said = card.querySelector(".said");
    this.open = card.querySelector("[type=submit]");
    this.shut = card.querySelector(".close");
    this.source = null;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.listen();
    });
    this.shut.addEventListener("click", () => this.close("Closed by you"));
  }

  listen() {
    this.close("");
    const given = [...new FormData(this.form)].filter(([, value]) => value !== "");
    const query = new URLSearchParams(given).toString();
    this.url = this.path + (query ? `?${query}` : "");
    this.events = 0;
    this.connections = 0;
    this.heard?.replaceChildren();
    this.said?.replaceChildren();
    const source = new EventSource(withKey(this.url));
    this.source = source;
    this.#show("Connecting …");
    source.onopen = () => {
      this.connections += 1;
      this.#show("Open");
    };
    source.onmessage = (event) => this.#take(event);
    NAMED.forEach((name) => source.addEventListener(name, (event) => this.#take(event)));
    source.onerror = () => this.#lost(source);
  }

  close(why) {
    this.source?.close();
    this.source = null;
    this.#show(why);
  }

  #take(event) {
    this.events += 1;
    if (this.said) {
      this.#say(event);
    } else {
      this.#list(event);
    }
    if (event.type === "end") {
      this.close("Ended");
    } else {
      this.#show("Open");
    }
  }

  #list(event) {
    const item = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = event.type;
    item.append(name, event.lastEventId ? ` ${event.lastEventId} ` : " ", event.data);
    this.heard.prepend(item);
    while (this.heard.childElementCount > SHOWN) {
      this.heard.lastChild.remove();
    }
  }

  #say(event) {
    if (event.type === "message") {
      const said = JSON.parse(event.data);
      this.said.append(said.error ? `\n${said.error.message}` : (said.content ?? ""));
      this.said.scrollTop = this.said.scrollHeight;
    }
  }

  /** A browser says nothing about why; so the server is asked once more when it does not come back by itself. */
  async #lost(source) {
    if (source.readyState === EventSource.CONNECTING) {
      this.#show("Reconnecting …");
      return;
    }
    this.close("Ended by the server");
    if (this.connections) {
      return;
    }
    try {
      const response = await fetch(this.url, { method: "HEAD", headers: keyHeaders() });
      if (response.status === 401) {
        this.#show(await problemOf(response));
        await askForKey(document.getElementById("key-form"));
        keyLinks();
        this.listen();
      } else if (!response.ok) {
        this.#show(await problemOf(response));
      }
    } catch (error) {
      this.#show(`The server cannot be reached: ${error.message}`);
    }
  }

  #show(state) {
    if (this.state.textContent !== state) {
      this.state.textContent = state; // read aloud, so only when it changes
    }
    const told = [];
    if (this.events) {
      told.push(`${this.events} ${this.events === 1 ? "event" : "events"}`);
    }
    if (this.connections > 1) {
      told.push(`${this.connections} connections`);
    }
    this.count.textContent = told.map((each) => ` · ${each}`).join("");
    this.state.classList.toggle("live", this.source !== null);
    this.shut.hidden = this.source === null;
    this.open.hidden = this.source !== null;
  }
}

function keyLinks() {
  document.querySelectorAll("a[data-keyed]").forEach((link) => {
    link.href = withKey(link.getAttribute("href"));
  });
}

document.querySelectorAll(".card").forEach((card) => new Listener(card));
keyLinks();
