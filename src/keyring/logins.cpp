#include "keyring/logins.hpp"

#include "async/with_timeout.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "keyring/reference.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace agent::keyring {
namespace {

using namespace std::chrono_literals;
constexpr auto ready_limit = 5s; // what hangs is read later
constexpr auto pass_limit = 60s; // gpg may ask a person for a passphrase

/// What is stored is an auth token object, which says when it ends.
std::optional<WallTime> expiry_of(const Secret& value) {
    const auto object = parse_secret_json(value);
    return object ? parse_rfc3339(string_member(*object, "expiration_time")) : std::nullopt;
}

bool over(const std::optional<WallTime>& expires) {
    return expires && *expires <= wall_now();
}

} // namespace

Logins::Logins(boost::asio::any_io_executor executor, std::vector<std::unique_ptr<Keyring>> order,
               std::vector<std::unique_ptr<Keyring>> extra)
    : order_(std::move(order)), extra_(std::move(extra)), changed_(executor), tasks_(executor) {}

void Logins::start() {
    for (Keyring* one : all()) one->start([this, one] { became_usable(*one); });
    tasks_.spawn(read_all(), "read keyrings");
}

awaitable<void> Logins::stop() {
    co_await tasks_.stop();
    for (Keyring* one : all()) co_await one->stop();
}

std::vector<Keyring*> Logins::all() const {
    std::vector<Keyring*> keyrings;
    for (const auto& one : order_) keyrings.push_back(one.get());
    for (const auto& one : extra_) keyrings.push_back(one.get());
    return keyrings;
}

Keyring* Logins::by_name(std::string_view name) const {
    const auto keyrings = all();
    const auto found =
        std::ranges::find_if(keyrings, [&](const Keyring* one) { return one->name() == name; });
    return found == keyrings.end() ? nullptr : *found;
}

Keyring* Logins::best() const {
    if (Keyring* wanted = by_name(declared_.empty() ? preferred_ : declared_);
        wanted != nullptr && wanted->unusable().empty())
        return wanted;
    for (const auto& one : order_)
        if (one->unusable().empty()) return one.get();
    return order_.back().get();
}

void Logins::prefer(std::string name, std::function<void(const std::string&)> remember) {
    preferred_ = std::move(name);
    remember_ = std::move(remember);
}

void Logins::declare(std::string name) {
    if (declared_ == name) return;
    declared_ = std::move(name);
    if (declared_.empty()) return;
    if (Keyring* const home = by_name(declared_); home != nullptr)
        tasks_.spawn(settle(*home), "settle keyring");
    else
        log::warning("config.toml: there is no keyring {} on this machine", declared_);
}

std::string Logins::in_use() const {
    return std::string(best()->name());
}

awaitable<void> Logins::read_all() {
    for (Keyring* keyring : all()) co_await read(*keyring);
    ready_ = true;
    changed_.notify_all();
}

awaitable<void> Logins::read(Keyring& keyring) {
    const auto keys = co_await keyring.list();
    if (!keys) {
        log::warning("{}", keys.error().message);
        co_return;
    }
    for (const Key& key : *keys) {
        const auto known = entries_.find(key);
        if (known != entries_.end()) continue; // better ones are read first
        auto value = co_await keyring.load(key);
        if (!value) log::warning("{}", value.error().message);
        if (!value || !value->has_value() || entries_.contains(key)) continue;
        Entry entry{std::move(**value), std::nullopt, &keyring, {}};
        entry.expires = expiry_of(entry.value);
        entries_.emplace(key, std::move(entry));
    }
}

awaitable<void> Logins::ready() {
    const auto deadline = std::chrono::steady_clock::now() + ready_limit;
    while (!ready_) {
        const auto left = deadline - std::chrono::steady_clock::now();
        if (left <= left.zero()) co_return;
        co_await async::with_timeout(changed_.wait(), left);
    }
}

