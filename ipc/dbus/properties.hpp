#pragma once
// Properties: one table for each interface from which come its vtable, the a{sv} of results and the
// list of what has changed. A row is a member of a message struct,
// property<&Proxy::state>("State"); those of messages are made from the interface file
// (ipc/generate).

#include "base/json.hpp"
#include "base/result.hpp"
#include "ipc/dbus/handles.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace ipc::dbus {

template <class Object> struct Property {
    const char* name;
    const char* type;
    sd_bus_property_get_t get; ///< userdata: a const Object*
    bool (*differs)(const Object& one, const Object& other);
    void (*copy)(Object& to, const Object& from);
    bool counter; ///< told at most once in count_interval
};

/// As what a member is told. A port is what everybody knows as a port, 16 bits.
enum class Told : std::uint8_t { value, counter, port };

namespace detail {

template <class T> constexpr const char* bus_type() {
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::optional<std::string>>)
        return "s";
    else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::optional<bool>>)
        return "b";
    else
        return "x";
}

inline int append(sd_bus_message* reply, const std::string& value) {
    return ::sd_bus_message_append_basic(reply, 's', value.c_str());
}
inline int append(sd_bus_message* reply, bool value) {
    const int number = value ? 1 : 0;
    return ::sd_bus_message_append_basic(reply, 'b', &number);
}
inline int append(sd_bus_message* reply, std::int64_t value) {
    return ::sd_bus_message_append_basic(reply, 'x', &value);
}
inline int append(sd_bus_message* reply, const std::optional<std::string>& value) {
    return append(reply, value.value_or(""));
}
inline int append(sd_bus_message* reply, const std::optional<bool>& value) {
    return append(reply, value.value_or(false));
}
inline int append(sd_bus_message* reply, const std::vector<std::string>& values) {
    int done = ::sd_bus_message_open_container(reply, 'a', "s");
    for (const auto& value : values)
        if (done >= 0) done = append(reply, value);
    return done < 0 ? done : ::sd_bus_message_close_container(reply);
}
/// What belongs to the controller is told as its JSON text.
inline int append(sd_bus_message* reply, const agent::Json& value) {
    return append(reply, agent::dump_json(value));
}
/// D-Bus has no null: -2 stands for what is not known.
inline int append(sd_bus_message* reply, const std::optional<std::int64_t>& value) {
    return append(reply, value.value_or(-2));
}

template <class Object, auto Member, Told told>
int get(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* object,
        sd_bus_error*) noexcept {
    const auto& value = static_cast<const Object*>(object)->*Member;
    if constexpr (told == Told::port) {
        const auto port = static_cast<std::uint16_t>(value);
        return ::sd_bus_message_append_basic(reply, 'q', &port);
    } else {
        return append(reply, value);
    }
}

template <class M> struct member_of;
template <class Object, class T> struct member_of<T Object::*> {
    using object = Object;
    using type = T;
};

} // namespace detail

template <auto Member, Told told = Told::value> constexpr auto property(const char* name) {
    using Of = detail::member_of<decltype(Member)>;
    using Object = typename Of::object;
    return Property<Object>{
        name,
        told == Told::port ? "q" : detail::bus_type<typename Of::type>(),
        &detail::get<Object, Member, told>,
        +[](const Object& one, const Object& other) { return one.*Member != other.*Member; },
        +[](Object& to, const Object& from) { to.*Member = from.*Member; },
        told == Told::counter};
}

template <class Object>
std::vector<sd_bus_vtable> vtable_of(std::span<const Property<Object>> rows) {
    std::vector<sd_bus_vtable> table;
    table.push_back(SD_BUS_VTABLE_START(0));
    for (const auto& row : rows)
        table.push_back(
            SD_BUS_PROPERTY(row.name, row.type, row.get, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE));
    table.push_back(SD_BUS_VTABLE_END);
    return table;
}

/// The object as a{sv}; a negative errno when the message takes no more.
template <class Object>
int append_properties(sd_bus_message* message, const Object& object,
                      std::span<const Property<Object>> rows) {
    int done = ::sd_bus_message_open_container(message, 'a', "{sv}");
    for (const auto& row : rows) {
        if (done >= 0) done = ::sd_bus_message_open_container(message, 'e', "sv");
        if (done >= 0) done = ::sd_bus_message_append_basic(message, 's', row.name);
        if (done >= 0) done = ::sd_bus_message_open_container(message, 'v', row.type);
        if (done >= 0)
            done = row.get(nullptr, nullptr, nullptr, row.name, message,
                           const_cast<Object*>(&object), nullptr);
        if (done >= 0) done = ::sd_bus_message_close_container(message);
        if (done >= 0) done = ::sd_bus_message_close_container(message);
    }
    return done < 0 ? done : ::sd_bus_message_close_container(message);
}

} // namespace ipc::dbus
