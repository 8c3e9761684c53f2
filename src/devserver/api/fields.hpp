#pragma once
// Pieces that most resources' JSON is made of, in the order the reference writes them.

#include "devserver/api/call.hpp"

namespace devserver {

/// {id, type, name, description, parent_scope_id}; what is empty is left out.
Json scope_object(Call& call, const std::string& scope_id);
/// id, [parent], scope_id, scope, name, description, created_time, updated_time, version, type.
Json common_fields(Call& call, const Resource& resource, const char* parent_key = nullptr);
void add_actions(Call& call, const Resource& resource, Json& item);

/// Copies a member of `resource.extra` into the item when it is there.
void copy_extra(const Resource& resource, const char* name, Json& item);

/// A body's `attributes`; empty when it has none.
const Json& attributes_of(const Call& call);
/// A string member of a body: nullopt when absent; null counts as "". Complains when it is
/// something else.
std::optional<std::string> body_text(const Json& body, const std::string& name, FieldErrors& errors,
                                     const std::string& shown_name = {});
/// A whole number within bounds, likewise. null clears: returns `lowest`.
std::optional<std::int64_t> body_number(const Json& body, const std::string& name,
                                        std::int64_t lowest, std::int64_t highest,
                                        FieldErrors& errors, const std::string& shown_name = {});

} // namespace devserver
