// Above 400 lines because the controller, the launcher, the process and the stage answer each
// other: one file shows what one of their calls does to the others.
#include "unit/agent/agent_stage.hpp"

#include "async/with_timeout.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "boundary/session_authorization.hpp"
#include "keyring/immediate.hpp"
#include "support/run_coroutine.hpp"
#include "unit/boundary/real_tokens.hpp"

#include <algorithm>
#include <utility>

namespace agent::test {
namespace {

using namespace core;
using namespace std::chrono_literals;

std::string response_of(int status, const std::string& text, const std::string& fields = {}) {
    return "HTTP/1.1 " + std::to_string(status) +
           " So\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
           std::to_string(text.size()) + "\r\n" + fields + "\r\n" + text;
}

std::string response(int status, const Json& body, const std::string& headers = {}) {
    return response_of(status, dump_json(body), headers);
}

std::string token_for(const std::string& session, const std::string& target,
                      std::chrono::seconds lifetime = 10min) {
    auto authorization =
        boundary::decode_authorization_token(boundary::test::token_with_host).value();
    authorization.session_id = session;
    authorization.target_id = target;
    authorization.expiration = wall_now() + lifetime;
    return boundary::encode_authorization_token(authorization);
}

/// What is between two marks of a path.
std::string between(const std::string& path, const std::string& begin, const std::string& end) {
    const auto from = path.find(begin) + begin.size();
    return path.substr(from, path.find_first_of(end, from) - from);
}

class ObjectHandle final : public ProxyHandle {
  public:
    explicit ObjectHandle(std::shared_ptr<ProxyObject> object) : object_(std::move(object)) {}

    awaitable<Result<ProxyStatus>> serve(ProxySpec spec) override {
        const auto answers = co_await answer();
        if (!answers) co_return answers.error();
        if (object_->refuses_serve) co_return fail(Errc::listen_failed, Hop::local, "no port");
        ProxyStatus& status = object_->status;
        status.name = spec.name;
        status.state = ProxyState::idle;
        status.address = spec.listen_address;
        status.port = spec.listen_port == 0 ? 40'000 : spec.listen_port;
        status.socket_path = "/run/" + spec.name + ".sock";
        status.pid = 4711;
        status.cluster = spec.cluster;
        status.target = spec.target;
        status.persistent = spec.persistent;
        status.eager = spec.eager;
        status.shared = spec.shared;
        status.authorized_here = spec.authorized_here;
        if (!spec.authorization_token.empty()) take(spec.authorization_token);
        object_->spec = std::move(spec);
        object_->served = true;
        co_return status;
    }
    awaitable<Result<ProxyChange>> next_change() override {
        while (object_->changes.empty()) {
            if (object_->dead) co_return gone();
            co_await object_->changed.wait();
        }
        ProxyChange change = std::move(object_->changes.front());
        object_->changes.pop_front();
        co_return change;
    }
    awaitable<Result<ProxyStatus>> renew(Secret authorization_token, Secret) override {
        const auto answers = co_await answer();
        if (!answers) co_return answers.error();
        if (object_->refuses_renew) co_return fail(Errc::internal, Hop::local, "no session today");
        take(authorization_token);
        co_return object_->status;
    }
    awaitable<Result<ProxyStatus>> hold(Wait wait, Reason reason, bool session_over) override {
        const auto answers = co_await answer();
        if (!answers) co_return answers.error();
        object_->waits.emplace_back(name_of(wait));
        if (session_over) object_->status.session_id.clear();
        const std::map<Wait, ProxyState> states{{Wait::none, ProxyState::idle},
                                                {Wait::authorizing, ProxyState::authorizing},
                                                {Wait::login, ProxyState::waiting_login},
                                                {Wait::network, ProxyState::waiting_network},
                                                {Wait::person, ProxyState::blocked}};
        object_->status.state = states.at(wait);
        object_->status.set_reason(std::move(reason));
        if (wait == Wait::person) object_->status.clients_waiting = 0; // they are turned away
        co_return object_->status;
    }
    awaitable<Result<ProxyStopped>> stop(Reason reason, bool cancel_session) override {
        object_->stops.push_back(cancel_session);
        const auto answers = co_await answer();
        if (!answers) co_return answers.error();
        object_->status.state = ProxyState::ended;
        object_->status.set_reason(std::move(reason));
        object_->stopped = true;
        object_->tell(EventKind::proxy_ended);
        object_->changes.back().last = true;
        ProxyStopped stopped;
        stopped.proxy = object_->status;
        co_return stopped;
    }
    awaitable<Result<ProxyStopped>> hand_over(Reason reason) override {
        return stop(std::move(reason), false);
    }
    awaitable<Result<net::ListeningSockets>> share_listeners() override {
        co_return net::ListeningSockets();
    }
    awaitable<Status> check(std::string) override { co_return Status(); }
    awaitable<Status> ping(std::chrono::milliseconds limit) override {
        ++object_->pings;
        patience_ = limit;
        co_return co_await answer();
    }
    awaitable<Result<bool>> kill(std::chrono::milliseconds) override {
        if (object_->dead || object_->stopped) co_return false;
        if (object_->unkillable)
            co_return fail(Errc::proxy_failed, Hop::local, "it does not end when killed");
        object_->killed = true;
        object_->die();
        co_await async::sleep_for(10ms); // who follows it hears of its end before who killed it
        co_return true;
    }

