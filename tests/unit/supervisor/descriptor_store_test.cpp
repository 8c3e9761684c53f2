#include "agentd/supervisor/descriptor_store.hpp"

#include "support/catch.hpp"
#include "support/loopback_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

using agent::UniqueFd;
using supervisor::DescriptorStore;

namespace {

struct Listener {
    UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::uint16_t port = 0;

    Listener() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(socket.get(), 8) == 0);
        REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port = ntohs(address.sin_port);
    }
    UniqueFd copy() const { return UniqueFd(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0)); }
};

} // namespace

TEST_CASE("descriptor store: who connects to a socket that only the store holds is not refused") {
    DescriptorStore store;
    Listener one;
    CHECK(store.put("tcp.pg", one.copy()));
    one.socket.reset();
    CHECK(agent::test::connect_loopback(one.port));
    CHECK(store.drop("tcp.other") == 0);
    CHECK(store.drop("tcp.pg") == 1);
    CHECK_FALSE(agent::test::connect_loopback(one.port));
}

TEST_CASE(
    "descriptor store: the same socket under the same name is held once, another one beside it") {
    DescriptorStore store;
    const Listener one;
    const Listener other;
    for (int i = 0; i < 50; ++i) CHECK(store.put("tcp.pg", one.copy()));
    CHECK(store.entries().size() == 1);
    CHECK(store.put("tcp.pg", other.copy()));
    CHECK(store.put("tcp.web", one.copy()));
    CHECK(store.entries().size() == 3);
    CHECK(store.drop("tcp.pg") == 2);
}

TEST_CASE("descriptor store: what was shut is no longer held, what listens is") {
    DescriptorStore store;
    const Listener one;
    const Listener other;
    CHECK(store.put("tcp.one", one.copy()));
    CHECK(store.put("tcp.other", other.copy()));
    ::shutdown(one.socket.get(), SHUT_RDWR);
    store.drop_shut();
    REQUIRE(store.entries().size() == 1);
    CHECK(store.entries()[0].name == "tcp.other");
}

TEST_CASE("descriptor store: it is full when it is full, unless something was shut") {
    DescriptorStore store(2);
    const Listener one;
    CHECK(store.put("a", one.copy()));
    const Listener shut;
    CHECK(store.put("b", shut.copy()));
    const Listener third;
    CHECK_FALSE(store.put("c", third.copy()));
    ::shutdown(shut.socket.get(), SHUT_RDWR);
    CHECK(store.put("c", third.copy()));
    CHECK(store.entries().size() == 2);
}
