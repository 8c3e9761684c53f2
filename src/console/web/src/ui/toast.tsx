// One line at the bottom that says what has happened, also to screen readers.
import { signal } from "@preact/signals";

const message = signal("");
let timer = 0;

export function announce(text: string) {
    message.value = text;
    clearTimeout(timer);
    timer = window.setTimeout(() => (message.value = ""), Math.max(5000, text.length * 70));
}

export function Toast() {
    return (
        <div class="toast" role="status" aria-live="polite">
            {message.value && <p>{message.value}</p>}
        </div>
    );
}
