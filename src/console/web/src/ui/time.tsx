// Times as people say them; the exact one is the tooltip. One clock for the whole page.
import { signal } from "@preact/signals";

export const now = signal(Date.now());
setInterval(() => {
    if (!document.hidden) now.value = Date.now();
}, 1000);
document.addEventListener("visibilitychange", () => (now.value = Date.now()));

export function span(seconds: number): string {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return `${s}s`;
    if (s < 3600) return `${Math.floor(s / 60)}m ${String(s % 60).padStart(2, "0")}s`;
    if (s < 86_400) return `${Math.floor(s / 3600)}h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}m`;
    return `${Math.floor(s / 86_400)}d ${String(Math.floor((s % 86_400) / 3600)).padStart(2, "0")}h`;
}

export function exact(time: string | number | undefined): string {
    const date = new Date(time ?? NaN);
    return isNaN(date.getTime()) ? "" : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

export function Ago({ time }: { time?: string }) {
    const at = Date.parse(time ?? "");
    if (isNaN(at)) return <span class="dim">–</span>;
    const seconds = (now.value - at) / 1000;
    return <time dateTime={time} title={exact(time)}>{seconds < 2 ? "now" : `${span(seconds)} ago`}</time>;
}

export function Until({ time, past = "expired" }: { time?: string; past?: string }) {
    const at = Date.parse(time ?? "");
    if (isNaN(at)) return <span class="dim">–</span>;
    const seconds = (at - now.value) / 1000;
    return <time dateTime={time} title={exact(time)} class={seconds < 300 ? "warn" : undefined}>{seconds <= 0 ? past : span(seconds)}</time>;
}

/// As wide as the widest, so that a figure that grows moves nothing; in columns, which have the font for it.
export const figure = (value: string | number, width: number) => String(value).padStart(width, "\u00a0");

export function bytes(count: number): string {
    if (count < 1000) return `${count} B`;
    let value = count;
    let unit = -1;
    do {
        value /= 1000;
        unit += 1;
    } while (value >= 999.5 && unit < 4);
    return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${["kB", "MB", "GB", "TB", "PB"][unit]}`;
}