awaitable<Result<std::optional<Secret>>> Logins::find(Key key) {
    co_await ready();
    drop_expired();
    const auto known = entries_.find(key);
    if (known != entries_.end()) co_return std::optional<Secret>(known->second.value);
    for (Keyring* keyring : all()) {
        if (!keyring->locked()) continue; // read already
        auto value = co_await keyring->load(key);
        if (!value) co_return value.error();
        if (!value->has_value()) continue;
        Entry entry{**value, expiry_of(**value), keyring, {}};
        if (over(entry.expires)) continue;
        entries_.insert_or_assign(key, std::move(entry));
        co_return std::move(*value);
    }
    co_return std::optional<Secret>();
}

awaitable<Result<Logins::Stored>>
Logins::store(Key key, Secret value, std::optional<WallTime> expires, std::string asked) {
    co_await ready();
    std::vector<Keyring*> candidates;
    if (!asked.empty()) {
        Keyring* const only = by_name(asked);
        if (only == nullptr)
            co_return fail(Errc::invalid_argument, Hop::local,
                           "there is no keyring \"" + asked + "\"", "agentctl keyring lists them");
        candidates.push_back(only);
    } else {
        candidates.push_back(best());
        for (const auto& one : order_)
            if (one.get() != candidates.front()) candidates.push_back(one.get());
    }
    Stored done;
    Error last;
    for (Keyring* keyring : candidates) {
        if (keyring != candidates.front() && !keyring->unusable().empty()) continue;
        const auto stored = co_await keyring->store(key, value, expires);
        if (!stored) {
            last = stored.error();
            log::warning("{}", last.message);
            if (!done.warning.empty()) done.warning += "; ";
            done.warning += last.message;
            continue;
        }
        const auto before = entries_.find(key);
        Keyring* const old = before == entries_.end() ? nullptr : before->second.home;
        entries_.insert_or_assign(key, Entry{value, expires, keyring, {}});
        if (old != nullptr && old != keyring) {
            const auto removed = co_await old->remove(key);
            if (!removed) log::warning("{}", removed.error().message);
        }
        done.keyring = std::string(keyring->name());
        co_return done;
    }
    co_return last;
}

awaitable<Result<bool>> Logins::remove(Key key) {
    co_await ready();
    const bool known = entries_.erase(key) > 0;
    bool found = known;
    std::optional<Error> problem;
    for (Keyring* keyring : all()) { // wherever an earlier choice has left it
        if (!keyring->unusable().empty() && !known) continue;
        const auto removed = co_await keyring->remove(key);
        if (!removed)
            problem = removed.error();
        else
            found = found || *removed;
    }
    if (problem && !found) co_return *problem;
    if (problem) log::warning("{}", problem->message);
    co_return found;
}

awaitable<Result<std::optional<Logins::Foreign>>> Logins::stored_by_others(std::string token_name,
                                                                           std::string only) {
    std::optional<Foreign> found;
    if (only.empty() || only == "pass") {
        auto value = co_await read_pass(token_name, pass_limit);
        if (!value) co_return value.error();
        if (value->has_value()) found = Foreign{std::move(**value), "pass"};
    }
    if (!found && service_ != nullptr && (only.empty() || only == "secret-service")) {
        auto value = co_await read_profile(*service_, token_name);
        if (!value) co_return value.error();
        if (value->has_value()) found = Foreign{std::move(**value), "secret-service"};
    }
    co_return found;
}

void Logins::borrow(Key key, Secret value, std::optional<WallTime> expires, std::string from) {
    entries_.insert_or_assign(std::move(key),
                              Entry{std::move(value), expires, nullptr, std::move(from)});
}

std::vector<Logins::Held> Logins::list() {
    drop_expired();
    std::vector<Held> held;
    for (const auto& [key, entry] : entries_) {
        const std::string where =
            entry.home == nullptr ? entry.from : std::string(entry.home->name());
        held.push_back({key, where, entry.value});
    }
    return held;
}

