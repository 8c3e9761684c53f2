#pragma once
// The objects below /org/agentd/Agent1: what each kind shows, and Exported<T>, one of them on the
// bus.

#include "ipc/dbus/bus_error.hpp"
#include "ipc/dbus/properties.hpp"
#include "ipc/messages/types.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ipc::dbus {

inline constexpr const char* root_path = "/org/agentd/Agent1";
inline constexpr const char* root_interface = "org.agentd.Agent1";

/// One login that is being tried, or was.
struct LoginView {
    std::string state; ///< "running", "done" or "failed"
    std::string login_name;
    std::string user_id;
    std::string expiration;
    std::string error;   ///< a D-Bus error name, when failed
    std::string message; ///< for people, when failed
};

template <class T> struct Kind; // interface, folder below root_path, table of properties
template <> struct Kind<Proxy> {
    static constexpr const char* interface = "org.agentd.Agent1.Proxy";
    static constexpr const char* folder = "/org/agentd/Agent1/proxy";
    static std::span<const Property<Proxy>> properties();
};
template <> struct Kind<KnownCluster> {
    static constexpr const char* interface = "org.agentd.Agent1.Cluster";
    static constexpr const char* folder = "/org/agentd/Agent1/cluster";
    static std::span<const Property<KnownCluster>> properties();
};
template <> struct Kind<LoginView> {
    static constexpr const char* interface = "org.agentd.Agent1.Login";
    static constexpr const char* folder = "/org/agentd/Agent1/login";
    static std::span<const Property<LoginView>> properties();
};

/// folder/NAME with what a path cannot hold escaped: "web-1" → "web_2d1".
std::string object_path(const char* folder, const std::string& name);

/// An object on the bus while it lives. Says nothing by itself: announce(), change() and withdraw()
/// do.
template <class T> class Exported {
  public:
    Exported(sd_bus* bus, const std::string& name, T value)
        : bus_(bus), path_(object_path(Kind<T>::folder, name)), value_(std::move(value)),
          told_(value_) {
        static const std::vector<sd_bus_vtable> vtable = vtable_of(Kind<T>::properties());
        sd_bus_slot* slot = nullptr;
        const int added = ::sd_bus_add_object_vtable(bus, &slot, path_.c_str(), Kind<T>::interface,
                                                     vtable.data(), &value_);
        if (added < 0) throw agent::ErrorException(from_sd_bus("add " + path_, added));
        slot_.reset(slot);
    }
    Exported(const Exported&) = delete;
    Exported& operator=(const Exported&) = delete;

    const std::string& path() const { return path_; }
    const T& value() const { return value_; }

    void announce() { ::sd_bus_emit_object_added(bus_, path_.c_str()); }
    void withdraw() { ::sd_bus_emit_object_removed(bus_, path_.c_str()); }

    /// Takes the new value and tells what differs from what was told last. Without `counters` those
    /// are kept back; true: some are.
    bool change(T value, bool counters) {
        value_ = std::move(value);
        std::vector<char*> names;
        bool kept_back = false;
        T now = value_;
        for (const auto& row : Kind<T>::properties()) {
            if (!row.differs(value_, told_)) continue;
            if (row.counter && !counters)
                kept_back = true;
            else
                names.push_back(const_cast<char*>(row.name));
        }
        if (names.empty()) return kept_back;
        names.push_back(nullptr);
        ::sd_bus_emit_properties_changed_strv(bus_, path_.c_str(), Kind<T>::interface,
                                              names.data());
        if (!counters) keep_counters(now);
        told_ = std::move(now);
        return kept_back;
    }

  private:
    /// What was not told stays as it was told last.
    void keep_counters(T& now) const {
        for (const auto& row : Kind<T>::properties())
            if (row.counter) row.copy(now, told_);
    }

    sd_bus* bus_;
    std::string path_;
    T value_; ///< what the getters show
    T told_;  ///< what PropertiesChanged said last
    SlotPtr slot_;
};

} // namespace ipc::dbus
