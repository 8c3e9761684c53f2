#pragma once
// How one item is printed: read, cancel, authorize-session, a login.

#include "agentctl/output/resource.hpp"

#include <string>
#include <vector>

namespace agentctl {

/// The same as JSON, in the controller's own words: {"status_code": …, "item": …}, one line.
std::string item_json(std::int64_t status, const agent::Json& item);
/// Title, the resource's columns, then the blocks that the item has: scope, actions, sources,
/// states, attributes …
std::string item_table(const Resource& resource, const agent::Json& item);
/// What authorize-session answers, with its authorization token and credentials.
std::string authorization_table(const agent::Json& item);
/// A login: who it is for and how long. The token itself is not in it.
std::string login_table(const agent::Json& item);
/// "Credentials:" with one block each, indented 2; empty for none. `pad` is longest_key() of the
/// rows above it.
/// `type_label`: connect has another word for it than authorize-session.
std::string credentials_block(const std::vector<agent::Json>& credentials, std::size_t pad,
                              std::string_view type_label = "Credential Source Type");

} // namespace agentctl
