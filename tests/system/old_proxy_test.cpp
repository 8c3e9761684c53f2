// A new agentd with an agent-proxy of the version before: what an old one answers, word for word,
// from a socket where it would be. It is adopted, shown, explained and ended; nothing is asked of
// it that it does not know.

#include "kept_proxy.hpp"

#include "base/random.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <mutex>
#include <set>

using namespace agent::test;
using namespace std::chrono_literals;

namespace {

/// An agent-proxy of protocol 1, as version 0.1.0 answered.
const std::string old_proxy =
    R"({"name":"old","state":"STATE","reason":"REASON","since":"2026-11-24T20:43:25.072115650Z","address":"127.0.0.1",)"
    R"("port":PORT,"socket_path":"/nowhere/old.sock","pid":1,"cluster":"","session_id":"s_1234567890",)"
    R"("target_id":"ttcp_1234567890","host_id":"hst_1234567890","endpoint":"tcp://127.0.0.1:22","protocol":"tcp",)"
    R"("expiration":"2099-11-24T20:43:25Z","connection_limit":-1,"connections_open":0,"connections_total":3,)"
    R"("connections_failed":0,"last_failure":"","bytes_up":10,"bytes_down":20,"authorized_here":false})";

/// `kept`: as one of protocol 2 says it.
std::string old_words(std::string state, std::string reason, bool kept, std::uint16_t port) {
    std::string words = old_proxy;
    if (kept)
        words.insert(words.size() - 1,
                     R"(,"target":"ttcp_1234567890","persistent":true,"clients_waiting":0)");
    words.replace(words.find("STATE"), 5, state);
    words.replace(words.find("REASON"), 6, reason);
    words.replace(words.find("PORT"), 4, std::to_string(port));
    return words;
}

class OldProxy {
  public:
    OldProxy(const std::string& path, bool kept, std::uint16_t port) : kept_(kept), port_(port) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) ==
                0);
        REQUIRE(::listen(listener_.get(), 16) == 0);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~OldProxy() {
        stopping_ = true;
        ::shutdown(listener_.get(), SHUT_RDWR);
        acceptor_.join();
        {
            const std::lock_guard lock(mutex_);
            for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
        }
        for (auto& one : threads_) one.join();
    }
    std::set<std::string> methods() {
        const std::lock_guard lock(mutex_);
        return methods_;
    }

  private:
    void accept_all() {
        for (;;) {
            const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0 || stopping_) return;
            const std::lock_guard lock(mutex_);
            open_.insert(fd);
            threads_.emplace_back([this, fd] { serve(fd); });
        }
    }
    void serve(int fd) {
        std::string message;
        char byte = 0;
        while (::recv(fd, &byte, 1, 0) == 1) {
            if (byte != '\0') {
                message += byte;
                continue;
            }
            answer(fd, agent::Json::parse(message).at("method").get<std::string>());
            message.clear();
        }
    }
    void answer(int fd, const std::string& method) {
        {
            const std::lock_guard lock(mutex_);
            methods_.insert(method);
        }
        if (method == "org.agentd.Proxy.Describe")
            say(fd,
                R"({"parameters":{"protocol_version":)" + std::string(kept_ ? "2" : "1") +
                    R"(,"version":"0.0.9","proxy":)" + old_words("ready", "", kept_, port_) +
                    R"(,"cluster_settings":{"address":"http://127.0.0.1:1"},"token_name":"none"}})");
        else if (method == "org.agentd.Proxy.Subscribe")
            subscribe(fd);
        else if (method == "org.agentd.Proxy.Stop")
            stop(fd);
        else // as version 1 answered
            say(fd, R"({"error":"org.varlink.service.MethodNotFound","parameters":{"method":")" +
                        method + "\"}}");
    }
    void subscribe(int fd) {
        const std::lock_guard lock(mutex_);
        subscribers_.insert(fd);
        if (ended_) return tell_end(fd); // Stop may overtake Subscribe
        say(fd, R"({"parameters":{"kind":"proxy-changed","message":"","proxy":)" +
                    old_words("ready", "", kept_, port_) + R"(},"continues":true})");
    }
    void stop(int fd) {
        const auto ended = old_words("ended", "Disconnected", kept_, port_);
        say(fd, R"({"parameters":{"proxy":)" + ended + R"(,"session_canceled":true}})");
        const std::lock_guard lock(mutex_);
        ended_ = true;
        for (const int subscriber : subscribers_) tell_end(subscriber);
    }
    void tell_end(int subscriber) {
        const auto ended = old_words("ended", "Disconnected", kept_, port_);
        say(subscriber,
            R"({"parameters":{"kind":"proxy-ended","message":"","proxy":)" + ended + "}}");
    }
    static void say(int fd, std::string text) {
        text += '\0';
        send_all(fd, text);
    }

    agent::UniqueFd listener_;
    std::thread acceptor_;
    std::mutex mutex_;
    std::vector<std::thread> threads_;
    std::set<int> open_, subscribers_;
    std::set<std::string> methods_;
    std::atomic<bool> stopping_ = false;
    bool kept_;
    bool ended_ = false;
    std::uint16_t port_;
};

/// Below the range that outgoing connections take theirs from, so that none of them is in the
/// successor's way.
std::uint16_t free_port() {
    for (;;) {
        const auto port = static_cast<std::uint16_t>(20000 + agent::random_below(10000));
        const agent::UniqueFd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
            return port;
    }
}

/// The folder of control sockets, as agentd would make it.
std::filesystem::path proxies_folder(const DevEnvironment& world) {
    const auto proxies = world.folder() / "run/agentd/proxies";
    std::filesystem::create_directories(proxies);
    for (const auto& folder : {world.folder() / "run/agentd", proxies})
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    return proxies;
}

} // namespace

TEST_CASE("version skew: an agent-proxy of the version before is adopted, explained and ended") {
    DevEnvironment world;
    OldProxy old((proxies_folder(world) / "old.sock").string(), false, free_port());

    const auto listed = world.proxies();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].at("name") == "old");
    CHECK(listed[0].at("state") == "ready");
    CHECK(listed[0].at("persistent") == false);
    CHECK(world.agentctl({"why", "old"}).out.find("Nothing stands in the way") !=
          std::string::npos);
    CHECK(world.agentctl({"reconnect", "old"}).err.find("ends with its session") !=
          std::string::npos);

    const auto ended = world.agentctl({"disconnect", "old"});
    CHECK(ended.exit == 0);
    CHECK(ended.out == "Proxy old has ended, its session is canceled.\n");
    CHECK(world.proxies().empty());
    CHECK(old.methods() == std::set<std::string>{"org.agentd.Proxy.Describe",
                                                 "org.agentd.Proxy.Stop",
                                                 "org.agentd.Proxy.Subscribe"});
}

TEST_CASE(
    "version skew: a kept agent-proxy of an older version is replaced when it carries nothing") {
    DevEnvironment world;
    const auto port = free_port();
    OldProxy old((proxies_folder(world) / "old.sock").string(), true, port);
    agent::Json now;
    CHECK(eventually(
        [&] {
            const auto listed = world.proxies();
            now = listed.empty() ? agent::Json() : listed[0];
            return !now.is_null() && now.at("pid").get<int>() > 1;
        },
        20s));
    REQUIRE_FALSE(now.is_null());
    CHECK(now.at("name") == "old");
    CHECK(now.at("port") == port);
    CHECK(now.at("persistent") == true);
    CHECK(old.methods().contains("org.agentd.Proxy.Stop"));
}