  private:
    static Error gone() { return fail(Errc::proxy_failed, Hop::agent, "its process has gone"); }
    awaitable<Status> answer() {
        const auto end = std::chrono::steady_clock::now() + patience_;
        while (object_->frozen && !object_->dead) {
            if (std::chrono::steady_clock::now() >= end)
                co_return fail(Errc::timed_out, Hop::agent, "it says nothing");
            co_await async::sleep_for(2ms);
        }
        if (object_->dead) co_return gone();
        co_return Status();
    }
    void take(const Secret& token) {
        const auto session = boundary::decode_authorization_token(token.reveal());
        if (!session) return;
        object_->status.session_id = session->session_id;
        object_->status.target_id = session->target_id;
        object_->status.expiration = format_rfc3339(session->expiration.value_or(WallTime{}));
        object_->status.state = ProxyState::ready;
        object_->status.reason.clear();
        object_->status.clients_waiting = 0;
    }
    std::shared_ptr<ProxyObject> object_;
    std::chrono::milliseconds patience_{50};
};

} // namespace

DirectedController::DirectedController()
    : front_(0, [this](const std::string& line) { return judge(line); }) {}

DirectedController::~DirectedController() {
    release();
}

void DirectedController::hold(std::string part) {
    const std::lock_guard lock(mutex_);
    hold_ = std::move(part);
}

void DirectedController::release() {
    const std::lock_guard lock(mutex_);
    hold_.clear();
    changed_.notify_all();
}

int DirectedController::held() {
    const std::lock_guard lock(mutex_);
    return held_;
}

void DirectedController::answer(std::string part, int status, int retry_after, int times) {
    const std::lock_guard lock(mutex_);
    std::erase_if(rules_, [&](const Rule& rule) { return rule.part == part; });
    if (status != 0) rules_.push_back(Rule{std::move(part), status, retry_after, times});
}

void DirectedController::garble(std::string part) {
    const std::lock_guard lock(mutex_);
    garbled_ = std::move(part);
}

void DirectedController::say(std::function<std::optional<Said>(const std::string&)> otherwise) {
    const std::lock_guard lock(mutex_);
    otherwise_ = std::move(otherwise);
}

int DirectedController::count(const std::string& part) {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::ranges::count_if(
        lines_, [&](const auto& line) { return line.find(part) != std::string::npos; }));
}

std::vector<std::string> DirectedController::sessions() {
    const std::lock_guard lock(mutex_);
    return order_;
}

std::string DirectedController::status(const std::string& session) {
    const std::lock_guard lock(mutex_);
    return sessions_.at(session).status;
}

void DirectedController::cancel(const std::string& session) {
    const std::lock_guard lock(mutex_);
    sessions_.at(session).status = "canceling";
}

void DirectedController::describe(const std::string& session, Json members) {
    const std::lock_guard lock(mutex_);
    sessions_.at(session).members.update(members);
}

void DirectedController::erase(const std::string& session) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(session);
    removed_.push_back(session);
}

std::string DirectedController::make(const std::string& target) {
    const std::lock_guard lock(mutex_);
    return add(target);
}

std::string DirectedController::token(const std::string& target, std::chrono::seconds lifetime) {
    return token_for(make(target), target, lifetime);
}

std::string DirectedController::add(const std::string& target) {
    const std::string id = "s_" + random_base62(10);
    Session& session = sessions_[id];
    session.target = target;
    session.created = format_rfc3339(wall_now());
    order_.push_back(id);
    return id;
}

void DirectedController::forget_session_id() {
    const std::lock_guard lock(mutex_);
    nameless_ = true;
}

void DirectedController::amend_session(Json members) {
    const std::lock_guard lock(mutex_);
    amended_ = std::move(members);
}

