#pragma once
// The credentials that the controller brokered with a session, sorted by what a program can do with
// them. What a helper consumes is not printed; everything else is.

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace agentctl::helpers {

enum class Kind : std::uint8_t { unspecified, ssh_private_key, username_password, password };

struct Credential {
    Kind kind = Kind::unspecified;
    std::string username;
    agent::Secret secret; ///< the password, or the private key
    agent::Secret passphrase;
    agent::Json whole; ///< as the controller sent it
    bool consumed = false;
};

class Brokered {
  public:
    Brokered() = default;
    /// Errc::invalid_argument when one does not say where it is from.
    static agent::Result<Brokered> sort(const std::vector<agent::Json>& credentials);

    /// The only one of its kind that is ever used; nullptr: there is none.
    Credential* first(Kind kind);
    bool has_password() const;
    /// What nobody consumed, in the order in which it is printed.
    std::vector<agent::Json> rest() const;
    void forget();

  private:
    std::vector<Credential> all_;
};

} // namespace agentctl::helpers
