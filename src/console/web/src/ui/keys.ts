// Single keys. They act only outside of fields and dialogs, and can be switched off (help, "?"), as
// WCAG 2.1.4 asks.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const stored = "boundary-console-keys";
export const keysOn = signal(localStorage.getItem(stored) !== "off");
keysOn.subscribe((on) => (on ? localStorage.removeItem(stored) : localStorage.setItem(stored, "off")));

type Handler = () => void;
const handlers = new Map<string, Handler[]>();
let pending = ""; // the first key of "g s"
let forget = 0;

addEventListener("keydown", (event) => {
    if (!keysOn.value || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target;
    if (target instanceof HTMLElement && (target.closest("dialog") || target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))) {
        const box = target instanceof HTMLInputElement && target.type === "checkbox" && !target.closest("dialog");
        if (!box) return;
    }
    const key = pending + event.key;
    pending = "";
    const found = handlers.get(key)?.at(-1);
    if (found) {
        event.preventDefault();
        found();
    } else if (event.key === "g") {
        pending = "g ";
        clearTimeout(forget);
        forget = window.setTimeout(() => (pending = ""), 1200);
    }
});

/// The newest view's handler for a key wins.
export function useKeys(keys: Record<string, Handler>) {
    useEffect(() => {
        const mine = Object.entries(keys);
        for (const [key, handler] of mine) handlers.set(key, [...(handlers.get(key) ?? []), handler]);
        return () => {
            for (const [key, handler] of mine) handlers.set(key, (handlers.get(key) ?? []).filter((one) => one !== handler));
        };
    });
}

/// j and k move the real focus from row to row.
export function moveRow(step: number) {
    const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
    const at = rows.findIndex((row) => row.closest("tr")?.contains(document.activeElement));
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
}

export function focusedRow(): string {
    return document.activeElement?.closest<HTMLElement>("tr[data-id]")?.dataset.id ?? "";
}

export function focusSearch() {
    document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
}
