#pragma once
// Logins: what agentd is signed in with. Each login is held in memory, so that a request never
// waits for a keyring, and kept in one keyring behind: the first of the given order that takes it.
// src/agent asks; agentd builds it.

#include "async/event.hpp"
#include "async/task_group.hpp"
#include "keyring/keyring.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace agent::keyring {

class SecretService;

class Logins {
  public:
    /// `order`: where a login is tried to be kept, best first; `extra`: only when asked for.
    Logins(boost::asio::any_io_executor executor, std::vector<std::unique_ptr<Keyring>> order,
           std::vector<std::unique_ptr<Keyring>> extra = {});

    /// Begins to read what the keyrings hold; the first calls wait for that, for a few seconds at
    /// most.
    void start();
    awaitable<void> stop();

    /// The keyring that the next login goes to.
    std::string in_use() const;

    awaitable<Result<std::optional<Secret>>> find(Key key);
    struct Stored {
        std::string keyring;
        std::string warning; ///< why it is not where it should be; may be empty
    };
    /// `asked`: a keyring's name instead of the order; then it is that one or an error.
    awaitable<Result<Stored>> store(Key key, Secret value, std::optional<WallTime> expires,
                                    std::string asked);
    /// true: there was one.
    awaitable<Result<bool>> remove(Key key);

    struct Foreign {
        Secret value;
        std::string keyring; ///< "pass" or "secret-service"
    };
    /// What Boundary's own command stored under this name; `only`: in that keyring. Nothing of it
    /// is held yet.
    awaitable<Result<std::optional<Foreign>>> stored_by_others(std::string token_name,
                                                               std::string only);
    /// Holds such a login in memory; it stays where it is.
    void borrow(Key key, Secret value, std::optional<WallTime> expires, std::string from);

    struct Held {
        Key key;
        std::string keyring;
        Secret value;
    };
    /// What is known now; never waits.
    std::vector<Held> list();

    struct Choice {
        std::string name;
        bool in_use = false;
        bool locked = false;
        std::string unusable; ///< why; empty: it can be used
        std::int64_t logins = 0;
    };
    std::vector<Choice> keyrings();
    /// Every login goes there, and later ones as well. Returns how many were moved.
    awaitable<Result<std::int64_t>> move(std::string to);
    /// What an earlier move() chose; `remember` is called with each later choice. Empty: the order
    /// decides.
    void prefer(std::string name, std::function<void(const std::string&)> remember);
    /// What config.toml says, which goes before any other choice: every login is moved there as
    /// soon as that can be used. Empty: it says nothing.
    void declare(std::string name);

    /// A keyring of the order became usable (its service appeared, somebody unlocked it): reads it,
    /// and moves what is kept further down the order there.
    void became_usable(const Keyring& keyring);

    /// Waits until start() has read the keyrings.
    awaitable<void> ready();
    /// One of the order, for stored_by_others().
    void set_secret_service(SecretService* service) { service_ = service; }

  private:
    struct Entry {
        Secret value;
        std::optional<WallTime> expires;
        Keyring* home = nullptr; ///< nullptr: borrowed
        std::string from;        ///< where it was borrowed
    };
    std::vector<Keyring*> all() const;
    Keyring* by_name(std::string_view name) const;
    Keyring* best() const;
    awaitable<void> read_all();
    awaitable<void> read(Keyring& keyring);
    awaitable<void> settle(Keyring& keyring);
    awaitable<Status> rehome(Key key, Keyring& to);
    void drop_expired();

    std::vector<std::unique_ptr<Keyring>> order_, extra_;
    SecretService* service_ = nullptr;
    std::string preferred_, declared_;
    std::function<void(const std::string&)> remember_;
    std::map<Key, Entry> entries_;
    bool ready_ = false;
    async::Event changed_;
    async::TaskGroup tasks_;
};

} // namespace agent::keyring
