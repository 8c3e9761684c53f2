#pragma once
// LoginWatch: what to ask a controller about the sessions that one login holds, when, and what the
// answers mean. No sockets and no clock: SessionWatch drives it. README.md says what is asked why.

#include "agent/session_watch/question.hpp"
#include "agent/session_watch/times.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace agent::session_watch {

class LoginWatch {
  public:
    using Time = std::chrono::steady_clock::time_point;
    /// `random`: from 0 to 1, for jitter.
    LoginWatch(Times times, std::function<double()> random);

    /// What is held now.
    void hold(const std::vector<HeldSession>& sessions, Time now);
    /// Who asks. Another login of the same name knows nothing of what this one learnt.
    void as(const std::string& token_id, const std::string& user_id);
    /// Something happened to this session, or to the login (empty): it is asked about at once.
    void suspect(const std::string& session, Time now);
    /// What failed may work now.
    void hurry(Time now);

    /// nullopt: there is nothing to ask about.
    std::optional<Time> due() const;
    /// The question that is due. Its answer comes before the next one.
    Question next(Time now);
    std::vector<Verdict> take(const Question& question, const Answer& answer, Time now);

    bool holds(const std::string& session) const { return sessions_.contains(session); }

  private:
    struct Session {
        bool ours = true;
        std::string project;       ///< empty: not known yet
        bool seen = false;         ///< it could be read with this login
        bool listed = false;       ///< the present list shows it
        bool unknown_here = false; ///< not ours, and this controller shows no such session
        std::optional<Time> told;  ///< when its end was told
        Time since{};              ///< held
        Time asked{};              ///< when it was read last
    };
    using Verdicts = std::vector<Verdict>;

    // login_watch.cpp
    bool watched(const Session& session) const;
    std::set<std::string> projects() const;
    std::vector<std::string> unlisted(Time before) const;
    Question list_question();
    Question read_question(const std::string& id, Time now);
    Question project_question(const std::string& id);
    Question login_question();
    std::chrono::milliseconds jittered(std::chrono::milliseconds time, double least,
                                       double span) const;
    void begin_list(std::string scope);
    void no_list(Time now);
    void rest(Time now);
    void failed(const Answer& answer, Time now);

    // login_watch_answers.cpp
    Verdicts take_list(const Question& question, const Answer& answer, Time now);
    Verdicts take_session(const Question& question, const Answer& answer, Time now);
    Verdicts take_project(const Question& question, const Answer& answer, Time now);
    Verdicts take_login(const Answer& answer, Time now);
    void list_complete(bool had_token, const Answer& answer, Time now);
    void look_at(const Json& object, Time now, Verdicts& verdicts);
    void over(const std::string& id, Verdict::Kind kind, Json object, Time now, Verdicts& verdicts);

    Times times_;
    std::function<double()> random_;
    std::string token_id_, user_id_;
    std::map<std::string, Session> sessions_;
    std::deque<Question> urgent_; ///< follow at once: pages, doubts, reads of this round
    std::optional<Time> due_;
    std::optional<Time> not_before_; ///< what the controller asked for
    int failures_ = 0;               ///< in a row
    // the list
    std::string scope_; ///< empty: none yet
    std::string list_token_;
    bool fresh_ = true; ///< it has not been read to its end yet
    Time round_began_{};
    int pages_ = 0;
    int tokens_refused_ = 0; ///< in a row
    Time no_list_until_{};
    std::string next_project_; ///< of those that are looked at in turns
    bool sure_ = false;        ///< the login question follows a 401, which no living login gets
    bool at_once_ = false;     ///< the next question need not wait for the next round
};

} // namespace agent::session_watch
