#pragma once
// How a message struct names its members once, for both directions and for introspection:
//     struct Request { std::string id; std::optional<std::int64_t> version;
//         static constexpr auto fields = std::tuple{field("id", &Request::id), field("version",
//         &Request::version)}; };
// Members are plain types: bool, std::int64_t, std::string, Secret, Json (an object of somebody
// else's), optional, vector, or another message struct. Missing and null mean the same; unknown
// members are ignored.

#include "base/json.hpp"
#include "base/secret.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace ipc {

using agent::Json;
using agent::Result;
using agent::Secret;

template <class Message, class Member> struct Field {
    std::string_view name;
    Member Message::* member;
};
template <class Message, class Member>
constexpr Field<Message, Member> field(std::string_view name, Member Message::* member) {
    return {name, member};
}

template <class T>
concept MessageStruct = requires { T::fields; };

namespace detail {

template <class T> struct is_optional : std::false_type {};
template <class T> struct is_optional<std::optional<T>> : std::true_type {};
template <class T> struct is_vector : std::false_type {};
template <class T> struct is_vector<std::vector<T>> : std::true_type {};

inline agent::Error wrong_type(const std::string& path, std::string_view expected) {
    return agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                       (path.empty() ? std::string("parameters") : path) + " must be " +
                           std::string(expected));
}

} // namespace detail

/// A message as JSON; empty optionals are left out.
template <class T> Json to_json(const T& value) {
    if constexpr (MessageStruct<T>) {
        Json object = Json::object();
        // Else it would be copied while it grows, and what was copied left behind: it may be a
        // secret.
        object.get_ref<Json::object_t&>().reserve(
            std::tuple_size_v<std::remove_cvref_t<decltype(T::fields)>>);
        std::apply(
            [&](const auto&... f) {
                [[maybe_unused]] const auto add = [&](const auto& one) {
                    const auto& member = value.*(one.member);
                    if constexpr (detail::is_optional<std::decay_t<decltype(member)>>::value) {
                        if (member) object[std::string(one.name)] = to_json(*member);
                    } else {
                        object[std::string(one.name)] = to_json(member);
                    }
                };
                (add(f), ...);
            },
            T::fields);
        return object;
    } else if constexpr (detail::is_vector<T>::value) {
        Json array = Json::array();
        for (const auto& element : value) array.push_back(to_json(element));
        return array;
    } else if constexpr (std::is_same_v<T, Secret>) {
        return Json(std::string(value.reveal()));
    } else {
        return Json(value);
    }
}

/// Fills `out` from JSON. `path` names the place in errors: "cluster.address must be a string".
template <class T> agent::Status from_json(const Json& json, T& out, const std::string& path = {}) {
    if constexpr (MessageStruct<T>) {
        if (!json.is_object()) return detail::wrong_type(path, "an object");
        agent::Status status;
        std::apply(
            [&](const auto&... f) {
                [[maybe_unused]] const auto read = [&](const auto& one) {
                    if (!status) return;
                    const std::string name =
                        path.empty() ? std::string(one.name) : path + "." + std::string(one.name);
                    auto& member = out.*(one.member);
                    const Json* found = agent::find_member(json, one.name);
                    if (found != nullptr)
                        status = from_json(*found, member, name);
                    else if constexpr (!detail::is_optional<std::decay_t<decltype(member)>>::value)
                        status = agent::fail(agent::Errc::invalid_argument, agent::Hop::local,
                                             name + " is missing");
                };
                (read(f), ...);
            },
            T::fields);
        return status;
    } else if constexpr (detail::is_optional<T>::value) {
        return from_json(json, out.emplace(), path);
    } else if constexpr (detail::is_vector<T>::value) {
        if (!json.is_array()) return detail::wrong_type(path, "an array");
        for (const auto& element : json) {
            auto status = from_json(element, out.emplace_back(),
                                    path + "[" + std::to_string(out.size()) + "]");
            if (!status) return status;
        }
        return {};
    } else if constexpr (std::is_same_v<T, Json>) {
        out = json;
        return {};
    } else if constexpr (std::is_same_v<T, bool>) {
        if (!json.is_boolean()) return detail::wrong_type(path, "true or false");
        out = json.get<bool>();
        return {};
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
        if (!json.is_number_integer() ||
            (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX))
            return detail::wrong_type(path, "a whole number");
        out = json.get<std::int64_t>();
        return {};
    } else if constexpr (std::is_same_v<T, Secret>) {
        if (!json.is_string()) return detail::wrong_type(path, "a string");
        out = Secret(json.get<std::string>());
        return {};
    } else {
        static_assert(std::is_same_v<T, std::string>, "a member type that messages do not have");
        if (!json.is_string()) return detail::wrong_type(path, "a string");
        out = json.get<std::string>();
        return {};
    }
}

} // namespace ipc
