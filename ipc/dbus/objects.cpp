// Which members each kind of object shows, as what. The words are explained in
// org.agentd.Agent1.xml.

#include "ipc/dbus/objects.hpp"

#include <cstdlib>
#include <new>

namespace ipc::dbus {

namespace {

/// A port is what everybody knows as a port.
int get_port(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* object,
             sd_bus_error*) noexcept {
    const auto port = static_cast<std::uint16_t>(static_cast<const Proxy*>(object)->port);
    return ::sd_bus_message_append_basic(reply, 'q', &port);
}
constexpr Property<Proxy> port_property{
    "Port", "q", &get_port,
    +[](const Proxy& one, const Proxy& other) { return one.port != other.port; }, false};

constexpr Property<Proxy> proxy_properties[] = {
    property<&Proxy::name>("Name"),
    property<&Proxy::target_id>("TargetId"),
    property<&Proxy::session_id>("SessionId"),
    property<&Proxy::state>("State"),
    property<&Proxy::reason>("Reason"),
    property<&Proxy::since>("Since"),
    property<&Proxy::address>("Address"),
    port_property,
    property<&Proxy::socket_path>("SocketPath"),
    property<&Proxy::pid>("Pid"),
    property<&Proxy::cluster>("Cluster"),
    property<&Proxy::host_id>("HostId"),
    property<&Proxy::endpoint>("Endpoint"),
    property<&Proxy::protocol>("Protocol"),
    property<&Proxy::expiration>("Expiration"),
    property<&Proxy::connection_limit>("ConnectionLimit"),
    property<&Proxy::connections_left>("ConnectionsLeft"),
    property<&Proxy::connections_open>("ConnectionsOpen"),
    property<&Proxy::connections_total>("ConnectionsTotal"),
    property<&Proxy::connections_failed>("ConnectionsFailed"),
    property<&Proxy::last_failure>("LastFailure"),
    property<&Proxy::bytes_up>("BytesUp", true),
    property<&Proxy::bytes_down>("BytesDown", true),
    property<&Proxy::target>("Target"),
    property<&Proxy::persistent>("Persistent"),
    property<&Proxy::eager>("Eager"),
    property<&Proxy::clients_waiting>("ClientsWaiting"),
    property<&Proxy::shared>("Shared"),
    property<&Proxy::authorized_here>("AuthorizedHere"),
};

constexpr Property<ClusterView> cluster_properties[] = {
    property<&ClusterView::name>("Name"),
    property<&ClusterView::address>("Address"),
    property<&ClusterView::signed_in_as>("SignedInAs"),
    property<&ClusterView::user_id>("UserId"),
    property<&ClusterView::token_name>("TokenName"),
    property<&ClusterView::expiration>("Expiration"),
    property<&ClusterView::state>("State"),
    property<&ClusterView::current>("Current"),
    property<&ClusterView::declared>("Declared"),
};

constexpr Property<LoginView> login_properties[] = {
    property<&LoginView::state>("State"),    property<&LoginView::login_name>("LoginName"),
    property<&LoginView::user_id>("UserId"), property<&LoginView::expiration>("Expiration"),
    property<&LoginView::error>("Error"),    property<&LoginView::message>("Message"),
};

} // namespace

std::span<const Property<Proxy>> Kind<Proxy>::properties() {
    return proxy_properties;
}
std::span<const Property<ClusterView>> Kind<ClusterView>::properties() {
    return cluster_properties;
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
