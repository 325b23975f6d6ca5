// A small client of WebDriver (https://www.w3.org/TR/webdriver2/), for the browsers that Playwright
// drives in builds of its own only: here they are those that people have.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** The longest that anything is waited for, in milliseconds. */
const PATIENCE = 20_000;
/** How an element is named in messages. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** Keys without a character, as WebDriver names them. */
export const keys = { control: "\ue009", end: "\ue010", home: "\ue011", enter: "\ue007" };

/** What is known of each browser: how its driver is started and what is asked of it. */
const browsers = {
  firefox: {
    parts: (port, binary) => ["--host", "127.0.0.1", "--port", port, "--websocket-port", 0, "--binary", binary],
    wants: (binary) => ({
      "moz:firefoxOptions": {
        binary,
        args: ["-headless"],
        // Not a word to the network.
        prefs: { "network.captive-portal-service.enabled": false, "network.connectivity-service.enabled": false, "app.update.enabled": false },
      },
    }),
  },
  webkit: {
    parts: (port) => [`--port=${port}`],
    wants: (binary) => ({ "webkitgtk:browserOptions": { binary, args: ["--automation"] } }),
  },
};

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this through \`cargo xtask test --browsers all\``);
  return value;
}

/** A port that nobody has now. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return String(port);
}

/** A screen in memory, for a browser that wants one; nothing where there is a screen or none is wanted. */
async function screen() {
  const program = process.env.STAGECRAFT_XVFB;
  if (!program) return undefined;
  const child = spawn(program, ["-displayfd", "3", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const [number] = await once(child.stdio[3], "data");
  return { child, display: `:${String(number).trim()}` };
}

/** A browser with one window. */
export class Browser {
  /** Starts the driver that the settings name, and by it a browser. */
  static async start() {
    const kind = browsers[setting("STAGECRAFT_BROWSER")];
    const binary = setting("STAGECRAFT_BROWSER_BINARY");
    const browser = new Browser();
    browser.screen = await screen();
    const port = await freePort();
    const env = { ...process.env, ...(browser.screen ? { DISPLAY: browser.screen.display, GDK_BACKEND: "x11" } : {}) };
    browser.driver = spawn(setting("STAGECRAFT_DRIVER"), kind.parts(port, binary), { env, stdio: ["ignore", "ignore", "pipe"] });
    browser.said = "";
    browser.driver.stderr.on("data", (text) => (browser.said = (browser.said + text).slice(-4_000)));
    browser.address = `http://127.0.0.1:${port}`;
    try {
      await until(() => browser.ask("GET", "/status").then(() => true, () => false), "the driver to answer");
      const { sessionId, capabilities } = await browser.ask("POST", "/session", {
        capabilities: { alwaysMatch: kind.wants(binary) },
      });
      browser.version = `${capabilities.browserName} ${capabilities.browserVersion}`;
      browser.address += `/session/${sessionId}`;
      await browser.ask("POST", "/timeouts", { script: PATIENCE, pageLoad: 3 * PATIENCE, implicit: 0 });
      await browser.ask("POST", "/window/rect", { width: 1440, height: 1000 });
    } catch (error) {
      await browser.stop();
      throw new Error(`the browser does not start: ${error.message}\n${browser.said}`, { cause: error });
    }
    return browser;
  }

  /** Ends the browser, its driver and its screen. */
  async stop() {
    if (this.version) await this.ask("DELETE", "").catch(() => {});
    this.driver?.kill();
    this.screen?.child.kill();
  }

  /** One command of WebDriver. */
  async ask(method, path, body) {
    const answer = await fetch(this.address + path, {
      method,
      signal: AbortSignal.timeout(3 * PATIENCE),
      ...(method === "POST" ? { body: JSON.stringify(body ?? {}), headers: { "content-type": "application/json" } } : {}),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  }

  /** Opens an address. */
  open(url) {
    return this.ask("POST", "/url", { url });
  }

  /** Loads the page again as a person does: Firefox's driver would pass the page's service worker by. */
  async reload() {
    await this.run(() => {
      window.isOld = true;
      setTimeout(() => location.reload());
    });
    // Between two pages there is none that could answer.
    await until(() => this.run(() => !window.isOld).catch(() => false), "the page to be loaded again");
  }

  /** What a function returns in the page; a promise is waited for. */
  run(body, ...args) {
    const script = `const done = arguments[arguments.length - 1];
Promise.resolve((${body})(...Array.prototype.slice.call(arguments, 0, -1))).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    return this.ask("POST", "/execute/async", { script, args }).then((answer) => {
      if (answer.error) throw new Error(answer.error);
      return answer.value;
    });
  }

  /** Waits until a function is true in the page. */
  waitFor(body, ...args) {
    return until(() => this.run(body, ...args), `${body} with ${JSON.stringify(args)}`);
  }

  /** The first element of a selector, once it is there. */
  async element(selector) {
    let found;
    await until(async () => {
      [found] = await this.ask("POST", "/elements", { using: "css selector", value: selector });
      return found;
    }, selector);
    return found[ELEMENT];
  }

  /** Clicks on what a selector finds. */
  async click(selector) {
    await this.ask("POST", `/element/${await this.element(selector)}/click`);
  }

  /** Types text where the focus is. */
  type(text) {
    const pressed = [...text].map((value) => (value === "\n" ? keys.enter : value));
    return this.press(pressed.flatMap((value) => [down(value), up(value)]));
  }

  /** Presses keys together, the last one last. */
  chord(...values) {
    return this.press([...values.map(down), ...values.reverse().map(up)]);
  }

  async press(actions) {
    await this.ask("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }
}

const down = (value) => ({ type: "keyDown", value });
const up = (value) => ({ type: "keyUp", value });

/** Waits until something is true. */
async function until(check, what) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await pause(50);
  }
}
