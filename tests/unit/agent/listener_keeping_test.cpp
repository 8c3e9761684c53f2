// agentd's hold on the listening sockets of a proxy: from its present process only, and no longer
// than somebody serves them.

#include "agent/process/listener_keeping.hpp"

#include "async/task_group.hpp"
#include "support/catch.hpp"
#include "support/run_coroutine.hpp"
#include "unit/agent/plain_handle.hpp"

#include <sys/socket.h>

#include <optional>

using namespace agent;
using namespace agent::core;
using namespace agent::test;

namespace {

/// Shares a TCP socket, when it is told to.
struct SharingHandle final : PlainHandle {
    explicit SharingHandle(boost::asio::any_io_executor executor) : told(executor) {}
    awaitable<Result<net::ListeningSockets>> share_listeners() override {
        ++asked;
        if (slow) co_await told.wait();
        if (refuses) co_return fail(Errc::proxy_failed, Hop::agent, "it says nothing");
        net::ListeningSockets sockets;
        sockets.tcp.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::listen(sockets.tcp.get(), 1) == 0);
        co_return sockets;
    }
    async::Event told;
    int asked = 0;
    bool slow = false, refuses = false;
};

struct SaidToStore final : ListenerStore {
    void put(const std::string& proxy, const net::ListeningSockets&) override {
        said += "+" + proxy;
    }
    void drop(const std::string& proxy) override { said += "-" + proxy; }
    std::shared_ptr<const net::ListeningSockets> take(const std::string&) override {
        return nullptr;
    }
    void drop_rest() override {}
    std::string said;
};

bool listens(const UniqueFd& socket) {
    int accepts = 0;
    socklen_t size = sizeof accepts;
    REQUIRE(::getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0);
    return accepts != 0;
}

} // namespace

TEST_CASE(
    "listeners: what a process shares is held until the proxy ends, then shut for everybody") {
    run([](boost::asio::io_context& context) -> awaitable<void> {
        SaidToStore store;
        ListenerKeeping keeping(store);
        const auto proxy = proxy_with(context.get_executor(),
                                      std::make_shared<SharingHandle>(context.get_executor()));
        co_await keeping.hold(proxy);
        REQUIRE(proxy->spec.listeners);
        CHECK(store.said == "+pg");
        const auto held = proxy->spec.listeners; // as a process that has them, too
        CHECK(listens(held->tcp));
        keeping.let_go(*proxy);
        CHECK_FALSE(proxy->spec.listeners);
        CHECK_FALSE(listens(held->tcp));
        CHECK(store.said == "+pg-pg");
    });
}

TEST_CASE(
    "listeners: a process of an older protocol is not asked, and one that refuses is let be") {
    run([](boost::asio::io_context& context) -> awaitable<void> {
        SaidToStore store;
        ListenerKeeping keeping(store);
        const auto handle = std::make_shared<SharingHandle>(context.get_executor());
        const auto proxy = proxy_with(context.get_executor(), handle);
        proxy->protocol_version = 2;
        co_await keeping.hold(proxy);
        CHECK(handle->asked == 0);
        proxy->protocol_version = 3;
        handle->refuses = true;
        co_await keeping.hold(proxy);
        CHECK(handle->asked == 1);
        CHECK_FALSE(proxy->spec.listeners);
        CHECK(store.said.empty());
    });
}

TEST_CASE("listeners: an answer that comes after the process was replaced, or the proxy has ended, "
          "is not kept") {
    const bool ended = GENERATE(true, false);
    run([ended](boost::asio::io_context& context) -> awaitable<void> {
        SaidToStore store;
        ListenerKeeping keeping(store);
        const auto handle = std::make_shared<SharingHandle>(context.get_executor());
        handle->slow = true;
        const auto proxy = proxy_with(context.get_executor(), handle);
        async::TaskGroup tasks(context.get_executor());
        tasks.spawn(keeping.hold(proxy), "hold");
        while (handle->asked == 0) co_await boost::asio::post(context.get_executor(), async::token);
        if (ended)
            proxy->on(CourseEvent::proxy_ended);
        else
            proxy->handle = std::make_shared<SharingHandle>(context.get_executor());
        handle->told.notify_all();
        co_await tasks.drain();
        CHECK_FALSE(proxy->spec.listeners);
        CHECK(store.said.empty());
    });
}
