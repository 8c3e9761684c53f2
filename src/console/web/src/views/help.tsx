// The keys, and the switch that turns them off.
import { Dialog } from "../ui/dialog";
import { keysOn } from "../ui/keys";

const keys: [string, string][] = [
    ["/", "search"],
    ["j  k", "next, previous row"],
    ["Enter", "open"],
    ["x", "select"],
    ["c", "cancel what is selected, or this one"],
    ["[  ]", "newer, older page"],
    ["n", "new"],
    ["e", "edit"],
    ["g s", "sessions"],
    ["g t", "targets"],
    ["g h", "host catalogs"],
    ["g c", "credential stores"],
    ["g u", "users"],
    ["g g", "groups"],
    ["g r", "roles"],
    ["g w", "workers"],
    ["g o", "scopes"],
    ["Esc", "close, deselect"],
    ["?", "this help"],
];

export function Help({ onClose }: { onClose: () => void }) {
    return (
        <Dialog title="Keys" onClose={onClose}>
            <dl class="keys">
                {keys.map(([key, what]) => (
                    <div key={key}>
                        <dt>
                            <kbd>{key}</kbd>
                        </dt>
                        <dd>{what}</dd>
                    </div>
                ))}
            </dl>
            <label class="tick">
                <input type="checkbox" checked={keysOn.value} onChange={(event) => (keysOn.value = event.currentTarget.checked)} />
                single keys are on
            </label>
            <div class="buttons">
                <button type="button" onClick={onClose} autoFocus>
                    Close
                </button>
            </div>
        </Dialog>
    );
}