std::vector<Logins::Choice> Logins::keyrings() {
    drop_expired();
    std::vector<Choice> choices;
    const Keyring* const used = best();
    for (Keyring* keyring : all()) {
        Choice choice;
        choice.name = std::string(keyring->name());
        choice.in_use = keyring == used;
        choice.locked = keyring->locked();
        choice.unusable = keyring->unusable();
        choice.logins = std::ranges::count_if(
            entries_, [&](const auto& one) { return one.second.home == keyring; });
        choices.push_back(std::move(choice));
    }
    return choices;
}

awaitable<Result<std::int64_t>> Logins::move(std::string to) {
    co_await ready();
    Keyring* const home = by_name(to);
    if (home == nullptr)
        co_return fail(Errc::invalid_argument, Hop::local, "there is no keyring \"" + to + "\"",
                       "agentctl keyring lists them");
    if (!declared_.empty() && to != declared_)
        co_return fail(Errc::invalid_argument, Hop::local,
                       "config.toml keeps logins in " + declared_,
                       "change type in its [keyring], then: agentctl reload");
    if (const std::string why = home->unusable(); !why.empty())
        co_return fail(Errc::keyring_failed, Hop::login, to + ": " + why,
                       "agentctl keyring shows what can be used");
    std::vector<Key> keys;
    for (const auto& [key, entry] : entries_)
        if (entry.home != nullptr && entry.home != home) keys.push_back(key);
    std::int64_t moved = 0;
    for (const Key& key : keys) {
        const auto done = co_await rehome(key, *home);
        if (!done) co_return done.error();
        ++moved;
    }
    preferred_ = to;
    if (remember_) remember_(to);
    co_return moved;
}

// Kept in the new one before it is forgotten in the old one: a crash between the two leaves it in
// both. A person may log in or out while the new one is waited for.
awaitable<Status> Logins::rehome(Key key, Keyring& to) {
    std::optional<Secret> kept;
    auto entry = entries_.find(key);
    while (entry != entries_.end() && entry->second.value != kept) {
        if (!kept && entry->second.home == &to) co_return Status();
        kept = entry->second.value;
        const auto stored = co_await to.store(key, *kept, entry->second.expires);
        if (!stored) co_return stored;
        entry = entries_.find(key);
    }
    if (entry == entries_.end() && kept) {
        const auto undone = co_await to.remove(key);
        if (!undone) co_return undone.error();
    }
    if (entry == entries_.end()) co_return Status();
    Keyring* const old = entry->second.home;
    entry->second.home = &to;
    if (old == &to || old == nullptr) co_return Status();
    const auto removed = co_await old->remove(key);
    if (!removed) log::warning("{}", removed.error().message);
    co_return Status();
}

void Logins::became_usable(const Keyring& keyring) {
    for (Keyring* one : all())
        if (one == &keyring) tasks_.spawn(settle(*one), "settle keyring");
}

awaitable<void> Logins::settle(Keyring& keyring) {
    co_await ready();
    co_await read(keyring);
    if (best() != &keyring) co_return;
    std::vector<Key> keys;
    if (keyring.name() == declared_) {
        for (const auto& [key, entry] : entries_)
            if (entry.home != nullptr && entry.home != &keyring) keys.push_back(key);
    } else {
        bool above = true; // what is kept better, or on purpose elsewhere, stays
        for (const auto& one : order_) {
            if (one.get() == &keyring) above = false;
            for (const auto& [key, entry] : entries_)
                if (!above && entry.home == one.get() && one.get() != &keyring) keys.push_back(key);
        }
    }
    for (const Key& key : keys) {
        const auto moved = co_await rehome(key, keyring);
        if (!moved) {
            log::warning("{}", moved.error().message);
            co_return;
        }
        log::info("login of {} moved to {}", key.address, keyring.name());
    }
}

void Logins::drop_expired() {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        if (!over(entry->second.expires)) {
            ++entry;
            continue;
        }
        auto forget = [](Keyring& home, Key key) -> awaitable<void> {
            const auto removed = co_await home.remove(std::move(key));
            if (!removed) log::warning("{}", removed.error().message);
        };
        if (entry->second.home != nullptr)
            tasks_.spawn(forget(*entry->second.home, entry->first), "forget login");
        entry = entries_.erase(entry);
    }
}

} // namespace agent::keyring
