/* The service worker: files of the site from the phone, today's pages sealed, and a page that says that there is no network.
   Only GET; what is sent goes past it. Reads: version, files, words, db. */
"use strict";
importScripts({{ db|tojson }});
const STATIC = "static-" + {{ version|tojson }};
const FILES = {{ files|tojson }};
const PATIENCE = 1500;
const NOBODY = {{ nothing|tojson }};

self.addEventListener("install", function (event) {
  self.skipWaiting();
  event.waitUntil(caches.open(STATIC).then(function (cache) { return cache.addAll(FILES); }));
});

self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) { return name !== STATIC; }).map(function (name) { return caches.delete(name); }));
  }).then(purge).then(function () { return self.clients.claim(); }));
});

self.addEventListener("message", function (event) {
  const asked = event.data || {};
  if (asked.keep) event.waitUntil(Promise.all(asked.keep.map(fetchToKeep)));
});

self.addEventListener("fetch", function (event) {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || url.searchParams.has("nosw")) return;
  if (url.pathname.indexOf("/static/") === 0 && url.searchParams.has("v")) event.respondWith(file(event.request));
  else if (event.request.mode === "navigate") event.respondWith(page(event, url));
});

function file(request) {
  return caches.match(request).then(function (found) { return found || fetch(request); });
}

/* The network has a moment; then what is kept is shown. What the site would not have kept any more is forgotten. */
function page(event, url) {
  const mayKeep = !url.search;
  const network = fetch(event.request).then(function (answer) {
    if (mayKeep && answer.ok && !answer.headers.has("X-Offline")) event.waitUntil(self.aidDb.remove("pages", url.pathname).catch(function () {}));
    return answer;
  });
  event.waitUntil(network.catch(function () {}));
  if (!mayKeep) return network.catch(offline);
  return kept(url.pathname).then(function (html) {
    if (html === null) return network.catch(offline);
    const late = new Promise(function (resolve) { setTimeout(resolve, PATIENCE); }).then(function () { return shown(html); });
    const first = network.then(function (answer) { return answer.status >= 500 ? shown(html) : answer; }, function () { return shown(html); });
    return Promise.race([first, late]);
  });
}

function offline() {
  return kept("/outbox").then(function (html) { return shown(html === null ? NOBODY : html); });
}
function shown(html) {
  return new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Content-Security-Policy": {{ csp|tojson }} } });
}

function fetchToKeep(path) {
  return fetch(path, { credentials: "same-origin", redirect: "manual", headers: { "X-Keep": "1" } }).then(function (answer) { return remember(path, answer); }).catch(function () {});
}

/* Kept is what says so, for as long as it says; a page that does no longer is forgotten. */
function remember(path, answer) {
  const seconds = Number(answer.headers.get("X-Offline")) || 0;
  if (!seconds || !answer.ok) return answer.ok ? self.aidDb.remove("pages", path) : Promise.resolve();
  const user = answer.headers.get("X-Offline-User");
  return answer.text().then(self.aidDb.seal).then(function (sealed) {
    return self.aidDb.put("pages", { path: path, user: user, until: Date.now() + seconds * 1000, iv: sealed.iv, box: sealed.box });
  }).catch(function () {});
}

function kept(path) {
  return Promise.all([self.aidDb.get("pages", path), self.aidDb.meta("user")]).then(function (found) {
    const row = found[0];
    if (!row || row.until < Date.now() || row.user !== found[1]) return null;
    return self.aidDb.unseal(row);
  }).catch(function () { return null; });
}

function purge() {
  return self.aidDb.all("pages").then(function (rows) {
    return Promise.all(rows.filter(function (row) { return row.until < Date.now(); }).map(function (row) { return self.aidDb.remove("pages", row.path); }));
  }).catch(function () {});
}
