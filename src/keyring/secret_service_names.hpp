#pragma once
// Names on the bus, for secret_service.cpp and secret_items.cpp.

namespace agent::keyring::names {

inline constexpr const char* bus_name = "org.freedesktop.DBus";
inline constexpr const char* bus_path = "/org/freedesktop/DBus";
inline constexpr const char* service = "org.freedesktop.secrets";
inline constexpr const char* service_path = "/org/freedesktop/secrets";
inline constexpr const char* service_interface = "org.freedesktop.Secret.Service";
inline constexpr const char* collection_interface = "org.freedesktop.Secret.Collection";
inline constexpr const char* item_interface = "org.freedesktop.Secret.Item";
inline constexpr const char* prompt_interface = "org.freedesktop.Secret.Prompt";
inline constexpr const char* properties_interface = "org.freedesktop.DBus.Properties";

} // namespace agent::keyring::names
