// What an answer means: README.md has the table.

#include "agent/session_object.hpp"
#include "agent/session_watch/login_watch.hpp"

#include <utility>

namespace agent::session_watch {
namespace {

constexpr int max_pages = 200;
constexpr int max_tokens_refused = 3;
constexpr const char* all_scopes = "global";

} // namespace

std::vector<Verdict> LoginWatch::take(const Question& question, const Answer& answer, Time now) {
    const int status = answer.status;
    const bool said =
        status == 200 || status == 400 || status == 401 || status == 403 || status == 404;
    if (!answer.too_long && (!said || !answer.of_a_controller)) {
        failed(answer, now);
        return {};
    }
    due_ = now;
    Verdicts verdicts;
    switch (question.kind) {
    case Question::Kind::list:
        verdicts = take_list(question, answer, now);
        break;
    case Question::Kind::session:
        verdicts = take_session(question, answer, now);
        break;
    case Question::Kind::project:
        verdicts = take_project(question, answer, now);
        break;
    case Question::Kind::login:
        verdicts = take_login(answer, now);
        break;
    }
    const bool at_once = std::exchange(at_once_, false);
    if (urgent_.empty() && !at_once) rest(now);
    return verdicts;
}

LoginWatch::Verdicts LoginWatch::take_list(const Question& question, const Answer& answer,
                                           Time now) {
    Verdicts verdicts;
    if (question.id != scope_) return verdicts; // of a login before this one
    if (answer.too_long) {
        no_list(now);
        return verdicts;
    }
    const bool had_token = !list_token_.empty();
    switch (answer.status) {
    case 200:
        break;
    case 400: // its token ended, or this controller takes none
        if (had_token && ++tokens_refused_ < max_tokens_refused) {
            begin_list(std::string(scope_));
            urgent_.push_front(list_question());
        } else {
            no_list(now);
        }
        return verdicts;
    case 404:
        if (scope_ == all_scopes) {
            no_list(now);
        } else {
            urgent_.push_front(project_question(scope_));
            urgent_.front().about_list = true;
        }
        return verdicts;
    default:
        sure_ = answer.status == 401;
        urgent_.push_front(login_question());
        return verdicts;
    }
    for (const auto& item : answer.items) look_at(item, now, verdicts);
    for (const auto& item : answer.items)
        if (const auto known = sessions_.find(string_member(item, "id")); known != sessions_.end())
            known->second.listed = true;
    for (const auto& id : answer.removed) // a read settles it: an id may be one of before
        if (const auto known = sessions_.find(id); known != sessions_.end())
            known->second.listed = false;
    if (!answer.list_token.empty()) list_token_ = answer.list_token;
    if (answer.more && !answer.list_token.empty()) {
        if (++pages_ == max_pages)
            no_list(now);
        else
            urgent_.push_front(list_question());
        return verdicts;
    }
    list_complete(had_token, answer, now);
    return verdicts;
}

void LoginWatch::list_complete(bool had_token, const Answer& answer, Time now) {
    if (had_token) tokens_refused_ = 0;
    const bool tokens = !list_token_.empty();
    if (!tokens && answer.had_items) { // each would be as long as the first
        no_list(now);
        return;
    }
    for (const auto& id : unlisted(round_began_)) urgent_.push_back(read_question(id, now));
    fresh_ = !tokens; // an empty list has none yet
}

void LoginWatch::look_at(const Json& object, Time now, Verdicts& verdicts) {
    const std::string id = string_member(object, "id");
    const auto known = sessions_.find(id);
    if (known == sessions_.end()) return;
    Session& session = known->second;
    session.seen = true;
    const std::string project = string_member(object, "scope_id");
    if (!project.empty()) session.project = project;
    if (core::is_over(object)) over(id, Verdict::Kind::over, object, now, verdicts);
}

void LoginWatch::over(const std::string& id, Verdict::Kind kind, Json object, Time now,
                      Verdicts& verdicts) {
    Session& session = sessions_.at(id);
    if (session.told) return;
    session.told = now;
    Verdict& verdict = verdicts.emplace_back();
    verdict.kind = kind;
    verdict.session = id;
    verdict.object = std::move(object);
}

LoginWatch::Verdicts LoginWatch::take_session(const Question& question, const Answer& answer,
                                              Time now) {
    Verdicts verdicts;
    const auto known = sessions_.find(question.id);
    if (known == sessions_.end()) return verdicts;
    Session& session = known->second;
    switch (answer.status) {
    case 200:
        look_at(answer.object, now, verdicts);
        at_once_ = scope_.empty() && now >= no_list_until_ && !session.project.empty();
        break;
    case 401:
        sure_ = true;
        urgent_.push_front(login_question());
        break;
    case 403:
        if (session.seen && !session.project.empty())
            urgent_.push_back(project_question(session.project));
        break;
    case 404:
        if (session.ours)
            over(question.id, Verdict::Kind::deleted, Json(), now, verdicts);
        else
            session.unknown_here = true;
        break;
    default:
        break;
    }
    return verdicts;
}

LoginWatch::Verdicts LoginWatch::take_project(const Question& question, const Answer& answer,
                                              Time now) {
    Verdicts verdicts;
    if (answer.status == 401) {
        sure_ = true;
        urgent_.push_front(login_question());
        return verdicts;
    }
    for (auto& [id, session] : sessions_) {
        if (session.project != question.id || !watched(session)) continue;
        if (answer.status == 404)
            over(id, Verdict::Kind::project_deleted, Json(), now, verdicts);
        else if (!session.listed)
            session.seen = false; // nobody may read it: that says nothing about it
    }
    const bool list_is_of_no_use = question.about_list && answer.status != 404;
    if (list_is_of_no_use) no_list(now);
    return verdicts;
}

LoginWatch::Verdicts LoginWatch::take_login(const Answer& answer, Time now) {
    Verdicts verdicts;
    const bool sure = std::exchange(sure_, false);
    const int status = answer.status;
    const bool gone = status == 401 || status == 404 || (status == 403 && sure);
    if (!gone) {
        if (!sure) no_list(now); // this user may not list
        return verdicts;
    }
    for (auto& [id, session] : sessions_) session.told = now;
    urgent_.clear();
    scope_.clear();
    verdicts.emplace_back().kind = Verdict::Kind::login_gone;
    return verdicts;
}

} // namespace agent::session_watch
