#pragma once
// The text of libpq's password file for one password, whoever and whatever it is for.

#include <string>
#include <string_view>

namespace agentctl::helpers {

std::string pgpass_line(std::string_view password);

} // namespace agentctl::helpers
