// Small pieces of text: names that people chose, ids, states, things to copy.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { asText } from "../api/types";
import { announce } from "./toast";

/// Whatever somebody typed as a name or description: shown as text, isolated from its surroundings' direction. It may hold
/// no character that ends the isolation: what stands beside it, often the id, would be turned round.
export function Name({ text, fallback }: { text?: unknown; fallback?: string }) {
    const words = asText(text).replace(/[\u2066-\u2069]/g, "");
    if (!words) return <span class="dim">{fallback ?? "–"}</span>;
    return <bdi title={words.length > 40 ? words.slice(0, 1000) : undefined}>{words}</bdi>;
}

/// The same where there can be no <bdi>, as in the options of a select: what would turn its neighbours round is replaced.
export const plainly = (text: string, most = 200) => text.slice(0, most).replace(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");

export const Id = ({ children }: { children?: string }) => (children ? <code>{children}</code> : <span class="dim">–</span>);

export function Status({ status }: { status?: string }) {
    return <span class={`status ${/^[a-z-]+$/.test(status ?? "") ? status : ""}`}>{status || "unknown"}</span>;
}

export function Copy({ text, label = "Copy", shown }: { text: string; label?: string; shown?: string }) {
    const done = useSignal(false);
    const copy = async () => {
        try {
            await navigator.clipboard.writeText(text);
            done.value = true;
            announce("Copied.");
            setTimeout(() => (done.value = false), 1500);
        } catch {
            announce("The browser does not let this page copy: select the text instead.");
        }
    };
    return (
        <div class="copy">
            <code tabIndex={0}>{shown ?? text}</code>
            <button type="button" onClick={copy} aria-label={`${label}: ${(shown ?? text).slice(0, 80)}`}>{done.value ? "Copied" : label}</button>
        </div>
    );
}

export function Fact({ label, children, long }: { label: string; children: ComponentChildren; long?: boolean }) {
    return (
        <div class={long ? "fact long" : "fact"}>
            <dt>{label}</dt>
            <dd>{children}</dd>
        </div>
    );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
    return (
        <div class="empty">
            <p class="empty-title">{title}</p>
            {children && <div>{children}</div>}
        </div>
    );
}
