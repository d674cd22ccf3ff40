/* What this phone keeps: an outbox, what was acknowledged, and today's pages, in IndexedDB, sealed by a key that cannot leave it.
   Loaded by pages and by the service worker. Promises throughout; a refusal of the browser (no room, forbidden) rejects.
   Stores: out {id, user, family, rk, at, tries, next, state, why, iv, box}, done {id, user, until, at, number, generation, iv, box},
   pages {path, user, until, iv, box}, meta {k, v}. `rk` is the slot (data-slot of the form), `next` when it is tried again; `state` is
   wait, login (until somebody signs in), conflict or reject. `meta` has key, user, labels, and hand|USER, the secret for handing over. */
(function (root) {
  "use strict";
  const STORES = { out: "id", done: "id", pages: "path", meta: "k" };
  let opening = null;

  function open() {
    if (opening) return opening;
    opening = new Promise(function (resolve, reject) {
      const asked = root.indexedDB.open("aidtracker", 1);
      asked.onupgradeneeded = function () {
        Object.keys(STORES).forEach(function (name) { asked.result.createObjectStore(name, { keyPath: STORES[name] }); });
      };
      asked.onsuccess = function () {
        asked.result.onversionchange = asked.result.onclose = function () { asked.result.close(); opening = null; };
        resolve(asked.result);
      };
      asked.onerror = function () { reject(asked.error); };
    });
    opening.catch(function () { opening = null; });
    return opening;
  }

  /* Runs act(store, ...) in one transaction and answers what its request found once everything is on the disk.
     Whoever writes holds every store, so that the browser lets one write at a time: of two that were unfinished when it was killed Chromium
     says at its next start that the database is damaged (both had shared a lock that each now has to have alone), and deletes all of it. */
  function run(names, mode, act) {
    return open().then(function (db) {
      return new Promise(function (resolve, reject) {
        const list = [].concat(names);
        const unit = db.transaction(mode === "readwrite" ? Object.keys(STORES) : list, mode, { durability: "strict" });
        const asked = act.apply(null, list.map(function (name) { return unit.objectStore(name); }));
        unit.oncomplete = function () { resolve(asked && asked.result); };
        unit.onerror = unit.onabort = function () { reject(unit.error || new Error("aborted")); };
      });
    });
  }
  function all(name) { return run(name, "readonly", function (store) { return store.getAll(); }); }
  function get(name, key) { return run(name, "readonly", function (store) { return store.get(key); }); }
  function put(name, row) { return run(name, "readwrite", function (store) { return store.put(row); }); }
  function remove(name, key) { return run(name, "readwrite", function (store) { return store.delete(key); }); }
  function meta(k) { return get("meta", k).then(function (row) { return row && row.v; }); }

  /* Two tabs may make one at once: the first that is stored is the key of both. */
  function key() {
    return meta("key").then(function (known) {
      if (known) return known;
      return root.crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]).then(function (made) {
        return run("meta", "readwrite", function (store) {
          const asked = store.get("key");
          asked.onsuccess = function () { if (!asked.result) store.put({ k: "key", v: made }); };
        }).then(function () { return meta("key"); });
      });
    });
  }
  function seal(value) {
    const iv = root.crypto.getRandomValues(new Uint8Array(12));
    return key().then(function (secret) {
      return root.crypto.subtle.encrypt({ name: "AES-GCM", iv: iv }, secret, new TextEncoder().encode(JSON.stringify(value)));
    }).then(function (box) { return { iv: iv, box: box }; });
  }
  function unseal(row) {
    return key().then(function (secret) {
      return root.crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, secret, row.box);
    }).then(function (bytes) { return JSON.parse(new TextDecoder().decode(bytes)); });
  }

  root.aidDb = { run: run, all: all, get: get, put: put, remove: remove, meta: meta, seal: seal, unseal: unseal };
})(self);
