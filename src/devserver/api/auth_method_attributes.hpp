#pragma once
// What auth methods, their accounts and managed groups have, by type: "password", "oidc", "ldap".

#include "devserver/api/attributes.hpp"

namespace devserver {

Attributes auth_method_attributes(std::string_view type);
/// Of accounts that are only data: not of passwords'.
Attributes account_attributes(std::string_view type);
Attributes managed_group_attributes(std::string_view type);

} // namespace devserver
