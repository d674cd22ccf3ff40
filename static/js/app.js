/* What every page shares: toasts, sheets, one submit per tap, the ways round WeChat's limits.
   Other scripts use window.aid: toast(text, kind), openSheet(element), closeSheet(). ES2018, no dependencies. */
(function () {
  "use strict";
  const root = document.documentElement;
  const wechat = /MicroMessenger/i.test(navigator.userAgent);
  root.classList.add("js");
  if (wechat) root.classList.add("wechat");

  /* Toasts: passing news. What must be read stands in the page as a .note. */
  let toasts = null;
  function toast(text, kind) {
    if (!toasts) {
      toasts = document.createElement("div");
      toasts.className = "toasts";
      toasts.setAttribute("role", "status");
      document.body.appendChild(toasts);
    }
    const box = document.createElement("p");
    box.className = "toast " + (kind || "");
    toasts.appendChild(box);
    box.textContent = text;
    setTimeout(function () { box.remove(); }, kind === "bad" ? 10000 : 5000);
  }

  /* Sheets: <div class="sheet" id="x" role="dialog" hidden>; opened by data-sheet="x", closed by data-close, Esc, the backdrop. */
  let open = null;
  let before = null;
  function focusable() {
    return Array.from(open.querySelectorAll("a[href],button,input,select,textarea")).filter(function (one) {
      return !one.disabled && one.offsetParent !== null;
    });
  }
  function openSheet(sheet) {
    before = document.activeElement;
    open = sheet;
    sheet.hidden = false;
    document.body.classList.add("still");
    const first = focusable()[0];
    if (first) first.focus();
  }
  function closeSheet() {
    if (!open) return;
    open.hidden = true;
    open = null;
    document.body.classList.remove("still");
    if (before && before.focus) before.focus();
  }
  document.addEventListener("keydown", function (event) {
    if (!open) return;
    if (event.key === "Escape") return closeSheet();
    if (event.key !== "Tab") return;
    const all = focusable();
    const first = all[0];
    const last = all[all.length - 1];
    if (!open.contains(document.activeElement)) { first.focus(); event.preventDefault(); }
    else if (event.shiftKey && document.activeElement === first) { last.focus(); event.preventDefault(); }
    else if (!event.shiftKey && document.activeElement === last) { first.focus(); event.preventDefault(); }
  });

  document.addEventListener("click", function (event) {
    const at = event.target.closest ? event.target : event.target.parentElement;
    if (!at) return;
    if (open && (at === open || at.closest("[data-close]"))) return closeSheet();
    const opener = at.closest("[data-sheet]");
    if (opener) {
      event.preventDefault();
      return openSheet(document.getElementById(opener.dataset.sheet));
    }
    if (at.closest("[data-print]")) window.print();
    const copier = at.closest("[data-copy]");
    if (copier) copy(document.getElementById(copier.dataset.copy), copier.dataset.done);
  });

  /* The text to paste into the WeChat group. Selecting it is enough where copying is not allowed. */
  function copy(source, done) {
    if (source.select) source.select();
    else selectAll(source);
    if (document.execCommand("copy")) toast(done || "✓");
  }

  function selectAll(source) {
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  /* One submit per tap. Nothing is disabled, so nothing typed is left out; Back and a lost answer free the form again. */
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.method === "get") return;
    if (form.dataset.busy) return event.preventDefault();
    form.dataset.busy = "1";
    mark(form, true);
    setTimeout(function () { release(form); }, 20000);
  });
  function mark(form, busy) {
    Array.from(form.elements).concat(Array.from(document.querySelectorAll("[form='" + form.id + "']"))).forEach(function (one) {
      if (one.tagName !== "BUTTON" || one.type !== "submit") return;
      if (busy) one.setAttribute("aria-disabled", "true");
      else one.removeAttribute("aria-disabled");
    });
  }
  function release(form) {
    delete form.dataset.busy;
    mark(form, false);
  }
  window.addEventListener("pageshow", function () {
    Array.from(document.forms).forEach(release);
  });

  /* iOS WeChat leaves the page shifted after the keyboard, and taps miss. */
  if (wechat) document.addEventListener("focusout", function () { window.scrollTo(0, window.scrollY); });

  const errors = document.getElementById("errors");
  if (errors) errors.focus();

  window.aid = { toast: toast, openSheet: openSheet, closeSheet: closeSheet, release: release };
})();
