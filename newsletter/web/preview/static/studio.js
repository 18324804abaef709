// The studio's page. State lives in the URL; what is shown comes from /api; content enters as text, never as markup.

const CHOICES = {
  view: ["html", "text", "inbox"],
  width: ["phone", "desktop", "full"],
  scheme: ["light", "dark"],
};
const DEFAULTS = { view: "html", width: "desktop", scheme: "light" };
const PANES = ["html", "text", "inbox", "broken"];
const FRAME_RIGHTS = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"; // no scripts

const byId = (id) => document.getElementById(id);
const stage = byId("stage");
const picker = byId("issue");
const state = fromUrl();
let issues = [];
let sight = null; // what the server said last of state.issue
let turn = 0; // counts refreshes; an answer that was overtaken is dropped
let frame = null; // the email on show
let arriving = null; // the email that will replace it once it can be seen
let place = null; // where scroll positions of what is on show are kept

// --- state --------------------------------------------------------------------------------------------------------

function fromUrl() {
  const given = new URLSearchParams(location.search);
  const found = { issue: given.get("issue") ?? "", version: Number(given.get("version")) };
  for (const [key, values] of Object.entries(CHOICES)) {
    found[key] = values.includes(given.get(key)) ? given.get(key) : DEFAULTS[key];
  }
  return found;
}

function toUrl() {
  const query = new URLSearchParams({ issue: state.issue });
  for (const [key, value] of Object.entries(DEFAULTS)) {
    if (state[key] !== value) query.set(key, state[key]);
  }
  if (state.version) query.set("version", state.version);
  history.replaceState(null, "", `?${query}`);
}

function choose(key, value) {
  state[key] = value;
  toUrl();
  draw();
}

function chooseIssue(name) {
  if (!name || name === state.issue) return;
  state.issue = name;
  state.version = 0;
  toUrl();
  refresh();
}

// --- what the server says -----------------------------------------------------------------------------------------

class ServerGone extends Error {}

async function ask(path) {
  const response = await fetch(path).catch(() => {
    throw new ServerGone(path);
  });
  if (response.ok) return response.json();
  return { state: "broken", message: await response.text(), hint: "", faults: [], issues: [] };
}

async function refresh() {
  const mine = ++turn;
  try {
    const names = (await ask("/api/issues")).issues;
    const issue = state.issue || names[0] || "";
    const found = issue ? await ask(`/api/issues/${encodeURIComponent(issue)}`) : noIssues();
    if (mine !== turn) return;
    [issues, sight] = [names, found];
    if (issue !== state.issue) {
      state.issue = issue;
      toUrl();
    }
    const bad = sight.state === "broken";
    tell(`${bad ? "Broken" : "Updated"} ${new Date().toLocaleTimeString()}`, bad);
    draw();
  } catch (error) {
    if (!(error instanceof ServerGone)) throw error;
    tell("Connection lost", true);
  }
}

function noIssues() {
  const hint = "write the first one, for instance issues/vol-1-issue-1.yaml";
  return { state: "broken", message: "there are no issues yet", hint, faults: [] };
}

function listen() {
  const news = new EventSource("/api/changes");
  news.addEventListener("hello", refresh); // also after a connection was lost
  news.addEventListener("change", refresh);
  news.addEventListener("error", () => tell("Connection lost", true));
}

function tell(text, bad = false) {
  byId("status").textContent = text;
  byId("status").classList.toggle("bad", bad);
}

// --- drawing ------------------------------------------------------------------------------------------------------

function el(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children); // strings become text nodes
  return made;
}

function draw() {
  drawTools();
  if (!sight) return;
  const shown = sight.state === "shown";
  drawMessage(shown ? sight : null);
  if (!shown) {
    drawProblems();
    byId("variants").hidden = true;
    show("broken");
    return;
  }
  drawVersions();
  byId("text").textContent = version().text;
  byId("inbox").replaceChildren(...inboxRows());
  if (state.view === "html") showEmail();
  else show(state.view);
}

