// What targets hand out to log in behind them.
import { Name } from "../ui/text";
import { descriptionColumn, descriptionField, idColumn, named, nameColumn, nameField, scopeColumn, text, typeColumn, type Kind } from "./kind";

const withUser = ["username_password", "username_password_domain", "ssh_private_key"];
const withPassword = ["username_password", "username_password_domain", "password"];

export const credentials: Record<string, Kind> = {
    "credential-stores": {
        collection: "credential-stores",
        one: "credential store",
        many: "Credential stores",
        scopes: ["project"],
        label: named,
        columns: [nameColumn, descriptionColumn, { ...typeColumn, width: "type" }, idColumn, scopeColumn],
        fields: [nameField, descriptionField],
        constant: { type: "static" },
        deletes: "Its credentials go with it; targets hand them out no more.",
        empty: "A credential store holds passwords and keys that targets hand out with a session.",
    },
    credentials: {
        collection: "credentials",
        one: "credential",
        many: "Credentials",
        parent: { member: "credential_store_id", collection: "credential-stores" },
        types: {
            username_password: "User name and password",
            username_password_domain: "User name, password and domain",
            password: "Password only",
            ssh_private_key: "SSH private key",
            json: "JSON",
        },
        label: named,
        columns: [nameColumn, typeColumn, { title: "User name", cell: (c) => <Name text={text(c, "attributes.username")} />, level: 3 }, idColumn],
        fields: [
            nameField,
            descriptionField,
            { path: "attributes.username", label: "User name", types: withUser, required: true },
            { path: "attributes.domain", label: "Domain", types: ["username_password_domain"], required: true },
            { path: "attributes.password", label: "Password", types: withPassword, kind: "password", required: true },
            { path: "attributes.private_key", label: "Private key", types: ["ssh_private_key"], kind: "secret", required: true, hint: "The whole file, with its first and last line." },
            { path: "attributes.private_key_passphrase", label: "Passphrase of the key", types: ["ssh_private_key"], kind: "password" },
            { path: "attributes.object", label: "JSON object", types: ["json"], kind: "json", required: true, hint: '{"token": "…"}' },
        ],
        deletes: "Targets hand it out no more.",
        empty: "A credential is what somebody needs behind a target; whoever gets a session there gets it too.",
    },
};
