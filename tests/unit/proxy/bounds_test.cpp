// What must not grow with what others do: the ledger's list, the first bytes of a client, the
// figures of a session.

#include "proxy/first_bytes.hpp"
#include "proxy/ledger.hpp"
#include "proxy/session.hpp"

#include "support/catch.hpp"
#include "support/session_identity.hpp"
#include "support/socket_pair.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>

using namespace agent;
using namespace agent::proxy;
using boost::asio::ip::tcp;

namespace {

struct Reader final : LedgerReader {
    void connection_opened() override { ++opened; }
    void connection_closed(const ByteCounts& counts) override { closed.push_back(counts); }
    void connection_failed(const Error& error) override { failed.push_back(error.message); }
    void connection_recovered() override { ++recovered; }
    int opened = 0, recovered = 0;
    std::vector<ByteCounts> closed;
    std::vector<std::string> failed;
};

} // namespace

TEST_CASE("ledger: of failures of local clients the newest few are kept, with their numbers") {
    Reader reader;
    Ledger ledger(reader);
    for (int i = 1; i <= 1000; ++i)
        ledger.failed(fail(Errc::worker_refused, Hop::worker, "no " + std::to_string(i)), i);
    ledger.failed(fail(Errc::worker_refused, Hop::worker, "over TCP"), 0);
    CHECK(ledger.failures() == 1001);
    CHECK(ledger.last_failure() == "over TCP");
    REQUIRE_FALSE(ledger.client_failures().empty());
    CHECK(ledger.client_failures().size() <= 16);
    CHECK(ledger.client_failures().back().pid == 1000);
    CHECK(ledger.client_failures().back().number == 1000);
    CHECK(ledger.client_failures().back().message == "no 1000");
    CHECK(reader.failed.size() == 1001);
}

TEST_CASE("ledger: bytes of open and of closed connections are one sum") {
    Reader reader;
    Ledger ledger(reader);
    {
        Ledger::Page one(ledger);
        one.counts().up = 3;
        one.counts().down = 5;
        {
            Ledger::Page two(ledger);
            two.counts().up = 10;
            two.counts().down = 20;
            CHECK(ledger.open() == 2);
            CHECK(ledger.bytes().up == 13);
            CHECK(ledger.bytes().down == 25);
        }
        CHECK(ledger.open() == 1);
        CHECK(ledger.bytes().up == 13);
    }
    CHECK(ledger.open() == 0);
    CHECK(ledger.total() == 2);
    CHECK(ledger.bytes().up == 13);
    CHECK(ledger.bytes().down == 25);
    CHECK(reader.opened == 2);
    REQUIRE(reader.closed.size() == 2);
    CHECK(reader.closed[0].up == 10);
    CHECK(reader.closed[1].down == 5);
}

TEST_CASE("first bytes: what a client sends before it is connected is taken up to a bound, and the "
          "rest waits in its socket") {
    boost::asio::io_context context;
    auto [client, accepted] = test::tcp_pair(context.get_executor());
    const std::string much(FirstBytes::limit + 50'000, 'x');
    client.non_blocking(true);
    SocketFirstBytes<tcp::socket> first(accepted);
    CHECK(first.take()); // nothing has come, and something may
    CHECK(first.bytes().empty());
    std::size_t sent = 0;
    bool more = true;
    for (int rounds = 0; more && rounds < 10'000; ++rounds) {
        boost::system::error_code ec;
        const auto piece = boost::asio::buffer(much.data() + sent, much.size() - sent);
        if (sent < much.size()) sent += client.write_some(piece, ec);
        more = first.take();
    }
    CHECK_FALSE(more);
    CHECK(first.bytes().size() == FirstBytes::limit);
    CHECK_FALSE(first.take());
    CHECK(first.bytes().size() == FirstBytes::limit);
}

TEST_CASE("first bytes: a client that has ended is not waited for, and what it said is kept") {
    boost::asio::io_context context;
    auto [client, accepted] = test::tcp_pair(context.get_executor());
    SocketFirstBytes<tcp::socket> first(accepted);
    boost::asio::write(client, boost::asio::buffer("hello", 5));
    client.shutdown(tcp::socket::shutdown_send);
    bool more = true;
    for (int rounds = 0; more && rounds < 10'000; ++rounds) more = first.take();
    CHECK_FALSE(more);
    CHECK(first.bytes() == "hello");
}

TEST_CASE("session: of several answers about what is left the smallest counts, and -1 is none") {
    boost::asio::io_context context;
    const auto identity = test::make_session_identity("s_1234567890");
    SessionKeys keys;
    keys.authorization.session_id = "s_1234567890";
    keys.authorization.certificate = identity.certificate;
    keys.authorization.private_key = Secret(identity.private_key);
    const auto session =
        Session::create(context.get_executor(), std::move(keys), LinkLimits(), GateLimits());
    REQUIRE(session.has_value());
    CHECK_FALSE((*session)->left());
    (*session)->connections_left(3);
    CHECK((*session)->left() == 3);
    (*session)->connections_left(5); // overtaken on its way
    CHECK((*session)->left() == 3);
    (*session)->connections_left(1);
    CHECK((*session)->left() == 1);
    (*session)->connections_left(-1);
    CHECK((*session)->left() == -1);
    (*session)->connections_left(4);
    CHECK((*session)->left() == 4);
}