// What the chosen readers get; an issue that is the same for everybody has one version.
function version() {
  return sight.versions[state.version] ?? sight.versions[0];
}

function drawVersions() {
  byId("variants").hidden = sight.versions.length < 2;
  const chosen = sight.versions.indexOf(version());
  const options = sight.versions.map((each, at) => new Option(each.readers, String(at), false, at === chosen));
  byId("version").replaceChildren(...options);
}

function drawTools() {
  for (const button of document.querySelectorAll("button[data-key]")) {
    button.setAttribute("aria-pressed", String(state[button.dataset.key] === button.dataset.value));
  }
  const names = issues.includes(state.issue) || !state.issue ? issues : [state.issue, ...issues];
  picker.replaceChildren(...names.map((name) => new Option(name, name, false, name === state.issue)));
  picker.disabled = names.length === 0;
  byId("newer").disabled = !neighbour(-1);
  byId("older").disabled = !neighbour(+1);
  for (const paper of document.querySelectorAll(".paper")) {
    paper.dataset.width = state.width;
    paper.dataset.scheme = state.scheme;
  }
}

function drawMessage(shown) {
  byId("subject").textContent = shown ? shown.subject : state.issue || "No issue";
  byId("preheader").textContent = shown
    ? shown.preheader || "No preheader: inboxes show how the text begins"
    : "Cannot be shown yet";
  byId("subject").lang = byId("preheader").lang = byId("text").lang = byId("inbox").lang = shown?.language ?? "en";
  byId("digest").textContent = shown ? shown.digest.slice(0, 12) : "–";
  byId("digest").title = shown?.digest ?? "";
  const size = shown ? version().size : 0;
  const share = shown ? size / shown.limit : 0;
  byId("size").textContent = shown ? `${kilobytes(size)} of ${kilobytes(shown.limit)} kB` : "–";
  const pictures = shown?.pictures ?? [];
  byId("pictures").parentElement.hidden = pictures.length === 0;
  byId("pictures").textContent = `${pictures.length}, ${kilobytes(pictures.reduce((sum, each) => sum + each.bytes, 0))} kB`;
  byId("pictures").title = pictures.map((each) => `${each.from}: ${each.width} × ${each.height}, ${kilobytes(each.bytes)} kB`).join("\n");
  byId("size").title = "Gmail clips a message whose HTML is larger";
  if (share > 1) byId("size").append(": Gmail clips it");
  byId("size").classList.toggle("bad", share > 1);
  byId("meter").hidden = !shown;
  Object.assign(byId("meter"), { low: 0.75, high: 0.95, optimum: 0, value: share });
  document.title = shown ? `${shown.subject} · Preview` : `Problems in ${state.issue} · Preview`;
}

const kilobytes = (bytes) => (bytes / 1000).toFixed(bytes < 100_000 ? 1 : 0);

function inboxRows() {
  const teaser = sight.preheader || version().text.replace(/\s+/g, " ").slice(0, 140);
  const row = el(
    "div",
    "row ours",
    el("span", "sender", sight.sender),
    el("span", "line", el("span", "subject", sight.subject), el("span", "preheader", teaser)),
    el("span", "date", sight.date),
  );
  const other = () => {
    const bars = el("div", "row", el("span", "sender", el("i", "")), el("span", "line", el("i", ""), el("i", "")));
    bars.setAttribute("aria-hidden", "true");
    return bars;
  };
  return [other(), row, other(), other()];
}

function drawProblems() {
  const list = el("ol", "faults", ...sight.faults.map(faultItem));
  byId("broken").replaceChildren(
    el("h2", "", sight.message),
    ...(sight.hint ? [el("p", "hint", sight.hint)] : []),
    ...(sight.faults.length ? [list] : []),
  );
}

