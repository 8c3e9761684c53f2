#include "boundary/websocket_key.hpp"

#include "support/catch.hpp"

using namespace agent::boundary;

TEST_CASE("websocket key: the RFC's example") {
    CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("websocket key: new ones are valid and differ") {
    CHECK(is_websocket_key(new_websocket_key()));
    CHECK(new_websocket_key() != new_websocket_key());
    for (const char* bad : {"", "short", "dGhlIHNhbXBsZSBub25jZQ",
                            "dGhlIHNhbXBsZSBub25jZSE=", "!!!!!!!!!!!!!!!!!!!!!!=="})
        CHECK_FALSE(is_websocket_key(bad));
}
