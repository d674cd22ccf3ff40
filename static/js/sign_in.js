/* Who signs in may be another person: what this phone keeps of the one before is shown to nobody until the site has said who is there. */
(function () {
  "use strict";
  const form = document.getElementById("sign-in");
  const db = self.aidDb;
  if (!form || !db || !self.indexedDB) return;
  let going = false;
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (going) return;
    going = true;
    const patience = new Promise(function (resolve) { setTimeout(resolve, 1000); });
    const done = db.put("meta", { k: "user", v: "" }).catch(function () {});
    Promise.race([done, patience]).then(function () { form.submit(); });
  });
  window.addEventListener("pageshow", function () { going = false; });
})();
