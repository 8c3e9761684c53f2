#pragma once
// User name and password, as programs for databases want them.

#include "agentctl/helpers/fit.hpp"
#include "agentctl/helpers/helper.hpp"

#include <optional>
#include <string>

namespace agentctl::helpers {

struct Login {
    std::string user; ///< empty: nobody said
    std::optional<agent::Secret> password;
};

/// Consumes the first user name with a password, else the first password alone, for -username.
/// `lines`: whether the way in which the password travels can take line breaks.
agent::Result<Login> take_login(Given& given, Lines lines);

/// Before it is taken: without the database's name the program may take another word for it.
void warn_without_dbname(const Given& given, Launch& launch, std::string_view program);

} // namespace agentctl::helpers
