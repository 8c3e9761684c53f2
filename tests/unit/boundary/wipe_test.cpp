// What held a session's key is wiped before it goes back to the heap: this program's heap looks at
// each block that is freed.

#include "boundary/session_authorization.hpp"

#include "boundary/base58.hpp"
#include "support/catch.hpp"

#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace {

std::string_view needle; ///< empty: nobody looks
int found = 0;

void look(void* block) {
    if (block == nullptr || needle.empty()) return;
    if (::memmem(block, ::malloc_usable_size(block), needle.data(), needle.size()) != nullptr)
        ++found;
}

} // namespace

void* operator new(std::size_t size) {
    if (void* const block = std::malloc(size)) return block;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return std::malloc(size);
}
void operator delete(void* block) noexcept {
    look(block);
    std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
    look(block);
    std::free(block);
}

using namespace agent;
using namespace agent::boundary;

namespace {

/// A key that is nowhere else in memory by chance.
std::string made_key() {
    std::string key;
    for (int i = 0; i < 64; ++i) key += static_cast<char>(17 + i * 3);
    return key;
}

SessionAuthorization authorization_with(const std::string& key, std::size_t workers) {
    SessionAuthorization authorization;
    authorization.session_id = "s_1234567890";
    authorization.target_id = "ttcp_1234567890";
    authorization.type = "tcp";
    authorization.certificate = std::string(500, 'c');
    authorization.private_key = Secret(key);
    authorization.endpoint = "tcp://10.0.0.7:22";
    authorization.workers.assign(workers, "worker.example.org:9202");
    return authorization;
}

class Looking {
  public:
    explicit Looking(std::string_view text) {
        found = 0;
        needle = text;
    }
    ~Looking() { needle = {}; }
    int count() const { return found; }
};

} // namespace

TEST_CASE("wipe: this test finds what is freed unwiped") {
    const auto key = made_key();
    const Looking looking(std::string_view(key).substr(16, 24));
    {
        const std::string careless = "not wiped: " + key;
    }
    CHECK(looking.count() == 1);
}

TEST_CASE("wipe: encoding a token leaves no copy of the session's key in freed memory") {
    const auto workers =
        GENERATE(std::size_t{1}, std::size_t{64}); // with many the message grows behind the key
    const auto key = made_key();
    const auto authorization = authorization_with(key, workers);
    const Looking looking(std::string_view(key).substr(16, 24));
    const auto token = encode_authorization_token(authorization);
    CHECK(looking.count() == 0);
    CHECK_FALSE(token.empty());
}

TEST_CASE("wipe: decoding a token leaves no copy of the session's key in freed memory") {
    const auto key = made_key();
    const auto token = encode_authorization_token(authorization_with(key, 2));
    auto broken = authorization_with(key, 2);
    broken.certificate.clear(); // refused when all has been read
    const auto refused = encode_authorization_token(broken);
    const Looking looking(std::string_view(key).substr(16, 24));
    CHECK(decode_authorization_token(token).has_value());
    CHECK_FALSE(decode_authorization_token(refused).has_value());
    CHECK(looking.count() == 0);
}
