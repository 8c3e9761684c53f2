#pragma once
// The OIDC and the LDAP auth method that a new dev server has beside its password method: data to
// look at and to change. Nobody logs in with them.

#include "devserver/store/seed.hpp"

namespace devserver {

/// After the two users are there: each gets an account in either method.
void seed_auth_methods(Store& store, const SeedOptions& options);

} // namespace devserver
