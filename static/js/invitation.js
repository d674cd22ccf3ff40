/* An invitation: what stands behind the # of the address goes into the form and out of the address, never into a log. */
(function () {
  "use strict";
  const invitation = document.getElementById("invitation");
  if (!invitation || window.location.hash.length <= 20) return;
  invitation.elements.token.value = window.location.hash.slice(1);
  window.history.replaceState(null, "", window.location.pathname);
  invitation.submit();
})();
