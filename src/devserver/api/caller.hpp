#pragma once
// Caller: who makes a request. A token that is missing, broken, dead or deleted is no error: it
// makes an anonymous caller.

#include "devserver/store/store.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace devserver {

struct Caller {
    enum class Level : std::uint8_t { anonymous, user, admin };
    Level level = Level::anonymous;
    std::string user_id = "u_anon";
    std::string token_id;
};

/// `authorization` is the header's value: "Bearer at_…".
Caller identify(Store& store, std::string_view authorization);

} // namespace devserver
