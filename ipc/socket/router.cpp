#include "ipc/socket/router.hpp"

#include "async/caught.hpp"
#include "base/log.hpp"
#include "ipc/socket/interface_text.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace ipc {
namespace {

constexpr std::string_view service = "org.varlink.service";

std::string_view interface_of(std::string_view method) {
    const std::size_t dot = method.rfind('.');
    return method.substr(0, dot == std::string_view::npos ? 0 : dot);
}

/// What was thrown at a call, in a catch block.
Reply failed(const Call& call) {
    agent::Error error = agent::async::caught();
    if (error.code == agent::Errc::internal)
        error.hint = "this is a bug in agentd; its log says more";
    agent::log::error("method={} failed: {}", call.method, error.message);
    return error_reply(error, interface_of(call.method));
}

} // namespace

boost::asio::awaitable<Reply> Router::dispatch(Call call, ReplySink& sink) {
    using namespace boost::asio;
    if (call.upgrade) co_return invalid_parameter("upgrade", "upgrade is not offered");
    if (interface_of(call.method) == service) co_return service_call(call);
    const auto found = routes_.find(call.method);
    if (found == routes_.end()) {
        const std::string_view interface = interface_of(call.method);
        co_return find_interface(interface) != nullptr ? method_not_found(call.method)
                                                       : interface_not_found(interface);
    }
    Route& route = *found->second;
    if (call.more && route.streams())
        co_await this_coro::reset_cancellation_state(enable_terminal_cancellation());
    else
        co_await this_coro::reset_cancellation_state(disable_cancellation());
    Call named;
    named.method = call.method;
    try {
        co_return co_await route.answer(std::move(call), sink);
    } catch (const agent::ErrorException& e) {
        co_return error_reply(e.error(), interface_of(named.method));
    } catch (const boost::system::system_error& e) {
        if (e.code() == error::operation_aborted) throw; // the caller has gone
        co_return failed(named);
    } catch (...) {
        co_return failed(named);
    }
}

bool Router::endless(std::string_view method) const {
    const auto found = routes_.find(method);
    return found != routes_.end() && found->second->endless();
}

const Router::Interface* Router::find_interface(std::string_view name) const {
    const auto found = std::ranges::find(interfaces_, name, &Interface::name);
    return found == interfaces_.end() ? nullptr : &*found;
}

Reply Router::service_call(const Call& call) const {
    Reply reply;
    if (call.method == "org.varlink.service.GetInfo") {
        Json names = Json::array();
        names.push_back(std::string(service));
        for (const auto& interface : interfaces_) names.push_back(interface.name);
        reply.parameters["vendor"] = "agentd";
        reply.parameters["product"] = product_;
        reply.parameters["version"] = AGENT_VERSION;
        reply.parameters["url"] = "";
        reply.parameters["interfaces"] = std::move(names);
        return reply;
    }
    if (call.method != "org.varlink.service.GetInterfaceDescription")
        return method_not_found(call.method);
    const std::string name = agent::string_member(call.parameters, "interface");
    if (name.empty()) return invalid_parameter("interface", "interface must be a name");
    const Interface* interface = find_interface(name);
    if (name != service && interface == nullptr) return interface_not_found(name);
    reply.parameters["description"] =
        std::string(name == service ? service_interface : interface->text);
    return reply;
}

} // namespace ipc
