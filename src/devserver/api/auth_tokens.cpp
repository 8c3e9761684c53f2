#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"

namespace devserver {

Json auth_token_fields(Call& call, const Resource& resource, bool) {
    Json item;
    item["id"] = resource.id;
    item["scope_id"] = resource.scope_id;
    item["scope"] = scope_object(call, resource.scope_id);
    const auto token = call.store.auth_tokens.find(resource.id);
    if (token) {
        item["user_id"] = token->user_id;
        item["auth_method_id"] = token->auth_method_id;
        item["account_id"] = token->account_id;
    }
    item["created_time"] = agent::format_rfc3339(resource.created);
    item["updated_time"] = agent::format_rfc3339(resource.updated);
    if (token) {
        item["approximate_last_used_time"] = agent::format_rfc3339(token->last_used);
        item["expiration_time"] = agent::format_rfc3339(token->expiration);
    }
    add_actions(call, resource, item);
    return item;
}

} // namespace devserver
