#include "support/user_manager.hpp"

#include "support/catch.hpp"
#include "support/eventually.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace agent::test {

namespace fs = std::filesystem;

namespace {

/// Where the hierarchies are mounted that systemd keeps processes apart with: cgroup v2, and v1's
/// "name=systemd". With the group that this test is in.
std::vector<fs::path> own_groups() {
    std::vector<fs::path> groups;
    std::istringstream mounts(read_text("/proc/self/mountinfo"));
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream words(line);
        std::string skipped, root, place, type, options;
        words >> skipped >> skipped >> skipped >> root >> place;
        while (words >> type && type != "-") {
        }
        words >> type >> skipped >> options;
        const bool second = type == "cgroup2";
        const bool systemd = type == "cgroup" && options.find("name=systemd") != std::string::npos;
        if (!second && !systemd) continue;
        std::istringstream mine(read_text("/proc/self/cgroup"));
        for (std::string own; std::getline(mine, own);)
            if (const auto at = own.find(second ? "0::/" : ":name=systemd:/");
                at != std::string::npos)
                groups.emplace_back(place + own.substr(own.find('/', at)));
    }
    return groups;
}

std::vector<fs::path> folders_below(const fs::path& group) {
    std::vector<fs::path> folders{group};
    std::error_code ignored;
    for (fs::recursive_directory_iterator it(group, ignored), end; !ignored && it != end;
         it.increment(ignored))
        if (it->is_directory(ignored)) folders.push_back(it->path());
    return folders;
}

void end_group(const fs::path& group) {
    const auto empty = [&] {
        bool any = false;
        for (const auto& folder : folders_below(group)) {
            std::istringstream pids(read_text(folder / "cgroup.procs"));
            for (pid_t pid = 0; pids >> pid; any = true) ::kill(pid, SIGKILL);
        }
        return !any;
    };
    CHECK(eventually(empty));
    auto folders = folders_below(group);
    for (auto it = folders.rbegin(); it != folders.rend(); ++it) ::rmdir(it->c_str());
}

/// What a machine that was booted with systemd has, and a container has not.
void prepare_host(const fs::path& runtime) {
    fs::create_directories("/run/systemd/system");
    ::mkdir("/run/systemd/unit-root", 0700);
    if (!fs::exists("/run/systemd/inaccessible"))
        run_program({"/bin/cp", "-an", runtime / "systemd/inaccessible", "/run/systemd/"}, {});
}

} // namespace

UserManager::UserManager() {
    // Sandboxed units have a /tmp and, where it is no mount, a /run of their own.
    std::string pattern = "/var/lib/agentd-t.XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
}

UserManager::UserManager(const fs::path& units)
    : UserManager() { // so that the destructor runs when a check fails here
    for (const char* name : {"run", "home"}) {
        fs::create_directory(folder_ / name);
        ::chmod((folder_ / name).c_str(), 0700);
    }
    install(units);
    environment_ = {{"PATH", "/usr/bin:/bin"},
                    {"HOME", folder_ / "home"},
                    {"XDG_RUNTIME_DIR", runtime()},
                    {"XDG_CONFIG_HOME", folder_ / "home/.config"},
                    {"XDG_DATA_HOME", folder_ / "home/.local/share"},
                    {"XDG_STATE_HOME", folder_ / "home/.local/state"},
                    {"XDG_CACHE_HOME", folder_ / "home/.cache"},
                    {"LANG", "C.UTF-8"},
                    {"TZ", "UTC"},
                    {"AGENTD_KEYRING_PREFIX", "test:" + folder_.filename().string() + ":"},
                    {"ASAN_OPTIONS", "detect_leaks=0"},
                    {"SYSTEMD_LOG_TARGET", "console"},
                    {"SYSTEMD_LOG_LEVEL", "warning"}};
    // There is no journal: what the agent and its proxies log goes to a file.
    for (const char* unit : {"agentd.service.d", "agent-proxy@.service.d"}) {
        fs::create_directories(units_folder() / unit);
        std::ofstream(units_folder() / unit / "log.conf")
            << "[Service]\nStandardError=append:" << log_path().string() << '\n';
    }
    fs::create_directories("/run/systemd/system");

    // What systemd mounts for one service (its credentials) must reach that service: a container's
    // mounts are often private.
    std::vector<std::string> command{
        "/bin/sh", "-c",
        "for group; do echo $$ > $group/cgroup.procs || exit 9; done\n"
        "exec unshare --mount --propagation shared /lib/systemd/systemd --user",
        "sh"};
    for (const auto& group : own_groups()) {
        groups_.push_back(group / ("agentd-test-" + std::to_string(::getpid())));
        fs::create_directory(groups_.back());
        command.push_back(groups_.back());
    }
    REQUIRE_FALSE(groups_.empty());
    Process::Options options;
    options.environment = environment_;
    options.own_session = true;
    manager_ = std::make_unique<Process>(std::move(command), options);
    const bool up = eventually([&] { return systemctl({"is-system-running"}).out == "running\n"; });
    INFO(manager_->err());
    REQUIRE(up);
    prepare_host(runtime());
    environment_["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + (runtime() / "bus").string();
    REQUIRE(systemctl({"start", "dbus.socket"}).exit == 0);
}

UserManager::~UserManager() {
    if (manager_) {
        systemctl({"exit"});
        manager_->wait(std::chrono::seconds(20));
    }
    for (const auto& group : groups_) end_group(group);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

// Copies: the sandbox of the units hides /home, /root and /tmp, and with them a build tree that
// lies there.
void UserManager::install(const fs::path& units) {
    const auto programs = folder_ / "bin";
    fs::create_directory(programs);
    for (const fs::path program : {
             AGENTD_PROGRAM,
             AGENT_PROXY_PROGRAM,
#ifdef AGENT_SUPERVISOR_PROGRAM
             AGENT_SUPERVISOR_PROGRAM,
#endif
         })
        fs::copy_file(program, programs / program.filename());
    fs::create_directories(units_folder());
    for (const auto& unit : fs::directory_iterator(units)) {
        std::string text = read_text(unit.path());
        static constexpr std::string_view stand_in = "/build-tree";
        for (auto at = text.find(stand_in); at != std::string::npos; at = text.find(stand_in))
            text.replace(at, stand_in.size(), programs.string());
        std::ofstream(units_folder() / unit.path().filename()) << text;
    }
}

Ended UserManager::systemctl(std::vector<std::string> words, std::chrono::milliseconds deadline) {
    words.insert(words.begin(), {"/bin/systemctl", "--user"});
    Process::Options options;
    options.environment = environment_;
    return run_program(std::move(words), options, deadline);
}

std::string UserManager::log() const {
    return read_text(log_path());
}

std::string UserManager::property(const std::string& unit, const std::string& name) {
    auto text = systemctl({"show", "-p", name, "--value", unit}).out;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

void UserManager::override_unit(const std::string& unit, const std::string& text) {
    const auto folder = units_folder() / (unit + ".d");
    fs::create_directories(folder);
    std::ofstream(folder / "test.conf") << text;
    CHECK(systemctl({"daemon-reload"}).exit == 0);
}

} // namespace agent::test
