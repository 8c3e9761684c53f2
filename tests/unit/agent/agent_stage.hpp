#pragma once
// AgentStage: a whole Agent between a controller that a test directs and agent-proxies that are
// objects. The controller is a real HTTP server on loopback, so that time passes between a question
// and its answer as it does outside.

#include "agent/agent.hpp"
#include "async/event.hpp"
#include "support/http_front.hpp"

#include <boost/asio/io_context.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace agent::test {

/// Sessions of a controller. Its requests can be held up, so that a test does something meanwhile.
class DirectedController {
  public:
    DirectedController();
    ~DirectedController();
    std::string address() const { return front_.address(); }

    /// Answers to requests whose first line contains this wait until release(); what they ask for
    /// is done.
    void hold(std::string part);
    void release();
    /// How many wait.
    int held();
    /// Asked first for each request, by its first line; nullopt: as usual.
    struct Said {
        int status = 200;
        Json body;
        std::string headers = {}; ///< "Retry-After: 5\r\n"
    };
    void say(std::function<std::optional<Said>(const std::string& line)> otherwise);
    /// Requests whose first line contains this are answered with that status, and nothing is done;
    /// 0: as usual again. `retry_after`: seconds, of the answer; `times`: so often, -1: always.
    void answer(std::string part, int status, int retry_after = 0, int times = -1);
    /// The next answer to a request with this in its first line is no JSON; what it asks for is
    /// done.
    void garble(std::string part);
    /// How many requests had this in their first line.
    int count(const std::string& part);
    /// Ids in the order in which they were authorized.
    std::vector<std::string> sessions();
    std::string status(const std::string& session);
    void cancel(const std::string& session);
    /// What it says of the session has these members as well.
    void describe(const std::string& session, Json members);
    /// It knows the session no more.
    void erase(const std::string& session);
    /// Makes one that nobody hears of.
    std::string make(const std::string& target);
    /// The authorization token of one that somebody else asked for.
    std::string token(const std::string& target, std::chrono::seconds lifetime);
    /// The next answer to authorize-session names none.
    void forget_session_id();
    /// The next answer to authorize-session has these members instead.
    void amend_session(Json members);

  private:
    struct Session {
        std::string target, status = "pending", created;
        Json members = Json::object();
    };
    struct Rule {
        std::string part;
        int status = 0, retry_after = 0, times = -1;
    };
    HttpFront::Verdict judge(const std::string& line);
    std::string reply_to(const std::string& method, const std::string& path);
    std::string add(const std::string& target);
    Json object_of(const std::string& id) const;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Session> sessions_;
    std::vector<std::string> order_, lines_, removed_;
    std::vector<Rule> rules_; // the newest last, which goes first
    std::string hold_, garbled_;
    std::function<std::optional<Said>(const std::string& line)> otherwise_;
    Json amended_ = Json::object();
    int held_ = 0;
    bool nameless_ = false;
    HttpFront front_; // last: its threads use the rest
};

/// An agent-proxy as the agent sees it.
struct ProxyObject {
    explicit ProxyObject(boost::asio::any_io_executor executor) : changed(executor) {}
    std::string version = AGENT_VERSION;
    core::ProxySpec spec;
    core::ProxyStatus status;
    std::deque<core::ProxyChange> changes;
    std::vector<std::string> waits; ///< of the calls of Hold
    bool served = false, stopped = false, dead = false;
    bool frozen = false; ///< it answers nothing any more
    bool unkillable = false;
    bool refuses_renew = false;
    bool refuses_serve = false;
    bool killed = false;
    int pings = 0;
    std::vector<bool> stops; ///< of the calls of Stop: with cancel_session
    async::Event changed;

    /// Says something, with its present status.
    void tell(core::EventKind kind, std::string message = {});
    /// Its session is over: it is idle.
    void lose_session(const std::string& reason,
                      core::ReasonCode code = core::ReasonCode::session_expired);
    /// Its workers refuse the session: whoever knows more may give it back.
    void lack_session(const std::string& reason);
    /// A client waits for a session.
    void want();
    /// Nobody waits any more.
    void give_up_waiting();
    void die();
};

class ObjectLauncher final : public core::ProxyLauncher {
  public:
    explicit ObjectLauncher(boost::asio::any_io_executor executor) : executor_(executor) {}
    awaitable<Result<std::unique_ptr<core::ProxyHandle>>> launch() override;
    awaitable<std::vector<core::AdoptedProxy>> adopt() override;

    std::vector<std::shared_ptr<ProxyObject>> processes; ///< every one that was launched
    /// A kept one that an earlier agentd has left running, without a session.
    std::shared_ptr<ProxyObject> leave_running(std::string name, Json cluster_settings);
    int failures = 0;          ///< so many launches fail
    bool refuse_serve = false; ///< of those that are launched from now on
  private:
    boost::asio::any_io_executor executor_;
    std::vector<std::shared_ptr<ProxyObject>> running_;
};

class NoListenerStore final : public core::ListenerStore {
  public:
    void put(const std::string&, const net::ListeningSockets&) override {}
    void drop(const std::string&) override {}
    std::shared_ptr<const net::ListeningSockets> take(const std::string&) override {
        return nullptr;
    }
    void drop_rest() override {}
};

class NoProgress final : public core::ConnectObserver {
  public:
    awaitable<Status> progress(std::string) override { co_return Status(); }
};

/// In memory.
std::vector<std::unique_ptr<keyring::Keyring>> one_keyring();

struct AgentStage {
    explicit AgentStage(boost::asio::io_context& context, core::PingPace pace = {});

    DirectedController controller;
    state::StateStore store{":memory:"};
    keyring::Logins logins;
    core::Clusters clusters{store};
    ObjectLauncher launcher;
    NoListenerStore listener_store;
    core::Agent agent;

    core::ClusterChoice choice() const;
    /// Of a kept proxy, as state.db has it.
    state::ProxyRecord record(std::string name, std::string target) const;
    /// Keeps a login of the usual name, or of another.
    awaitable<void> log_in(std::chrono::seconds lifetime = std::chrono::hours(1),
                           std::string id = "at_1", std::string token_name = "default");
    awaitable<Result<core::Connected>> connect(core::ConnectOptions options);
    /// `connect -keep` to a target.
    awaitable<std::shared_ptr<ProxyObject>> keep(std::string name, std::string target);
    std::shared_ptr<ProxyObject> newest() const { return launcher.processes.back(); }
};

core::ConnectOptions words_for(std::string target, std::string name = {});

/// Waits for a state that no event announces; false at the deadline.
awaitable<bool> until(std::function<bool()> predicate,
                      std::chrono::milliseconds deadline = std::chrono::seconds(30));

/// Runs a story on a stage whose agent has begun: prepare() comes before that.
using Story = std::function<awaitable<void>(AgentStage&)>;
using Preparation = std::function<void(AgentStage&)>;
void tell(Story story, Preparation prepare = {}, core::PingPace pace = {});

} // namespace agent::test
