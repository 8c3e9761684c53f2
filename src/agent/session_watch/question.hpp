#pragma once
// What LoginWatch asks, what it is told, and what it concludes.

#include "base/json.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace agent::session_watch {

struct HeldSession {
    std::string id;
    bool ours = true; ///< authorized here; else a controller may not show it to us
};

struct Question {
    enum class Kind : std::uint8_t { list, session, project, login };
    Kind kind = Kind::list;
    std::string id;          ///< of the session, project or login; of a list: its scope
    std::string path;        ///< to GET
    bool about_list = false; ///< of a project: because its list is not there
};

struct Answer {
    int status = 0; ///< 0: none came
    bool of_a_controller =
        false; ///< its body is one of a controller; else a refusal proves nothing
    std::chrono::seconds retry_after{0};
    // of a list
    std::vector<Json> items;          ///< those that are held
    bool had_items = false;           ///< of anybody
    std::vector<std::string> removed; ///< since the list before
    std::string list_token;
    bool more = false;     ///< another page follows
    bool too_long = false; ///< it does not fit
    // of a read
    Json object;
};

struct Verdict {
    enum class Kind : std::uint8_t {
        over,            ///< the session, as `object` says
        deleted,         ///< the session is gone without a word
        project_deleted, ///< and the session with it
        login_gone       ///< and all its sessions
    };
    Kind kind = Kind::over;
    std::string session; ///< not of login_gone
    Json object;         ///< only of over
};

} // namespace agent::session_watch