HttpFront::Verdict DirectedController::judge(const std::string& line) {
    std::unique_lock lock(mutex_);
    lines_.push_back(line);
    HttpFront::Verdict verdict;
    verdict.fate = HttpFront::Fate::answered;
    const auto space = line.find(' ');
    const std::string path = line.substr(space + 1, line.rfind(' ') - space - 1);
    const auto said = otherwise_ ? otherwise_(line) : std::nullopt;
    const auto rule = std::find_if(rules_.rbegin(), rules_.rend(), [&](const Rule& one) {
        return one.times != 0 && line.find(one.part) != std::string::npos;
    });
    if (said) {
        verdict.answer = response(said->status, said->body, said->headers);
    } else if (rule != rules_.rend()) {
        if (rule->times > 0) --rule->times;
        const std::string fields =
            rule->retry_after == 0 ? ""
                                   : "Retry-After: " + std::to_string(rule->retry_after) + "\r\n";
        verdict.answer = response_of(rule->status, R"({"message":"as the test wants it"})", fields);
    } else {
        verdict.answer = reply_to(line.substr(0, space), path);
    }
    if (!garbled_.empty() && line.find(garbled_) != std::string::npos) {
        garbled_.clear();
        verdict.answer = response_of(200, "{\"authorization_token\": ");
    }
    const auto holding = [&] { return !hold_.empty() && line.find(hold_) != std::string::npos; };
    ++held_;
    changed_.wait(lock, [&] { return !holding(); });
    --held_;
    return verdict;
}

Json DirectedController::object_of(const std::string& id) const {
    const Session& session = sessions_.at(id);
    Json object = Json::object();
    object["id"] = id;
    object["target_id"] = session.target;
    object["status"] = session.status;
    object["created_time"] = session.created;
    object["user_id"] = "u_1";
    object["auth_token_id"] = "at_1";
    object["version"] = 1;
    object["scope_id"] = "p_1";
    if (session.status == "canceling") object["termination_reason"] = "canceled";
    object.update(session.members);
    return object;
}

std::string DirectedController::reply_to(const std::string& method, const std::string& path) {
    if (path.ends_with(":authorize-session")) {
        const std::string target = between(path, "/v1/targets/", ":");
        const std::string id = add(target);
        Json object = Json::object();
        if (!std::exchange(nameless_, false)) object["session_id"] = id;
        object["target_id"] = target;
        object["authorization_token"] = token_for(id, target);
        object.update(std::exchange(amended_, Json::object()));
        return response(200, object);
    }
    if (path.starts_with("/v1/sessions/")) {
        const std::string id = between(path, "/v1/sessions/", ":");
        if (!sessions_.contains(id)) return response(404, Json{{"message", "no such session"}});
        if (path.ends_with(":cancel")) sessions_[id].status = "canceling";
        return response(200, object_of(id));
    }
    if (path.starts_with("/v1/sessions?")) {
        Json items = Json::array();
        for (const auto& [id, session] : sessions_) items.push_back(object_of(id));
        Json page = Json::object();
        page["items"] = std::move(items);
        page["response_type"] = "complete";
        page["list_token"] = "the newest";
        if (path.find("list_token=") != std::string::npos) page["removed_ids"] = removed_;
        return response(200, page);
    }
    if (path.ends_with(":authenticate"))
        return response(
            200, Json{{"attributes", Json{{"id", "at_1"},
                                          {"token", "at_1_secret"},
                                          {"user_id", "u_1"},
                                          {"expiration_time", format_rfc3339(wall_now() + 1h)}}}});
    if (path.starts_with("/v1/auth-tokens/"))
        return method == "DELETE" ? response(200, Json::object())
                                  : response(200, Json{{"id", "at_1"}});
    return response(404, Json{{"message", "this controller has no " + path}});
}

void ProxyObject::tell(EventKind kind, std::string message) {
    ProxyChange change;
    change.kind = kind;
    change.reason_code = status.reason_code;
    change.message = std::move(message);
    change.proxy = status;
    changes.push_back(std::move(change));
    changed.notify_all();
}

void ProxyObject::lose_session(const std::string& reason, ReasonCode code) {
    status.session_id.clear();
    status.state = ProxyState::idle;
    status.set_reason(Reason(code, reason));
    tell(EventKind::session_ended, reason);
}

void ProxyObject::lack_session(const std::string& reason) {
    status.session_id.clear();
    status.state = ProxyState::idle;
    status.set_reason(Reason(ReasonCode::session_refused, reason));
    tell(EventKind::session_lost, reason);
}

void ProxyObject::give_up_waiting() {
    status.clients_waiting = 0;
    tell(EventKind::proxy_changed);
}

void ProxyObject::want() {
    ++status.clients_waiting;
    tell(EventKind::session_wanted);
}

void ProxyObject::die() {
    dead = true;
    changed.notify_all();
}

