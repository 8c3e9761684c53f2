#include "devserver/store/credentials.hpp"

namespace devserver {

void Credentials::set_secret(const std::string& credential_id, const agent::Secret& object) {
    database_.run("INSERT OR REPLACE INTO credential_secret (credential_id, secret) VALUES (?,?)",
                  credential_id, object.reveal());
}

agent::Secret Credentials::secret(const std::string& credential_id) {
    auto row = database_.query("SELECT secret FROM credential_secret WHERE credential_id=?",
                               credential_id);
    return row.step() ? agent::Secret(row.text(0)) : agent::Secret("{}");
}

void Credentials::forget(const std::string& credential_id) {
    database_.run("DELETE FROM credential_secret WHERE credential_id=?", credential_id);
}

} // namespace devserver
