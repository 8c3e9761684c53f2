// Which members each kind of object shows, as what: a proxy and a cluster those of their message.
// The words are explained in org.agentd.Agent1.xml.

#include "ipc/dbus/objects.hpp"

#include <cstdlib>
#include <new>

namespace ipc::dbus {

namespace {

#include "ipc/dbus/property_tables.inc"

constexpr Property<LoginView> login_properties[] = {
    property<&LoginView::state>("State"),    property<&LoginView::login_name>("LoginName"),
    property<&LoginView::user_id>("UserId"), property<&LoginView::expiration>("Expiration"),
    property<&LoginView::error>("Error"),    property<&LoginView::message>("Message"),
};

} // namespace

std::span<const Property<Proxy>> Kind<Proxy>::properties() {
    return proxy_properties;
}
std::span<const Property<KnownCluster>> Kind<KnownCluster>::properties() {
    return known_cluster_properties;
}
std::span<const Property<LoginView>> Kind<LoginView>::properties() {
    return login_properties;
}

std::string object_path(const char* folder, const std::string& name) {
    char* path = nullptr;
    if (::sd_bus_path_encode(folder, name.c_str(), &path) < 0) throw std::bad_alloc();
    std::string out(path);
    std::free(path);
    return out;
}

} // namespace ipc::dbus
