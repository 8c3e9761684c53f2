#pragma once
// Arguments of a call as the messages of ipc/messages want them. Options (a{sv}) have the members'
// names of org.agentd.Agent.varlink and become JSON, which fills a Request with the same checks as
// a Varlink call. Where a secret is expected, a file descriptor (h) may stand instead of text: its
// bytes never enter the bus.

#include "async/token.hpp"
#include "base/json.hpp"
#include "base/unique_fd.hpp"
#include "ipc/dbus/handles.hpp"
#include "ipc/messages/fields.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ipc::dbus {

struct Options {
    Json members = Json::object();
    struct File {
        std::vector<std::string> path; ///< where its text belongs: {"cluster", "token"}
        agent::UniqueFd fd;            ///< a duplicate
    };
    std::vector<File> files;
    /// Forgets what may be a secret in `members`.
    ~Options() { agent::wipe(members); }
    Options() = default;
    Options(Options&&) = default;
    Options& operator=(Options&&) = default;
};

/// The next argument, a string. Longer than the limit: Errc::limit_exceeded.
agent::Result<std::string> read_text(sd_bus_message* message, std::string_view what);
/// The next argument, a{sv}: strings, booleans, integers, file descriptors, arrays of strings, and
/// a{sv} inside.
agent::Result<Options> read_options(sd_bus_message* message);
/// Reads the files and puts their text into the members.
boost::asio::awaitable<agent::Status> read_files(Options& options);
/// All of a pipe, socket, memfd or file, without a line break at its end. Bounded in size and time.
boost::asio::awaitable<agent::Result<agent::Secret>> read_secret(agent::UniqueFd fd);
/// A sealed file in memory that holds `secret`.
agent::Result<agent::UniqueFd> secret_file(const agent::Secret& secret);

} // namespace ipc::dbus
