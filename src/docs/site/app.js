"use strict";
(() => {
  const show = (index) => {
    const heading = document.createElement("h1");
    heading.textContent = index.project;
    document.getElementById("app").replaceChildren(heading);
  };
  window.xform = { take: (name, part) => name === "index" && show(part) };
  const inline = document.querySelector("[data-part=index]");
  if (inline && !inline.hasAttribute("data-gzip")) show(JSON.parse(inline.textContent));
})();
