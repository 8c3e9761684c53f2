#include "devserver/store/accounts.hpp"

#include "devserver/store/password_hash.hpp"

namespace devserver {

void Accounts::set_password(const std::string& account_id, const agent::Secret& password) {
    database_.run("INSERT OR REPLACE INTO account_password (account_id, hash) VALUES (?,?)",
                  account_id, hash_password(password));
}

bool Accounts::check_password(const std::string& account_id, const agent::Secret& password) {
    auto row = database_.query("SELECT hash FROM account_password WHERE account_id=?", account_id);
    if (!row.step()) {
        hash_password(password);
        return false;
    }
    return password_matches(password, row.text(0));
}

std::optional<Resource> Accounts::log_in(const std::string& auth_method_id,
                                         const std::string& login_name,
                                         const agent::Secret& password) {
    auto row = database_.query(
        "SELECT id FROM resource WHERE kind='account' AND parent_id=? AND unique_key=?",
        auth_method_id, login_name);
    const std::string account_id = row.step() ? row.text(0) : std::string();
    if (!check_password(account_id, password)) return std::nullopt;
    return resources_.find(account_id);
}

} // namespace devserver
