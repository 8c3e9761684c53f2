#include "devserver/grants/output_fields.hpp"

namespace devserver {

void OutputFields::add(const std::set<std::string, std::less<>>& fields) {
    if (!fields_) fields_.emplace(); // an empty list says: nothing at all
    fields_->insert(fields.begin(), fields.end());
}

OutputFields OutputFields::for_anonymous() {
    OutputFields fields;
    fields.add({"id", "scope", "scope_id", "plugin_id", "plugin", "name", "description", "type",
                "is_primary", "primary_auth_method_id", "authorized_actions",
                "authorized_collection_actions"});
    return fields;
}

} // namespace devserver
