// Renews a page of the report while it is looked at.
"use strict";

const everyMillis = 5000;
const focusable = "a, button, input, summary, [tabindex]";

/** What the reader has done to the page stays: what is open, ticked, scrolled to, in focus. */
function keepFor(main, renewed) {
  const pairs = (selector) => {
    const before = Array.from(main.querySelectorAll(selector));
    return Array.from(renewed.querySelectorAll(selector), (one, place) => [before[place], one]);
  };
  for (const [before, after] of pairs("details")) {
    after.open = before !== undefined && before.open;
  }
  const ticked = new Map(
    Array.from(main.querySelectorAll("input"), (box) => [box.value, box.checked]));
  for (const box of renewed.querySelectorAll("input")) {
    box.checked = ticked.has(box.value) ? ticked.get(box.value) : box.checked;
  }
  const scrolled = pairs(".scroll").map(([before, after]) => [after, before?.scrollLeft ?? 0]);
  const focused = pairs(focusable).find(([before]) => before === document.activeElement);
  return () => {
    for (const [after, left] of scrolled) {
      after.scrollLeft = left;
    }
    if (focused !== undefined) {
      focused[1].focus({ preventScroll: true });
    }
  };
}

function say(text) {
  const connection = document.getElementById("connection");
  if (connection.textContent !== text) {
    connection.textContent = text;
  }
}

async function renew() {
  if (document.hidden || !document.getSelection().isCollapsed) {
    return;
  }
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    const text = await answer.text();
    if (!answer.ok) {
      say(`${text.trim()}. The page is as it was then.`);
      return;
    }
    const page = new DOMParser().parseFromString(text, "text/html");
    const main = document.querySelector("main");
    const renewed = page.querySelector("main");
    const finish = keepFor(main, renewed);
    main.replaceWith(renewed);
    finish();
    document.title = page.title;
    say("");
  } catch (failure) {
    say("No answer any more: what served this page has ended. The page is as it was then.");
  }
}

setInterval(renew, everyMillis);
document.addEventListener("visibilitychange", renew);
