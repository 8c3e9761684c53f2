#pragma once
// Logins in the desktop's keyring: whatever offers org.freedesktop.secrets on the session bus
// (GNOME Keyring, KWallet, KeePassXC). It may be absent, appear later, be locked, hang or die: each
// is a state here, and no call waits for ever.

#include "async/event.hpp"
#include "async/task_group.hpp"
#include "keyring/keyring.hpp"
#include "keyring/secret_cipher.hpp"
#include "keyring/session_bus.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace agent::keyring {

class SecretService final : public Keyring {
  public:
    struct Limits {
        std::chrono::milliseconds call{5'000};    ///< one answer of the service
        std::chrono::milliseconds unlock{60'000}; ///< a person typing a passphrase
        std::chrono::milliseconds quiet{
            60'000}; ///< nobody is asked again for so long after nobody answered
    };
    using Attributes = std::map<std::string, std::string>;

    /// `schema`: of the items of this agent, see whose.hpp.
    SecretService(boost::asio::any_io_executor executor, Limits limits, std::string schema);

    std::string_view name() const override { return "secret-service"; }
    void start(std::function<void()> usable) override;
    awaitable<void> stop() override;
    awaitable<Status> store(Key key, Secret value, std::optional<WallTime> expires) override;
    awaitable<Result<std::optional<Secret>>> load(Key key) override;
    awaitable<Result<bool>> remove(Key key) override;
    awaitable<Result<std::vector<Key>>> list() override;
    bool locked() const override { return problem_.empty() && locked_; }
    std::string unusable() const override;

    /// The first item with these attributes, whoever made it. Unlocks it when `ask`.
    awaitable<Result<std::optional<Secret>>> find(Attributes attributes, bool ask);

  private:
    using Paths = std::vector<std::string>;
    struct Items {
        Paths unlocked, locked;
    };
    // secret_service.cpp: the connection
    awaitable<void> supervise();
    awaitable<void> greet();
    awaitable<Result<bool>> offered();
    awaitable<void> meet();
    awaitable<Status> open_session();
    awaitable<Status> read_collection();
    awaitable<void> settled();
    void gone(std::string why);

    // secret_items.cpp: the calls
    Attributes attributes_for(const Key& key) const;
    awaitable<Result<Items>> search(Attributes attributes);
    awaitable<Result<Secret>> secret_of(std::string item);
    awaitable<Result<Attributes>> attributes_of(std::string item);
    awaitable<Status> create(Key key, Secret value);
    awaitable<Status> unlock(Paths objects);
    awaitable<Status> unlock_now(Paths objects);
    awaitable<Status> prompt(std::string path);
    awaitable<bool> still_locked();

    boost::asio::any_io_executor executor_;
    Limits limits_;
    std::string schema_;
    std::function<void()> usable_;
    SessionBus bus_;
    std::unique_ptr<SessionBus::Match> owner_match_;
    std::optional<SecretCipher> cipher_;
    std::string session_, collection_;
    std::string problem_ = "it was not looked for yet"; ///< empty: it can be used
    bool locked_ = false, unlocking_ = false, settled_ = false;
    std::chrono::steady_clock::time_point quiet_until_{};
    async::Event changed_;
    async::TaskGroup tasks_;
};

} // namespace agent::keyring
