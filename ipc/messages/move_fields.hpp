#pragma once
// A message as JSON, at its end: what somebody else's objects take is moved, not copied, so that a
// long list is never there twice.

#include "ipc/messages/fields.hpp"

#include <utility>

namespace ipc {

template <class T> Json move_to_json(T& value) {
    if constexpr (MessageStruct<T>) {
        Json object = Json::object();
        std::apply(
            [&](const auto&... f) {
                [[maybe_unused]] const auto add = [&](const auto& one) {
                    auto& member = value.*(one.member);
                    if constexpr (detail::is_optional<std::decay_t<decltype(member)>>::value) {
                        if (member) object[std::string(one.name)] = move_to_json(*member);
                    } else {
                        object[std::string(one.name)] = move_to_json(member);
                    }
                };
                (add(f), ...);
            },
            T::fields);
        return object;
    } else if constexpr (std::is_same_v<T, std::vector<Json>>) {
        Json array = Json::array();
        array.get_ref<Json::array_t&>() = std::move(value);
        return array;
    } else if constexpr (std::is_same_v<T, Json>) {
        return std::move(value);
    } else {
        return to_json(std::as_const(value));
    }
}

} // namespace ipc
