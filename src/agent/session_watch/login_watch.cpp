// Which question is next.

#include "agent/session_watch/login_watch.hpp"

#include "controller/client.hpp"

#include <algorithm>

namespace agent::session_watch {
namespace {

using namespace std::chrono_literals;
using controller::percent_encode;

constexpr std::size_t reads_a_round = 8;
constexpr std::size_t projects_a_round = 4;
constexpr const char* everywhere = "global";

} // namespace

LoginWatch::LoginWatch(Times times, std::function<double()> random)
    : times_(times), random_(std::move(random)) {}

void LoginWatch::hold(const std::vector<HeldSession>& sessions, Time now) {
    const bool idle =
        std::ranges::none_of(sessions_, [this](const auto& one) { return watched(one.second); });
    std::set<std::string> present;
    for (const auto& held : sessions) {
        present.insert(held.id);
        const auto [place, added] = sessions_.try_emplace(held.id);
        if (added) place->second.since = now;
        place->second.ours = held.ours;
    }
    std::erase_if(sessions_, [&](const auto& one) { return !present.contains(one.first); });
    if (!due_ || (idle && urgent_.empty() && *due_ <= now))
        rest(now); // what was made now is good for a moment
}

void LoginWatch::as(const std::string& token_id, const std::string& user_id) {
    if (token_id == token_id_ && user_id == user_id_) return;
    if (!token_id_.empty()) urgent_.clear();
    token_id_ = token_id;
    user_id_ = user_id;
    for (auto& [id, session] : sessions_) {
        session.seen = session.listed = session.unknown_here = false;
        session.told.reset();
    }
    scope_.clear();
    no_list_until_ = {};
    tokens_refused_ = 0;
}

void LoginWatch::suspect(const std::string& session, Time now) {
    if (session.empty()) {
        sure_ = true;
        urgent_.push_front(login_question());
    } else {
        const auto known = sessions_.find(session);
        if (known == sessions_.end() || !watched(known->second)) return;
        urgent_.push_front(read_question(session, now));
    }
    if (failures_ == 0) due_ = now;
}

void LoginWatch::hurry(Time now) {
    failures_ = 0;
    due_ = std::min(due_.value_or(now), now);
}

bool LoginWatch::watched(const Session& session) const {
    return !session.told && !session.unknown_here;
}

std::optional<LoginWatch::Time> LoginWatch::due() const {
    std::optional<Time> first;
    const auto sooner = [&first](Time time) { first = first ? std::min(*first, time) : time; };
    for (const auto& [id, session] : sessions_) {
        if (watched(session) && due_) sooner(*due_);
        if (session.told) sooner(*session.told + times_.told_again_after);
    }
    if (!urgent_.empty() && due_) sooner(*due_);
    if (first && not_before_) first = std::max(*first, *not_before_);
    return first;
}

std::set<std::string> LoginWatch::projects() const {
    std::set<std::string> found;
    for (const auto& [id, session] : sessions_)
        if (watched(session) && !session.project.empty()) found.insert(session.project);
    return found;
}

/// Those that the list does not show although it should, who waited longest first.
std::vector<std::string> LoginWatch::unlisted(Time before) const {
    std::vector<std::string> found;
    for (const auto& [id, session] : sessions_)
        if (watched(session) && !session.listed && session.since < before) found.push_back(id);
    const auto asked = [this](const std::string& id) { return sessions_.at(id).asked; };
    std::ranges::stable_sort(found, {}, asked);
    if (found.size() > reads_a_round) found.resize(reads_a_round);
    return found;
}

Question LoginWatch::next(Time now) {
    for (auto& [id, session] : sessions_) // whoever was told has done nothing about it
        if (session.told && *session.told + times_.told_again_after <= now) session.told.reset();
    not_before_.reset();
    due_ = now;
    while (!urgent_.empty()) {
        Question question = std::move(urgent_.front());
        urgent_.pop_front();
        if (question.kind == Question::Kind::login) return login_question(); // of whoever asks now
        const bool gone = question.kind == Question::Kind::session && !holds(question.id);
        if (!gone) return question;
    }
    const auto known = projects();
    const auto all = unlisted(Time::max());
    const bool few = all.size() < reads_a_round;
    const bool reads = now < no_list_until_ || (known.empty() && few);
    if (reads && !all.empty()) return read_question(all.front(), now);
    const std::string scope = known.size() == 1 ? *known.begin() : std::string(everywhere);
    if (scope != scope_) begin_list(scope);
    round_began_ = now;
    pages_ = 0;
    if (known.size() > 1) { // in turns
        auto place = known.lower_bound(next_project_);
        for (std::size_t i = 0; i < std::min(projects_a_round, known.size()); ++i) {
            if (place == known.end()) place = known.begin();
            urgent_.push_back(project_question(*place));
            ++place;
        }
        next_project_ = place == known.end() ? std::string() : *place;
    }
    return list_question();
}

Question LoginWatch::list_question() {
    Question question;
    question.kind = Question::Kind::list;
    question.id = scope_;
    question.path = "/v1/sessions?scope_id=" + percent_encode(scope_);
    if (scope_ == everywhere) question.path += "&recursive=true";
    question.path += "&include_terminated=true";
    if (!user_id_.empty()) {
        const Json user = user_id_; // quoted as the filter needs it
        question.path += "&filter=" + percent_encode("\"/item/user_id\" == " + dump_json(user));
    }
    if (!list_token_.empty()) question.path += "&list_token=" + percent_encode(list_token_);
    return question;
}

Question LoginWatch::read_question(const std::string& id, Time now) {
    sessions_.at(id).asked = now;
    Question question;
    question.kind = Question::Kind::session;
    question.id = id;
    question.path = "/v1/sessions/" + percent_encode(id);
    return question;
}

Question LoginWatch::project_question(const std::string& id) {
    Question question;
    question.kind = Question::Kind::project;
    question.id = id;
    question.path = "/v1/scopes/" + percent_encode(id);
    return question;
}

Question LoginWatch::login_question() {
    Question question;
    question.kind = Question::Kind::login;
    question.id = token_id_;
    question.path = "/v1/auth-tokens/" + percent_encode(token_id_);
    return question;
}

std::chrono::milliseconds LoginWatch::jittered(std::chrono::milliseconds time, double least,
                                               double span) const {
    const double factor = least + span * random_();
    return std::chrono::milliseconds(
        static_cast<std::chrono::milliseconds::rep>(static_cast<double>(time.count()) * factor));
}

void LoginWatch::begin_list(std::string scope) {
    scope_ = std::move(scope);
    list_token_.clear();
    fresh_ = true;
    for (auto& [id, session] : sessions_) session.listed = false;
}

void LoginWatch::no_list(Time now) {
    no_list_until_ = now + times_.list_again_after;
    scope_.clear();
    list_token_.clear();
    for (auto& [id, session] : sessions_) session.listed = false;
    due_ = now;
}

// Until the next round.
void LoginWatch::rest(Time now) {
    failures_ = 0;
    auto pause = times_.interval;
    if (now < no_list_until_) {
        const auto count = std::ranges::count_if(
            sessions_, [this](const auto& one) { return watched(one.second); });
        pause = std::max(times_.interval / std::max<std::int64_t>(count, 1), times_.reads_apart);
    }
    due_ = now + jittered(pause, 0.9, 0.2);
}

void LoginWatch::failed(const Answer& answer, Time now) {
    ++failures_;
    const auto doubled = times_.interval * (std::int64_t(1) << std::min(failures_, 20));
    due_ = now + jittered(std::min(doubled, times_.longest), 1.0, 0.1);
    if (answer.retry_after > 0s) not_before_ = now + jittered(answer.retry_after, 1.0, 0.1);
    // What is in doubt is so no longer: the next round finds it anew.
    urgent_.clear();
    sure_ = false;
    if (fresh_) list_token_.clear();
}

} // namespace agent::session_watch
