// What a client sends to agentd's socket, from its bytes to the answer: cutter, envelope, a live
// router with every verb of org.agentd.Agent, its request's types, the reply's text. How the bytes
// were cut must not matter, and whatever the router says must be readable again.

#include "base/log.hpp"
#include "ipc/messages/agent_commands.hpp"
#include "ipc/socket/interface_text.hpp"
#include "ipc/socket/router.hpp"
#include "ipc/socket/wire_error.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <tuple>

namespace {

using namespace ipc;

constexpr std::size_t max_message = 4096; // so that a long one is within a fuzzer's reach
constexpr std::size_t max_calls = 16; // of one input: a thousand "{}" teach nothing that two do not

enum class Mood : std::uint8_t { obliging, refusing, throwing, controller_error };
Mood mood = Mood::obliging; // of every verb, while one input is tried

agent::Error failure();

template <class Verbs> class Obliging;
template <> class Obliging<std::tuple<>> : public AgentCommands {};
/// Answers every verb with empty words, and once before if the caller wants more; or fails, as a
/// verb may.
template <class Verb, class... Rest>
class Obliging<std::tuple<Verb, Rest...>> : public Obliging<std::tuple<Rest...>> {
  public:
    using Obliging<std::tuple<Rest...>>::handle;
    boost::asio::awaitable<Result<typename Verb::Response>>
    handle(typename Verb::Request, Progress<Verb>& progress) override {
        if (mood == Mood::throwing) throw std::runtime_error("a verb threw");
        if (mood != Mood::obliging) co_return failure();
        typename Verb::Response first;
        if (progress.wants()) (void)co_await progress.send(std::move(first));
        typename Verb::Response last;
        co_return last;
    }
};

agent::Error failure() {
    if (mood == Mood::refusing)
        return agent::fail(agent::Errc::login_needed, agent::Hop::controller, "nobody is logged in",
                           "run agentctl login");
    agent::Error error =
        agent::fail(agent::Errc::controller_error, agent::Hop::controller, "not found");
    error.status = 404;
    error.body = R"({"kind":"NotFound","message":"Resource not found."})";
    return error;
}

class Collected final : public ReplySink {
  public:
    boost::asio::awaitable<agent::Status> send(Reply reply) override {
        add(reply);
        co_return agent::Status{};
    }
    void add(const Reply& reply) {
        std::string said = encode(reply);
        if (said.empty() || said.back() != '\0' || said.find('\0') != said.size() - 1) std::abort();
        said.pop_back();
        const auto again = decode_reply(said);
        if (!again || again->error != reply.error || again->continues != reply.continues)
            std::abort();
        if (!again->error.empty()) text += error_from_reply(*again).message + '\n';
        text += said + '\n';
    }
    std::string text;
};

class Agent {
  public:
    Agent() { router_.add("org.agentd.Agent", agent_interface, verbs_); }

    std::string answer(Call call) {
        Collected sink;
        context_.restart();
        boost::asio::co_spawn(context_, ask(std::move(call), sink), [](std::exception_ptr failed) {
            if (failed) std::abort(); // nothing that a client says may get past the router
        });
        context_.run();
        return std::move(sink.text);
    }

  private:
    boost::asio::awaitable<void> ask(Call call, Collected& sink) {
        const auto reply = co_await router_.dispatch(std::move(call), sink);
        sink.add(reply);
    }

    boost::asio::io_context context_{1};
    Obliging<AgentCommands::List> verbs_;
    Router router_{"agentd"};
};

/// What was read is read again when agentctl's own writer has written it.
void check_written(const Call& call) {
    std::string text = encode(call);
    text.pop_back();
    const auto again = decode_call(text);
    if (!again || again->method != call.method || again->parameters != call.parameters ||
        again->more != call.more || again->oneway != call.oneway || again->upgrade != call.upgrade)
        std::abort();
}

std::string conversation(std::string_view bytes, std::size_t piece) {
    static Agent agent;
    std::string said;
    std::size_t calls = 0;
    MessageSplitter splitter(max_message);
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        splitter.feed(bytes.substr(0, piece));
        for (;;) {
            const auto message = splitter.next();
            if (!message) return said + "too long\n";
            if (!*message) break;
            auto call = decode_call(**message);
            if (!call) return said + call.error().message; // where a server hangs up
            if (++calls > max_calls) return said;
            check_written(*call);
            said += agent.answer(std::move(*call));
        }
    }
    return said;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    [[maybe_unused]] static const bool quiet = [] {
        agent::log::set_sink([](agent::log::Level, std::string_view) {});
        return true;
    }();
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    const std::size_t piece = 1 + bytes[0];
    mood = static_cast<Mood>(bytes[0] & 3U);
    if (conversation(input, piece) != conversation(input, std::max<std::size_t>(input.size(), 1)))
        std::abort();
    return 0;
}
