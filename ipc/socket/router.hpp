#pragma once
// Method name → handler. The table is filled by walking the verb list of an ipc::Methods class, so
// it cannot miss one. Wrong types stop here; what a handler throws becomes an error reply here.
// Used by the server.

#include "base/spare_files.hpp"
#include "ipc/messages/methods.hpp"
#include "ipc/messages/move_fields.hpp"
#include "ipc/socket/codec.hpp"
#include "ipc/socket/descriptors.hpp"
#include "ipc/socket/wire_error.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ipc {

/// Where replies go before the last one. An error means that the caller has gone.
class ReplySink {
  public:
    virtual ~ReplySink() = default;
    virtual boost::asio::awaitable<agent::Status> send(Reply reply) = 0;
};

class Route {
  public:
    virtual ~Route() = default;
    virtual boost::asio::awaitable<Reply> answer(Call call, ReplySink& sink) = 0;
    /// The verb may be called with `more`.
    virtual bool streams() const = 0;
    /// Such a stream ends when what it follows does, and not for having answered.
    virtual bool endless() const = 0;
};

template <class Verb> class StreamProgress final : public Progress<Verb> {
  public:
    StreamProgress(bool wants, ReplySink& sink) : wants_(wants), sink_(sink) {}
    bool wants() const override { return wants_; }
    boost::asio::awaitable<agent::Status> send(typename Verb::Response response) override {
        Reply reply;
        reply.parameters = to_json(response);
        reply.continues = true;
        co_return co_await sink_.send(std::move(reply));
    }

  private:
    bool wants_;
    ReplySink& sink_;
};

/// What a verb that helps out may open beside all others: a proxy's socket, the database's journal,
/// the controller.
template <class Verb> constexpr std::size_t spare_files_for() {
    return requires { Verb::helps_out; } ? 6 : 0;
}

template <class Verb> class VerbRoute final : public Route {
  public:
    explicit VerbRoute(Handles<Verb>& handler) : handler_(handler) {}
    bool streams() const override { return Verb::streams; }
    bool endless() const override {
        return requires { Verb::endless; };
    }

    boost::asio::awaitable<Reply> answer(Call call, ReplySink& sink) override {
        if constexpr (requires { Verb::only_streams; })
            if (!call.more) co_return expected_more();
        typename Verb::Request request;
        auto read = from_json(call.parameters, request);
        wipe(call.parameters);
        if (!read) {
            const std::string& message = read.error().message; // begins with the member's path
            co_return invalid_parameter(message.substr(0, message.find(' ')), message);
        }
        give_descriptors(request, std::move(call.descriptors));
        const agent::SpareFiles spare(spare_files_for<Verb>());
        if (ends_with_caller(request))
            co_await boost::asio::this_coro::reset_cancellation_state(
                boost::asio::enable_terminal_cancellation());
        StreamProgress<Verb> progress(Verb::streams && call.more, sink);
        auto result = co_await handler_.handle(std::move(request), progress);
        const std::string_view interface = Verb::method.substr(0, Verb::method.rfind('.'));
        if (!result) co_return error_reply(result.error(), interface);
        Reply reply;
        reply.parameters = move_to_json(*result);
        reply.descriptors = take_descriptors(*result);
        co_return reply;
    }

  private:
    /// It asks a controller and changes nothing: without its caller it is for nobody.
    static bool ends_with_caller(const typename Verb::Request& request) {
        if constexpr (requires { Verb::ends_with_caller(request); })
            return Verb::ends_with_caller(request);
        else
            return false;
    }

    Handles<Verb>& handler_;
};

class Router {
  public:
    /// `product`: "agentd", for org.varlink.service.GetInfo.
    explicit Router(std::string product) : product_(std::move(product)) {}

    /// `text`: the interface file, see interface_text.hpp. `methods` must outlive the router.
    template <class... Verbs>
    void add(std::string interface, std::string_view text, Methods<Verbs...>& methods) {
        interfaces_.push_back({std::move(interface), text});
        (routes_.emplace(std::string(Verbs::method), std::make_unique<VerbRoute<Verbs>>(methods)),
         ...);
    }

    /// The last reply to `call`. A handler that streams, or that only asks a controller, is
    /// cancelled when its caller goes; others end by themselves: what may have changed something is
    /// answered for.
    boost::asio::awaitable<Reply> dispatch(Call call, ReplySink& sink);
    /// What a call of `method` with `more` begins.
    bool endless(std::string_view method) const;

  private:
    struct Interface {
        std::string name;
        std::string_view text;
    };
    Reply service_call(const Call& call) const;
    const Interface* find_interface(std::string_view name) const;

    std::string product_;
    std::vector<Interface> interfaces_;
    std::map<std::string, std::unique_ptr<Route>, std::less<>> routes_;
};

} // namespace ipc
