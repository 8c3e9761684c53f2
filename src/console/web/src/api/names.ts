// Names of targets and users for lists that only have ids; as far as the caller may list them.
import { useMemo } from "preact/hooks";
import { useList } from "./live_list";

export interface Names {
    of(id: string | undefined): string;
    /// Differs when a name may have changed.
    stamp: unknown;
}

export function useNames(): Names {
    const targets = useList("/v1/targets", { scope_id: "global", recursive: true }, 15_000);
    const users = useList("/v1/users", { scope_id: "global", recursive: true }, 60_000);
    const [someTargets, someUsers] = [targets.items.value, users.items.value]; // drawn again when a name changes
    const stamp = useMemo(() => ({}), [someTargets, someUsers]);
    return {
        stamp,
        of(id) {
            if (!id) return "";
            const found = targets.find(id) ?? users.find(id);
            return found?.name ?? (found?.login_name as string | undefined) ?? "";
        },
    };
}
