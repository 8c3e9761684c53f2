#include "net/listen.hpp"
#include "support/catch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <fstream>

using namespace agent;

namespace {

struct Folder {
    Folder() {
        char name[] = "/tmp/listen_test.XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

} // namespace

TEST_CASE("listen: a taken port is an error that names the port and its holder") {
    boost::asio::io_context context;
    const auto first = net::listen_tcp(context.get_executor(), "127.0.0.1", 0);
    REQUIRE(first.has_value());
    const auto port = first->local_endpoint().port();
    const auto second = net::listen_tcp(context.get_executor(), "127.0.0.1", port);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == Errc::listen_failed);
    CHECK(second.error().message == "listen on 127.0.0.1:" + std::to_string(port) +
                                        ": the port is in use by net_test (pid " + std::to_string(::getpid()) + ")");
}

TEST_CASE("listen: an address that is none is refused before anything is bound") {
    boost::asio::io_context context;
    CHECK(net::listen_tcp(context.get_executor(), "example.org", 0).error().code == Errc::invalid_argument);
    CHECK(net::listen_tcp(context.get_executor(), "localhost", 0)->local_endpoint().address().is_loopback());
}

TEST_CASE("listen: a Unix socket is its owner's only, and its file goes with it") {
    const Folder folder;
    boost::asio::io_context context;
    const auto path = folder.path / "db.sock";
    {
        const auto listener = net::listen_unix(context.get_executor(), path);
        REQUIRE(listener.has_value());
        struct stat found{};
        REQUIRE(::stat(path.c_str(), &found) == 0);
        CHECK((found.st_mode & 0777) == 0600);
        const auto second = net::listen_unix(context.get_executor(), path);
        REQUIRE_FALSE(second.has_value());
        CHECK(second.error().message == "listen on " + path.string() + ": another process answers there");
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("listen: a Unix socket that its process left behind is replaced, other files are not") {
    const Folder folder;
    boost::asio::io_context context;
    const auto path = folder.path / "db.sock";
    {
        boost::asio::local::stream_protocol::acceptor left_behind(context, path.string());
    }
    REQUIRE(std::filesystem::exists(path));
    CHECK(net::listen_unix(context.get_executor(), path).has_value());

    std::ofstream(folder.path / "file") << "precious";
    CHECK(net::listen_unix(context.get_executor(), folder.path / "file").error().message.ends_with("is no socket"));
    CHECK(std::filesystem::exists(folder.path / "file"));
}

TEST_CASE("listen: a path too long for a Unix socket says so") {
    boost::asio::io_context context;
    const auto listener = net::listen_unix(context.get_executor(), "/tmp/" + std::string(120, 'x'));
    REQUIRE_FALSE(listener.has_value());
    CHECK(listener.error().message.ends_with("the path has more than 107 bytes"));
}
