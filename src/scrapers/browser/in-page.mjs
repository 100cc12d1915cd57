// Runs in every frame before the page's own scripts, as text that Playwright hands over: it sees the page's globals and nothing of ours.
// Gives the page one function, `window.__untilStill`, and counts the short timers that are still to fire.
(() => {
  const later = window.setTimeout.bind(window);
  const Observer = window.MutationObserver;
  const nowMs = performance.now.bind(performance);

  /** Shorter ones fire while silence is waited for, longer ones are for a reader who stays. */
  const SHORTEST_MS = 50;
  const LONGEST_MS = 500;
  /** A page that polls is not waited for. */
  const MOST_TIMERS = 10;
  const LOOK_MS = 20;
  const pending = new Set();
  let counted = 0;

  window.setTimeout = function setTimeout(handler, delayMs, ...given) {
    const isCounted = typeof handler === 'function' && delayMs >= SHORTEST_MS && delayMs <= LONGEST_MS;
    if (!isCounted || counted >= MOST_TIMERS) return later(handler, delayMs, ...given);
    counted += 1;
    const fire = (...values) => {
      pending.delete(id);
      handler.apply(window, values);
    };
    const id = later(fire, delayMs, ...given);
    pending.add(id);
    return id;
  };
  for (const name of ['clearTimeout', 'clearInterval']) {
    const clear = window[name].bind(window);
    window[name] = (id) => {
      pending.delete(id);
      clear(id);
    };
  }

  /**
   * Resolves with the UTF-16 units of text once nothing changed for `silentMs` and no timer is awaited; where there are fewer than
   * `enoughText` units, once nothing changed for `textlessMs`; after `capMs` in any case.
   */
  const untilStill = ({ silentMs, textlessMs, enoughText, capMs }) =>
    new Promise((resolve) => {
      const endMs = nowMs() + capMs;
      let changedMs = nowMs();
      const observer = new Observer(() => (changedMs = nowMs()));
      observer.observe(document, { subtree: true, childList: true, characterData: true });
      const look = () => {
        const silenceMs = nowMs() - changedMs;
        const isOver = nowMs() >= endMs;
        if (!isOver && silenceMs < silentMs) return later(look, silentMs - silenceMs);
        if (!isOver && pending.size > 0) return later(look, LOOK_MS);
        const units = document.body?.innerText?.trim().length ?? 0;
        if (!isOver && units < enoughText && silenceMs < textlessMs) return later(look, silentMs);
        observer.disconnect();
        return resolve(units);
      };
      later(look, silentMs);
    });
  Object.defineProperty(window, '__untilStill', { value: untilStill });
})();
