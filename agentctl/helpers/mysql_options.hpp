#pragma once
// The text of an option file of MySQL's and MariaDB's programs that holds one password.

#include <string>
#include <string_view>

namespace agentctl::helpers {

std::string mysql_option_file(std::string_view password);

} // namespace agentctl::helpers
