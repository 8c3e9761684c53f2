// A browser's request, as agent-console reads it: whatever arrives, only who holds the cookie
// passes, and what is refused is a whole answer that says nothing of the secrets.

#include "console/gate.hpp"

#include <boost/beast/http/parser.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace http = boost::beast::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(32 * 1024);
    parser.body_limit(1024 * 1024);
    parser.eager(true);
    boost::system::error_code ec;
    std::size_t used = 0;
    while (used < size && !parser.is_done()) { // as it comes from a socket
        const auto n = parser.put(boost::asio::buffer(bytes + used, size - used), ec);
        if (ec || n == 0) break;
        used += n;
    }
    if (!parser.is_header_done()) return 0;
    const auto& request = parser.get();
    console::Gate gate(4242, agent::Secret("entry-token"), agent::Secret("cookie-value"));
    const auto refusal = gate.judge(request);
    const std::string input(reinterpret_cast<const char*>(bytes), size);
    if (!refusal) {
        if (input.find("cookie-value") == input.npos || input.find("127.0.0.1:4242") == input.npos)
            std::abort();
    } else {
        if (refusal->result_int() < 300 ||
            refusal->body().find("cookie-value") != std::string::npos)
            std::abort();
        if (refusal->count(http::field::set_cookie) > 0 &&
            input.find("/?token=entry-token") == input.npos)
            std::abort();
    }
    const auto page = console::serve_page(request);
    if (page && page->count("Content-Security-Policy") != 1) std::abort();
    return 0;
}
