#pragma once
// UserManager: a real `systemd --user` of the test's own, as root in a container or on a bare
// machine. It has a private HOME and XDG_RUNTIME_DIR and a control group of its own, so that it
// shares no unit and no process with anybody, and everything in that group ends with it. Of the
// host it touches /run/systemd only (README.md says what).

#include "support/process.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace agent::test {

class UserManager {
  public:
    /// Starts it, with the units of `units` and the programs installed for its user: "/build-tree"
    /// in a unit becomes the folder of the latter. A failed check when it does not come up.
    explicit UserManager(const std::filesystem::path& units);
    UserManager(const UserManager&) = delete;
    UserManager& operator=(const UserManager&) = delete;
    ~UserManager();

    /// HOME, XDG_*, PATH and DBUS_SESSION_BUS_ADDRESS of its user.
    const Environment& environment() const { return environment_; }
    std::filesystem::path runtime() const { return folder_ / "run"; }
    /// What its services wrote to standard error.
    std::string log() const;
    /// systemctl --user WORDS
    Ended systemctl(std::vector<std::string> words,
                    std::chrono::milliseconds deadline = std::chrono::seconds(30));
    /// systemctl --user show -p PROPERTY --value UNIT, without its newline.
    std::string property(const std::string& unit, const std::string& name);
    /// A drop-in for one unit, and daemon-reload.
    void override_unit(const std::string& unit, const std::string& text);

  private:
    UserManager();
    void install(const std::filesystem::path& units);
    std::filesystem::path units_folder() const { return folder_ / "home/.config/systemd/user"; }
    std::filesystem::path log_path() const { return folder_ / "log"; }

    std::filesystem::path folder_;
    Environment environment_;
    std::vector<std::filesystem::path>
        groups_; ///< one in each hierarchy that systemd keeps processes apart with
    std::unique_ptr<Process> manager_;
};

} // namespace agent::test
