// The calls: items are found by their attributes, unlocked with a person's help, read, made and
// deleted.

#include "keyring/secret_service.hpp"

#include "async/with_timeout.hpp"
#include "base/scope_exit.hpp"
#include "keyring/secret_service_names.hpp"

namespace agent::keyring {

using namespace std::chrono_literals;
using namespace names;

namespace {

void append_attributes(sd_bus_message* message, const SecretService::Attributes& attributes) {
    ::sd_bus_message_open_container(message, 'a', "{ss}");
    for (const auto& [name, value] : attributes)
        ::sd_bus_message_append(message, "{ss}", name.c_str(), value.c_str());
    ::sd_bus_message_close_container(message);
}

void append_paths(sd_bus_message* message, const std::vector<std::string>& paths) {
    ::sd_bus_message_open_container(message, 'a', "o");
    for (const auto& path : paths) ::sd_bus_message_append(message, "o", path.c_str());
    ::sd_bus_message_close_container(message);
}

std::vector<std::string> read_paths(sd_bus_message* message) {
    std::vector<std::string> paths;
    if (::sd_bus_message_enter_container(message, 'a', "o") < 0) return paths;
    const char* path = nullptr;
    while (::sd_bus_message_read(message, "o", &path) > 0) paths.emplace_back(path);
    ::sd_bus_message_exit_container(message);
    return paths;
}

Bytes read_bytes(sd_bus_message* message) {
    const void* data = nullptr;
    std::size_t size = 0;
    if (::sd_bus_message_read_array(message, 'y', &data, &size) < 0) return {};
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    return Bytes(bytes, bytes + size);
}

Error strange(const char* member) {
    return fail(Errc::keyring_failed, Hop::login,
                std::string("Secret Service: ") + member + ": a strange answer");
}

Error nobody_unlocked(const std::string& how) {
    return fail(Errc::keyring_failed, Hop::login, "the Secret Service's keyring is locked" + how,
                "unlock it in the desktop and try again, or keep logins elsewhere: agentctl "
                "keyring move kernel");
}

} // namespace

SecretService::Attributes SecretService::attributes_for(const Key& key) const {
    return {{"xdg:schema", schema_}, {"address", key.address}, {"token-name", key.token_name}};
}

awaitable<Status> SecretService::store(Key key, Secret value, std::optional<WallTime>) {
    co_await settled();
    if (const std::string why = unusable(); !why.empty())
        co_return fail(Errc::keyring_failed, Hop::login, "Secret Service: " + why,
                       "agentctl keyring shows where logins can be kept");
    locked_ = co_await still_locked();
    if (locked_) {
        Paths collection{collection_};
        const auto opened = co_await unlock(std::move(collection));
        if (!opened) co_return opened;
    }
    co_return co_await create(std::move(key), std::move(value));
}

awaitable<Result<std::optional<Secret>>> SecretService::load(Key key) {
    co_return co_await find(attributes_for(key), true);
}

awaitable<Result<std::optional<Secret>>> SecretService::find(Attributes attributes, bool ask) {
    co_await settled();
    if (!problem_.empty()) co_return std::optional<Secret>();
    const auto items = co_await search(std::move(attributes));
    if (!items) co_return items.error();
    std::string item;
    if (!items->unlocked.empty()) {
        item = items->unlocked.front();
    } else if (!items->locked.empty() && ask) {
        item = items->locked.front();
        Paths locked{item};
        const auto opened = co_await unlock(std::move(locked));
        if (!opened) co_return opened.error();
    }
    if (item.empty()) co_return std::optional<Secret>();
    auto secret = co_await secret_of(std::move(item));
    if (!secret) co_return secret.error();
    co_return std::optional<Secret>(std::move(*secret));
}

awaitable<Result<bool>> SecretService::remove(Key key) {
    co_await settled();
    if (!problem_.empty()) co_return false;
    const auto items = co_await search(attributes_for(key));
    if (!items) co_return items.error();
    if (items->unlocked.empty() && items->locked.empty()) co_return false;
    if (!items->locked.empty()) {
        const auto opened = co_await unlock(items->locked);
        if (!opened) co_return opened.error();
    }
    for (const auto* paths : {&items->unlocked, &items->locked}) {
        for (const auto& item : *paths) {
            auto call = bus_.call_to(service, item, item_interface, "Delete");
            const auto reply = co_await bus_.call(std::move(call), limits_.call);
            if (!reply) co_return reply.error();
            const char* path = nullptr;
            if (::sd_bus_message_read(reply->get(), "o", &path) < 0) co_return strange("Delete");
            if (std::string_view(path) == "/") continue;
            const auto prompted = co_await prompt(path);
            if (!prompted) co_return prompted.error();
        }
    }
    co_return true;
}

awaitable<Result<std::vector<Key>>> SecretService::list() {
    co_await settled();
    std::vector<Key> keys;
    if (!problem_.empty()) co_return keys;
    Attributes ours{{"xdg:schema", schema_}};
    const auto items = co_await search(std::move(ours));
    if (!items) co_return items.error();
    for (const auto& item : items->unlocked) {
        auto attributes = co_await attributes_of(item);
        if (!attributes) co_return attributes.error();
        const Key key{(*attributes)["address"], (*attributes)["token-name"]};
        if (!key.address.empty()) keys.push_back(key);
    }
    locked_ = co_await still_locked();
    co_return keys;
}

awaitable<Result<SecretService::Items>> SecretService::search(Attributes attributes) {
    auto call = bus_.call_to(service, service_path, service_interface, "SearchItems");
    if (call) append_attributes(call.get(), attributes);
    const auto reply = co_await bus_.call(std::move(call), limits_.call);
    if (!reply) co_return reply.error();
    Items items;
    items.unlocked = read_paths(reply->get());
    items.locked = read_paths(reply->get());
    co_return items;
}

awaitable<Result<Secret>> SecretService::secret_of(std::string item) {
    auto call = bus_.call_to(service, item, item_interface, "GetSecret");
    if (call) ::sd_bus_message_append(call.get(), "o", session_.c_str());
    const auto reply = co_await bus_.call(std::move(call), limits_.call);
    if (!reply) co_return reply.error();
    const char* session = nullptr;
    if (::sd_bus_message_enter_container(reply->get(), 'r', "oayays") < 0 ||
        ::sd_bus_message_read(reply->get(), "o", &session) < 0)
        co_return strange("GetSecret");
    const Bytes iv = read_bytes(reply->get());
    const Bytes text = read_bytes(reply->get());
    co_return cipher_->open(iv, text);
}

awaitable<Result<SecretService::Attributes>> SecretService::attributes_of(std::string item) {
    auto call = bus_.call_to(service, item, properties_interface, "Get");
    if (call) ::sd_bus_message_append(call.get(), "ss", item_interface, "Attributes");
    const auto reply = co_await bus_.call(std::move(call), limits_.call);
    if (!reply) co_return reply.error();
    Attributes attributes;
    if (::sd_bus_message_enter_container(reply->get(), 'v', "a{ss}") < 0 ||
        ::sd_bus_message_enter_container(reply->get(), 'a', "{ss}") < 0)
        co_return strange("Attributes");
    const char *name = nullptr, *value = nullptr;
    while (::sd_bus_message_read(reply->get(), "{ss}", &name, &value) > 0) attributes[name] = value;
    co_return attributes;
}

awaitable<Status> SecretService::create(Key key, Secret value) {
    const auto sealed = cipher_->seal(value);
    if (!sealed) co_return sealed.error();
    auto call = bus_.call_to(service, collection_, collection_interface, "CreateItem");
    if (call) {
        sd_bus_message* const out = call.get();
        const std::string label = "Boundary login \"" + key.token_name + "\" at " + key.address;
        ::sd_bus_message_open_container(out, 'a', "{sv}");
        ::sd_bus_message_append(out, "{sv}", "org.freedesktop.Secret.Item.Label", "s",
                                label.c_str());
        ::sd_bus_message_open_container(out, 'e', "sv");
        ::sd_bus_message_append(out, "s", "org.freedesktop.Secret.Item.Attributes");
        ::sd_bus_message_open_container(out, 'v', "a{ss}");
        append_attributes(out, attributes_for(key));
        for (int i = 0; i < 3; ++i) ::sd_bus_message_close_container(out);
        ::sd_bus_message_open_container(out, 'r', "oayays");
        ::sd_bus_message_append(out, "o", session_.c_str());
        ::sd_bus_message_append_array(out, 'y', sealed->iv.data(), sealed->iv.size());
        ::sd_bus_message_append_array(out, 'y', sealed->text.data(), sealed->text.size());
        ::sd_bus_message_append(out, "s", "application/json");
        ::sd_bus_message_close_container(out);
        ::sd_bus_message_append(out, "b", 1); // in place of what has the same attributes
    }
    const auto reply = co_await bus_.call(std::move(call), limits_.call);
    if (!reply) co_return reply.error();
    const char *item = nullptr, *path = nullptr;
    if (::sd_bus_message_read(reply->get(), "oo", &item, &path) < 0)
        co_return strange("CreateItem");
    if (std::string_view(path) == "/") co_return Status();
    co_return co_await prompt(path);
}

// One question to the person at a time, and none for a while after nobody answered.
awaitable<Status> SecretService::unlock(Paths objects) {
    while (unlocking_) co_await changed_.wait();
    if (std::chrono::steady_clock::now() < quiet_until_) {
        locked_ = co_await still_locked();
        if (locked_) co_return nobody_unlocked(", and nobody answered when it asked a moment ago");
    }
    unlocking_ = true;
    const ScopeExit done([this] {
        unlocking_ = false;
        changed_.notify_all();
    });
    co_return co_await unlock_now(std::move(objects));
}

awaitable<Status> SecretService::unlock_now(Paths objects) {
    auto call = bus_.call_to(service, service_path, service_interface, "Unlock");
    if (call) append_paths(call.get(), objects);
    const auto reply = co_await bus_.call(std::move(call), limits_.call);
    if (!reply) co_return reply.error();
    read_paths(reply->get());
    const char* path = nullptr;
    if (::sd_bus_message_read(reply->get(), "o", &path) < 0) co_return strange("Unlock");
    if (std::string_view(path) != "/") {
        const auto prompted = co_await prompt(path);
        if (!prompted) {
            quiet_until_ = std::chrono::steady_clock::now() + limits_.quiet;
            co_return prompted;
        }
    }
    locked_ = false;
    quiet_until_ = {};
    if (usable_) usable_();
    co_return Status();
}

// The service asks the person; somebody may also unlock it in another way meanwhile, which it tells
// nobody.
awaitable<Status> SecretService::prompt(std::string path) {
    bool completed = false, dismissed = false;
    auto ended = [&](sd_bus_message* signal) {
        int flag = 0;
        ::sd_bus_message_read(signal, "b", &flag);
        completed = true;
        dismissed = flag != 0;
        changed_.notify_all();
    };
    const auto match = bus_.match(
        "type='signal',interface='org.freedesktop.Secret.Prompt',member='Completed',path='" + path +
            "'",
        std::move(ended));
    auto call = bus_.call_to(service, path, prompt_interface, "Prompt");
    if (call) ::sd_bus_message_append(call.get(), "s", "");
    const auto asked = co_await bus_.call(std::move(call), limits_.call);
    if (!asked) co_return asked.error();
    const auto deadline = std::chrono::steady_clock::now() + limits_.unlock;
    while (!completed) {
        if (!problem_.empty())
            co_return fail(Errc::keyring_failed, Hop::login, "Secret Service: " + problem_);
        const auto left = deadline - std::chrono::steady_clock::now();
        if (left <= left.zero()) break;
        co_await async::with_timeout(changed_.wait(),
                                     std::min<std::chrono::steady_clock::duration>(left, 500ms));
        if (completed) break;
        const bool locked = co_await still_locked();
        if (!locked) break;
    }
    if (completed && !dismissed) co_return Status();
    const bool locked = co_await still_locked();
    // The question is not taken back: a late answer is welcome, and gnome-keyring 42 dies of a
    // Dismiss while its prompter is silent.
    if (!locked && !dismissed) co_return Status();
    if (dismissed) co_return nobody_unlocked(", and the question was dismissed");
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limits_.unlock).count();
    co_return nobody_unlocked(", and nobody unlocked it in " + std::to_string(seconds) + " s");
}

awaitable<bool> SecretService::still_locked() {
    auto call = bus_.call_to(service, collection_, properties_interface, "Get");
    if (call) ::sd_bus_message_append(call.get(), "ss", collection_interface, "Locked");
    const auto reply = co_await bus_.call(std::move(call), limits_.call);
    int locked = 0;
    if (!reply || ::sd_bus_message_read(reply->get(), "v", "b", &locked) < 0) co_return locked_;
    co_return locked != 0;
}

} // namespace agent::keyring
