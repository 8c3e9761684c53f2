#pragma once
// Collections whose routes the reference knows and its community edition refuses: so does this.

#include "devserver/api/message.hpp"

#include <string_view>

namespace devserver {

/// The answer to anything below such a collection; nullopt for others.
Refusal refuse_unserved(std::string_view collection);

} // namespace devserver
