"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const data = JSON.parse($("data").textContent);
  const root = document.documentElement;
  root.classList.add("live");
  const say = (text) => { $("said").textContent = text; };

  // --- campaigns: which are shown, and moving between them -------------------------------------
  const rows = all("#list tbody tr");
  const articles = all("article.campaign");
  const chosen = { words: "", from: 0, to: Infinity };
  const lines = new Map(all(".time-row[data-anchor]").map((line) => [line.dataset.anchor, line]));
  const texts = new Map();
  const named = new Map();
  data.network.a.forEach((name, i) => {
    const campaign = data.network.campaigns[data.network.c[i]];
    if (campaign) named.set(campaign[1], `${named.get(campaign[1]) || ""} ${name}`);
  });
  const textOf = (anchor, row) => {
    if (!texts.has(anchor)) {
      const article = $(anchor);
      texts.set(anchor, `${row.textContent} ${article ? article.textContent : ""} ${named.get(anchor) || ""}`.toLowerCase());
    }
    return texts.get(anchor);
  };
  const activeIn = (anchor) => {
    const time = data.timeline;
    if (!time || (chosen.from <= 0 && chosen.to >= time.bins)) return true;
    return (time.active[anchor] || "").slice(chosen.from, chosen.to).includes("1");
  };
  const choose = () => {
    const words = chosen.words.toLowerCase().split(/\s+/).filter(Boolean);
    let kept = 0;
    for (const row of rows) {
      const anchor = row.dataset.anchor;
      const text = words.length ? textOf(anchor, row) : "";
      const keep = words.every((w) => text.includes(w)) && activeIn(anchor);
      row.hidden = !keep;
      const article = $(anchor);
      if (article) article.hidden = !keep;
      if (lines.has(anchor)) lines.get(anchor).classList.toggle("off", !keep);
      kept += keep;
    }
    const count = $("count");
    if (count) count.textContent = kept === rows.length ? "" : `${kept} of ${rows.length} shown`;
  };
  const current = () => {
    return document.activeElement && document.activeElement.closest("article.campaign");
  };
  const move = (step) => {
    const open = articles.filter((a) => !a.hidden);
    if (!open.length) return;
    const at = open.indexOf(current());
    const next = at < 0 ? (step > 0 ? 0 : open.length - 1) : Math.min(open.length - 1, Math.max(0, at + step));
    open[next].focus({ preventScroll: true });
    open[next].scrollIntoView({ block: "start" });
  };
  const visit = (anchor) => {
    const article = $(anchor);
    if (!article) return;
    if (article.hidden) { reset(); }
    article.focus({ preventScroll: true });
    article.scrollIntoView({ block: "start" });
  };
  const filter = $("filter");
  if (filter) {
    filter.addEventListener("input", () => { chosen.words = filter.value; choose(); });
    filter.addEventListener("keydown", (e) => {
      if (e.key === "Escape") { filter.value = chosen.words = ""; choose(); filter.blur(); }
      if (e.key === "Enter") { const first = articles.find((a) => !a.hidden); if (first) visit(first.id); }
    });
  }

  // --- tables that sort ------------------------------------------------------------------------
  const worth = (cell, how) => {
    const value = cell.dataset.v ?? cell.textContent;
    return how === "number" ? Number(value) : value.trim().toLowerCase();
  };
  for (const table of all("table.sortable")) {
    all("thead th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const how = head.dataset.sort;
        const before = head.getAttribute("aria-sort");
        const first = how === "number" && column > 0 ? "descending" : "ascending";
        const order = before ? (before === "ascending" ? "descending" : "ascending") : first;
        all("thead th", table).forEach((h) => h.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const body = table.tBodies[0];
        const sorted = [...body.rows].map((row) => [worth(row.cells[column], how), row]);
        sorted.sort(([a], [b]) => sign * (a < b ? -1 : a > b ? 1 : 0));
        body.append(...sorted.map(([, row]) => row));
      });
    });
  }

  // --- copying ---------------------------------------------------------------------------------
  document.addEventListener("click", async (e) => {
    const button = e.target.closest("button.copy");
    if (!button) return;
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = "copied";
    say("Copied");
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  });

  // --- the timeline ----------------------------------------------------------------------------
  const time = data.timeline;
  let reset = () => { if (filter) filter.value = ""; chosen.words = ""; choose(); };
  if (time && $("time")) {
    const from = $("from"), to = $("to"), brush = $("brush"), strip = $("time-rows");
    const date = (bin) => new Date((time.start + bin * time.bin_seconds) * 1000).toISOString().slice(0, 16).replace("T", " ");
    const box = () => {
      const outer = strip.getBoundingClientRect();
      const inner = strip.querySelector("svg").getBoundingClientRect();
      return { left: inner.left - outer.left, width: inner.width, page: inner.left };
    };
    const paint = () => {
      const whole = chosen.from <= 0 && chosen.to >= time.bins;
      brush.hidden = whole;
      const { left, width } = box();
      brush.style.left = `${left + (width * chosen.from) / time.bins}px`;
      brush.style.width = `${(width * (Math.min(chosen.to, time.bins) - chosen.from)) / time.bins}px`;
      $("range").textContent = whole ? "all of it" : `${date(chosen.from)} to ${date(chosen.to)}`;
      from.value = chosen.from;
      to.value = Math.min(chosen.to, time.bins);
    };
    const span = (a, b) => {
      chosen.from = Math.max(0, Math.min(a, b));
      chosen.to = Math.min(time.bins, Math.max(a, b, chosen.from + 1));
      paint();
      choose();
    };
    const slide = () => span(Math.min(+from.value, +to.value - 1), +to.value);
    from.addEventListener("input", slide);
    to.addEventListener("input", slide);
    $("range-all").addEventListener("click", () => span(0, time.bins));
    const before = reset;
    reset = () => { before(); span(0, time.bins); };
    let begun = null;
    const binAt = (e) => { const { page, width } = box(); return ((e.clientX - page) / width) * time.bins; };
    strip.addEventListener("pointerdown", (e) => { if (!e.target.closest("a") && e.button === 0) begun = binAt(e); });
    window.addEventListener("pointermove", (e) => {
      if (begun === null) return;
      const now = binAt(e);
      if (Math.abs(now - begun) > 1) span(Math.floor(Math.min(begun, now)), Math.ceil(Math.max(begun, now)));
    });
    window.addEventListener("pointerup", () => { begun = null; });
    window.addEventListener("resize", paint);
  }

  // --- the network -----------------------------------------------------------------------------
  const canvas = $("net");
  if (canvas) network(canvas, data.network, visit);

  // --- keys ------------------------------------------------------------------------------------
  const help = $("help");
  $("help-open").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || help.open) return;
    if (e.target.closest("input, textarea, select")) return;
    const held = current();
    if (e.key === "j") move(1);
    else if (e.key === "k") move(-1);
    else if (e.key === "/" && filter) { filter.focus(); filter.select(); }
    else if (e.key === "Escape") reset();
    else if (e.key === "?") help.showModal();
    else if (e.key === "t") window.scrollTo({ top: 0 });
    else if (e.key === "g" && canvas) { canvas.scrollIntoView({ block: "center" }); canvas.focus({ preventScroll: true }); }
    else if (e.key === "o" && held) {
      const parts = all("details.key", held);
      const open = parts.some((d) => !d.open);
      parts.forEach((d) => { d.open = open; });
    } else return;
    e.preventDefault();
  });

  function network(canvas, net, visit) {
    const FIRST = 1000, n = net.x.length, pen = canvas.getContext("2d"), tip = $("tip");
    const view = { zoom: 1, x: 5000, y: 5000 };
    let wide = 0, high = 0, colours = {}, pointed = -1, waiting = false;
    const groups = net.campaigns.map(([number, anchor, colour]) => ({ number, anchor, colour, x: 0, y: 0, r: 0, n: 0 }));
    for (let i = 0; i < n; i++) { const g = groups[net.c[i]]; if (g) { g.x += net.x[i]; g.y += net.y[i]; g.n++; } }
    for (const g of groups) if (g.n) { g.x /= g.n; g.y /= g.n; }
    for (let i = 0; i < n; i++) { const g = groups[net.c[i]]; if (g) g.r = Math.max(g.r, Math.hypot(net.x[i] - g.x, net.y[i] - g.y)); }
    const beside = Array.from({ length: n }, () => []);
    net.from.forEach((a, i) => { beside[a].push(i); beside[net.to[i]].push(i); });

    // A canvas cannot resolve custom properties: read them as the page resolves them.
    const probe = () => {
      const style = getComputedStyle(root);
      for (const name of ["ink", "soft", "card", "none"]) colours[name] = style.getPropertyValue(`--${name}`).trim();
      colours.k = Array.from({ length: 10 }, (_, i) => style.getPropertyValue(`--k${i}`).trim());
    };
    // Room above and below for the numbers of campaigns.
    const scale = () => (Math.min(wide, high - 48) / 10000) * view.zoom;
    const px = (x) => (x - view.x) * scale() + wide / 2;
    const py = (y) => (y - view.y) * scale() + high / 2;
    const shade = (i) => (net.c[i] < 0 ? colours.none : colours.k[groups[net.c[i]].colour]);
    const folded = () => n > FIRST && view.zoom < 2.2;
    const rim = (g) => g.r * scale() + Math.min(7, 1.5 + g.r * scale() * 0.12);
    const apart = groups.filter((g) => g.n > 2).map((g) => (1.8 * g.r) / Math.sqrt(g.n)).sort((a, b) => a - b);
    const room = apart.length ? apart[apart.length >> 1] : 300;
    const radius = (i) => Math.max(1.3, Math.min(0.34 * room * scale(), size(i)));
    const size = (i) => (1.6 + net.s[i] / 28) * Math.sqrt(view.zoom) * (n > 400 ? 0.75 : 1.15);

    const paint = () => {
      waiting = false;
      pen.clearRect(0, 0, wide, high);
      if (!folded()) lines();
      if (folded()) rims(0.28); else { rims(0.07); nodes(); }
      if (folded()) loners();
      names();
      if (pointed >= 0) spot(pointed);
    };
    const lines = () => {
      pen.lineWidth = Math.min(1.6, 0.8 * Math.sqrt(view.zoom));
      pen.globalAlpha = net.from.length > 4000 ? 0.16 : 0.34;
      for (let i = 0; i < net.from.length; i++) {
        const a = net.from[i], b = net.to[i];
        pen.strokeStyle = net.c[a] === net.c[b] ? shade(a) : colours.soft;
        pen.beginPath(); pen.moveTo(px(net.x[a]), py(net.y[a])); pen.lineTo(px(net.x[b]), py(net.y[b])); pen.stroke();
      }
      pen.globalAlpha = 1;
    };
    const rims = (alpha) => {
      for (const g of groups) {
        if (!g.n) continue;
        pen.globalAlpha = alpha; pen.fillStyle = pen.strokeStyle = colours.k[g.colour];
        disc(px(g.x), py(g.y), rim(g));
        pen.globalAlpha = alpha * 3; pen.lineWidth = 1; pen.stroke();
      }
      pen.globalAlpha = 1;
    };
    const disc = (x, y, r) => { pen.beginPath(); pen.arc(x, y, r, 0, 7); pen.fill(); };
    const nodes = () => {
      for (let i = n - 1; i >= 0; i--) {
        const x = px(net.x[i]), y = py(net.y[i]);
        if (x < -9 || y < -9 || x > wide + 9 || y > high + 9) continue;
        pen.fillStyle = shade(i);
        disc(x, y, radius(i));
      }
    };
    const loners = () => {
      pen.fillStyle = colours.none;
      for (let i = 0; i < n; i++) if (net.c[i] < 0) disc(px(net.x[i]), py(net.y[i]), 1.3);
    };
    const names = () => {
      pen.textAlign = "center"; pen.lineJoin = "round";
      for (const g of groups) {
        const r = rim(g);
        if (!g.n || r < 11) continue;
        const inside = folded();
        pen.font = `700 ${inside ? Math.min(20, Math.max(9, r * 0.6)) : 13}px system-ui, sans-serif`;
        const y = inside ? py(g.y) + 5 : py(g.y) - r - 5;
        pen.lineWidth = 4; pen.strokeStyle = colours.card; pen.fillStyle = inside ? colours.ink : colours.k[g.colour];
        if (!inside) pen.strokeText(g.number, px(g.x), y);
        pen.fillText(g.number, px(g.x), y);
      }
    };
    const spot = (i) => {
      pen.strokeStyle = colours.ink; pen.lineWidth = 1.4;
      for (const e of beside[i]) {
        const a = net.from[e], b = net.to[e];
        pen.beginPath(); pen.moveTo(px(net.x[a]), py(net.y[a])); pen.lineTo(px(net.x[b]), py(net.y[b])); pen.stroke();
      }
      pen.fillStyle = shade(i); disc(px(net.x[i]), py(net.y[i]), radius(i) + 2); pen.stroke();
    };
    const counted = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;
    const draw = () => { if (!waiting) { waiting = true; requestAnimationFrame(paint); } };
    const fit = () => {
      const box = canvas.getBoundingClientRect(), dense = window.devicePixelRatio || 1;
      wide = box.width; high = box.height;
      canvas.width = Math.round(wide * dense); canvas.height = Math.round(high * dense);
      pen.setTransform(dense, 0, 0, dense, 0, 0);
      probe(); draw();
    };
    const zoom = (by, x = wide / 2, y = high / 2) => {
      const was = scale(), next = Math.min(60, Math.max(0.8, view.zoom * by));
      const wx = view.x + (x - wide / 2) / was, wy = view.y + (y - high / 2) / was;
      view.zoom = next;
      view.x = wx - (x - wide / 2) / scale(); view.y = wy - (y - high / 2) / scale();
      draw();
    };
    const shift = (dx, dy) => { view.x -= dx / scale(); view.y -= dy / scale(); draw(); };
    const whole = () => { view.zoom = 1; view.x = view.y = 5000; draw(); };
    const nodeAt = (x, y) => {
      let best = -1, near = 14;
      for (let i = 0; i < n; i++) {
        if (folded() && net.c[i] >= 0) continue;
        const d = Math.hypot(px(net.x[i]) - x, py(net.y[i]) - y) - radius(i) * 0.5;
        if (d < near) { near = d; best = i; }
      }
      return best;
    };
    const groupAt = (x, y) => groups.find((g) => g.n && Math.hypot(px(g.x) - x, py(g.y) - y) <= rim(g));
    const place = (e) => { const box = canvas.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top]; };
    const kindsOf = (i) => [...new Set(beside[i].flatMap((e) => net.kinds[net.k[e]].split(", ")))].slice(0, 6).join(", ");
    const hover = (e) => {
      const [x, y] = place(e), i = nodeAt(x, y), g = i < 0 ? groupAt(x, y) : groups[net.c[i]];
      let text = "";
      if (i >= 0) text = `${net.a[i]}\n${g ? `Campaign ${g.number}` : "a campaign beyond the list"} · score ${(net.s[i] / 100).toFixed(2)} · ${counted(beside[i].length, "line")}${beside[i].length ? `\n${kindsOf(i)}` : ""}`;
      else if (g) text = `Campaign ${g.number}\n${counted(g.n, "account")}`;
      tip.hidden = !text; tip.textContent = text;
      if (text) {
        const left = canvas.offsetLeft + x, flip = x > wide - 230;
        tip.style.transform = `translate(${flip ? Math.max(0, left - tip.offsetWidth - 14) : left + 14}px, ${canvas.offsetTop + y + 14}px)`;
      }
      canvas.classList.toggle("on", Boolean(g));
      if (pointed !== i) { pointed = i; draw(); }
    };
    const held = new Map();
    let moved = 0;
    canvas.addEventListener("pointerdown", (e) => { held.set(e.pointerId, [e.clientX, e.clientY]); canvas.setPointerCapture(e.pointerId); moved = 0; canvas.classList.add("held"); });
    canvas.addEventListener("pointermove", (e) => {
      const was = held.get(e.pointerId);
      if (!was) return hover(e);
      const [dx, dy] = [e.clientX - was[0], e.clientY - was[1]];
      moved += Math.abs(dx) + Math.abs(dy);
      if (held.size === 2) {
        const other = [...held].find(([id]) => id !== e.pointerId)[1];
        const grown = Math.hypot(e.clientX - other[0], e.clientY - other[1]) / Math.max(1, Math.hypot(was[0] - other[0], was[1] - other[1]));
        const box = canvas.getBoundingClientRect();
        zoom(grown, (e.clientX + other[0]) / 2 - box.left, (e.clientY + other[1]) / 2 - box.top);
      } else shift(dx, dy);
      held.set(e.pointerId, [e.clientX, e.clientY]);
    });
    const release = (e) => {
      held.delete(e.pointerId);
      canvas.classList.remove("held");
      if (e.type !== "pointerup" || moved > 6) return;
      const [x, y] = place(e), i = nodeAt(x, y), g = i < 0 ? groupAt(x, y) : groups[net.c[i]];
      if (g) visit(g.anchor);
    };
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", release);
    canvas.addEventListener("pointerleave", () => { tip.hidden = true; pointed = -1; draw(); });
    canvas.addEventListener("wheel", (e) => { e.preventDefault(); zoom(Math.exp(-e.deltaY / 400), ...place(e)); }, { passive: false });
    canvas.addEventListener("keydown", (e) => {
      const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
      if (steps[e.key]) shift(...steps[e.key]);
      else if (e.key === "+" || e.key === "=") zoom(1.4);
      else if (e.key === "-") zoom(1 / 1.4);
      else if (e.key === "0") whole();
      else return;
      e.preventDefault();
    });
    $("net-in").addEventListener("click", () => zoom(1.5));
    $("net-out").addEventListener("click", () => zoom(1 / 1.5));
    $("net-all").addEventListener("click", whole);
    new ResizeObserver(fit).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", fit);
    fit();
  }
})();
