/* Photos and a signature of a form: photos are shrunk and drawn anew on the phone, so that where they were taken stays behind; a
   signature is drawn with a finger. What was made of them stands in aidPhotos.fieldsOf(form) for the outbox, and in the form's own
   fields for a browser that sends it as ever. A form that the outbox fills in again has its fields as form.aidFields. */
(function () {
  "use strict";
  const SIDES = [1280, 1024, 800, 640];
  const QUALITIES = [0.8, 0.7, 0.6, 0.5];
  const form = document.querySelector("form[data-evidence], form.evidence");
  if (!form) return;
  const box = form.querySelector("[data-photos]");
  const pad = form.querySelector("[data-signature]");
  const shots = [];  // {url, input} in the order of the page
  let busy = 0;
  let asked = false;
  if (box) photos();
  if (pad) signature();
  self.aidPhotos = {
    fieldsOf: function (of) { return of === form ? shots.map(function (shot) { return ["photo", shot.url]; }) : []; }
  };
  /* Whoever saves while a photo is being made smaller does so a moment later, with the photo. */
  form.addEventListener("submit", function (event) {
    if (!busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    asked = true;
  });

  function photos() {
    const inputs = Array.from(box.querySelectorAll("input[type=file]"));
    const list = box.querySelector("[data-shots]");
    const note = box.querySelector("[data-shots-note]");
    inputs.forEach(function (input) {
      input.addEventListener("change", function () {
        const file = input.files && input.files[0];
        if (!file) return drop(input);
        busy += 1;
        note.textContent = box.dataset.busy;
        shrunk(file, Number(box.dataset.size)).then(function (blob) {
          return urlOf(blob).then(function (url) { put(input, url, blob); note.textContent = ""; });
        }).catch(function () {
          drop(input);
          input.value = "";
          note.textContent = box.dataset.bad;
        }).then(function () {
          busy -= 1;
          if (busy || !asked) return;
          asked = false;
          const button = document.querySelector("button[type=submit][form=" + form.id + "]");
          if (button && !note.textContent) button.click();
        });
      });
    });
    function put(input, url, blob) {
      drop(input, true);
      shots.push({ url: url, input: input });
      shots.sort(function (a, b) { return inputs.indexOf(a.input) - inputs.indexOf(b.input); });
      if (blob) give(input, blob);
      show();
    }
    function drop(input, quietly) {
      const at = shots.findIndex(function (shot) { return shot.input === input; });
      if (at >= 0) shots.splice(at, 1);
      if (!quietly) show();
    }
    /* One empty field at a time: the next one is shown when the last was filled. */
    function show() {
      list.textContent = "";
      shots.forEach(function (shot, number) { list.appendChild(figure(shot, number + 1)); });
      if (form.elements.is_agreed) form.elements.is_agreed.required = shots.length > 0;
      const free = inputs.filter(function (input) { return !shots.some(function (shot) { return shot.input === input; }); });
      inputs.forEach(function (input) { input.parentNode.hidden = input !== free[0]; });
    }
    function figure(shot, number) {
      const made = document.createElement("div");
      made.className = "shot";
      const image = document.createElement("img");
      image.src = shot.url;
      image.alt = box.dataset.shot.replace("{n}", number);
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn2";
      button.textContent = "✕";
      button.setAttribute("aria-label", box.dataset.remove.replace("{n}", number));
      button.addEventListener("click", function () { shot.input.value = ""; drop(shot.input); });
      made.appendChild(image);
      made.appendChild(button);
      return made;
    }
    restored(function (fields) {
      const urls = fields.filter(function (pair) { return pair[0] === "photo"; }).map(function (pair) { return pair[1]; });
      urls.slice(0, inputs.length).forEach(function (url, number) { put(inputs[number], url, null); });
    });
    show();
  }

  /* Of a file that the site sends as ever, the small one takes the place of the large. */
  function give(input, blob) {
    try {
      const carried = new DataTransfer();
      carried.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
      input.files = carried.files;
    } catch (error) {
      return;  // an old browser sends what was chosen; the site makes it small
    }
  }
  function loaded(file) {
    return new Promise(function (resolve, reject) {
      const url = URL.createObjectURL(file);
      const image = new Image();
      image.onload = function () { URL.revokeObjectURL(url); resolve(image); };
      image.onerror = function () { URL.revokeObjectURL(url); reject(new Error("no picture")); };
      image.src = url;
    });
  }
  function shrunk(file, most) {
    return loaded(file).then(function (image) {
      if (!image.naturalWidth) throw new Error("no picture");
      const steps = [];
      SIDES.forEach(function (side) { QUALITIES.forEach(function (quality) { steps.push([side, quality]); }); });
      return steps.reduce(function (before, step) {
        return before.then(function (found) { return found && found.size <= most ? found : drawn(image, step[0], step[1]); });
      }, Promise.resolve(null));
    });
  }
  function drawn(image, side, quality) {
    const scale = Math.min(1, side / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise(function (resolve, reject) {
      canvas.toBlob(function (blob) { if (blob) resolve(blob); else reject(new Error("no room")); }, "image/jpeg", quality);
    });
  }
  function urlOf(blob) {
    return new Promise(function (resolve, reject) {
      const reader = new FileReader();
      reader.onload = function () { resolve(reader.result); };
      reader.onerror = reject;
      reader.readAsDataURL(blob);
    });
  }

  function signature() {
    const canvas = pad.querySelector("canvas");
    const field = form.elements.signature;
    const pen = canvas.getContext("2d");
    let last = null;
    if (!pen || !field || !self.PointerEvent) return;
    pad.hidden = false;
    clear();
    if (field.value) show(field.value);
    function clear() {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.lineWidth = 5;
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = "#000";
    }
    function at(event) {
      const place = canvas.getBoundingClientRect();
      return [(event.clientX - place.left) * canvas.width / place.width, (event.clientY - place.top) * canvas.height / place.height];
    }
    function line(to) {
      pen.beginPath();
      pen.moveTo(last[0], last[1]);
      pen.lineTo(to[0] + 0.1, to[1]);
      pen.stroke();
      last = to;
    }
    function show(url) {
      const image = new Image();
      image.onload = function () { clear(); pen.drawImage(image, 0, 0, canvas.width, canvas.height); };
      image.src = url;
    }
    canvas.addEventListener("pointerdown", function (event) {
      event.preventDefault();
      if (canvas.setPointerCapture) canvas.setPointerCapture(event.pointerId);
      last = at(event);
      line(last);
    });
    canvas.addEventListener("pointermove", function (event) { if (last) line(at(event)); });
    ["pointerup", "pointercancel"].forEach(function (name) {
      canvas.addEventListener(name, function () {
        if (!last) return;
        last = null;
        field.value = canvas.toDataURL("image/png");
        form.dispatchEvent(new Event("change", { bubbles: true }));
      });
    });
    pad.querySelector("[data-clear]").addEventListener("click", function () { clear(); field.value = ""; });
    restored(function (fields) {
      const found = fields.filter(function (pair) { return pair[0] === "signature" && pair[1]; })[0];
      if (found) { field.value = found[1]; show(found[1]); }
    });
  }

  function restored(fill) {
    if (form.aidFields) fill(form.aidFields);
    form.addEventListener("filled", function () { fill(form.aidFields); });
  }
})();
