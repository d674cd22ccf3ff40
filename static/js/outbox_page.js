/* The page of the outbox: what waits on this phone, what has gone, and what to do about it. And the self-check. */
(function () {
  "use strict";
  const check = document.getElementById("selfcheck");
  if (check) selfcheck();
  const page = document.getElementById("outbox");
  document.addEventListener("DOMContentLoaded", function () { if (page && self.aidOutbox) begin(self.aidOutbox); });

  function one(name, within) { return (within || page).querySelector("[data-" + name + "]"); }
  function time(ms) { return new Date(ms).toLocaleString(document.documentElement.lang, { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" }); }

  function begin(outbox) {
    page.hidden = false;
    document.getElementById("no-outbox").hidden = true;
    page.querySelectorAll("[data-send-now]").forEach(function (button) { button.addEventListener("click", outbox.hurry); });
    const leave = document.getElementById("leave");
    leave.addEventListener("submit", function (event) {
      event.preventDefault();
      if (document.getElementById("give-up").value.trim() !== page.dataset.word) return document.getElementById("give-up").focus();
      outbox.forget().then(function () { leave.submit(); });
    });
    outbox.watch(function (rows) { return show(outbox, rows); });
    pages();
    const wanted = /[?&]compare=([\w-]+)/.exec(location.search);
    if (wanted) compare(wanted[1]);
  }

  function show(outbox, rows) {
    const mine = rows.filter(outbox.isMine);
    return Promise.all(mine.map(function (row) { return self.aidDb.unseal(row).catch(function () { return null; }); })).then(function (contents) {
      const list = one("list");
      list.textContent = "";
      mine.forEach(function (row, number) { list.appendChild(article(outbox, row, contents[number])); });
      const empty = one("empty");
      empty.textContent = page.dataset.none;
      empty.hidden = mine.length > 0;
      one("late").hidden = !mine.some(function (row) { return row.at < Date.now() - 7 * 24 * 3600 * 1000; });
      const leaving = one("leaving");
      leaving.hidden = !(mine.length && /[?&]leaving=1/.test(location.search));
      leaving.querySelector("h2").textContent = leaving.querySelector("h2").textContent.replace(/\{n\}|\d+/, mine.length);
      others(rows.filter(function (row) { return !outbox.isMine(row); }));
      return outbox.done();
    }).then(gone);
  }

  function others(rows) {
    const names = {};
    rows.forEach(function (row) { names[row.family] = (names[row.family] || 0) + 1; });
    const note = one("others-note");
    note.hidden = !rows.length;
    note.textContent = Object.keys(names).map(function (who) { return page.dataset.others.replace("{n}", names[who]).replace(/\{who\}/g, who); }).join(" ");
  }

  function gone(rows) {
    const list = one("done");
    list.textContent = "";
    one("done-empty").hidden = rows.length > 0;
    rows.slice(0, 50).forEach(function (row) {
      const line = document.createElement("li");
      const link = document.createElement("a");
      link.className = "cell";
      link.href = "/receipts?number=" + row.number;
      link.textContent = row.number + " · " + time(row.at);
      line.appendChild(link);
      list.appendChild(line);
    });
  }

  function article(outbox, row, content) {
    const made = document.importNode(page.querySelector("template").content, true).firstElementChild;
    const isOld = row.at < Date.now() - 24 * 3600 * 1000;
    one("label", made).textContent = content ? content.label : row.id;
    const state = one("state", made);
    state.textContent = page.dataset[row.state];
    state.className = "tag " + (row.state === "wait" && !isOld ? "t-warn" : "t-bad");
    one("at", made).textContent = time(row.at) + (isOld ? " · " + page.dataset.old : "") + (row.tries ? " · " + page.dataset.tries.replace("{n}", row.tries) : "");
    const why = one("why", made);
    why.textContent = row.why;
    why.hidden = !row.why;
    const both = one("compare", made);
    both.hidden = row.state !== "conflict";
    both.addEventListener("click", function () { compare(row.id); });
    const open = one("open", made);
    open.hidden = row.state === "conflict" || !content;
    if (content) open.href = content.page + "#item-" + row.id;
    one("delete", made).addEventListener("click", function () { if (window.confirm(page.dataset.sure)) outbox.discard(row.id); });
    one("hand", made).addEventListener("click", function () { hand(row, made); });
    one("file", made).addEventListener("click", function () { file(row); });
    return made;
  }

  /* The site's own page shows both versions: what waits here is sent to it as the form would be. */
  function compare(id) {
    return self.aidDb.get("out", id).then(function (row) {
      return row && self.aidOutbox.isMine(row) ? self.aidDb.unseal(row) : Promise.reject(new Error("not here"));
    }).then(function (content) {
      return self.aidOutbox.ask("/outbox/session").then(function (session) {
        if (session.status !== 200) return self.aidOutbox.note("warn", page.dataset.online);
        const form = document.createElement("form");
        form.method = "post";
        form.action = content.page;
        form.dataset.plain = "1";
        content.fields.concat([["csrf_token", session.body.csrf], ["key", self.aidOutbox.uuid()]]).forEach(function (pair) {
          const field = document.createElement("input");
          field.type = "hidden";
          field.name = pair[0];
          field.value = pair[1];
          form.appendChild(field);
        });
        document.body.appendChild(form);
        form.submit();
      });
    });
  }

  /* Handing over without signal: only this phone, for this person, can have made the text. */
  function base64(bytes) {
    return btoa(Array.from(new Uint8Array(bytes), function (one) { return String.fromCharCode(one); }).join(""))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function handOver(id) {
    return Promise.all([self.aidDb.get("out", id).then(self.aidDb.unseal), self.aidDb.meta("hand|" + self.aidOutbox.me)]).then(function (found) {
      if (!found[1]) return null;
      return named(found[0].fields).then(function (fields) {
        const said = { id: id, kind: found[0].kind, at: found[0].at, fields: fields };
        const text = "AT1." + self.aidOutbox.me + "." + base64(new TextEncoder().encode(JSON.stringify(said)));
        return crypto.subtle.sign("HMAC", found[1], new TextEncoder().encode(text)).then(function (seal) { return text + "." + base64(seal); });
      });
    });
  }
  /* A text carries no pictures: it names them by what they hold, and this phone sends them when it has signal itself. */
  function named(fields) {
    return Promise.all(fields.filter(isHandable).map(function (pair) {
      if (!isPicture(pair)) return pair;
      const bytes = Uint8Array.from(atob(pair[1].split(",")[1]), function (letter) { return letter.charCodeAt(0); });
      return crypto.subtle.digest("SHA-256", bytes).then(function (digest) {
        return ["file_digest", Array.from(new Uint8Array(digest), function (one) { return (one + 256).toString(16).slice(1); }).join("")];
      });
    }));
  }
  function isPicture(pair) { return (pair[0] === "photo" || pair[0] === "signature") && /^data:image/.test(pair[1]); }
  function isHandable(pair) { return isPicture(pair) || pair[0] !== "photo"; }

  function hand(row, made) {
    const box = one("text", made);
    handOver(row.id).then(function (text) {
      box.hidden = false;
      box.value = text || page.dataset.nohand;
      box.select();
      if (text && document.execCommand("copy")) self.aid.toast("✓");
    });
  }
  function file(row) {
    handOver(row.id).then(function (text) {
      if (!text) return self.aid.toast(page.dataset.nohand, "bad");
      const link = document.createElement("a");
      link.href = "data:text/plain;charset=utf-8," + encodeURIComponent(text);
      link.download = "aidtracker-" + row.id.slice(0, 8) + ".txt";
      link.click();
    });
  }

  /* Which of today's rolls this phone holds: by their addresses, the names stay sealed. */
  function pages() {
    Promise.all([self.aidDb.all("pages"), self.aidDb.meta("labels")]).then(function (found) {
      const nav = one("pages");
      found[0].filter(function (row) { return row.user === self.aidOutbox.me && row.until > Date.now() && /^\/roll\//.test(row.path); }).forEach(function (row) {
        const link = document.createElement("a");
        link.className = "cell";
        link.href = row.path;
        link.textContent = (found[1] || {})[row.path] || row.path;
        nav.insertBefore(link, nav.firstChild);
      });
    }).catch(function () {});
  }

  function selfcheck() {
    const told = {
      secure: self.isSecureContext, storage: !!self.indexedDB, sealing: !!(self.crypto && self.crypto.subtle),
      worker: !!navigator.serviceWorker, locks: !!navigator.locks
    };
    Object.keys(told).forEach(function (name) { say(name, told[name] ? check.dataset.yes : check.dataset.no); });
    say("agent", navigator.userAgent);
    if (!navigator.storage || !navigator.storage.estimate) return say("room", "?");
    navigator.storage.estimate().then(function (found) { say("room", Math.round((found.quota - found.usage) / 1048576)); });
  }
  function say(name, text) { check.querySelector("[data-check=" + name + "]").textContent = text; }
})();
