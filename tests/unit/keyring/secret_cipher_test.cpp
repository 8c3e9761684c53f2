// How secrets travel to a Secret Service: two ends agree on a key, and what was changed on the way
// is not taken for the secret.

#include "keyring/secret_cipher.hpp"
#include "support/catch.hpp"

using namespace agent;
using namespace agent::keyring;

namespace {

const Secret secret("at_1234567890_s1hunter2");

struct Ends {
    SecretCipher ours = *SecretCipher::make();
    SecretCipher theirs = *SecretCipher::make();
    Ends() {
        REQUIRE(ours.agree(theirs.public_key()).has_value());
        REQUIRE(theirs.agree(ours.public_key()).has_value());
    }
};

} // namespace

TEST_CASE("secret cipher: what one end seals the other opens, and nobody else") {
    const Ends ends, others;
    const auto sealed = ends.ours.seal(secret);
    REQUIRE(sealed.has_value());
    const auto opened = ends.theirs.open(sealed->iv, sealed->text);
    REQUIRE(opened.has_value());
    CHECK(*opened == secret);
    const auto stolen = others.theirs.open(sealed->iv, sealed->text);
    CHECK((!stolen || !(*stolen == secret)));
}

TEST_CASE("secret cipher: a key with zeros in front is the same key; none at all, and one that is "
          "too long, are refused") {
    Ends ends;
    Bytes padded = ends.ours.public_key();
    padded.insert(padded.begin(), 0);
    REQUIRE(ends.theirs.agree(padded).has_value());
    const auto sealed = ends.ours.seal(secret);
    REQUIRE(sealed.has_value());
    CHECK(*ends.theirs.open(sealed->iv, sealed->text) == secret);
    for (const Bytes& none :
         {Bytes(), Bytes(128, 0), Bytes{1}, Bytes(129, 0xff), Bytes(100'000, 0)})
        CHECK_FALSE(ends.theirs.agree(none).has_value());
}

TEST_CASE(
    "secret cipher: a text that was cut or changed is an error or another text, never a crash") {
    const Ends ends;
    const auto sealed = ends.ours.seal(secret);
    REQUIRE(sealed.has_value());
    for (std::size_t length = 0; length < sealed->text.size(); ++length) {
        const auto cut =
            ends.theirs.open(sealed->iv, Bytes(sealed->text.begin(),
                                               sealed->text.begin() + static_cast<long>(length)));
        REQUIRE((!cut || !(*cut == secret)));
    }
    for (std::size_t bit = 0; bit < sealed->text.size() * 8; ++bit) {
        Bytes flipped = sealed->text;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << bit % 8));
        const auto changed = ends.theirs.open(sealed->iv, flipped);
        REQUIRE((!changed || !(*changed == secret)));
    }
    CHECK_FALSE(ends.theirs.open(Bytes(15, 0), sealed->text).has_value());
}
