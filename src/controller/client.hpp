#pragma once
// HTTP client of one controller: kept-alive connections, limits on time and size, and errors that
// name the request and the address. Bodies travel unchanged: what the controller said is what the
// caller prints.

#include "async/event.hpp"
#include "base/percent_encode.hpp"
#include "base/secret.hpp"
#include "controller/cluster_settings.hpp"
#include "controller/connection.hpp"
#include "controller/json_text.hpp"

#include <chrono>
#include <list>
#include <memory>
#include <set>
#include <string>

namespace agent::controller {

struct Request {
    std::string method = "GET";
    std::string path; ///< with its query: "/v1/targets?scope_id=p_1"
    Secret token;     ///< may be empty: anonymous
    Secret body;      ///< JSON; may hold a password
    /// May be sent again when nobody knows whether it arrived. Never for authorize-session.
    bool repeatable = true;
    bool* sent = nullptr; ///< becomes true before any of it leaves this machine; nobody has acted
                          ///< on it before
    BodyReader* reader = nullptr; ///< of a 2xx answer's body, which is then not in the Reply
    JsonTextLimits limits = {};   ///< of any other body
};

struct Reply {
    int status = 0;
    std::string body;    ///< one JSON object as it came, without the spaces; or empty
    int retry_after = 0; ///< seconds, with 429 and 503; 0: it did not say
    bool ok() const { return status >= 200 && status < 300; }
};

class Client {
  public:
    Client(boost::asio::any_io_executor executor, ClusterSettings settings)
        : executor_(executor), settings_(std::move(settings)), route_changed_(executor) {}

    /// Any status is a Reply. Errors: controller_unreachable, controller_protocol, limit_exceeded,
    /// timed_out, invalid_argument (TLS files).
    awaitable<Result<Reply>> send(Request request);

    /// The way has changed: kept-alive connections may be dead, so the next request dials; one that
    /// is dialling begins anew, and one whose packets do not arrive fails, instead of waiting for
    /// what went the old way.
    void forget_connections();

    /// The agent is ending: what runs fails at once with Errc::canceled, and so does what comes.
    void close();

    const ClusterSettings& settings() const { return settings_; }

  private:
    struct Idle {
        std::unique_ptr<Connection> connection;
        std::chrono::steady_clock::time_point since;
    };
    struct Answer {
        ResponseHead head;
        std::string body;
        std::optional<Error> refused; ///< the body, by who read it
    };
    awaitable<Result<Answer>> attempt(const Request& request, const HttpRequest& message);
    awaitable<Result<Answer>> limited_attempt(const Request& request, const HttpRequest& message);
    awaitable<Result<std::unique_ptr<Connection>>> dial();
    awaitable<Exchange> exchange(Connection& connection, const HttpRequest& message,
                                 ResponseReader::Choose choose);
    Error broken(const Request& request, const Exchange& outcome) const;
    std::unique_ptr<Connection> take_idle();
    HttpRequest build(const Request& request) const;
    Result<Reply> judge(const Request& request, Answer answer) const;
    std::string name_of(const Request& request) const;
    Error ending(const Request& request) const;

    boost::asio::any_io_executor executor_;
    ClusterSettings settings_;
    std::unique_ptr<boost::asio::ssl::context> tls_;
    std::list<Idle> idle_;
    std::set<Connection*> busy_;
    async::Event route_changed_;
    bool closed_ = false;
};

/// Errc::controller_error with the controller's own words.
Error error_of(const Reply& reply);

using agent::percent_encode; ///< for one query value or path element

} // namespace agent::controller
