/* Of some groups at least one must be ticked: <fieldset data-any="what to do">. A browser has a rule for one checkbox only. */
(function () {
  "use strict";
  document.querySelectorAll("fieldset[data-any]").forEach(function (group) {
    const boxes = Array.from(group.querySelectorAll("input[type=checkbox]"));
    function look() {
      boxes[0].setCustomValidity(boxes.some(function (box) { return box.checked; }) ? "" : group.dataset.any);
    }
    boxes[0].form.addEventListener("change", look);
    look();
  });
})();
