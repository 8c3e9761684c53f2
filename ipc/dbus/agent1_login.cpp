// Login. It may take as long as its controller takes: the caller gets the path of a
// Login object at once and follows it.

#include "ipc/dbus/agent1_login.hpp"

#include "async/with_timeout.hpp"
#include "base/scope_exit.hpp"
#include "ipc/dbus/agent1_request.hpp"
#include "ipc/dbus/limits.hpp"
#include "ipc/dbus/no_progress.hpp"

#include <boost/asio/this_coro.hpp>

namespace ipc::dbus {

using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Status;
using boost::asio::awaitable;

awaitable<Status> Agent1::login(CallPtr call) {
    Json stored = Json::object();
    stored["store"] = true;
    auto request =
        co_await request_of<Authenticate::Request>(call, "login_name", std::move(stored));
    if (!request) co_return request.error();
    if (bus_ == nullptr) co_return fail(Errc::canceled, Hop::local, "the bus has gone");
    if (logins_.size() >= max_logins)
        co_return fail(Errc::limit_exceeded, Hop::limit, "too many logins at once",
                       "wait for the earlier ones");
    LoginView view;
    view.state = "running";
    view.login_name = request->login_name;
    LoginObject& object =
        logins_.emplace_back(bus_, "n" + std::to_string(++newest_login_), std::move(view));
    object.exported->announce();
    const std::string path = object.exported->path();
    followers_.spawn(run_login(&object, std::move(*request)), "login");
    auto reply = call->new_reply();
    if (!reply) co_return reply.error();
    const int appended = ::sd_bus_message_append(reply->get(), "o", path.c_str());
    co_return Incoming::send(std::move(*reply), appended);
}

// Ends with the object, unless the bus took that first; the login itself goes on without a bus.
awaitable<void> Agent1::run_login(LoginObject* object, Authenticate::Request request) {
    const agent::ScopeExit listed([this, object] {
        logins_.remove_if([object](const LoginObject& one) { return &one == object; });
    });
    LoginView view;
    view.login_name = request.login_name;
    NoProgress<Authenticate> none;
    const auto done = co_await commands_.handle(std::move(request), none);
    if (!done) {
        view.state = "failed";
        view.error = error_name(done.error());
        view.message = error_text(done.error());
    } else if (!done->stored) {
        const auto lost =
            fail(Errc::keyring_failed, Hop::login, "logged in, but the login could not be stored",
                 "look at agentd's log, then log in again");
        view.state = "failed";
        view.error = error_name(lost);
        view.message = error_text(lost);
    } else {
        view.state = "done";
        if (const Json* attributes = agent::find_member(done->item, "attributes")) {
            view.user_id = agent::string_member(*attributes, "user_id");
            view.expiration = agent::string_member(*attributes, "expiration_time");
        }
    }
    if (object->exported) object->exported->change(std::move(view), true);
    if (loop_ != nullptr) loop_->wake();
    co_await agent::async::sleep_for(login_stays);
    if (object->exported) object->exported->withdraw();
}

} // namespace ipc::dbus
