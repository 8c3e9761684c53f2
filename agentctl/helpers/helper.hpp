#pragma once
// A helper is a row: its name, the programs it may run, the flags that only it has, and the
// function that makes of a proxy and its credentials what is to be run.

#include "agentctl/helpers/brokered.hpp"
#include "agentctl/helpers/key_agent.hpp"
#include "agentctl/helpers/secret_file.hpp"
#include "base/result.hpp"
#include "ipc/messages/types.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace agentctl::helpers {

/// What the command line says to helpers; each has some of it.
struct HelperOptions {
    std::optional<std::string> style, username, dbname, authentication_database, keyspace, host,
        path, method, scheme, remote_command;
};

struct HelperFlag {
    std::string_view name;
    std::optional<std::string> HelperOptions::* value;
    std::string_view help;
    std::string_view environment = {};
};

/// One way to do it, and the programs for it: the first that is on PATH.
struct Style {
    std::string_view name;
    std::vector<std::string_view> programs;
};

/// All that is known when the words are made.
struct Given {
    const ipc::Proxy& proxy;
    const HelperOptions& options;
    std::string_view style;                      ///< one of the helper's
    const std::vector<std::string>& passthrough; ///< what followed "--"
    Brokered& credentials;

    std::string port() const { return std::to_string(proxy.port); }
    const std::string& ip() const { return proxy.address; }
};

/// What is run.
struct Launch {
    std::vector<std::string> words;       ///< after the program and what followed "--"
    std::vector<std::string> first;       ///< before that, where the program insists
    std::vector<std::string> environment; ///< NAME=value, beside ours
    std::vector<std::string> without;     ///< variables of ours that it does not get
    std::vector<SecretFile> files;        ///< inherited
    std::optional<KeyAgent> key_agent;    ///< lives as long as this does
    std::vector<std::string> warnings;    ///< for people, before it starts

    void add(std::vector<std::string> more) { words.insert(words.end(), more.begin(), more.end()); }
};

struct Helper {
    std::string_view name;
    std::string_view example; ///< a command line for its help
    std::vector<Style> styles;
    std::vector<HelperFlag> flags;
    agent::Status (*prepare)(Given& given, Launch& launch);
    bool any_style = false;         ///< without -style: the first whose program is installed
    bool known_styles_only = false; ///< else an unknown one is a program, run without words of ours

    /// Without regard to case; nullptr: it is none of them.
    const Style* find_style(std::string_view wanted) const;
};

/// "-style"
HelperFlag style_flag(std::string_view help, std::string_view environment);
HelperFlag username_flag();
HelperFlag dbname_flag();

} // namespace agentctl::helpers
