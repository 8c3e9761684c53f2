// Who may do what: users, groups and roles.
import { Name } from "../ui/text";
import { descriptionColumn, descriptionField, idColumn, named, nameColumn, nameField, scopeColumn, text, type Kind } from "./kind";

export const people: Record<string, Kind> = {
    users: {
        collection: "users",
        one: "user",
        many: "Users",
        scopes: ["global", "org"],
        everywhere: true,
        label: named,
        columns: [nameColumn, { title: "Login name", cell: (u) => <Name text={text(u, "login_name")} />, level: 2 }, idColumn, scopeColumn],
        fields: [nameField, descriptionField],
        deletes: "Their sessions are cancelled.",
        empty: "A user is a person, with accounts to log in by.",
    },
    groups: {
        collection: "groups",
        one: "group",
        many: "Groups",
        scopes: ["global", "org", "project"],
        label: named,
        columns: [nameColumn, descriptionColumn, idColumn, scopeColumn],
        fields: [nameField, descriptionField],
        deletes: "Its members lose what roles grant to it.",
        empty: "A group is a set of users that roles can grant things to.",
    },
    roles: {
        collection: "roles",
        one: "role",
        many: "Roles",
        scopes: ["global", "org", "project"],
        label: named,
        columns: [nameColumn, descriptionColumn, idColumn, scopeColumn],
        fields: [nameField, descriptionField],
        deletes: "Nobody has its grants any more; that may be you.",
        empty: "A role says what its users and groups may do, and in which scopes.",
    },
};
