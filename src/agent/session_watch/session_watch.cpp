#include "agent/session_watch/session_watch.hpp"

#include "async/with_timeout.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "controller/json_text.hpp"
#include "controller/page_reader.hpp"

#include <utility>

namespace agent::session_watch {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t page_room = 8U << 20U; // 1,000 sessions are 2 MiB
constexpr std::size_t max_logins = 32;
constexpr auto no_login_pause = 60s; // a keyring may be unlocked

double random_part() {
    constexpr std::size_t steps = 1U << 20U;
    return static_cast<double>(random_below(steps)) / static_cast<double>(steps);
}

/// A controller's error says what kind it is; a page of whoever stands in front does not.
bool says_kind(const std::string& body) {
    const auto json = parse_json(body);
    return json &&
           (find_member(*json, "kind") != nullptr || find_member(*json, "message") != nullptr);
}

} // namespace

SessionWatch::One::One(boost::asio::any_io_executor executor, Times times)
    : machine(times, random_part), woken(executor) {}

SessionWatch::SessionWatch(boost::asio::any_io_executor executor, async::TaskGroup& tasks,
                           Watched& watched, Times times)
    : executor_(executor), tasks_(tasks), watched_(watched), times_(times) {}

SessionWatch::One& SessionWatch::of(const keyring::Key& key, controller::ClusterSettings settings) {
    if (logins_.size() >= max_logins && !logins_.contains(key))
        std::erase_if(logins_, [](const auto& one) { return !one.second.running; });
    One& one = logins_.try_emplace(key, executor_, times_).first->second;
    one.settings = std::move(settings);
    return one;
}

void SessionWatch::look() {
    auto held = watched_.held();
    const auto now = Clock::now();
    for (auto& [key, one] : logins_)
        if (!held.contains(key)) one.machine.hold({}, now);
    for (auto& [key, sessions] : held)
        of(key, std::move(sessions.settings)).machine.hold(sessions.sessions, now);
    for (auto& [key, one] : logins_) start(key, one);
}

void SessionWatch::suspect(const std::string& session) {
    look();
    for (auto& [key, one] : logins_) {
        if (!one.machine.holds(session)) continue;
        one.machine.suspect(session, Clock::now());
        start(key, one);
    }
}

void SessionWatch::login_refused(keyring::Key key, controller::ClusterSettings settings) {
    One& one = of(key, std::move(settings));
    one.machine.suspect({}, Clock::now());
    start(key, one);
}

void SessionWatch::hurry() {
    for (auto& [key, one] : logins_) {
        one.machine.hurry(Clock::now());
        start(key, one);
    }
}

void SessionWatch::start(const keyring::Key& key, One& one) {
    one.woken.notify_all();
    if (one.running || !one.machine.due()) return;
    one.running = true;
    tasks_.spawn(follow(key), "watch sessions");
}

awaitable<void> SessionWatch::follow(keyring::Key key) {
    struct Running {
        explicit Running(bool& running) : running_(running) {}
        Running(const Running&) = delete;
        ~Running() { running_ = false; }
        bool& running_;
    };
    One& one = logins_.at(key); // nobody takes it away while it runs
    const Running running(one.running);
    for (;;) {
        const auto due = one.machine.due();
        if (!due) co_return;
        const auto now = Clock::now();
        if (*due > now) {
            co_await async::with_timeout(one.woken.wait(), *due - now);
            continue;
        }
        auto held = watched_.held(); // it may have ended meanwhile
        one.machine.hold(held[key].sessions, now);
        const auto still = one.machine.due();
        if (still && *still <= now) co_await ask(key, one);
    }
}

awaitable<void> SessionWatch::ask(keyring::Key key, One& one) {
    auto login = co_await watched_.login(key);
    if (login && !login->has_value()) { // nobody is logged in: look() says when somebody is
        co_await async::with_timeout(one.woken.wait(), no_login_pause);
        co_return;
    }
    if (login) one.machine.as((*login)->token_id, (*login)->user_id);
    const Question question = one.machine.next(Clock::now());
    Answer answer;
    if (login)
        answer = co_await send(question, std::move((*login)->token), one);
    else
        log::debug("watch sessions: {}", login.error().message);
    const auto verdicts = one.machine.take(question, answer, Clock::now());
    for (const auto& verdict : verdicts) {
        if (verdict.kind == Verdict::Kind::login_gone)
            co_await watched_.login_has_gone(key, (*login)->token_id);
        else
            tell(verdict);
    }
}

awaitable<Answer> SessionWatch::send(Question question, Secret token, const One& one) {
    controller::PageReader page(page_room);
    controller::Request request;
    request.path = question.path;
    request.token = std::move(token);
    const bool list = question.kind == Question::Kind::list;
    if (list) request.reader = &page;
    auto settings = one.settings;
    settings.max_retries = 0; // how often is our own business
    const auto client = watched_.client(settings);
    const auto reply = co_await client->send(std::move(request));
    Answer answer;
    if (!reply) {
        answer.too_long = list && reply.error().code == Errc::limit_exceeded;
        log::debug("watch sessions: {}", reply.error().message);
        co_return answer;
    }
    answer.status = reply->ok() ? 200 : reply->status;
    answer.retry_after = std::chrono::seconds(reply->retry_after);
    answer.of_a_controller = reply->ok() || says_kind(reply->body);
    if (!reply->ok()) {
        log::debug("watch sessions: GET {}: {}", question.path, reply->status);
        co_return answer;
    }
    if (!list) {
        auto object = parse_json(reply->body);
        if (object) answer.object = std::move(*object);
        // an id may be hidden from us; another one is an answer to something else
        answer.of_a_controller = string_member(answer.object, "id", question.id) == question.id;
        co_return answer;
    }
    auto read = page.take();
    answer.had_items = !read.items.empty();
    answer.list_token = std::move(read.list_token);
    answer.removed = std::move(read.removed_ids);
    answer.more = read.response_type == "delta";
    for (const auto& item : read.items) {
        if (!one.machine.holds(item.id)) continue;
        auto session = controller::parse_item(item.text);
        if (session) answer.items.push_back(std::move(*session));
    }
    co_return answer;
}

void SessionWatch::tell(const Verdict& verdict) {
    switch (verdict.kind) {
    case Verdict::Kind::over:
        watched_.session_is_over(verdict.object);
        break;
    case Verdict::Kind::deleted:
        watched_.session_has_gone(verdict.session, "deleted");
        break;
    case Verdict::Kind::project_deleted:
        watched_.session_has_gone(verdict.session, "its project was deleted");
        break;
    case Verdict::Kind::login_gone:
        break;
    }
}

} // namespace agent::session_watch
