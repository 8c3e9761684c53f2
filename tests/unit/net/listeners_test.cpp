#include "net/listeners.hpp"

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

using namespace agent;
using boost::asio::ip::make_address;
using boost::asio::ip::tcp;

namespace {

struct Listening {
    boost::asio::io_context context;
    tcp::acceptor acceptor{context};
    /// False where this machine has no such address.
    bool at(const std::string& address, bool only_v6 = false) {
        const tcp::endpoint endpoint(make_address(address), 0);
        boost::system::error_code ec;
        acceptor.open(endpoint.protocol(), ec);
        if (ec) return false;
        if (endpoint.address().is_v6()) acceptor.set_option(boost::asio::ip::v6_only(only_v6));
        acceptor.bind(endpoint, ec);
        if (!ec) acceptor.listen();
        return !ec;
    }
    std::uint16_t port() const { return acceptor.local_endpoint().port(); }
    std::uint64_t inode() {
        struct stat found{};
        ::fstat(acceptor.native_handle(), &found);
        return found.st_ino;
    }
    std::optional<net::Listener> among(const std::vector<net::Listener>& all) {
        const auto found = std::ranges::find(all, inode(), &net::Listener::inode);
        return found == all.end() ? std::nullopt : std::optional(*found);
    }
};

tcp::endpoint server(const std::string& address, std::uint16_t port) {
    return {make_address(address), port};
}

} // namespace

TEST_CASE(
    "listeners: who listens is found at every kind of address, by sock_diag and by /proc alike") {
    const std::string address = GENERATE("127.0.0.1", "0.0.0.0", "::1", "::");
    Listening one;
    INFO(address);
    if (!one.at(address)) {
        WARN("this machine has no " << address);
        return;
    }
    for (const auto& all : {net::listeners_on(one.port()), net::listeners_in_proc(one.port())}) {
        const auto found = one.among(all);
        REQUIRE(found);
        CHECK(found->uid == ::geteuid());
        CHECK(found->at == server(address, one.port()));
    }
    one.acceptor.close();
}

TEST_CASE("listeners: a list that takes more than one message is read to its end") {
    Listening first;
    REQUIRE(first.at("127.0.0.1"));
    boost::asio::io_context context;
    std::vector<tcp::acceptor> others;
    for (int i = 1; i <= 200; ++i) {
        const auto address = make_address("127.0.1." + std::to_string(i));
        others.emplace_back(context, tcp::endpoint(address, first.port()));
    }
    const auto all = net::listeners_on(first.port());
    CHECK(first.among(all).has_value());
    CHECK(std::ranges::count(all, first.port(), [](const auto& one) { return one.at.port(); }) >=
          201);
    // sock_diag has said so: /proc does not know what is bound to a device
    CHECK(std::ranges::none_of(all, &net::Listener::on_device));
}

TEST_CASE(
    "listeners: a listener may take what is sent to its address, a wildcard to any of its family") {
    net::Listener listener;
    listener.at = server("127.0.0.1", 9200);
    CHECK(takes(listener, server("127.0.0.1", 9200)));
    CHECK(takes(listener, server("::ffff:127.0.0.1", 9200)));
    CHECK_FALSE(takes(listener, server("127.0.0.2", 9200)));
    CHECK_FALSE(takes(listener, server("127.0.0.1", 9201)));
    CHECK_FALSE(takes(listener, server("::1", 9200)));
    listener.at = server("0.0.0.0", 9200);
    CHECK(takes(listener, server("127.0.0.1", 9200)));
    CHECK_FALSE(takes(listener, server("::1", 9200)));
    listener.at = server("::", 9200);
    CHECK(takes(listener, server("::1", 9200)));
    CHECK(takes(listener, server("127.0.0.1", 9200)));
    listener.only_v6 = true;
    CHECK_FALSE(takes(listener, server("127.0.0.1", 9200)));
    CHECK(takes(listener, server("::1", 9200)));
}

TEST_CASE("listeners: that one takes IPv6 alone is told") {
    Listening one, both;
    if (!one.at("::", true) || !both.at("::", false)) {
        WARN("this machine has no IPv6");
        return;
    }
    CHECK(one.among(net::listeners_on(one.port()))->only_v6);
    CHECK_FALSE(both.among(net::listeners_on(both.port()))->only_v6);
}
