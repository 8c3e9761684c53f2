#pragma once
// SessionWatch: drives one LoginWatch for each login that holds a session: sends its questions,
// reads the answers, passes its verdicts on.

#include "agent/session_watch/login_watch.hpp"
#include "agent/session_watch/watched.hpp"
#include "async/event.hpp"
#include "async/task_group.hpp"

#include <map>
#include <string>

namespace agent::session_watch {

class SessionWatch {
  public:
    /// `tasks`: the parent of its coroutines.
    SessionWatch(boost::asio::any_io_executor executor, async::TaskGroup& tasks, Watched& watched,
                 Times times);

    /// What is held may have changed, or who is logged in.
    void look();
    /// Something happened to a session that may have ended.
    void suspect(const std::string& session);
    /// A question of somebody else's with this login was answered 401.
    void login_refused(keyring::Key key, controller::ClusterSettings settings);
    /// The network changed.
    void hurry();

  private:
    struct One {
        One(boost::asio::any_io_executor executor, Times times);
        LoginWatch machine;
        controller::ClusterSettings settings;
        async::Event woken;
        bool running = false;
    };
    One& of(const keyring::Key& key, controller::ClusterSettings settings);
    void start(const keyring::Key& key, One& one);
    awaitable<void> follow(keyring::Key key);
    awaitable<void> ask(keyring::Key key, One& one);
    awaitable<Answer> send(Question question, Secret token, const One& one);
    void tell(const Verdict& verdict);

    boost::asio::any_io_executor executor_;
    async::TaskGroup& tasks_;
    Watched& watched_;
    Times times_;
    std::map<keyring::Key, One> logins_;
};

} // namespace agent::session_watch
