// Asks before it cancels, says what that ends, and tells afterwards what came of each.
import { useSignal } from "@preact/signals";
import { cancelAll, type Outcome } from "../api/cancel";
import type { Names } from "../api/names";
import type { Session } from "../api/types";
import { Dialog } from "../ui/dialog";
import { Id, Name } from "../ui/text";
import { announce } from "../ui/toast";

export function CancelDialog({ sessions, names, onClose }: { sessions: Session[]; names: Names; onClose: (changed: Session[]) => void }) {
    const done = useSignal(-1);
    const outcomes = useSignal<Outcome[]>([]);
    const many = sessions.length > 1;
    const changed = () => outcomes.value.flatMap((one) => (one.session ? [one.session] : []));
    const run = async () => {
        if (done.value >= 0) return;
        done.value = 0;
        outcomes.value = await cancelAll(sessions.map((one) => one.id), (count) => (done.value = count));
        const count = (result: string) => outcomes.value.filter((one) => one.result === result).length;
        if (count("failed") > 0) return; // stays open and says why
        const already = count("over already");
        const canceled = count("canceled");
        announce([canceled > 0 ? `Cancelled ${canceled === 1 ? "the session" : `${canceled} sessions`}.` : "", already > 0 ? `${already === 1 && !many ? "It was" : `${already} were`} over already.` : ""].filter(Boolean).join(" "));
        onClose(changed());
    };
    const failed = outcomes.value.filter((one) => one.result === "failed");
    return (
        <Dialog title={many ? `Cancel ${sessions.length.toLocaleString()} sessions?` : "Cancel this session?"} onClose={() => (done.value < 0 || failed.length > 0) && onClose(changed())}>
            <p>{many ? "Their" : "Its"} open connections are cut within seconds; an ssh or database client that uses one ends.</p>
            <ul class="rows">
                {sessions.slice(0, 8).map((one) => (
                    <li key={one.id}>
                        <Id>{one.id}</Id> <Name text={names.of(one.target_id) || one.target_id} /> <span class="dim">·</span> <Name text={names.of(one.user_id) || one.user_id} />
                    </li>
                ))}
                {sessions.length > 8 && <li class="dim">and {(sessions.length - 8).toLocaleString()} more</li>}
            </ul>
            {failed.length > 0 && (
                <div class="problem" role="alert">
                    <p>
                        <strong>
                            {failed.length} of {sessions.length} could not be cancelled.
                        </strong>
                    </p>
                    <ul>
                        {failed.slice(0, 8).map((one) => (
                            <li key={one.id}>
                                <Id>{one.id}</Id>: {one.problem?.message}
                            </li>
                        ))}
                    </ul>
                </div>
            )}
            <div class="buttons">
                {failed.length === 0 && (
                    <button type="button" class="danger" aria-disabled={done.value >= 0} onClick={run} autoFocus>
                        {done.value >= 0 ? `Cancelling… ${done.value} of ${sessions.length}` : many ? `Cancel ${sessions.length.toLocaleString()} sessions` : "Cancel session"}
                    </button>
                )}
                <button type="button" onClick={() => (done.value < 0 || failed.length > 0) && onClose(changed())}>
                    {failed.length > 0 ? "Close" : many ? "Keep them" : "Keep it"}
                </button>
            </div>
        </Dialog>
    );
}
