#include "ipc/dbus/arguments.hpp"

#include "ipc/dbus/bus_error.hpp"
#include "ipc/dbus/limits.hpp"

#include <fcntl.h>
#include <string.h>

namespace ipc::dbus {

using agent::Errc;
using agent::fail;
using agent::Hop;
using agent::Result;
using agent::Status;

namespace {

agent::Error bad(const std::string& message) {
    return fail(Errc::invalid_argument, Hop::local, message,
                "org.agentd.Agent.varlink lists the options");
}

/// Walks one a{sv}; knows how deep it is and how much text there was.
class OptionsReader {
  public:
    OptionsReader(sd_bus_message* message, Options& out) : message_(message), out_(out) {}

    Status dictionary(Json& object) {
        if (path_.size() >= max_argument_depth) return bad("options are nested too deeply");
        if (int done = ::sd_bus_message_enter_container(message_, 'a', "{sv}"); done < 0)
            return damaged(done);
        for (;;) {
            int done = ::sd_bus_message_enter_container(message_, 'e', "sv");
            if (done == 0) break;
            if (done < 0) return damaged(done);
            if (++members_ > max_argument_members) return bad("too many options");
            const char* key = nullptr;
            done = ::sd_bus_message_read(message_, "s", &key);
            if (done < 0) return damaged(done);
            path_.emplace_back(key);
            auto status = variant(object);
            if (!status) return status;
            path_.pop_back();
            done = ::sd_bus_message_exit_container(message_);
            if (done < 0) return damaged(done);
        }
        const int done = ::sd_bus_message_exit_container(message_);
        if (done < 0) return damaged(done);
        return {};
    }

  private:
    Status variant(Json& object) {
        char type = 0;
        const char* contents = nullptr;
        int done = ::sd_bus_message_peek_type(message_, &type, &contents);
        if (done < 0) return damaged(done);
        const std::string inside(contents);
        done = ::sd_bus_message_enter_container(message_, 'v', inside.c_str());
        if (done < 0) return damaged(done);
        Json value;
        auto status = plain(inside, value);
        if (!status) return status;
        if (inside != "h") object[path_.back()] = std::move(value);
        done = ::sd_bus_message_exit_container(message_);
        if (done < 0) return damaged(done);
        return {};
    }

    Status plain(const std::string& type, Json& value) {
        if (type == "a{sv}") {
            value = Json::object();
            return dictionary(value);
        }
        if (type == "as") return strings(value);
        if (type.size() != 1 ||
            std::string_view("sogbynqiuxth").find(type[0]) == std::string_view::npos)
            return bad(name() + " has the type " + type + ", which no option has");
        union {
            const char* text;
            int number;
            std::uint8_t byte;
            std::int16_t n;
            std::uint16_t q;
            std::int32_t i;
            std::uint32_t u;
            std::int64_t x;
            std::uint64_t t;
        } read{};
        const int done = ::sd_bus_message_read_basic(message_, type[0], &read);
        if (done < 0) return damaged(done);
        switch (type[0]) {
        case 'b':
            value = read.number != 0;
            return {};
        case 'y':
            value = read.byte;
            return {};
        case 'n':
            value = read.n;
            return {};
        case 'q':
            value = read.q;
            return {};
        case 'i':
            value = read.i;
            return {};
        case 'u':
            value = read.u;
            return {};
        case 'x':
            value = read.x;
            return {};
        case 't':
            value = read.t;
            return {};
        case 'h':
            return file(read.number);
        default:
            return text(read.text, value);
        }
    }

    Status text(const char* read, Json& value) {
        bytes_ += ::strlen(read);
        if (bytes_ > max_argument_bytes)
            return fail(Errc::limit_exceeded, Hop::limit, "the options are too long");
        value = read;
        return {};
    }

    Status strings(Json& value) {
        value = Json::array();
        int done = ::sd_bus_message_enter_container(message_, 'a', "s");
        const char* one = nullptr;
        while (done >= 0 && (done = ::sd_bus_message_read(message_, "s", &one)) > 0) {
            auto status = text(one, value.emplace_back());
            if (!status) return status;
        }
        if (done >= 0) done = ::sd_bus_message_exit_container(message_);
        if (done < 0) return damaged(done);
        return {};
    }

    Status file(int fd) {
        Options::File one;
        one.path = path_;
        one.fd.reset(::fcntl(fd, F_DUPFD_CLOEXEC, 3)); // the message closes its own
        if (!one.fd) return agent::fail_errno(Errc::environment, Hop::local, "dup", errno);
        out_.files.push_back(std::move(one));
        return {};
    }

    std::string name() const {
        std::string joined;
        for (const auto& part : path_) joined += (joined.empty() ? "" : ".") + part;
        return joined;
    }
    agent::Error damaged(int result) const {
        return bad("options cannot be read: " + std::string(::strerror(-result)));
    }

    sd_bus_message* message_;
    Options& out_;
    std::vector<std::string> path_;
    std::size_t bytes_ = 0;
    std::size_t members_ = 0;
};

} // namespace

Result<std::string> read_text(sd_bus_message* message, std::string_view what) {
    const char* text = nullptr;
    const int done = ::sd_bus_message_read(message, "s", &text);
    if (done < 0) return bad(std::string(what) + " cannot be read");
    std::string value(text, ::strnlen(text, max_argument_bytes + 1));
    if (value.size() > max_argument_bytes)
        return fail(Errc::limit_exceeded, Hop::limit, std::string(what) + " is too long");
    return value;
}

Result<Options> read_options(sd_bus_message* message) {
    ::sd_bus_message_sensitive(message); // there may be a password inside: wiped when freed
    Options options;
    auto status = OptionsReader(message, options).dictionary(options.members);
    if (!status) return status.error();
    return options;
}

boost::asio::awaitable<Status> read_files(Options& options) {
    for (auto& file : options.files) {
        auto secret = co_await read_secret(std::move(file.fd));
        if (!secret) co_return secret.error();
        Json* place = &options.members;
        for (const auto& step : file.path) place = &(*place)[step];
        *place = std::string(secret->reveal());
    }
    options.files.clear();
    co_return Status();
}

} // namespace ipc::dbus
