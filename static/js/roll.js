/* The roll call. Without this file the page still works: tick who is away, choose the reason below the tile, submit.

   The page (templates/macros/roll.html has the pieces) holds
     <form id="roll" method="post" data-key="CLASS|DAY|SESSION|REVISION">
       <div class="tiles"> and in it, for each pupil,
         <div class="tile">
           <input type="checkbox" name="absent" value="ID" id="aID" aria-label="22 号 次仁卓玛 缺勤">
           <label class="face" for="aID"><small>22 住</small><i></i><b>次仁卓玛</b></label>
           <select name="mark-ID"><option value="CODE">未说明</option>...</select>
         </div>
     the first option is the default; data-at on an option says that the pupil is at school all the same (late);
     data-leave="CODE" on the tile is the mark that a leave gives: left as it is, the roll needs no last look;
     <i data-mark="病假"> and class "mild" on the tile show a stored mark before this file runs.
   Outside the form: a bar with [data-absent], [data-mild], and a submit button [data-send] whose
   data-all, data-some, data-other, data-leave are its words; the sheet #roll-sheet with [data-list] and a submit button [data-sure].

   One tap ticks a pupil, one more restores; the reason is one tap in the sheet. Ticks that were not sent are kept
   for this tab under data-key; a new revision has a new key, so they are gone once the roll was saved.
   The form is sent by an ordinary submit event, so that another script may take it over. */
(function () {
  "use strict";
  const form = document.getElementById("roll");
  if (!form) return;
  const sheet = document.getElementById("roll-sheet");
  const list = sheet.querySelector("[data-list]");
  const send = document.querySelector("[data-send]");
  const store = "roll|" + form.dataset.key;
  let sure = false;

  const tiles = Array.from(form.querySelectorAll(".tile")).map(function (box) {
    const face = box.querySelector(".face");
    return {
      box: box,
      tick: box.querySelector("input[name=absent]"),
      choice: box.querySelector("select"),
      state: face.querySelector("i"),
      seat: face.querySelector("small").textContent.trim().split(" ")[0],
      name: face.querySelector("b").textContent.trim()
    };
  });

  function ticked() {
    return tiles.filter(function (tile) { return tile.tick.checked; });
  }
  function chosen(tile) {
    return tile.choice.options[tile.choice.selectedIndex];
  }
  /* Ticked beforehand because of a leave, and left as it was; nobody else is ticked. */
  function isLeaveOnly(marked) {
    return marked.length > 0 && marked.every(function (tile) { return tile.box.dataset.leave === tile.choice.value; });
  }
  function isMild(tile) {
    return chosen(tile).hasAttribute("data-at");
  }

  function show() {
    const marked = ticked();
    const mild = marked.filter(isMild).length;
    const away = marked.length - mild;
    marked.forEach(function (tile) {
      tile.state.dataset.mark = chosen(tile).text;
      tile.box.classList.toggle("mild", isMild(tile));
    });
    text("[data-absent]", away);
    text("[data-mild]", mild);
    const box = document.querySelector("[data-mild-box]");
    if (box) box.hidden = !mild;
    const words = isLeaveOnly(marked) ? send.dataset.leave : away ? send.dataset.some : mild ? send.dataset.other : send.dataset.all;
    send.textContent = words.replace("{n}", isLeaveOnly(marked) ? marked.length : away || mild);
  }
  function text(where, value) {
    const found = document.querySelector(where);
    if (found) found.textContent = value;
  }

  /* Kept in this tab only: opaque ids and codes, no names. Some webviews forbid storage. */
  function keep() {
    const marks = {};
    ticked().forEach(function (tile) { marks[tile.tick.value] = tile.choice.value; });
    try { sessionStorage.setItem(store, JSON.stringify(marks)); } catch (error) { /* the page itself still holds them */ }
  }
  function restore() {
    let marks = null;
    try { marks = JSON.parse(sessionStorage.getItem(store)); } catch (error) { /* as above */ }
    if (!marks) return;
    let changed = false;
    tiles.forEach(function (tile) {
      const id = tile.tick.value;
      const away = Object.prototype.hasOwnProperty.call(marks, id);
      if (away !== tile.tick.checked || (away && marks[id] !== tile.choice.value)) changed = true;
      tile.tick.checked = away;
      if (away) tile.choice.value = marks[id];
      if (tile.choice.selectedIndex < 0) tile.choice.selectedIndex = 0;
    });
    if (changed) window.aid.toast(sheet.dataset.restored);
  }

  function element(tag, className, words) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (words) made.textContent = words;
    return made;
  }
  function pick(tile) {
    const set = element("fieldset", "pick");
    set.appendChild(element("legend", "", sheet.dataset.seat.replace("{seat}", tile.seat).replace("{name}", tile.name)));
    const row = element("div");
    Array.from(tile.choice.options).forEach(function (option) {
      const label = element("label");
      const radio = element("input");
      radio.type = "radio";
      radio.name = "pick-" + tile.tick.value;
      radio.checked = option.selected;
      radio.addEventListener("change", function () {
        tile.choice.value = option.value;
        show();
        keep();
      });
      label.appendChild(radio);
      label.appendChild(element("span", "", option.text));
      row.appendChild(label);
    });
    set.appendChild(row);
    return set;
  }

  form.addEventListener("change", function (event) {
    if (event.target.name === "absent" && !event.target.checked) {
      const tile = tiles.find(function (one) { return one.tick === event.target; });
      tile.choice.selectedIndex = 0;
      tile.box.classList.remove("mild");
      delete tile.state.dataset.mark;
    }
    show();
    keep();
  });

  /* Everybody present: sent at once. Otherwise one last look; the sheet's own button submits the same form. */
  form.addEventListener("submit", function (event) {
    if (sure || !ticked().length || isLeaveOnly(ticked())) return;
    event.preventDefault();
    list.textContent = "";
    ticked().forEach(function (tile) { list.appendChild(pick(tile)); });
    window.aid.openSheet(sheet);
  });
  sheet.querySelector("[data-sure]").addEventListener("click", function () {
    sure = true;
    setTimeout(function () { sure = false; }, 0);
  });

  restore();
  show();
})();
