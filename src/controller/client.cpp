#include "controller/client.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/scope_exit.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/http/error.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace agent::controller {
namespace {

namespace http = boost::beast::http;
using namespace std::chrono_literals;

constexpr auto idle_limit = 4min; // a controller closes after 5
constexpr std::size_t max_idle = 4;
constexpr auto longest_wait = 10s;

bool worth_repeating(int status) {
    return status == 429 || status >= 500;
}

/// Seconds; 0: it does not say.
int retry_after(const ResponseHead& head) {
    const std::string& after = head.retry_after;
    if (after.empty() || after.size() > 4 ||
        after.find_first_not_of("0123456789") != std::string::npos)
        return 0;
    return std::stoi(after);
}

std::chrono::milliseconds wait_before_repeat(const ResponseHead* head) {
    const auto jittered = 1000ms + std::chrono::milliseconds(random_below(500));
    if (head == nullptr) return jittered;
    const std::chrono::seconds asked(retry_after(*head));
    return std::max<std::chrono::milliseconds>(
        jittered, std::min<std::chrono::milliseconds>(asked, longest_wait));
}

std::string shortened(const std::string& text) {
    return text.size() <= 300 ? text : text.substr(0, 300) + "…";
}

/// What it held is not left behind in ordinary memory.
void wipe_secrets(HttpRequest& message) {
    wipe(message.body());
    const auto header = message[http::field::authorization];
    ::explicit_bzero(const_cast<char*>(header.data()), header.size());
}

} // namespace

awaitable<Result<Reply>> Client::send(Request request) {
    if (settings_.tls && !tls_) {
        auto made = make_tls_context(settings_);
        if (!made) co_return made.error();
        tls_ = std::move(*made);
    }
    bool redirected = false;
    for (int tried = 0;; ++tried) {
        if (closed_) co_return ending(request);
        HttpRequest message = build(request);
        auto answer = co_await limited_attempt(request, message);
        wipe_secrets(message);
        if (closed_ && !answer) co_return ending(request);
        const bool again = request.repeatable && tried < settings_.max_retries;
        if (!answer) {
            const Errc code = answer.error().code;
            if (!again || (code != Errc::controller_unreachable && code != Errc::timed_out))
                co_return answer.error();
            co_await async::sleep_for(wait_before_repeat(nullptr));
            continue;
        }
        const int status = answer->head.status;
        if (again && worth_repeating(status)) {
            co_await async::sleep_for(wait_before_repeat(&answer->head));
            continue;
        }
        if (status == 307 && !redirected) {
            std::string location = answer->head.location;
            if (location.starts_with(settings_.address + "/"))
                location.erase(0, settings_.address.size());
            if (!location.starts_with('/')) // the token goes to nobody else
                co_return fail(Errc::controller_protocol, Hop::controller,
                               name_of(request) + ": redirects to " + shortened(location),
                               "set -addr to that controller");
            redirected = true;
            request.path = location;
            continue;
        }
        co_return judge(request, std::move(*answer));
    }
}

awaitable<Result<Client::Answer>> Client::limited_attempt(const Request& request,
                                                          const HttpRequest& message) {
    auto answer = co_await async::with_timeout(attempt(request, message), settings_.timeout);
    if (!answer) {
        const auto seconds =
            std::chrono::duration_cast<std::chrono::milliseconds>(settings_.timeout).count() /
            1000.0;
        co_return fail(
            Errc::timed_out, Hop::controller,
            fmt::format("{}: no answer from {} in {:g} s", name_of(request), authority(settings_),
                        seconds),
            "the controller is slow or unreachable; BOUNDARY_CLIENT_TIMEOUT sets the limit");
    }
    co_return std::move(*answer);
}

awaitable<Result<Client::Answer>> Client::attempt(const Request& request,
                                                  const HttpRequest& message) {
    JsonText text(request.limits);
    const ResponseReader::Choose choose = [&](const ResponseHead& head) -> BodyReader& {
        const bool wanted = request.reader != nullptr && head.status / 100 == 2;
        return wanted ? *request.reader : static_cast<BodyReader&>(text);
    };
    for (bool first = true;; first = false) {
        std::unique_ptr<Connection> connection;
        if (first) connection = take_idle();
        const bool reused = connection != nullptr;
        if (!reused) {
            auto dialled = co_await dial();
            if (!dialled) {
                Error error = dialled.error();
                if (error.code == Errc::controller_unreachable)
                    error.message = name_of(request) + ": " + error.message;
                co_return error;
            }
            connection = std::move(*dialled);
        }
        if (request.sent != nullptr) *request.sent = true;
        auto outcome = co_await exchange(*connection, message, choose);
        if (!outcome.ec || outcome.refused) {
            if (outcome.reusable && idle_.size() < max_idle)
                idle_.push_back({std::move(connection), std::chrono::steady_clock::now()});
            Answer answer;
            answer.head = std::move(outcome.head);
            answer.refused = std::move(outcome.refused);
            if (!answer.refused) answer.body = text.take();
            co_return answer;
        }
        if (reused && !outcome.answered && request.repeatable)
            continue; // closed in the moment we wrote
        co_return broken(request, outcome);
    }
}

