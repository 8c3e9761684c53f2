#pragma once
// ScriptedAgent: a Varlink server on agentd's socket that answers each method as its test says.
// Threads and blocking calls: it shares nothing with agentd's own server.

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "ipc/socket/codec.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace agentctl::test {

class ScriptedAgent {
  public:
    class Caller {
      public:
        explicit Caller(int fd) : fd_(fd) {}
        void reply(agent::Json parameters, bool continues = false) const;
        void fail(const std::string& error, agent::Json parameters) const;
        /// True when it has hung up within some milliseconds.
        bool gone() const;

      private:
        int fd_;
    };
    using Handler = std::function<void(const ipc::Call&, const Caller&)>;

    /// Listens at `runtime_dir`/agentd/agent.sock.
    explicit ScriptedAgent(const std::string& runtime_dir);
    /// Hangs up on everybody, as a killed agentd does.
    ~ScriptedAgent();

    /// `method` without its interface.
    void on(const std::string& method, Handler handler);
    /// Replies once with these parameters.
    void answer(const std::string& method, agent::Json parameters);
    /// The parameters of the calls of `method` so far.
    std::vector<agent::Json> calls(const std::string& method) const;
    bool stopping() const { return stopping_; }

  protected:
    /// Hangs up and joins every thread. A derived class calls it in its destructor: handlers use
    /// its members.
    void stop();

  private:
    void accept_all();
    void serve(int fd);

    std::string path_;
    agent::UniqueFd listener_;
    std::atomic<bool> stopping_ = false;
    mutable std::mutex mutex_;
    std::map<std::string, Handler> handlers_;
    std::map<std::string, std::vector<agent::Json>> calls_;
    std::vector<int> open_;
    std::vector<std::thread> threads_; ///< one for each client
    std::thread acceptor_;
};

/// A proxy as the agent describes it, listening at 127.0.0.1:4711.
agent::Json a_proxy(const std::string& name = "pg");

} // namespace agentctl::test
