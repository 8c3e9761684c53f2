#pragma once
// Password accounts: who may log in with which words. The API's auth methods and accounts call it.

#include "base/secret.hpp"
#include "devserver/store/resources.hpp"

#include <optional>
#include <string>

namespace devserver {

class Accounts {
  public:
    Accounts(Database& database, Resources& resources)
        : database_(database), resources_(resources) {}

    void set_password(const std::string& account_id, const agent::Secret& password);
    bool check_password(const std::string& account_id, const agent::Secret& password);
    /// The account of that login name when the password is right. Unknown names cost as much time
    /// as wrong passwords.
    std::optional<Resource> log_in(const std::string& auth_method_id, const std::string& login_name,
                                   const agent::Secret& password);

  private:
    Database& database_;
    Resources& resources_;
};

} // namespace devserver
