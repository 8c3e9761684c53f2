import { Name } from "../ui/text";
import { Ago } from "../ui/time";
import { descriptionField, idColumn, named, nameField, text, type Kind } from "./kind";

export const workers: Record<string, Kind> = {
    workers: {
        collection: "workers",
        one: "worker",
        many: "Workers",
        scopes: ["global"],
        everywhere: true,
        types: { "worker-led": "It has printed a token", "controller-led": "It will be given a token" },
        createAs: (type) => `create:${type}`,
        once: { path: "controller_generated_activation_token", words: "Give this token to the worker (controller_generated_activation_token). It is not shown again." },
        label: named,
        columns: [
            { title: "Name", cell: (w) => <Name text={named(w)} /> },
            { title: "Address", cell: (w) => <Name text={text(w, "address")} />, level: 2 },
            { title: "Seen", cell: (w) => <Ago time={text(w, "last_status_time")} />, width: "time" },
            { title: "Connections", cell: (w) => text(w, "active_connection_count") || "–", width: "time", number: true, level: 2 },
            { ...idColumn, level: 3 },
        ],
        fields: [
            nameField,
            descriptionField,
            { path: "worker_generated_auth_token", label: "Token of the worker", types: ["worker-led"], kind: "long", required: true, createOnly: true, hint: "What it prints when it starts for the first time." },
            { path: "address", label: "Address", readOnly: true },
            { path: "release_version", label: "Version", readOnly: true },
            { path: "last_status_time", label: "Last seen", readOnly: true, shown: (time) => <Ago time={String(time)} /> },
            { path: "active_connection_count", label: "Connections", readOnly: true },
        ],
        deletes: "It carries no more sessions.",
        empty: "A worker carries the bytes of sessions.",
    },
};
