
"use strict";
// Filters for the findings. Without it the page shows all of them.
(() => {
  const list = document.getElementById("list");
  const form = document.getElementById("filters");
  const status = document.getElementById("shown");
  if (!list || !form) return;

  // Of several findings of one cause each has an element; one that stands alone is the element of its group.
  const instancesOf = (element) =>
    (element.dataset.a === undefined ? Array.from(element.querySelectorAll(".at")) : [element]).map((its) => ({
      element: its,
      account: its.dataset.a,
      region: its.dataset.g,
    }));
  const groups = Array.from(list.children, (element) => ({
    element,
    severity: element.dataset.s,
    verdict: element.dataset.v,
    rule: element.dataset.r,
    // In lower case, when it is first searched.
    text: null,
    instances: instancesOf(element),
  }));
  const total = groups.reduce((sum, group) => sum + group.instances.length, 0);

  const textOf = (group) => (group.text ??= group.element.textContent.toLowerCase());
  const fits = (wanted, value) => wanted === "" || wanted === value;
  const hide = (element, hidden) => {
    if (element.hidden !== hidden) element.hidden = hidden;
  };
  const value = (name) => form.elements.namedItem(name)?.value ?? "";

  const filter = () => {
    const [verdict, severity, rule] = ["verdict", "severity", "rule"].map(value);
    const [account, region] = ["account", "region"].map(value);
    const words = value("text").toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const group of groups) {
      let count = 0;
      if (
        fits(verdict, group.verdict) && fits(severity, group.severity) && fits(rule, group.rule) &&
        words.every((word) => textOf(group).includes(word))
      ) {
        for (const its of group.instances) {
          const is = fits(account, its.account) && fits(region, its.region);
          if (its.element !== group.element) hide(its.element, !is);
          count += is ? 1 : 0;
        }
      }
      hide(group.element, count === 0);
      shown += count;
    }
    status.textContent =
      shown === total ? `${total} finding${total === 1 ? "" : "s"}` : `${shown} of ${total} findings`;
  };

  // A key that is held down must not filter anew for each letter.
  let waiting = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (event.target.type === "search") waiting = setTimeout(filter, 80);
    else filter();
  });
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;

  // The texts are gathered while nobody waits.
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(() => work({ timeRemaining: () => 10 }), 20));
  let gathered = 0;
  const gather = (deadline) => {
    while (gathered < groups.length && deadline.timeRemaining() > 1) textOf(groups[gathered++]);
    if (gathered < groups.length) idle(gather);
  };
  idle(gather);

  const unfold = document.getElementById("unfold");
  const details = (group) => group.element.firstElementChild;
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    unfold.setAttribute("aria-pressed", String(open));
    for (const group of groups) if (!group.element.hidden) details(group).open = open;
  });

  // What a link leads to is shown, whatever hides it.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.parentElement === list && target.hidden) {
      form.reset();
      filter();
    }
    const fold = target.matches("details") ? target : target.parentElement === list ? target.firstElementChild : null;
    if (fold) fold.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // On paper nothing can be opened.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });
})();