awaitable<Result<std::unique_ptr<ProxyHandle>>> ObjectLauncher::launch() {
    if (failures > 0) {
        --failures;
        co_return fail(Errc::proxy_failed, Hop::local, "no process today");
    }
    processes.push_back(std::make_shared<ProxyObject>(executor_));
    processes.back()->refuses_serve = refuse_serve;
    std::unique_ptr<ProxyHandle> handle = std::make_unique<ObjectHandle>(processes.back());
    co_return handle;
}

awaitable<std::vector<AdoptedProxy>> ObjectLauncher::adopt() {
    std::vector<AdoptedProxy> adopted;
    for (const auto& one : running_) {
        AdoptedProxy& proxy = adopted.emplace_back();
        proxy.handle = std::make_unique<ObjectHandle>(one);
        proxy.status = one->status;
        proxy.cluster_settings = one->spec.cluster_settings;
        proxy.token_name = "default";
        proxy.protocol_version = current_protocol;
        proxy.version = one->version;
        proxy.listen_address = one->status.address;
        proxy.listen_port = one->status.port;
        proxy.shared = one->status.shared;
        proxy.eager = one->status.eager;
        proxy.says_warm = true;
        proxy.warm = one->spec.warm;
        proxy.keep_alive = one->spec.keep_alive;
    }
    co_return adopted;
}

std::shared_ptr<ProxyObject> ObjectLauncher::leave_running(std::string name,
                                                           Json cluster_settings) {
    auto process = std::make_shared<ProxyObject>(executor_);
    process->spec.cluster_settings = std::move(cluster_settings);
    process->status.name = std::move(name);
    process->status.state = ProxyState::idle;
    process->status.address = "127.0.0.1";
    process->status.port = 40'002;
    process->status.persistent = true;
    process->status.authorized_here = true;
    running_.push_back(process);
    return process;
}

std::vector<std::unique_ptr<keyring::Keyring>> one_keyring() {
    std::vector<std::unique_ptr<keyring::Keyring>> order;
    order.push_back(
        std::make_unique<keyring::Immediate<keyring::MemoryKeyring>>(keyring::MemoryKeyring()));
    return order;
}

AgentStage::AgentStage(boost::asio::io_context& context, PingPace pace)
    : logins(context.get_executor(), one_keyring()), launcher(context.get_executor()),
      agent(context.get_executor(), logins, clusters, launcher, listener_store, store, pace) {}

ClusterChoice AgentStage::choice() const {
    ClusterChoice choice;
    choice.settings = controller::settings_for(controller.address()).value();
    choice.settings.timeout = 20s;
    return choice;
}

state::ProxyRecord AgentStage::record(std::string name, std::string target) const {
    state::ProxyRecord record;
    record.name = std::move(name);
    record.cluster = choice().settings.address;
    record.cluster_settings = dump_json(controller::settings_to_json(choice().settings));
    record.target = std::move(target);
    return record;
}

awaitable<void> AgentStage::log_in(std::chrono::seconds lifetime, std::string id,
                                   std::string token_name) {
    Json login = Json::object();
    login["token"] = id + "_secret";
    login["id"] = std::move(id);
    login["user_id"] = "u_1";
    login["expiration_time"] = format_rfc3339(wall_now() + lifetime);
    const keyring::Key key{choice().settings.address, std::move(token_name)};
    Secret value(dump_json(login));
    (void)co_await logins.store(key, std::move(value), wall_now() + lifetime, std::string());
}

awaitable<Result<Connected>> AgentStage::connect(ConnectOptions options) {
    NoProgress none;
    co_return co_await agent.connect(choice(), std::move(options), none);
}

awaitable<std::shared_ptr<ProxyObject>> AgentStage::keep(std::string name, std::string target) {
    auto options = words_for(std::move(target), std::move(name));
    options.persistent = true;
    const auto kept = co_await connect(std::move(options));
    if (!kept) throw std::runtime_error(kept.error().message);
    co_return newest();
}

ConnectOptions words_for(std::string target, std::string name) {
    ConnectOptions options;
    options.target.target = std::move(target);
    options.name = std::move(name);
    return options;
}

awaitable<bool> until(std::function<bool()> predicate, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!predicate()) {
        if (std::chrono::steady_clock::now() >= end) co_return false;
        co_await async::sleep_for(5ms);
    }
    co_return true;
}

void tell(Story story, Preparation prepare, PingPace pace) {
    run([&](boost::asio::io_context& context) -> awaitable<void> {
        AgentStage stage(context, pace);
        if (prepare) prepare(stage);
        stage.logins.start();
        co_await stage.agent.adopt();
        std::exception_ptr problem;
        try {
            co_await story(stage);
        } catch (...) {
            problem = std::current_exception();
        }
        stage.controller.release();
        co_await stage.agent.stop();
        co_await stage.logins.stop();
        if (problem) std::rethrow_exception(problem);
    });
}

} // namespace agent::test
