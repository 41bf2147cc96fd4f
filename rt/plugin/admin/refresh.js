// Shows the page as it is by now, from time to time: its main part alone, so that
// what is open stays open. Nothing changes under the hands of whoever uses it.
"use strict";

const every = Number(document.currentScript.dataset.seconds) * 1000;

// inUse says whether something would be lost: text that is typed or selected, or
// where the keyboard is.
function inUse(main) {
  const active = document.activeElement;
  const selection = document.getSelection();
  return (main.contains(active) && !focusable(active)) ||
    (selection !== null && !selection.isCollapsed) ||
    [...main.querySelectorAll("input")].some((input) => input.value !== input.defaultValue);
}

// focusable returns what finds an element again in another page.
function focusable(element) {
  const details = element.closest("details[id]");
  if (details !== null && element.localName === "summary") {
    return "#" + CSS.escape(details.id) + " > summary";
  }
  return element.id && element.localName !== "input" ? "#" + CSS.escape(element.id) : "";
}

function replace(old, page) {
  const main = page.getElementById("main");
  for (const details of old.querySelectorAll("details[id][open]")) {
    page.getElementById(details.id)?.setAttribute("open", "");
  }
  const focus = old.contains(document.activeElement) ? focusable(document.activeElement) : "";
  old.replaceWith(document.adoptNode(main));
  if (focus !== "") {
    document.querySelector(focus)?.focus({ preventScroll: true });
  }
}

async function refresh() {
  const main = document.getElementById("main");
  if (document.hidden || inUse(main)) {
    return;
  }
  const answer = await fetch(location.href);
  if (answer.redirected || !answer.ok) {
    location.reload(); // to log in again, or to see what is wrong
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (document.getElementById("main") === main && !inUse(main)) {
    replace(main, page);
  }
}

async function run() {
  try {
    await refresh();
  } catch {
    // The program is not there at the moment.
  }
  setTimeout(run, every);
}

setTimeout(run, every);
