#pragma once
// The error bodies of Boundary's API: {kind, message, details.request_fields}. Every handler
// answers through these.

#include "devserver/api/message.hpp"

#include <map>
#include <string>

namespace devserver {

/// Complaints by field, sorted by name as the API sends them; nested names have dots.
using FieldErrors = std::map<std::string, std::string>;

Reply invalid_argument(const std::string& message, const FieldErrors& fields = {});
/// "Error in provided request." with one or more complaints.
Reply invalid_fields(const FieldErrors& fields);
/// What the community edition knows the route of and never does.
Reply unimplemented(const std::string& message);
Reply failed_precondition(const std::string& message);
Reply not_found(const std::string& message = "Resource not found.");
Reply unauthenticated(const std::string& message = "Unauthenticated, or invalid token.");
Reply forbidden(const std::string& message = "Forbidden.");
Reply invalid_list_token(const std::string& message);
Reply internal_error(const std::string& message);
/// For what the reference refuses before its API proper sees it.
Reply empty_reply(unsigned status);

} // namespace devserver
