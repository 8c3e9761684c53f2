// Layout shift as the browser itself measures it: what moved on the screen. `all`: also what moved
// within half a second of a key, a click or a step to another view, which the browser's own score
// forgives.
export async function watchShift(page, { all = false } = {}) {
    await page.addInitScript((all) => {
        window.shifts = [];
        const tell = ({ node }) => node?.outerHTML?.slice(0, 120) ?? node?.textContent?.slice(0, 60);
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (all || !entry.hadRecentInput) window.shifts.push(`${entry.value.toFixed(4)} ${location.hash}: ${entry.sources.map(tell).join(" | ")}`);
        }).observe({ type: "layout-shift", buffered: true });
    }, all);
    return () => page.evaluate(() => window.shifts);
}

/// What is there now has been on the screen: only what was can be seen to move.
export const painted = (page) => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
