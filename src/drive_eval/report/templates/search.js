"use strict";
(() => {
  const LIMIT = 20;
  const form = document.getElementById("search");
  const wanted = document.getElementById("wanted");
  const shortcut = document.getElementById("shortcut");
  const found = document.getElementById("found");
  const results = document.getElementById("results");
  let index;

  // One spelling for what is searched and what is typed: 1,048 is 1048, 0.042 is .042, odds_ratio is two words.
  const plain = (text) =>
    text.toLowerCase().replace(/(\d),(?=\d{3})/g, "$1").replace(/(?<![\d.])0\.(?=\d)/g, ".").replace(/_/g, " ")
      .replace(/\s+/g, " ").trim();
  const cells = (row) => [...row.cells].map((cell) => cell.textContent.trim()).filter(Boolean).join(" · ");

  function* places() {
    for (const section of document.querySelectorAll("section.exhibit")) {
      const title = section.querySelector("h3").textContent;
      const entry = (weight, words, id, also = "") => ({ group: section.id, title, weight, words, id, also });
      yield entry(60, title, section.id, section.id);
      for (const row of section.querySelectorAll(".published tbody tr"))
        yield entry(50, cells(row), row.id, row.dataset.result);
      for (const row of section.querySelectorAll(".numbers tbody tr")) yield entry(40, cells(row), section.id, title);
      for (const words of section.querySelectorAll(".alt, .base, .note, .discrepancies li"))
        yield entry(30, words.textContent, section.id, title);
    }
    for (const line of document.querySelectorAll("li.finding"))
      yield { group: line.id, title: "Executive summary", weight: 45, words: line.textContent, id: line.id, also: "" };
    for (const section of document.querySelectorAll("section.method")) {
      const title = `Method: ${section.querySelector("h3").textContent}`;
      yield { group: section.id, title, weight: 20, words: title, id: section.id, also: section.textContent };
    }
  }

  // A number is found as a whole number only, a word by its beginning.
  function test(token) {
    const exact = token.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return /\d/.test(token) && /^[.\d]+$/.test(token)
      ? new RegExp(`(?<![\\d.])${exact}(?!\\d|\\.\\d)`)
      : new RegExp(`(?<![a-z0-9])${exact}`);
  }

  function score(entry, phrase, tests) {
    if (!tests.every((one) => one.test(entry.searched))) return 0;
    return entry.weight === 60 && plain(entry.title).startsWith(phrase) ? 100 : entry.weight;
  }

  function search(text) {
    const phrase = plain(text);
    const tokens = phrase.split(" ").map((token) => token.replace(/^[^a-z0-9.]+|[^a-z0-9]+$/g, "")).filter(Boolean);
    if (!tokens.length) return [];
    index ??= [...places()].map((entry) => ({ ...entry, searched: plain(`${entry.words} ${entry.also}`) }));
    const tests = tokens.map(test);
    const best = new Map();
    for (const entry of index) {
      const points = score(entry, phrase, tests);
      if (points > (best.get(entry.group)?.points ?? 0)) best.set(entry.group, { ...entry, points });
    }
    return [...best.values()].sort((one, other) => other.points - one.points);
  }

  function show() {
    const hits = search(wanted.value);
    const count = `${hits.length} ${hits.length === 1 ? "result" : "results"}`;
    found.textContent = !wanted.value.trim() ? "" : hits.length > LIMIT ? `${count}; the first ${LIMIT} are listed` : count;
    results.replaceChildren(...hits.slice(0, LIMIT).map((hit) => {
      const line = document.createElement("li");
      const link = line.appendChild(document.createElement("a"));
      link.href = `#${hit.id}`;
      link.textContent = hit.title;
      if (hit.words !== hit.title) {
        const words = line.appendChild(document.createElement("span"));
        words.textContent = hit.words.length > 200 ? `${hit.words.slice(0, 200)} …` : hit.words;
      }
      return line;
    }));
  }

  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const closed = target?.closest("details:not([open])");
    if (closed) {
      closed.open = true;
      target.scrollIntoView();
    }
  }

  form.hidden = false;
  wanted.addEventListener("input", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    results.querySelector("a")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    const busy = event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, textarea, select");
    if (event.key !== "/" || busy || !shortcut.checked) return;
    event.preventDefault();
    wanted.focus();
    wanted.select();
  });
  addEventListener("hashchange", reveal);
  reveal();
})();
