// The HTTP request in front of a worker's WebSocket: read before anybody has proved more than the
// session's certificate.

#include "devserver/worker/upgrade_request.hpp"

#include <cstdint>
#include <cstdlib>

using namespace devserver;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    const auto length = request_head_length(input);
    if (!length) return 0;
    if (*length > size) std::abort();
    const auto answer = answer_upgrade(input.substr(0, *length));
    if (!answer.text.starts_with("HTTP/1.1 ")) std::abort();
    if (answer.upgraded() != answer.text.ends_with("\r\n\r\n"))
        std::abort(); // every refusal but 500 has a body
    return 0;
}
