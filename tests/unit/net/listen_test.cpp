#include "net/listen.hpp"
#include "net/listening_sockets.hpp"
#include "support/catch.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

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
                                        ": bind: address already in use: the port is in use by "
                                        "net_test (pid " +
                                        std::to_string(::getpid()) + ")");
}

TEST_CASE("listen: a holder's name is told whole, though the kernel keeps fifteen bytes of it") {
    const Folder folder;
    const std::string program = folder.path / "a-program-with-a-long-name";
    std::filesystem::create_symlink("/usr/bin/python3", program);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::execl(program.c_str(), program.c_str(), "-Suc",
                "import socket, time\ns = socket.create_server(('127.0.0.1', 0))\n"
                "print(s.getsockname()[1]); time.sleep(60)",
                nullptr);
        ::_exit(127);
    }
    ::close(ends[1]);
    std::string told(16, '\0');
    told.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], told.data(), 16), 0)));
    boost::asio::io_context context;
    const auto taken = net::listen_tcp(context.get_executor(), "127.0.0.1",
                                       static_cast<std::uint16_t>(std::atoi(told.c_str())));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    REQUIRE_FALSE(taken.has_value());
    CHECK(taken.error().message.find("by a-program-with-a-long-name (pid ") != std::string::npos);
}

TEST_CASE("listen: an address that is none is refused before anything is bound") {
    boost::asio::io_context context;
    CHECK(net::listen_tcp(context.get_executor(), "example.org", 0).error().code ==
          Errc::invalid_argument);
    CHECK(net::listen_tcp(context.get_executor(), "localhost", 0)
              ->local_endpoint()
              .address()
              .is_loopback());
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
        CHECK(second.error().message ==
              "listen on " + path.string() + ": another process answers there");
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
    CHECK(net::listen_unix(context.get_executor(), folder.path / "file")
              .error()
              .message.ends_with("is no socket"));
    CHECK(std::filesystem::exists(folder.path / "file"));
}

TEST_CASE(
    "listen: a Unix socket whose holder accepts nobody is not waited for and not taken away") {
    const Folder folder;
    boost::asio::io_context context;
    const auto path = folder.path / "db.sock";
    boost::asio::local::stream_protocol::acceptor stuck(context);
    stuck.open();
    stuck.bind(path.string());
    stuck.listen(0);
    const auto there = stuck.local_endpoint();
    std::vector<UniqueFd> queue;
    do queue.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    while (::connect(queue.back().get(), there.data(), socklen_t(there.size())) == 0);
    REQUIRE(errno == EAGAIN);
    const auto listener = net::listen_unix(context.get_executor(), path);
    REQUIRE_FALSE(listener.has_value());
    CHECK(listener.error().message ==
          "listen on " + path.string() + ": another process answers there");
    CHECK(std::filesystem::exists(path));
}

TEST_CASE("listen: a path too long for a Unix socket says so") {
    boost::asio::io_context context;
    const auto listener = net::listen_unix(context.get_executor(), "/tmp/" + std::string(120, 'x'));
    REQUIRE_FALSE(listener.has_value());
    CHECK(listener.error().message.ends_with("the path has more than 107 bytes"));
}

TEST_CASE("listening sockets: another process goes on where one was killed, and shutting them is "
          "for all") {
    boost::asio::io_context context;
    const auto executor = context.get_executor();
    const Folder folder;
    const auto path = folder.path / "x.sock";
    net::ListeningSockets held;
    std::uint16_t port = 0;
    {
        auto tcp = net::listen_tcp(executor, "127.0.0.1", 0);
        auto local = net::listen_unix(executor, path);
        REQUIRE(tcp.has_value());
        REQUIRE(local.has_value());
        port = tcp->local_endpoint().port();
        held.tcp.reset(::dup(tcp->native_handle()));
        held.local.reset(::dup(local->acceptor().native_handle()));
        local->leave();
    } // as a process that is gone, whose file is still there
    auto sorted = net::sort_sockets(held.share());
    REQUIRE(sorted.tcp);
    REQUIRE(sorted.local);
    CHECK_FALSE(net::adopt_tcp(executor, UniqueFd(::dup(sorted.tcp.get())), "127.0.0.1", port + 1)
                    .has_value());
    CHECK_FALSE(
        net::adopt_unix(executor, UniqueFd(::dup(sorted.local.get())), folder.path / "y.sock")
            .has_value());

    boost::asio::ip::tcp::socket early(executor);
    boost::system::error_code ec;
    early.connect({boost::asio::ip::address_v4::loopback(), port}, ec); // while nobody accepts
    CHECK_FALSE(ec);
    auto tcp = net::adopt_tcp(executor, std::move(sorted.tcp), "127.0.0.1", port);
    REQUIRE(tcp.has_value());
    CHECK(tcp->accept(ec).is_open());
    auto local = net::adopt_unix(executor, std::move(sorted.local), path);
    REQUIRE(local.has_value());

    held.shut();
    boost::asio::ip::tcp::socket late(executor);
    late.connect({boost::asio::ip::address_v4::loopback(), port}, ec);
    CHECK(ec == boost::asio::error::connection_refused);
    boost::asio::local::stream_protocol::socket late_local(executor);
    late_local.connect(path.string(), ec);
    CHECK(ec == boost::asio::error::connection_refused);
    const auto nothing = net::sort_sockets(held.share());
    CHECK_FALSE(nothing.tcp);
    CHECK_FALSE(nothing.local);
    CHECK(net::listen_tcp(executor, "127.0.0.1", port)
              .has_value()); // the port is free for whoever comes next
}
