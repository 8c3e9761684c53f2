#pragma once
// DesktopSession: a session bus of the test's own with a real gnome-keyring-daemon on it, which can
// be locked, unlocked, stopped and killed. Beside a DevEnvironment, whose folders it uses; no
// display is needed.

#include "support/dev_environment.hpp"
#include "support/session_bus.hpp"

#include <memory>
#include <string>

struct sd_bus;

namespace agent::test {

class DesktopSession {
  public:
    /// Starts the bus and names it in world.environment; nothing offers a keyring yet.
    explicit DesktopSession(DevEnvironment& world);
    DesktopSession(const DesktopSession&) = delete;
    DesktopSession& operator=(const DesktopSession&) = delete;
    ~DesktopSession();

    /// With the collection "login" unlocked, or locked when it exists already.
    void start_keyring(bool unlocked = true);
    /// KWallet's instead, with an open wallet. Its windows go nowhere.
    void start_kwallet();
    void signal_keyring(int number) const { keyring_->signal(number); }
    void kill_keyring();
    void lock();
    void unlock();
    /// Whoever asks for a passphrase waits for ever, instead of being told that there is nobody to
    /// ask.
    void start_silent_prompter();
    /// How many items the keyring has with this attribute, locked ones included.
    int items(const std::string& name, const std::string& value);
    /// How many are logins that the world's agent keeps there.
    int agents_items() {
        return items("xdg:schema",
                     "org.agentd.Login@" + world_.environment.at("AGENTD_KEYRING_PREFIX"));
    }
    /// As the reference command stores: an item found by one attribute.
    void add_item(const std::string& name, const std::string& value, const std::string& secret);
    void stop_bus() { bus_.stop(); }

  private:
    sd_bus* connect();
    std::string open_plain_session(sd_bus* bus);

    DevEnvironment& world_;
    SessionBus bus_; ///< only what the test starts is on it
    std::unique_ptr<Process> keyring_;
    sd_bus* prompter_ = nullptr;
    sd_bus* opener_ = nullptr; ///< of KWallet's wallet
};

} // namespace agent::test
