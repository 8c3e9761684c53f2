// What Boundary's own command stored in pass or the Secret Service. The input is fed twice: as such
// an item, and, so that damage reaches what is inside, as the auth token object that a well-formed
// item holds.

#include "base/base64.hpp"
#include "base/json.hpp"
#include "keyring/reference.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

std::string item_with(std::string_view object) {
    agent::Json item = agent::Json::object();
    item["Data"] = agent::base64_encode(agent::base64_encode(object, false), true);
    return agent::dump_json(item);
}

void decode(std::string_view item) {
    const auto login = agent::keyring::decode_reference_item(item);
    if (!login) {
        if (login.error().code != agent::Errc::keyring_failed) std::abort();
        return;
    }
    const auto object = agent::parse_secret_json(*login);
    if (!object || !agent::string_member(*object, "token").starts_with("at_")) std::abort();
    const auto again = agent::keyring::decode_reference_item(item_with(login->reveal()));
    if (!again || !(*again == *login)) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    decode(input);
    if (size < 4096) decode(item_with(input));
    return 0;
}
