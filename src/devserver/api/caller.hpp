#pragma once
// Caller: who makes a request, and all that the roles of this user grant. A token that is missing,
// broken, dead or deleted is no error: it makes an anonymous caller.

#include "devserver/grants/acl.hpp"
#include "devserver/store/store.hpp"

#include <string>
#include <string_view>

namespace devserver {

struct Caller {
    std::string user_id = "u_anon";
    std::string token_id;
    Acl acl = Acl({}, {}, true);
    bool anonymous() const { return token_id.empty(); }
};

/// `authorization` is the header's value: "Bearer at_…".
Caller identify(Store& store, std::string_view authorization);

} // namespace devserver
