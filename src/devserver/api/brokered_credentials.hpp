#pragma once
// The credentials that authorize-session hands out for a target: static ones, brokered.

#include "devserver/api/call.hpp"

namespace devserver {

/// An array, empty when the target brokers none.
Json brokered_credentials(Store& store, const Resource& target);

} // namespace devserver
