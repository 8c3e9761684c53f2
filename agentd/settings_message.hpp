#pragma once
// A proxy's settings in the messages that say them (Connect, Serve, Describe): the only place that
// knows how the wire writes them. A message without a member leaves the usual value.

#include "model/proxy_settings.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace agentd {
namespace detail {

template <class T> const T* given(const T& member) {
    return &member;
}
template <class T> const T* given(const std::optional<T>& member) {
    return member ? &*member : nullptr;
}

} // namespace detail

template <class Message> agent::model::ProxySettings settings_in(const Message& message) {
    agent::model::ProxySettings settings;
    const auto read = [](const auto& member, auto& into) {
        if (const auto* said = detail::given(member)) into = *said;
    };
    if constexpr (requires { message.listen_address; })
        read(message.listen_address, settings.listen_address);
    if constexpr (requires { message.listen_port; })
        read(message.listen_port, settings.listen_port);
    if constexpr (requires { message.shared; }) read(message.shared, settings.shared);
    if constexpr (requires { message.eager; }) read(message.eager, settings.eager);
    if constexpr (requires { message.inactive_from_start; })
        read(message.inactive_from_start, settings.inactive_from_start);
    if (const auto* said = detail::given(message.inactive_timeout_ms))
        settings.inactive_timeout = std::chrono::milliseconds(*said);
    if (message.no_warm) settings.warm = !*message.no_warm;
    if (message.keep_alive_ms)
        settings.keep_alive = std::chrono::milliseconds(*message.keep_alive_ms);
    return settings;
}

template <class Message> void say_settings(Message& message, agent::model::ProxySettings settings) {
    message.listen_address = std::move(settings.listen_address);
    if constexpr (requires { message.listen_port; }) message.listen_port = settings.listen_port;
    if constexpr (requires { message.shared; }) message.shared = settings.shared;
    if constexpr (requires { message.eager; }) message.eager = settings.eager;
    message.inactive_timeout_ms = settings.inactive_timeout.count();
    message.inactive_from_start = settings.inactive_from_start;
    message.no_warm = !settings.warm;
    if (settings.keep_alive) message.keep_alive_ms = settings.keep_alive->count();
}

} // namespace agentd
