#include "devserver/store/store.hpp"

#include "devserver/store/schema.hpp"

namespace devserver {
namespace {

Database& prepared(Database& database) {
    prepare_schema(database);
    return database;
}

} // namespace

Store::Store(const std::string& path, Clock now) try
    : now_(std::move(now)), database(path, pragmas), resources(prepared(database), now_),
      accounts(database, resources), auth_tokens(database, resources, now_), credentials(database),
      scope_keys(database, now_), sessions(database, resources, now_) {
    sessions.close_left_open();
} catch (const DatabaseError& problem) {
    throw DatabaseError("state file \"" + path + "\": " + problem.what());
}

bool Store::empty() {
    return !resources.find("global").has_value();
}

std::string Store::setting(const std::string& name) {
    auto row = database.query("SELECT value FROM setting WHERE name=?", name);
    return row.step() ? row.text(0) : std::string();
}

void Store::set_setting(const std::string& name, const std::string& value) {
    database.run("INSERT OR REPLACE INTO setting (name, value) VALUES (?,?)", name, value);
}

std::optional<AuthToken> Store::authenticate(std::string_view text) {
    auto token = auth_tokens.recognise(text);
    if (!token) return std::nullopt;
    if (auth_tokens.dead(*token)) {
        if (const auto resource = resources.find(token->id)) remove(*resource);
        return std::nullopt;
    }
    auth_tokens.note_use(*token);
    return token;
}

void Store::remove(const Resource& resource) {
    using Reference = Sessions::Reference;
    Transaction transaction(database);
    const auto& kind = resource.kind;
    if (kind == "scope") {
        if (resource.type == "project") sessions.cancel_all_of(Reference::project, resource.id);
        for (const auto& inside : resources.in_scope(resource.id))
            if (inside.kind != "session") remove(inside);
    }
    for (const auto& child : resources.children(resource.id)) remove(child);
    if (kind == "user") {
        sessions.cancel_all_of(Reference::user, resource.id);
        for (const auto& account_id : resources.linked(resource.id, "account"))
            if (auto account = resources.find(account_id)) {
                account->owner_id.clear();
                resources.update(*account);
            }
    }
    if (kind == "user" || kind == "account")
        for (const auto& token : resources.all("auth-token")) {
            const auto row = auth_tokens.find(token.id);
            if (row && (row->user_id == resource.id || row->account_id == resource.id))
                remove(token);
        }
    if (kind == "account")
        database.run("DELETE FROM account_password WHERE account_id=?", resource.id);
    if (kind == "auth-token") {
        sessions.cancel_all_of(Reference::auth_token, resource.id);
        auth_tokens.forget(resource.id);
    }
    if (kind == "target") {
        sessions.cancel_all_of(Reference::target, resource.id);
        for (auto& alias : resources.all("alias"))
            if (agent::string_member(alias.extra, "destination_id") == resource.id) {
                alias.extra.erase("destination_id");
                alias.extra.erase("host_id");
                resources.update(alias);
            }
    }
    if (kind == "host") sessions.cancel_all_of(Reference::host, resource.id);
    if (kind == "host-set") sessions.cancel_all_of(Reference::host_set, resource.id);
    if (kind == "credential" || kind == "auth-method") credentials.forget(resource.id);
    if (kind == "auth-method")
        if (auto scope = resources.find(resource.scope_id);
            scope && agent::string_member(scope->extra, "primary_auth_method_id") == resource.id) {
            scope->extra.erase("primary_auth_method_id");
            resources.update(*scope);
        }
    if (kind == "scope") scope_keys.forget(resource.id);
    resources.erase(resource);
    transaction.commit();
}

} // namespace devserver
