// The kinds of resource that have a list and a page of the same make: what to show of them, what to type into their forms.
import { href } from "../ui/route";
import { Name } from "../ui/text";
import { span } from "../ui/time";
import { credentials } from "./credentials";
import { descriptionColumn, descriptionField, idColumn, named, nameField, scopeColumn, text, type Kind } from "./kind";
import { logins } from "./logins";
import { people } from "./people";
import { workers } from "./workers";

export { fieldsOf, scopeName, secret, type Field, type Kind } from "./kind";

export const kinds: Record<string, Kind> = {
    targets: {
        collection: "targets",
        one: "target",
        many: "Targets",
        scopes: ["project"],
        label: named,
        columns: [
            { title: "Name", cell: (t) => <Name text={named(t)} /> },
            { title: "Address", cell: (t) => (t.address ? <Name text={String(t.address)} /> : <span class="dim">host sources</span>), level: 2 },
            { title: "Port", cell: (t) => text(t, "attributes.default_port") || "–", width: "short", number: true },
            idColumn,
            scopeColumn,
        ],
        fields: [
            { ...nameField, required: true },
            descriptionField,
            { path: "address", label: "Address", hint: "A host name or IP address. Leave it empty to use host sources." },
            { path: "attributes.default_port", label: "Port", kind: "number", required: true, hint: "Where the service listens: 22 for ssh." },
            { path: "attributes.default_client_port", label: "Local port", kind: "number", hint: "Where clients listen when they may choose; empty: any free port." },
            { path: "session_max_seconds", label: "A session lasts at most", kind: "number", hint: "In seconds; 28800 are eight hours.", shown: (value) => span(Number(value)) },
            { path: "session_connection_limit", label: "Connections of a session", kind: "number", hint: "-1: no limit.", shown: (value) => (value === -1 ? "no limit" : String(value)) },
        ],
        constant: { type: "tcp" },
        deletes: "Its sessions are cancelled.",
        empty: "A target is a host and a port that people may reach.",
    },
    "host-catalogs": {
        collection: "host-catalogs",
        one: "host catalog",
        many: "Host catalogs",
        scopes: ["project"],
        label: named,
        columns: [{ title: "Name", cell: (c) => <Name text={named(c)} /> }, descriptionColumn, { title: "Type", cell: (c) => c.type, width: "type", level: 2 }, idColumn, scopeColumn],
        fields: [nameField, descriptionField],
        constant: { type: "static" },
        deletes: "Its hosts and host sets go with it.",
        empty: "A host catalog holds hosts, and host sets that targets can use.",
    },
    "host-sets": {
        collection: "host-sets",
        one: "host set",
        many: "Host sets",
        parent: { member: "host_catalog_id", collection: "host-catalogs" },
        label: named,
        columns: [{ title: "Name", cell: (s) => <Name text={named(s)} /> }, descriptionColumn, idColumn],
        fields: [nameField, descriptionField],
        deletes: "Targets that use it lose it as a host source.",
        empty: "A host set groups hosts, so that a target can lead to any of them.",
    },
    hosts: {
        collection: "hosts",
        one: "host",
        many: "Hosts",
        parent: { member: "host_catalog_id", collection: "host-catalogs" },
        label: named,
        columns: [{ title: "Name", cell: (h) => <Name text={named(h)} /> }, { title: "Address", cell: (h) => <Name text={text(h, "attributes.address")} /> }, idColumn],
        fields: [nameField, descriptionField, { path: "attributes.address", label: "Address", required: true, hint: "A host name or IP address, as the worker sees it." }],
        constant: { type: "static" },
        deletes: "Sessions that lead to it are cancelled.",
        empty: "A host is an address that targets can lead to.",
    },
    aliases: {
        collection: "aliases",
        one: "alias",
        many: "Aliases",
        scopes: ["global"],
        everywhere: true,
        label: (a) => String(a.value ?? a.id),
        columns: [
            { title: "Alias", cell: (a) => <Name text={String(a.value ?? a.id)} /> },
            { title: "Leads to", cell: (a) => (a.destination_id ? <a href={href("targets", String(a.destination_id))}>{String(a.destination_id)}</a> : <span class="dim">nothing yet</span>), level: 2, width: "long-id" },
            descriptionColumn,
            idColumn,
        ],
        fields: [
            { path: "value", label: "Alias", required: true, hint: "Written like a host name: db.shop.example" },
            { path: "destination_id", label: "Leads to", kind: "target" },
            nameField,
            descriptionField,
        ],
        constant: { type: "target" },
        deletes: "Its name leads nowhere then.",
        empty: "An alias is a name, written like a host name, that leads to a target.",
    },
    ...people,
    ...logins,
    ...credentials,
    ...workers,
    scopes: {
        collection: "scopes",
        one: "scope",
        many: "Scopes",
        scopes: ["global", "org"],
        everywhere: true,
        label: named,
        columns: [],
        fields: [nameField, descriptionField],
        deletes: "Everything inside goes with it, and the sessions of its projects are cancelled.",
        empty: "",
    },
};
