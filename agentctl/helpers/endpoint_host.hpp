#pragma once
// Which host a program that speaks HTTP should believe to be talking to.

#include "agentctl/helpers/helper.hpp"

#include <string>

namespace agentctl::helpers {

/// -host, else the host of the session's endpoint without a "/" at its end; empty where there is
/// none, or where the controller's is no plain name.
std::string http_host(const Given& given);

/// "https://127.0.0.1:4711", as a URL has an address.
std::string local_url(const Given& given, std::string_view host);

} // namespace agentctl::helpers