function faultItem(fault) {
  const where = el("p", "where", el("code", "", `${fault.file}:${fault.line}:${fault.column}`));
  if (fault.path) where.append(el("code", "path", fault.path));
  const item = el("li", "", where, el("p", "said", fault.message));
  if (fault.source.trim()) {
    const before = [...fault.source].slice(0, fault.column - 1).join("").replace(/[^\t]/g, " ");
    const number = String(fault.line);
    const caret = el("span", "caret", "^");
    const margin = " ".repeat(number.length);
    item.append(el("pre", "", `${number} | ${fault.source}\n${margin} | ${before}`, caret));
  }
  if (fault.hint) item.append(el("p", "hint", fault.hint));
  return item;
}

// --- the email ----------------------------------------------------------------------------------------------------

function showEmail() {
  const url = `/proof/${encodeURIComponent(state.issue)}?scheme=${state.scheme}&version=${sight.versions.indexOf(version())}&digest=${sight.digest}`;
  if (frame?.dataset.url === url) {
    arriving?.remove();
    arriving = null;
    show("html");
  } else if (arriving?.dataset.url !== url) {
    fetchEmail(url);
  }
}

// The next email loads behind the one on show and takes its place when it is there: no white flash, no lost scrolling.
function fetchEmail(url) {
  arriving?.remove();
  const next = el("iframe", "arriving");
  next.title = "Email";
  next.setAttribute("sandbox", FRAME_RIGHTS);
  next.dataset.url = next.src = url;
  byId("html").append(next);
  arriving = next;
  const look = () => {
    if (arriving !== next) return;
    const inside = next.contentDocument;
    // Images may take their time, so this does not wait for the load event.
    if (inside && inside.URL !== "about:blank" && inside.readyState !== "loading") takePlace(next);
    else setTimeout(look, 15);
  };
  look();
}

function takePlace(next) {
  frame?.remove();
  [frame, arriving] = [next, null];
  next.classList.remove("arriving");
  const inside = next.contentDocument;
  inside.addEventListener("keydown", onKey);
  new ResizeObserver(() => fit(next)).observe(inside.documentElement);
  if (sight?.state === "shown" && state.view === "html") show("html");
}

// The frame is as tall as the email, so that the stage scrolls and the email has its full width, as on a phone.
function fit(email) {
  const root = email.contentDocument?.documentElement;
  if (!root || byId("html").hidden) return;
  const own = Math.ceil(root.getBoundingClientRect().height);
  email.style.height = `${Math.max(own, stage.clientHeight - 64)}px`;
}

// --- panes and their scroll positions -----------------------------------------------------------------------------

function show(pane) {
  for (const id of PANES) byId(id).hidden = id !== pane;
  stage.dataset.pane = pane;
  if (pane === "html") fit(frame);
  place = `scroll ${state.issue} ${pane}`;
  stage.scrollTop = Number(sessionStorage.getItem(place) ?? 0);
}

stage.addEventListener("scroll", () => place && sessionStorage.setItem(place, String(stage.scrollTop)));
window.addEventListener("resize", () => frame && fit(frame));

// --- controls -----------------------------------------------------------------------------------------------------

function neighbour(step) {
  return issues[issues.indexOf(state.issue) + step];
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("select, input, textarea")) return;
  const button = document.querySelector(`button[aria-keyshortcuts="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
}

document.addEventListener("keydown", onKey);
picker.addEventListener("change", () => chooseIssue(picker.value));
byId("version").addEventListener("change", () => choose("version", Number(byId("version").value)));
byId("older").addEventListener("click", () => chooseIssue(neighbour(+1)));
byId("newer").addEventListener("click", () => chooseIssue(neighbour(-1)));
for (const button of document.querySelectorAll("button[data-key]")) {
  button.addEventListener("click", () => choose(button.dataset.key, button.dataset.value));
}
window.addEventListener("popstate", () => {
  Object.assign(state, fromUrl());
  refresh();
});

drawTools();
listen();
