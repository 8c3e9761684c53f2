#include "devserver/api/collections.hpp"
#include "devserver/api/fields.hpp"

namespace devserver {

Json scope_fields(Call& call, const Resource& scope, bool) {
    Json item = common_fields(call, scope);
    copy_extra(scope, "primary_auth_method_id", item);
    add_actions(call, scope, item);
    return item;
}

void accept_scope(Call&, Resource&, bool, FieldErrors&) {} // name and description are all there is

} // namespace devserver
