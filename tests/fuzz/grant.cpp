// A role's grant string: text from whoever may edit roles. What is accepted has a canonical form
// that says the same, and evaluating it ends.
#include "devserver/grants/acl.hpp"
#include "devserver/grants/parse_grant.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const auto grant =
        devserver::parse_grant(std::string_view(reinterpret_cast<const char*>(bytes), size));
    if (!grant) return 0;
    const auto text = devserver::canonical_grant(*grant);
    if (text.size() <= devserver::max_grant_length) {
        const auto again = devserver::parse_grant(text);
        if (!again || devserver::canonical_grant(*again) != text) std::abort();
    }
    devserver::Acl acl("u_1", "acctpw_1", false);
    acl.add(*grant, {"global", "this"});
    (void)acl.allowed({"global", "", "target", "ttcp_1", {}});
    (void)acl.fingerprint();
    return 0;
}
