// Options of a D-Bus call (a{sv}) as any program of the bus may send them. sd-bus checks the bytes
// of a message itself; what is foreign to us are the types, the nesting and the texts, so the input
// is read as a recipe for a message.

#include "ipc/dbus/arguments.hpp"
#include "ipc/dbus/limits.hpp"
#include "ipc/messages/connect.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace ipc::dbus;

void must(int done) {
    if (done < 0) std::abort();
}

/// A bus with nobody at its other end: messages can be made for it.
sd_bus* quiet_bus() {
    static const BusPtr bus = [] {
        int ends[2];
        must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
        sd_bus* made = nullptr;
        must(::sd_bus_new(&made));
        must(::sd_bus_set_fd(made, ends[0], ends[0]));
        must(::sd_bus_start(made));
        return BusPtr(made);
    }();
    return bus.get();
}

class Recipe {
  public:
    Recipe(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes), left_(size) {}
    bool more() const { return left_ > 0; }
    std::uint8_t byte() {
        if (left_ == 0) return 0;
        --left_;
        return *bytes_++;
    }
    std::string text() {
        std::string taken(reinterpret_cast<const char*>(bytes_),
                          std::min<std::size_t>(byte_count(), left_));
        bytes_ += taken.size();
        left_ -= taken.size();
        for (char& c : taken)
            c = static_cast<char>(c & 0x7f); // the bus itself refuses what is not UTF-8
        taken.erase(std::ranges::remove(taken, '\0').begin(), taken.end());
        return taken;
    }

  private:
    std::size_t byte_count() { return byte() % 48; }
    const std::uint8_t* bytes_;
    std::size_t left_;
};

constexpr const char* names[] = {"cluster", "address",     "token",  "target",
                                 "name",    "listen_port", "shared", "keep"};

void put_dictionary(sd_bus_message* message, Recipe& recipe, int depth);

void put_variant(sd_bus_message* message, Recipe& recipe, int depth) {
    static constexpr const char* types[] = {"s", "b", "y", "n", "q",  "i",     "u", "x",  "t",
                                            "d", "o", "g", "h", "as", "a{sv}", "v", "ai", "(sv)"};
    const std::string type = types[recipe.byte() % std::size(types)];
    if (depth > 8 && type == "a{sv}")
        return must(::sd_bus_message_append(message, "v", "s", "deep enough"));
    must(::sd_bus_message_open_container(message, 'v', type.c_str()));
    const std::int64_t number = static_cast<std::int8_t>(recipe.byte());
    if (type == "a{sv}") {
        put_dictionary(message, recipe, depth + 1);
    } else if (type == "as") {
        must(::sd_bus_message_open_container(message, 'a', "s"));
        for (int left = recipe.byte() % 4; left > 0; --left)
            must(::sd_bus_message_append(message, "s", recipe.text().c_str()));
        must(::sd_bus_message_close_container(message));
    } else if (type == "s") {
        must(::sd_bus_message_append(message, "s", recipe.text().c_str()));
    } else if (type == "o") {
        must(::sd_bus_message_append(message, "o", "/a"));
    } else if (type == "g") {
        must(::sd_bus_message_append(message, "g", "s"));
    } else if (type == "v") {
        must(::sd_bus_message_append(message, "v", "s", "inside"));
    } else if (type == "ai") {
        must(::sd_bus_message_append(message, "ai", 2, 1, 2));
    } else if (type == "(sv)") {
        must(::sd_bus_message_append(message, "(sv)", "a", "s", "b"));
    } else if (type == "d") {
        must(::sd_bus_message_append(message, "d", static_cast<double>(number) / 3));
    } else if (type == "h") {
        must(::sd_bus_message_append(message, "h", STDIN_FILENO));
    } else if (type == "x" || type == "t") {
        must(::sd_bus_message_append(message, type.c_str(), number * 0x0101010101010101));
    } else {
        must(::sd_bus_message_append(message, type.c_str(),
                                     static_cast<int>(number) & (type == "b" ? 1 : -1)));
    }
    must(::sd_bus_message_close_container(message));
}

void put_dictionary(sd_bus_message* message, Recipe& recipe, int depth) {
    must(::sd_bus_message_open_container(message, 'a', "{sv}"));
    for (int left = recipe.byte() % 6; left > 0 && recipe.more(); --left) {
        must(::sd_bus_message_open_container(message, 'e', "sv"));
        const auto which = recipe.byte();
        const std::string key = which % 3 == 0 ? recipe.text() : names[which % std::size(names)];
        must(::sd_bus_message_append(message, "s", key.c_str()));
        put_variant(message, recipe, depth);
        must(::sd_bus_message_close_container(message));
    }
    must(::sd_bus_message_close_container(message));
}

int depth_of(const agent::Json& json) {
    int deepest = 0;
    if (json.is_object())
        for (const auto& member : json) deepest = std::max(deepest, depth_of(member));
    return json.is_object() ? deepest + 1 : 0;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    Recipe recipe(bytes, size);
    sd_bus_message* made = nullptr;
    must(::sd_bus_message_new_method_call(quiet_bus(), &made, "org.agentd.Agent1",
                                          "/org/agentd/Agent1", "org.agentd.Agent1", "Connect"));
    const MessagePtr message(made);
    must(::sd_bus_message_append(made, "s", recipe.text().c_str()));
    put_dictionary(made, recipe, 0);
    must(::sd_bus_message_seal(made, 1, 0));
    must(::sd_bus_message_rewind(made, 1));

    const auto target = read_text(made, "target");
    if (!target || target->size() > max_argument_bytes)
        std::abort(); // texts of these sizes are all allowed
    const auto options = read_options(made);
    if (!options) return 0;
    if (depth_of(options->members) > max_argument_depth) std::abort();
    for (const auto& file : options->files)
        if (file.path.empty() || !file.fd || (::fcntl(file.fd.get(), F_GETFD) & FD_CLOEXEC) == 0)
            std::abort();
    ipc::Connect::Request request;
    (void)ipc::from_json(options->members, request); // any types: an error, never an exception
    return 0;
}
