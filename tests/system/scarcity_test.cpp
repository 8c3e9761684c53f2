// agentd and agent-proxy when their machine lacks something: descriptors, memory. What helps goes
// on working, and what fails says why.

#include "support/catch.hpp"
#include "support/dev_environment.hpp"
#include "support/eventually.hpp"
#include "support/loopback_server.hpp"
#include "system/refusal.hpp"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <deque>
#include <sstream>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// What a person may see of an error: no file of a library, and no bug where there is none.
void check_plain(const std::string& text) {
    INFO(text);
    CHECK(text.find(".hpp") == std::string::npos);
    CHECK(text.find("boost") == std::string::npos);
    CHECK(text.find("this is a bug") == std::string::npos);
}

/// The soft limit of one of our processes, put back at the end.
class Limited {
  public:
    Limited(pid_t pid, __rlimit_resource what, rlim_t soft) : pid_(pid), what_(what) {
        REQUIRE(::prlimit(pid_, what_, nullptr, &before_) == 0);
        rlimit less = before_;
        less.rlim_cur = soft;
        REQUIRE(::prlimit(pid_, what_, &less, nullptr) == 0);
    }
    Limited(const Limited&) = delete;
    ~Limited() { lift(); }
    void lift() const { ::prlimit(pid_, what_, &before_, nullptr); }

  private:
    pid_t pid_;
    __rlimit_resource what_;
    rlimit before_{};
};

agent::UniqueFd connect_unix(const std::string& path) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
    agent::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    return fd;
}

/// Who is answered, and stays.
bool answered(int fd) {
    const std::string call = R"({"method":"org.varlink.service.GetInfo"})" + std::string(1, '\0');
    if (!send_all(fd, call)) return false;
    pollfd reply{fd, POLLIN, 0};
    return ::poll(&reply, 1, 1'000) > 0;
}

std::uint64_t memory_bytes(pid_t pid) {
    std::istringstream pages(read_text("/proc/" + std::to_string(pid) + "/statm"));
    std::uint64_t size = 0;
    pages >> size;
    return size * std::uint64_t(::sysconf(_SC_PAGESIZE));
}

} // namespace

TEST_CASE("scarcity: an agentd without descriptors still lists, tells its status, disconnects and "
          "logs out") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    world.connect_detached({"-target-id", target_id, "-name", "one"});
    world.connect_detached({"-target-id", target_id, "-name", "two"});
    const auto pid = world.agent_pid();
    const auto path = (world.folder() / "run/agentd/agent.sock").string();

    const Limited few(pid, RLIMIT_NOFILE, 64);
    std::deque<agent::UniqueFd> idle;
    while (idle.size() <
           60) { // more than fit; those for whom there is a spare one are answered, and cut
        idle.push_back(connect_unix(path));
        if (!answered(idle.back().get())) break;
    }

    const auto listed = world.agentctl({"list"});
    CHECK(listed.exit == 0);
    CHECK(listed.out.find("one") != std::string::npos);
    check_plain(listed.err);
    const auto status = world.agentctl({"status"});
    CHECK(status.exit == 0);
    check_plain(status.err);
    const auto refused =
        world.agentctl({"connect", "-detach", "-target-id", target_id, "-name", "three"});
    CHECK(refused.exit == 2);
    CHECK(refused.err.find("too many open files") != std::string::npos);
    check_plain(refused.err);
    const auto ended = world.agentctl({"disconnect", "one"});
    CHECK(ended.exit == 0);
    CHECK(ended.out == "Proxy one has ended, its session is canceled.\n");
    check_plain(ended.err);
    const auto left = world.agentctl({"logout"});
    CHECK(left.exit == 0);
    check_plain(left.err);
    idle.clear();
    CHECK(world.agent_pid() == pid);
}

TEST_CASE("scarcity: an agent-proxy whose clients have all of its descriptors still ends when it "
          "is told to") {
    LoopbackServer target(serve_echo);
    DevEnvironment world({.target_port = target.port()});
    world.login();
    const auto port = world.connect_detached({"-target-id", target_id, "-name", "full"})
                          .at("port")
                          .get<std::uint16_t>();
    const auto pid = world.proxies().at(0).at("pid").get<pid_t>();
    const auto first = connect_loopback(port);
    REQUIRE(send_all(first.get(), "hello\n"));
    REQUIRE(receive_exactly(first.get(), 6) == "hello\n");
    const Limited none(pid, RLIMIT_NOFILE, 12); // fewer than it has by now
    std::deque<agent::UniqueFd> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(connect_loopback(port));
        send_all(clients.back().get(), "hello\n");
    }
    const auto begun = std::chrono::steady_clock::now();
    const auto ended = world.agentctl({"disconnect", "full"});
    CHECK(std::chrono::steady_clock::now() - begun <
          12s); // it has answered: agentd gives it 15 s to
    CHECK(ended.exit == 0);
    INFO(ended.err);
    CHECK(ended.out == "Proxy full has ended, its session is canceled.\n");
    CHECK(closed_by_peer(first.get(), 10s));
    CHECK_FALSE(connect_loopback(port));
}

TEST_CASE(
    "scarcity: an agentd that gets no memory fails the calls that want it, and keeps its logins") {
    DevEnvironment world;
    const auto file = world.folder() / "config/agentd/config.toml";
    std::filesystem::create_directories(file.parent_path());
    world.folder().file("config/agentd/config.toml", "[keyring]\ntype = \"memory\"\n");
    world.login();
    const auto pid = world.agent_pid();
    const auto path = (world.folder() / "run/agentd/agent.sock").string();
    {
        const Limited little(pid, RLIMIT_AS, memory_bytes(pid) + (4U << 20U));
        std::deque<agent::UniqueFd> greedy;
        const std::string much(1'000'000, ' ');
        for (int i = 0; i < 40; ++i) { // each begins a call of a megabyte
            greedy.push_back(connect_unix(path));
            ::send(greedy.back().get(), much.data(), much.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        for (const auto& one : greedy) {
            pollfd space{one.get(), POLLOUT, 0};
            if (::poll(&space, 1, 200) > 0)
                ::send(one.get(), much.data(), much.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        const auto meanwhile =
            world.agentctl({"status"}, 10s); // it may be among those that get none
        check_plain(meanwhile.err);
        greedy.clear();
        CHECK(eventually([&] { return world.agentctl({"status"}).exit == 0; }));
    }
    INFO(read_text(world.folder() / "state/agentd/agentd.log"));
    CHECK(world.agent_pid() == pid);
    const auto sessions = world.agentctl({"sessions", "list", "-scope-id", project_id});
    INFO(sessions.err);
    CHECK(sessions.exit == 0); // with the login from before
}
