#pragma once
// DevEnvironment: the real programs in a world of their own. Private HOME and XDG folders in one
// short temporary folder, a dev server on free ports, agentctl with BOUNDARY_ADDR set; agentd and
// its proxies start by themselves when agentctl needs them, and the destructor ends them all.
// tests/system/example_test.cpp shows how to use it.

#include "support/process.hpp"
#include "support/temp_dir.hpp"

#include "base/json.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace agent::test {

class DevEnvironment {
  public:
    struct Options {
        bool start_server = true;
        std::vector<std::string> server_flags;
        std::uint16_t target_port = 0; ///< default port of the generated targets, 0: leave at 22
        std::vector<std::string> server_prefix = {}; ///< a command that starts the server's
        std::string server_host = "127.0.0.1";
    };
    DevEnvironment();
    explicit DevEnvironment(Options options);
    DevEnvironment(const DevEnvironment&) = delete;
    DevEnvironment& operator=(const DevEnvironment&) = delete;
    ~DevEnvironment();

    const TempDir& folder() const { return folder_; }
    /// Of the controller: "http://127.0.0.1:PORT".
    std::string address() const { return "http://" + host_ + ":" + std::to_string(api_port_); }
    std::uint16_t api_port() const { return api_port_; }
    std::uint16_t worker_port() const { return worker_port_; }
    /// What agentctl sees; change it to change the world of the next command.
    Environment environment;

    /// agentctl WORDS, waited for.
    Ended agentctl(std::vector<std::string> words,
                   std::chrono::milliseconds deadline = std::chrono::seconds(60));
    /// agentctl WORDS, running.
    Process start_agentctl(std::vector<std::string> words, bool own_session = false);
    /// agentctl WORDS -format json; a failed check when it does not exit 0 or prints no JSON.
    Json agentctl_json(std::vector<std::string> words);

    /// Logs in as the generated admin and stores the login.
    void login(const std::string& login_name = "admin");
    /// Logs in without storing: an auth token, for -token env://NAME.
    std::string token(const std::string& login_name);
    /// agentctl connect -detach WORDS: the listening information.
    Json connect_detached(std::vector<std::string> words);
    /// The proxies of `agentctl list`.
    Json proxies();
    pid_t agent_pid();
    /// Sends agentd a signal and waits until it is gone.
    void end_agent(int signal);
    void stop_server();
    /// What the dev server wrote so far.
    std::string server_log();

  private:
    void start_server(const Options& options);
    void end_children();

    TempDir folder_;
    std::unique_ptr<Process> server_;
    std::string host_;
    std::uint16_t api_port_ = 0;
    std::uint16_t worker_port_ = 0;
};

/// The ids every dev server starts with.
inline const std::string target_id = "ttcp_1234567890";
inline const std::string hosts_target_id = "ttcp_0987654321";
inline const std::string project_id = "p_1234567890";
inline const std::string auth_method_id = "ampw_1234567890";

} // namespace agent::test
