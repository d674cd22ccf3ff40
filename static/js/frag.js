/* One part of a page at a time. Links and forms with data-frag="ID" are real ones; here they fetch their page and
   swap only #ID. An element with data-refresh="2" and an id fetches its own page every 2 s until the new one has no
   data-refresh. Whatever goes wrong, the browser goes to the page as it would without this file.
   The address is replaced, never pushed: in iOS WeChat a pushed one makes the edge swipe close the whole window. */
(function () {
  "use strict";
  if (!window.fetch || !window.DOMParser) return;
  let latest = 0;

  function swap(url, id, done) {
    const mine = ++latest;
    const old = document.getElementById(id);
    if (old) old.setAttribute("aria-busy", "true");
    return fetch(url, { credentials: "same-origin", headers: { "X-Fragment": id } }).then(function (answer) {
      if (!answer.ok || !/text\/html/.test(answer.headers.get("Content-Type") || "")) throw new Error("no page");
      return answer.text().then(function (html) {
        const fresh = new DOMParser().parseFromString(html, "text/html").getElementById(id);
        if (!fresh) throw new Error("no part");
        if (mine !== latest) return;
        document.getElementById(id).replaceWith(document.importNode(fresh, true));
        if (done) done(answer.url || url);
      });
    });
  }

  function go(url, id) {
    swap(url, id, function (landed) {
      history.replaceState(null, "", landed);
      const part = document.getElementById(id);
      part.setAttribute("tabindex", "-1");
      part.focus({ preventScroll: true });
    }).catch(function () { location.href = url; });
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest("a[data-frag]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.href, link.dataset.frag);
  });

  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (!form.dataset.frag || form.method !== "get" || event.defaultPrevented) return;
    event.preventDefault();
    const url = new URL(form.action);
    url.search = new URLSearchParams(new FormData(form)).toString();
    go(url.href, form.dataset.frag);
  });

  /* Nobody looks at a hidden page, and somebody works in the part that would be swapped: it waits. A failed try is not an error, the next one may succeed. */
  function refresh() {
    const part = document.querySelector("[data-refresh][id]");
    if (!part) return;
    setTimeout(function () {
      const next = document.hidden || part.contains(document.activeElement) ? Promise.resolve() : swap(location.href, part.id).catch(function () {});
      next.then(refresh);
    }, Number(part.dataset.refresh) * 1000 || 2000);
  }
  refresh();
})();
