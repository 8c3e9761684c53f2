// config.toml: written by people and their editors. It must be read or refused with a place,
// whatever it says.
#include "config/agent_config.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace agent::config;
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const auto config = parse_agent_config(text, "f");
    if (!config) {
        if (!config.error().message.starts_with("f:")) std::abort(); // no place
        return 0;
    }
    for (const auto& proxy : config->proxies)
        if (config->cluster(proxy.cluster) == nullptr) std::abort();
    return 0;
}
