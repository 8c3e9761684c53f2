#pragma once
// A Varlink client that blocks, for agentctl: one connection, one call at a time, no Asio.
//     auto client = BlockingClient::connect(path);
//     auto status = client->call<ipc::Status>({});

#include "base/unique_fd.hpp"
#include "ipc/messages/fields.hpp"
#include "ipc/socket/codec.hpp"
#include "ipc/socket/limits.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace ipc {

/// Another file descriptor to watch during a call that may take long: a signalfd, a child's pidfd.
struct Watched {
    int fd = -1;
    /// Called when it is readable. false: give up the call with Errc::canceled.
    std::function<bool()> on_readable;
};

/// What is certain about a call whose connection ended before a byte of its answer had come. The
/// kernel says which: a peer that ends with something unread in its socket, or that takes nothing
/// any more, is told apart from one that read all of it and went.
enum class Lost : std::uint8_t {
    no,         ///< it was answered, or cut off in the middle of an answer
    unread,     ///< the agent did not get the whole call, so it did nothing
    unanswered, ///< it got it, and may have done it
};

class BlockingClient {
  public:
    /// Errc::agent_unreachable when nobody listens there.
    static Result<BlockingClient> connect(const std::string& path);

    template <class Verb>
    Result<typename Verb::Response> call(const typename Verb::Request& request,
                                         const Watched& watched = {}) {
        auto sent = send(Verb::method, to_json(request), false);
        if (!sent) return sent.error();
        return next<Verb>(watched, nullptr);
    }

    /// `on_reply` sees each reply but the last, which is returned.
    template <class Verb>
    Result<typename Verb::Response>
    call_more(const typename Verb::Request& request,
              const std::function<void(const typename Verb::Response&)>& on_reply,
              const Watched& watched = {}) {
        static_assert(Verb::streams);
        auto sent = send(Verb::method, to_json(request), true);
        if (!sent) return sent.error();
        while (true) {
            bool continues = false;
            auto reply = next<Verb>(watched, &continues);
            if (!reply || !continues) return reply;
            on_reply(*reply);
        }
    }

    /// Of the last call, when it failed.
    Lost lost() const { return lost_; }

  private:
    explicit BlockingClient(agent::UniqueFd socket)
        : socket_(std::move(socket)), splitter_(max_reply_bytes) {}
    agent::Status send(std::string_view method, Json parameters, bool more);
    Result<Reply> receive(const Watched& watched);

    template <class Verb>
    Result<typename Verb::Response> next(const Watched& watched, bool* continues) {
        auto reply = receive(watched);
        if (!reply) return reply.error();
        if (continues != nullptr) *continues = reply->continues;
        typename Verb::Response response;
        auto read = from_json(reply->parameters, response);
        wipe(reply->parameters);
        if (!read) return read.error();
        return response;
    }

    agent::UniqueFd socket_;
    MessageSplitter splitter_;
    bool sent_ = false;      ///< all of the call
    bool answering_ = false; ///< something of the answer has come
    Lost lost_ = Lost::no;
};

} // namespace ipc