Error Client::broken(const Request& request, const Exchange& outcome) const {
    if (outcome.ec == http::error::body_limit || outcome.ec == http::error::header_limit)
        return fail(Errc::controller_protocol, Hop::controller,
                    name_of(request) + ": the answer is larger than any of a controller");
    if (outcome.ec.category() == make_error_code(http::error::end_of_stream).category() &&
        outcome.answered)
        return fail(Errc::controller_protocol, Hop::controller,
                    name_of(request) + ": " + authority(settings_) +
                        " sent no complete HTTP answer: " + reason(outcome.ec),
                    "is this address a Boundary controller's API? set -addr or BOUNDARY_ADDR");
    std::string what = reason(outcome.ec);
    if (outcome.ec == http::error::end_of_stream) what = "closed the connection without an answer";
    return fail(Errc::controller_unreachable, Hop::controller,
                name_of(request) + ": " + authority(settings_) + ": " + what,
                "the controller went away; try again when it is back");
}

awaitable<Exchange> Client::exchange(Connection& connection, const HttpRequest& message,
                                     ResponseReader::Choose choose) {
    busy_.insert(&connection);
    const ScopeExit busy([&] { busy_.erase(&connection); });
    co_return co_await connection.exchange(message, std::move(choose));
}

void Client::forget_connections() {
    idle_.clear();
    for (auto* connection : busy_)
        if (connection->stuck()) connection->hang_up();
    route_changed_.notify_all();
}

void Client::close() {
    closed_ = true;
    idle_.clear();
    for (auto* connection : busy_) connection->hang_up();
    route_changed_.notify_all();
}

Error Client::ending(const Request& request) const {
    return fail(Errc::canceled, Hop::agent, name_of(request) + ": the agent is ending");
}

awaitable<Result<std::unique_ptr<Connection>>> Client::dial() {
    using namespace boost::asio::experimental::awaitable_operators;
    for (;;) { // the caller limits the time
        auto first = co_await (open_connection(settings_, tls_.get()) || route_changed_.wait());
        if (first.index() == 0) co_return std::move(std::get<0>(first));
        if (closed_)
            co_return fail(Errc::canceled, Hop::agent,
                           "dial " + authority(settings_) + ": the agent is ending");
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none)
            co_return fail(Errc::canceled, Hop::controller,
                           "dial " + authority(settings_) + ": canceled");
    }
}

std::unique_ptr<Connection> Client::take_idle() {
    const auto oldest = std::chrono::steady_clock::now() - idle_limit;
    std::erase_if(idle_,
                  [&](Idle& idle) { return idle.since < oldest || idle.connection->stale(); });
    if (idle_.empty()) return nullptr;
    auto connection = std::move(idle_.back().connection);
    idle_.pop_back();
    return connection;
}

HttpRequest Client::build(const Request& request) const {
    HttpRequest message;
    message.method_string(request.method);
    message.target(request.path);
    message.version(11);
    message.set(http::field::host,
                settings_.unix_path.empty() ? authority(settings_) : std::string("localhost"));
    message.set(http::field::user_agent, "agentd/" AGENT_VERSION);
    message.set(http::field::content_type, "application/json");
    message.set(http::field::accept, "application/json");
    std::string bearer;
    bearer.reserve(7 + request.token.reveal().size());
    bearer.append("Bearer ").append(request.token.reveal());
    message.set(http::field::authorization, bearer);
    wipe(bearer);
    message.body() = std::string(request.body.reveal());
    message.prepare_payload();
    return message;
}

Result<Reply> Client::judge(const Request& request, Answer answer) const {
    Reply reply;
    reply.status = answer.head.status;
    if (reply.status == 429 || reply.status == 503) reply.retry_after = retry_after(answer.head);
    reply.body = std::move(answer.body);
    if (!answer.refused) return reply;
    // whoever stands in front says so in HTML
    if (reply.status == 429 || (reply.status >= 502 && reply.status <= 504)) return reply;
    if (answer.refused->code != Errc::controller_protocol) {
        Error error = std::move(*answer.refused);
        error.message = name_of(request) + ": the answer is " + error.message;
        return error;
    }
    const std::string& type = answer.head.content_type;
    const std::string what =
        type.find("json") == std::string::npos
            ? "answered " +
                  (type.empty() ? std::string("without a content type") : type.substr(0, 100))
            : "answered " + answer.refused->message;
    return fail(Errc::controller_protocol, Hop::controller,
                fmt::format("{}: {} {} (HTTP status {})", name_of(request), authority(settings_),
                            what, reply.status),
                "is this address a Boundary controller's API? set -addr or BOUNDARY_ADDR");
}

std::string Client::name_of(const Request& request) const {
    return request.method + " " + settings_.address + shortened(request.path);
}

Error error_of(const Reply& reply) {
    std::string message = "the controller answered HTTP status " + std::to_string(reply.status);
    const auto body = parse_json(reply.body); // a tree within bounds: see JsonTextLimits
    if (body) message = string_member(*body, "message", message);
    std::string hint;
    if (reply.status == 401) hint = "the token is not, or no longer, valid";
    if (reply.status == 429 || reply.status == 503)
        hint = "the controller limits requests; try again in a moment";
    Error error =
        fail(Errc::controller_error, Hop::controller, std::move(message), std::move(hint));
    error.status = reply.status;
    error.body = reply.body;
    error.retry_after = reply.retry_after;
    return error;
}

} // namespace agent::controller
