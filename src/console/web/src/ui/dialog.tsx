// A modal dialog on the browser's own <dialog>: it traps the focus, Escape closes it, the focus returns afterwards. Who
// opened it says whether it closes: one that must stay is shown again when the browser closes it (a second Escape does).
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export function Dialog({ title, onClose, children, wide }: { title: string; onClose?: () => void; children: ComponentChildren; wide?: boolean }) {
    const dialog = useRef<HTMLDialogElement>(null);
    const id = useId();
    useEffect(() => {
        const before = document.activeElement;
        dialog.current?.showModal();
        return () => {
            if (before instanceof HTMLElement && before.isConnected) before.focus();
        };
    }, []);
    return (
        <dialog
            ref={dialog}
            class={wide ? "wide" : undefined}
            aria-labelledby={id}
            onCancel={(event) => {
                event.preventDefault();
                onClose?.();
            }}
            onClose={() => {
                onClose?.();
                dialog.current?.showModal();
            }}
        >
            <h2 id={id}>{title}</h2>
            {children}
        </dialog>
    );
}
