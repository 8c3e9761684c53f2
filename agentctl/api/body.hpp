#pragma once
// The request that a row's flags mean: path, query and body, before anything is asked.

#include "agentctl/api/given.hpp"
#include "agentctl/api/plain.hpp"
#include "base/json.hpp"

#include <nlohmann/json.hpp>

#include <utility>
#include <variant>

namespace agentctl {

struct ApiCall {
    std::string_view operation; ///< of CallApi
    std::string_view collection;
    std::string id;
    std::string_view action;
    std::vector<std::pair<std::string, std::string>> query;
    agent::Json body; ///< an object, or null: none. It may hold secrets: wipe() it
    std::vector<std::string> secret_fields; ///< paths of those
};

/// What is missing or cannot be meant, in the order in which the reference looks; nothing is read
/// from files or asked for yet.
std::optional<Plain> wrong_words(const Resource& resource, const CommandRow& row, Given& given);

/// Reads env:// and file://, and asks on the terminal for passwords that are missing.
std::variant<ApiCall, Plain> call_of(const Resource& resource, const CommandRow& row, Given& given);

/// Whether the request says which version it means; `set_version` says it.
bool wants_version(Given& given);
void set_version(ApiCall& call, std::int64_t version);

} // namespace agentctl
