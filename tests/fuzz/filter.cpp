// The list filter: text from anybody who may list. It must end soon, whatever it says.
#include "devserver/filter/filter.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const agent::Json item = agent::Json::parse(
        R"({"id":"s_1","version":2,"tags":["a","b"],"scope":{"id":"p_1"},"name":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})");
    const auto filter =
        devserver::parse_filter(std::string_view(reinterpret_cast<const char*>(bytes), size));
    if (filter) (void)filter->matches(item);
    return 0;
}
