#include "devserver/store/ids.hpp"

#include "base/random.hpp"

namespace devserver {

std::string new_id(std::string_view prefix) {
    return std::string(prefix) + "_" + agent::random_base62(10);
}

std::string_view id_prefix(std::string_view id) {
    const auto end = id.find('_');
    return end == std::string_view::npos ? std::string_view{} : id.substr(0, end);
}

} // namespace devserver
