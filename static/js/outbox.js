/* Nothing written down is lost: a form with data-outbox="KIND" goes into this phone's outbox first and from there to the site, once.

   Where the browser has no storage or no sealing (plain HTTP, very old) this file does nothing and forms are sent as ever.
   The badge #outbox-badge of the top bar names the person (data-user, data-family) and has the words of every state.
   A form has data-place (JSON of further fields), data-label, data-next, and data-slot where there is one such thing only: a later
   version takes the place of the one that waits. data-settles: it ends a conflict, so nothing that waits is filled in. This file
   marks a form itself: data-former is the item that it became, data-restored when it has been filled in.
   Also read: data-plain (this form goes past the outbox), data-leave (the form that signs out), a[data-discard=SLOT] (drops what waits
   there), data-keep (addresses of pages to keep for times without signal).
   The kinds are those of aidtracker/mobile/intake.py.
   An item is dropped only when the site has acknowledged it, when a later version took its place, or by hand. */
(function () {
  "use strict";
  const db = self.aidDb;
  const badge = document.getElementById("outbox-badge");
  if (!badge || !db || !self.isSecureContext || !self.indexedDB || !(self.crypto && self.crypto.subtle) || !self.fetch) return;
  const me = badge.dataset.user;
  const words = badge.dataset;
  const STEPS = [3, 8, 20, 45, 90, 180, 300];
  const PATIENCE = 12000;
  const DAY = 24 * 3600 * 1000;
  const KEPT = 14 * DAY;
  const watchers = [];
  const pages = {};  // of what this tab has sent
  let timer = null;
  let sending = null;

  function uuid() {
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    const hex = Array.from(b, function (one) { return (one + 256).toString(16).slice(1); }).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
  }
  function isMine(item) { return item.user === me; }
  function items() {
    return db.all("out").then(function (rows) { return rows.sort(function (a, b) { return a.at - b.at; }); });
  }

  function waiting(id, at, slot, sealed) {
    return { id: id, user: me, family: words.family, rk: slot, at: at, tries: 0, next: 0, state: "wait", why: "", iv: sealed.iv, box: sealed.box };
  }

  /* Written before any network. One transaction: the new one is there before the one that it replaces goes. */
  function put(content, slot, former) {
    return db.seal(content).then(function (sealed) {
      const item = waiting(uuid(), Date.now(), slot || null, sealed);
      return db.run("out", "readwrite", function (store) {
        const asked = store.add(item);
        store.getAll().onsuccess = function (event) {
          event.target.result.forEach(function (old) {
            if (isMine(old) && old.id !== item.id && (old.id === former || (slot && old.rk === slot))) store.delete(old.id);
          });
        };
        return asked;
      }).then(function () { return item; });
    });
  }

  function change(id, values) {
    return db.run("out", "readwrite", function (store) {
      const asked = store.get(id);
      asked.onsuccess = function () { if (asked.result) store.put(Object.assign(asked.result, values)); };
    });
  }

  /* Acknowledged: opaque ids and marks stay for two weeks, should the site be restored from before; words are not kept. */
  function acknowledge(item, content, receipt) {
    const bare = content.kind === "roll" && !content.fields.some(function (pair) { return /^reason/.test(pair[0]) && pair[1]; });
    const left = { kind: content.kind, at: content.at, fields: bare ? content.fields : null };
    return db.seal(left).then(function (sealed) {
      const done = {
        id: item.id, user: item.user, until: Date.now() + KEPT, at: item.at, number: receipt.number, generation: receipt.generation,
        iv: sealed.iv, box: sealed.box
      };
      return db.run(["out", "done"], "readwrite", function (out, kept) {
        kept.put(done);
        out.delete(item.id);
      });
    }).catch(function () { return db.remove("out", item.id); });
  }

  function ask(path, options) {
    const stop = self.AbortController ? new AbortController() : null;
    const size = options && options.body ? options.body.length : 0;  // photos take their time on a weak line: five kilobytes a second
    const late = setTimeout(function () { if (stop) stop.abort(); }, PATIENCE + size / 5);
    const told = Object.assign({ credentials: "same-origin", cache: "no-store", headers: {} }, options, stop ? { signal: stop.signal } : {});
    told.headers.Accept = "application/json";
    return fetch(path, told).then(function (answer) {
      if (!/json/.test(answer.headers.get("Content-Type") || "")) return { status: answer.redirected ? 401 : 0, body: {} };
      return answer.json().then(function (body) { return { status: answer.status, body: body }; });
    }).catch(function () { return { status: 0, body: {} }; }).then(function (found) { clearTimeout(late); return found; });
  }

  /* One tab at a time. Where there are no locks the site's own receipts see to it that a thing sent twice happens once. */
  function alone(act) {
    if (navigator.locks) return navigator.locks.request("aidtracker-outbox", act);
    return act();
  }

  function flush() {
    if (!sending) sending = alone(sendAll).catch(function () {}).then(function () { sending = null; return show(); });
    return sending;
  }

  function sendAll() {
    return items().then(function (rows) {
      const due = rows.filter(function (item) { return isMine(item) && (item.state === "wait" || item.state === "login") && item.next <= Date.now(); });
      return due.length ? ask("/outbox/session").then(function (session) { return sendThem(due, session); }) : null;
    });
  }
  function sendThem(due, session) {
    if (session.status === 401 || (session.status === 200 && session.body.user !== me)) return each(due, function (item) { return wait(item, "login"); });
    if (session.status !== 200) return each(due, function (item) { return wait(item, "wait"); });
    return learn(session.body).then(function () {
      return each(due, function (item) { return sendOne(item, session.body); });
    });
  }
  function each(list, act) {
    return list.reduce(function (before, item) { return before.then(function () { return act(item); }); }, Promise.resolve());
  }
  function wait(item, state) {
    const seconds = STEPS[Math.min(item.tries, STEPS.length - 1)];
    return change(item.id, { state: state, tries: item.tries + 1, next: Date.now() + seconds * 1000 });
  }

  function sendOne(item, session) {
    return db.get("out", item.id).then(function (row) {  // deleted or replaced meanwhile: not sent
      if (!row) return null;
      return db.unseal(row).catch(function () { return null; }).then(function (content) {
        if (!content) return change(item.id, { state: "reject", why: words.lost });
        return post(item.id, content, session.csrf).then(function (answer) { return settle(item, content, answer); });
      });
    });
  }
  function post(id, content, csrf) {
    const body = JSON.stringify({ id: id, kind: content.kind, at: content.at, fields: content.fields });
    return ask("/outbox/send", { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": csrf }, body: body });
  }
  function settle(item, content, answer) {
    const status = answer.status;
    if (status === 200 && answer.body.number) {
      pages[item.id] = answer.body.page;
      return acknowledge(item, content, answer.body);
    }
    if (status === 401) return wait(item, "login");
    if (status === 409) return change(item.id, { state: "conflict", why: answer.body.message || "" });
    if (status >= 400 && status < 500 && status !== 408 && status !== 429 && !answer.body.stale) {
      return change(item.id, { state: "reject", why: answer.body.message || String(status) });
    }
    return wait(item, "wait");
  }

  /* What a session tells: who is there, the secret for handing over by text, and whether the site was restored. */
  function learn(session) {
    return Promise.all([remember(session), offerAgain(session.generation)]).catch(function () {});
  }
  function remember(session) {
    const raw = Uint8Array.from(atob(session.secret), function (letter) { return letter.charCodeAt(0); });
    return crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]).then(function (secret) {
      return db.put("meta", { k: "hand|" + me, v: secret });
    });
  }
  function offerAgain(generation) {
    return db.all("done").then(function (rows) {
      return each(rows.filter(isMine), function (row) {
        if (row.until < Date.now()) return db.remove("done", row.id);
        if (!(row.generation < generation)) return null;
        return db.unseal(row).then(function (content) {
          if (!content.fields) return db.remove("done", row.id);
          return db.seal(Object.assign({ label: words.again }, content)).then(function (sealed) {
            const item = waiting(row.id, row.at, null, sealed);
            return db.run(["out", "done"], "readwrite", function (out, kept) { out.put(item); kept.delete(row.id); });
          });
        });
      });
    });
  }

  /* The badge never says good news before it knows. */
  function show() {
    return items().then(function (rows) {
      const mine = rows.filter(isMine);
      const bad = mine.filter(function (item) { return item.state === "conflict" || item.state === "reject"; }).length;
      const old = mine.some(function (item) { return item.at < Date.now() - DAY; });
      const left = mine.length - bad;
      badge.textContent = bad ? words.bad.replace("{n}", bad) : left ? words.wait.replace("{n}", left) : words.none;
      badge.className = "badge" + (bad || old ? " t-bad" : left ? " t-warn" : "");
      remind(mine);
      plan(mine);
      return each(watchers, function (watcher) { return watcher(rows); });
    }, function () { badge.hidden = true; });
  }
  function remind(mine) {
    const late = mine.some(function (item) { return item.at < Date.now() - 7 * DAY; });
    if (late && location.pathname === "/") location.replace("/outbox");
  }
  function plan(mine) {
    const due = mine.filter(function (item) { return item.state === "wait" || item.state === "login"; });
    clearTimeout(timer);
    if (!due.length) return;
    const first = Math.min.apply(null, due.map(function (item) { return item.next; }));
    timer = setTimeout(flush, Math.max(1000, first - Date.now()));
  }
  /* At once, whatever was planned: there may be a network again. */
  function hurry() {
    return items().then(function (rows) {
      return each(rows.filter(isMine), function (item) { return item.state === "wait" || item.state === "login" ? change(item.id, { next: 0 }) : null; });
    }).then(flush);
  }

  /* Forms */
  function fieldsOf(form, button) {
    const found = [];
    new FormData(form).forEach(function (value, name) {
      if (name !== "csrf_token" && name !== "key" && typeof value === "string") found.push([name, value]);
    });
    if (button && button.name) found.push([button.name, button.value]);
    const place = JSON.parse(form.dataset.place || "{}");
    Object.keys(place).forEach(function (name) { found.push([name, String(place[name])]); });
    return self.aidPhotos ? found.concat(self.aidPhotos.fieldsOf(form)) : found;
  }
  function take(form, button) {
    const content = { kind: form.dataset.outbox, label: form.dataset.label, page: location.pathname, at: new Date().toISOString(), fields: fieldsOf(form, button) };
    put(content, form.dataset.slot, form.dataset.former).then(function (item) {
      form.dataset.former = item.id;
      note("info", words.sending);
      const slow = new Promise(function (resolve) { setTimeout(resolve, 5000); });
      return Promise.race([flush(), slow]).then(function () { return db.get("out", item.id); }).then(function (row) { after(form, item, row); });
    }, function () { return direct(form, content); }).then(function () { self.aid.release(form); });
  }
  /* No room on the phone: sent at once, under the page's own number, or it stays on the page and says so. */
  function direct(form, content) {
    return ask("/outbox/session").then(function (session) {
      return session.status === 200 && session.body.user === me ? post(form.elements.key.value, content, session.body.csrf) : session;
    }).then(function (answer) {
      if (answer.status === 200 && answer.body.number) return location.replace(form.dataset.next || answer.body.page);
      if (answer.status === 409) { form.dataset.plain = "1"; return form.submit(); }
      return note("bad", answer.status >= 400 && answer.status < 500 && answer.status !== 401 && answer.body.message || words.full);
    });
  }
  function after(form, item, row) {
    if (!row) return location.replace(form.dataset.next || pages[item.id] || "/outbox");
    if (row.state === "conflict") return location.replace("/outbox?compare=" + item.id);
    if (row.state === "reject") return note("bad", row.why);
    if (row.state === "login") return note("warn", words.login);
    note("warn", words.offline);
  }
  function note(kind, text) {
    const box = document.getElementById("status");
    if (!box) return;
    box.textContent = "";
    const line = document.createElement("p");
    line.className = "note n-" + kind;
    line.textContent = text + " ";
    const link = document.createElement("a");
    link.href = "/outbox";
    link.textContent = words.list;
    line.appendChild(link);
    box.appendChild(line);
    window.scrollTo(0, 0);
  }
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (event.defaultPrevented || !form.dataset.outbox || form.dataset.plain) return;
    event.preventDefault();
    const active = event.submitter || document.activeElement;
    take(form, active && active.form === form && active.type === "submit" ? active : null);
  });

  /* A waiting version of this very form is shown as it was left, after a reload too. What was tapped meanwhile stays as it was tapped. */
  function restore() {
    const form = document.querySelector("form[data-outbox]");
    if (!form || form.hasAttribute("data-settles")) return Promise.resolve();
    const wanted = location.hash.replace("#item-", "");
    const touched = [];
    form.addEventListener("change", function (event) { touched.push(event.target); });
    return items().then(function (rows) {
      const row = rows.find(function (item) { return isMine(item) && (item.id === wanted || (item.rk && item.rk === form.dataset.slot)); });
      if (!row) return null;
      form.dataset.former = row.id;
      return db.unseal(row).then(function (content) { fill(form, content.fields, touched); note("warn", row.why || words.offline); });
    }).catch(function () {}).then(function () { form.dataset.restored = 1; });
  }
  function fill(form, fields, touched) {
    Array.from(form.elements).forEach(function (field) {
      if (field.type === "hidden" || field.type === "file" || !field.name || touched.indexOf(field) >= 0) return;
      const values = fields.filter(function (pair) { return pair[0] === field.name; }).map(function (pair) { return pair[1]; });
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.indexOf(field.value) >= 0;
      else if (values.length) field.value = values[0];
    });
    form.aidFields = fields;
    form.dispatchEvent(new Event("filled"));  // for photos.js
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* Another person on this phone: the pages of the one before go at once, what that one has not sent stays sealed. */
  function begin() {
    return expire().then(function () {
      return db.run(["pages", "meta"], "readwrite", function (pages, meta) {
        pages.getAll().onsuccess = function (event) {
          event.target.result.forEach(function (row) { if (row.user !== me) pages.delete(row.path); });
        };
        meta.put({ k: "user", v: me });
      });
    }).then(worker).catch(function () {});
  }
  /* Of whomever: what is past its time goes whenever somebody opens a page. */
  function expire() {
    return db.run(["pages", "done"], "readwrite", function (pages, done) {
      [pages, done].forEach(function (store) {
        store.getAll().onsuccess = function (event) {
          event.target.result.forEach(function (row) { if (row.until < Date.now()) store.delete(row.path || row.id); });
        };
      });
    });
  }
  function worker() {
    if (!navigator.serviceWorker) return null;
    if (/[?&]nosw\b/.test(location.search)) {
      return navigator.serviceWorker.getRegistrations().then(function (list) { list.forEach(function (one) { one.unregister(); }); });
    }
    return navigator.serviceWorker.register("/sw.js").then(function () { return navigator.serviceWorker.ready; }).then(function (ready) {
      const list = document.querySelector("[data-keep]");
      if (!list || !ready.active) return null;
      const names = {};
      list.querySelectorAll("a").forEach(function (link) { names[link.pathname] = link.textContent.trim(); });
      ready.active.postMessage({ keep: list.dataset.keep.split(" ") });
      return db.put("meta", { k: "labels", v: names });
    });
  }
  /* With the day's first page come the secret for handing over, and whether the site was restored. */
  function greet() {
    if (!document.querySelector("[data-keep], #outbox")) return null;
    return ask("/outbox/session").then(function (session) {
      return session.status === 200 && session.body.user === me ? learn(session.body).then(flush) : null;
    });
  }
  /* Called by the page of the outbox once nothing waits, or when the person has typed that it may go. */
  function forget() {
    return db.run(["pages", "done", "out", "meta"], "readwrite", function (pages, done, out, meta) {
      pages.clear();
      meta.delete("user");
      meta.delete("hand|" + me);
      meta.delete("labels");
      let others = 0;
      [done, out].forEach(function (store, number) {
        store.getAll().onsuccess = function (event) {
          event.target.result.forEach(function (row) { if (isMine(row)) store.delete(row.id); else others += 1; });
          if (number && !others) meta.delete("key");  // nothing is left that it seals
        };
      });
    });
  }
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (!form.hasAttribute("data-leave") || form.dataset.plain) return;
    event.preventDefault();
    items().then(function (rows) {
      if (rows.some(isMine)) return location.assign("/outbox?leaving=1");
      return forget().then(function () { form.dataset.plain = "1"; form.submit(); });
    }).catch(function () { form.dataset.plain = "1"; form.submit(); });
  }, true);

  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest("a[data-discard]");
    if (!link) return;
    event.preventDefault();
    items().then(function (rows) {
      return each(rows, function (item) { return isMine(item) && item.rk === link.dataset.discard ? db.remove("out", item.id) : null; });
    }).then(function () { location.assign(link.href); });
  });

  window.addEventListener("online", hurry);
  window.addEventListener("pageshow", hurry);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) hurry(); });
  self.aidOutbox = {
    items: items, isMine: isMine, hurry: hurry, forget: forget, ask: ask, uuid: uuid, note: note, me: me,
    done: function () { return db.all("done").then(function (rows) { return rows.filter(isMine).sort(function (a, b) { return b.at - a.at; }); }); },
    discard: function (id) { return db.remove("out", id).then(show); },
    watch: function (watcher) { watchers.push(watcher); return show(); }
  };
  badge.hidden = false;
  show();
  greet();
  restore().then(begin).then(hurry);
})();
