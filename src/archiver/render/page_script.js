// What the archiver asks a page, in a script world of its own: scripts of the page cannot change what is used here.
(() => {
  if (globalThis.archiverPage) return;
  // A node named "documentElement" would hide document.documentElement: properties are read from the prototypes.
  const getter = (type, name) => {
    const { get } = Object.getOwnPropertyDescriptor(type.prototype, name);
    return (thing) => get.call(thing);
  };
  const rootOf = getter(Document, "documentElement");
  const scrollerOf = getter(Document, "scrollingElement");
  const stateOf = getter(Document, "readyState");
  const childrenOf = getter(Node, "childNodes");
  const textOf = getter(Node, "textContent");
  const shadowOf = getter(Element, "shadowRoot");
  const all = (root, css) => (root === document ? Document : DocumentFragment).prototype.querySelectorAll.call(root, css);
  const first = (root, css) => (root === document ? Document : DocumentFragment).prototype.querySelector.call(root, css);

  let lastChange = performance.now();
  let elements = -1;
  let looks = 0;
  let roots = [];
  const watched = new WeakSet();
  const observer = new MutationObserver(() => { lastChange = performance.now(); });
  const watch = (root) => {
    if (watched.has(root)) return;
    watched.add(root);
    observer.observe(root, { subtree: true, childList: true, characterData: true });
  };
  const shadowRoots = () => {
    const found = [];
    const look = (root) => {
      for (const element of all(root, "*")) {
        const shadow = shadowOf(element);
        if (shadow) { found.push(shadow); look(shadow); }
      }
    };
    look(document);
    return found;
  };
  // A root may be attached to an element that is there already: looking at all elements each time would cost too much.
  const update = (always) => {
    const count = all(document, "*").length;
    looks += 1;
    if (always || count !== elements || looks % 5 === 0) {
      elements = count;
      roots = shadowRoots();
      [document, ...roots].forEach(watch);
    }
  };
  const find = (css) => {
    update(true);
    for (const root of [document, ...roots]) {
      const node = first(root, css);
      if (node) return node;
    }
    return null;
  };
  const isDisabled = (node) => Element.prototype.matches.call(node, ":disabled, [aria-disabled=true]");
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const scroller = () => {
    const whole = scrollerOf(document) || rootOf(document);
    if (!whole) return null;
    if (whole.scrollHeight > innerHeight + 1) return whole;
    let best = whole, most = 0;
    for (const element of all(document, "*")) {
      const more = element.scrollHeight - element.clientHeight;
      if (more > 1 && element.clientHeight * element.clientWidth > most && /auto|scroll/.test(getComputedStyle(element).overflowY)) {
        best = element;
        most = element.clientHeight * element.clientWidth;
      }
    }
    return best;
  };
  // Where an element is in the page: left, top, width, height; null when it is not seen.
  const boxOf = (element) => {
    const box = Element.prototype.getBoundingClientRect.call(element);
    const isSeen = Element.prototype.checkVisibility.call(element, { visibilityProperty: true });
    if (box.width < 1 || box.height < 1 || !isSeen) return null;
    const left = Math.floor(box.left + scrollX), top = Math.floor(box.top + scrollY);
    return [left, top, Math.ceil(box.right + scrollX) - left, Math.ceil(box.bottom + scrollY) - top];
  };
  const boxesOf = (elements, most) => {
    const found = [];
    for (const element of elements) {
      const box = boxOf(element);
      if (box && found.push(box) >= most) break;
    }
    return found;
  };
  const select = (root, css) => {
    try { return [...all(root, css)]; } catch { return []; }  // our reader knows selectors that browsers do not
  };
  const doctype = (node) => {
    const system = node.systemId ? ` "${node.systemId}"` : "";
    return `<!DOCTYPE ${node.name}${node.publicId ? ` PUBLIC "${node.publicId}"` : system && " SYSTEM"}${system}>`;
  };
  const startTag = (element) => Element.prototype.cloneNode.call(element, false).outerHTML.replace(/<\/[^<>]*>$/, "");

  globalThis.archiverPage = {
    // Whether the page is loaded, and for how many milliseconds it did not change.
    state() {
      update(false);
      return { loaded: stateOf(document) === "complete", still: performance.now() - lastChange };
    },
    has(css) { return find(css) !== null; },
    isDisabled(css) { const node = find(css); return node !== null && isDisabled(node); },
    size() {
      update(true);
      const text = [rootOf(document), ...roots].reduce((sum, root) => sum + (root ? textOf(root).length : 0), 0);
      return [elements + roots.reduce((sum, root) => sum + all(root, "*").length, 0), text];
    },
    click(css) {
      const node = find(css);
      if (!node) return false;
      const box = node.getBoundingClientRect();
      const seen = node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && box.width > 0 && box.height > 0;
      if (!seen || isDisabled(node)) return false;
      node.scrollIntoView({ block: "center", behavior: "instant" });
      HTMLElement.prototype.click.call(node);
      return true;
    },
    async scroll() {
      const box = scroller();
      if (!box) return false;
      for (let step = 0; step < 30 && box.scrollTop + box.clientHeight < box.scrollHeight - 1; step += 1) {
        box.scrollBy({ top: box.clientHeight, behavior: "instant" });
        await pause(30);
      }
      box.scrollTo({ top: box.scrollHeight, behavior: "instant" });
      return true;
    },
    // Elements that may have a closed shadow root: those of the page's own kinds.
    perhapsClosed(most) {
      const name = getter(Element, "localName");
      const own = (element) => name(element).includes("-") && !shadowOf(element);
      return [document, ...shadowRoots()].flatMap((root) => [...all(root, ":defined")].filter(own)).slice(0, most);
    },
    // The document as HTML; closed shadow roots are given as arguments.
    html(most, ...closed) {
      const options = { serializableShadowRoots: true, shadowRoots: [...shadowRoots(), ...closed] };
      const parts = [];
      if (document.contentType !== "text/html") {
        const text = new XMLSerializer().serializeToString(document);
        return text.length > most ? null : text.toWellFormed();
      }
      for (const node of childrenOf(document)) {
        if (node.nodeType === Node.DOCUMENT_TYPE_NODE) parts.push(doctype(node), "\n");
        else if (node.nodeType === Node.COMMENT_NODE) parts.push(`<!--${node.data}-->`);
        else if (node.nodeType === Node.ELEMENT_NODE) {
          parts.push(startTag(node), Element.prototype.getHTML.call(node, options), `</${node.localName}>\n`);
        }
      }
      const text = parts.join("");
      return text.length > most ? null : text.toWellFormed();
    },
    // Where the counters of these selectors are, and what stays in place while the page scrolls. An element with much
    // text is more than a counter.
    boxes(selectors, text, most) {
      update();
      const everything = [document, ...roots];
      const counters = everything.flatMap((root) => selectors.flatMap((css) => select(root, css)));
      const floating = everything.flatMap((root) => [...all(root, "*")])
        .filter((element) => /^(fixed|sticky)$/.test(getComputedStyle(element).position));
      return [
        boxesOf(new Set(counters.filter((element) => (textOf(element) || "").trim().length <= text)), most),
        boxesOf(floating, most),
      ];
    },
    // Make two screenshots of equal pages equal: nothing moves, no caret, no selection, the page at its start.
    hold() {
      for (const animation of Document.prototype.getAnimations.call(document)) {
        try { animation.finish(); } catch { animation.cancel(); }
      }
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("*, ::before, ::after { caret-color: transparent !important; animation-play-state: paused !important; transition: none !important; scroll-behavior: auto !important }");
      const sheets = Object.getOwnPropertyDescriptor(Document.prototype, "adoptedStyleSheets");
      sheets.set.call(document, [...sheets.get.call(document), sheet]);
      getSelection()?.removeAllRanges();
      scrollTo({ top: 0, left: 0, behavior: "instant" });
      return true;
    },
  };
})();
