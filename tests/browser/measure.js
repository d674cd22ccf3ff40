// What a ruler says of the page that is open: text that is too small, things to touch that are too small. Returns lines of words.
(touched) => {
  const found = new Set();
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility !== "hidden" && !element.closest(".vh, .skip");
  };
  const name = (element) => `<${element.tagName.toLowerCase()} class="${element.className}"> ${(element.textContent || element.name || "").trim().slice(0, 30)}`;

  // A box to tick is touched by its label.
  const touches = (element) => (element.matches("[type=checkbox], [type=radio]") && element.closest("label")) || element;
  const stands_in_text = (link) => link.matches("a, .link") && getComputedStyle(link).display === "inline" && link.parentElement.textContent.trim() !== link.textContent.trim();
  const least = (element) => (element.matches("td a, th a") ? 24 : 44);

  for (const element of touched ? document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary") : []) {
    if (!shown(touches(element)) || stands_in_text(element) || element.closest("svg")) continue;
    const box = touches(element).getBoundingClientRect();
    if (box.height < least(element) - 0.5 || box.width < 23.5) found.add(`${Math.round(box.width)} x ${Math.round(box.height)} px to touch: ${name(element)}`);
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest("svg, .steps, noscript") || !shown(element)) continue;
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (size < 14) found.add(`text of ${size} px: ${name(element)}`);
  }
  return [...found];
}
