#pragma once
// Static credentials' secrets: what authorize-session brokers. Kept apart from `resource`, so that
// no list or read can show them by accident. A state file holds them readable: it is 0600, and for
// development.

#include "base/secret.hpp"
#include "devserver/store/database.hpp"

#include <string>

namespace devserver {

class Credentials {
  public:
    explicit Credentials(Database& database) : database_(database) {}
    /// `object` is the secret as JSON text, with the member names of the API's `credential`.
    void set_secret(const std::string& credential_id, const agent::Secret& object);
    agent::Secret secret(const std::string& credential_id);
    void forget(const std::string& credential_id);

  private:
    Database& database_;
};

} // namespace devserver
