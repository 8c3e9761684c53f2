#include "console/requests.hpp"

#include "console/gate.hpp"
#include "ipc/messages/authenticate.hpp"
#include "ipc/messages/connect.hpp"
#include "ipc/messages/disconnect.hpp"
#include "ipc/messages/forward.hpp"
#include "ipc/messages/list_proxies.hpp"
#include "ipc/messages/logout.hpp"
#include "ipc/messages/read.hpp"
#include "ipc/messages/why.hpp"

namespace console {
namespace {

namespace http = boost::beast::http;
using agent::Errc;
using agent::Json;
using boost::asio::awaitable;

HttpResponse json_answer(const HttpRequest& request, int status, const std::string& body) {
    HttpResponse response(static_cast<http::status>(status), request.version());
    add_security_headers(response);
    response.set(http::field::cache_control, "no-store");
    response.keep_alive(request.keep_alive());
    if (!body.empty()) response.set(http::field::content_type, "application/json");
    response.body() = body;
    if (status != 204) response.prepare_payload();
    return response;
}

int status_of(const agent::Error& error) {
    switch (error.code) {
    case Errc::controller_error:
        return error.status >= 400 && error.status < 600 ? error.status : 500;
    case Errc::invalid_argument:
        return 400;
    case Errc::login_needed:
        return 401;
    case Errc::permission_denied:
        return 403;
    case Errc::proxy_not_found:
        return 404;
    case Errc::controller_unreachable:
    case Errc::controller_protocol:
    case Errc::agent_unreachable:
    case Errc::proxy_failed:
        return 502;
    case Errc::timed_out:
        return 504;
    default:
        return 500;
    }
}

/// In the shape of the API's errors, so that the page reads one kind; the controller's own words
/// unchanged.
HttpResponse error_answer(const HttpRequest& request, const agent::Error& error) {
    if (error.code == Errc::controller_error && !error.body.empty())
        return json_answer(request, status_of(error), error.body);
    Json body = Json::object();
    body["kind"] = std::string(agent::errc_name(error.code));
    body["message"] = error.message;
    if (!error.hint.empty()) body["hint"] = error.hint;
    return json_answer(request, status_of(error), agent::dump_json(body));
}

agent::Error bad_body() {
    return agent::fail(Errc::invalid_argument, agent::Hop::local,
                       "the request body is not a JSON object");
}

} // namespace

awaitable<HttpResponse> Requests::answer(HttpRequest request) {
    if (auto page = serve_page(request)) co_return std::move(*page);
    const std::string target(request.target());
    if (target.starts_with("/v1/")) co_return co_await forward(std::move(request));
    if (target.starts_with("/agent/")) {
        auto body = Json::object();
        if (!request.body().empty()) {
            auto parsed = agent::parse_json(request.body());
            if (!parsed || !parsed->is_object()) co_return error_answer(request, bad_body());
            body = std::move(*parsed);
        }
        auto outcome =
            co_await own_part(std::string(request.method_string()), target, std::move(body));
        if (!outcome) co_return error_answer(request, outcome.error());
        co_return json_answer(request, 200, agent::dump_json(*outcome));
    }
    co_return plain_answer(request, 404, "There is nothing here.\n");
}

awaitable<HttpResponse> Requests::forward(HttpRequest request) {
    ipc::Forward::Request message;
    message.cluster = agent_.cluster();
    message.method = std::string(request.method_string());
    const std::string target(request.target());
    const auto mark = target.find('?');
    message.path = target.substr(0, mark);
    if (mark != target.npos) message.query = target.substr(mark + 1);
    if (!request.body().empty()) {
        auto parsed = agent::parse_json(request.body());
        if (!parsed || !parsed->is_object()) co_return error_answer(request, bad_body());
        message.body = std::move(*parsed);
    }
    auto reply = co_await agent_.call<ipc::Forward>(std::move(message));
    if (!reply) co_return error_answer(request, reply.error());
    const auto status = static_cast<int>(reply->status_code);
    if (status < 200 || status > 599)
        co_return plain_answer(request, 502, "The controller's status is none.\n");
    co_return json_answer(request, status,
                          reply->body ? agent::dump_json(*reply->body) : std::string());
}

awaitable<Requests::Outcome> Requests::own_part(std::string method, std::string path, Json body) {
    if (method == "GET" && path == "/agent/status") co_return co_await status();
    if (method == "GET" && path == "/agent/proxies") co_return co_await proxies();
    if (method == "POST" && path == "/agent/connect") co_return co_await connect(std::move(body));
    if (method == "POST" && path == "/agent/disconnect")
        co_return co_await disconnect(std::move(body));
    if (method == "POST" && path == "/agent/why") co_return co_await why(std::move(body));
    if (method == "POST" && path == "/agent/login") co_return co_await log_in(std::move(body));
    if (method == "POST" && path == "/agent/logout") co_return co_await log_out();
    co_return agent::fail(Errc::proxy_not_found, agent::Hop::local,
                          "the console has no " + method + " " + path);
}

/// Which controller, and whose login: the login's own token, read, is the only way to know that it
/// lives.
awaitable<Requests::Outcome> Requests::status() {
    Json out = Json::object();
    out["version"] = AGENT_VERSION;
    const auto& cluster = agent_.cluster();
    out["cluster"] = cluster.name.value_or(cluster.address.value_or("http://127.0.0.1:9200"));
    out["login"] = nullptr;
    ipc::Read::Request message;
    message.cluster = agent_.cluster();
    message.resource = "auth-tokens";
    message.id = "self";
    auto reply = co_await agent_.call<ipc::Read>(std::move(message));
    if (reply) {
        Json login = Json::object();
        login["token_id"] = agent::string_member(reply->item, "id");
        for (const char* name : {"user_id", "account_id", "auth_method_id", "expiration_time"})
            login[name] = agent::string_member(reply->item, name);
        out["login"] = std::move(login);
    } else {
        const int code = status_of(reply.error());
        if (code != 401 && code != 403 && code != 404) co_return reply.error();
    }
    co_return out;
}

awaitable<Requests::Outcome> Requests::proxies() {
    ipc::ListProxies::Request message;
    message.fresh = true; // the page shows bytes as they flow
    auto reply = co_await agent_.call<ipc::ListProxies>(std::move(message));
    if (!reply) co_return reply.error();
    Json items = Json::array();
    for (const auto& proxy : reply->proxies) items.push_back(ipc::to_json(proxy));
    Json out = Json::object();
    out["items"] = std::move(items);
    co_return out;
}

awaitable<Requests::Outcome> Requests::connect(Json body) {
    ipc::Connect::Request message;
    message.cluster = agent_.cluster();
    message.target = agent::string_member(body, "target");
    auto reply = co_await agent_.call<ipc::Connect>(std::move(message));
    if (!reply) co_return reply.error();
    Json out = Json::object();
    if (reply->proxy) out["proxy"] = ipc::to_json(*reply->proxy);
    co_return out; // without the brokered credentials: a browser is no place for them
}

awaitable<Requests::Outcome> Requests::disconnect(Json body) {
    ipc::Disconnect::Request message;
    message.name = agent::string_member(body, "name");
    auto reply = co_await agent_.call<ipc::Disconnect>(std::move(message));
    if (!reply) co_return reply.error();
    co_return ipc::to_json(*reply);
}

awaitable<Requests::Outcome> Requests::why(Json body) {
    ipc::Why::Request message;
    message.name = agent::string_member(body, "name");
    auto reply = co_await agent_.call<ipc::Why>(std::move(message));
    if (!reply) co_return reply.error();
    co_return ipc::to_json(*reply);
}

awaitable<Requests::Outcome> Requests::log_in(Json body) {
    ipc::Authenticate::Request message;
    message.cluster = agent_.cluster();
    message.auth_method_id = agent::string_member(body, "auth_method_id");
    if (message.auth_method_id->empty()) message.auth_method_id.reset();
    message.login_name = agent::string_member(body, "login_name");
    message.password = agent::Secret(agent::string_member(body, "password"));
    message.store = true;
    auto reply = co_await agent_.call<ipc::Authenticate>(std::move(message));
    if (!reply) co_return reply.error();
    co_return co_await status(); // the answer itself may hold a token
}

awaitable<Requests::Outcome> Requests::log_out() {
    ipc::Logout::Request message;
    message.cluster = agent_.cluster();
    auto reply = co_await agent_.call<ipc::Logout>(std::move(message));
    if (!reply) co_return reply.error();
    co_return Json::object();
}

} // namespace console
