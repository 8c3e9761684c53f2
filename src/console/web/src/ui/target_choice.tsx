// A <select> of the targets that the caller can see.
import { useList } from "../api/live_list";
import { plainly } from "./text";

export function TargetChoice({ id, value, onChange }: { id?: string; value: string; onChange: (id: string) => void }) {
    const targets = useList("/v1/targets", { scope_id: "global", recursive: true }, 15_000).items.value;
    return (
        <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
            <option value="">– nothing –</option>
            {value && !targets.some((target) => target.id === value) && <option value={value}>{value}</option>}
            {targets.map((target) => (
                <option key={target.id} value={target.id}>
                    {plainly(target.name ?? target.id, 60)} · {target.id}
                </option>
            ))}
        </select>
    );
}
