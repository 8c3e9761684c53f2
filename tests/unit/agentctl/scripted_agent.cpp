#include "scripted_agent.hpp"

#include <nlohmann/json.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <stdexcept>

namespace agentctl::test {

void ScriptedAgent::Caller::reply(agent::Json parameters, bool continues) const {
    ipc::Reply reply;
    reply.parameters = std::move(parameters);
    reply.continues = continues;
    const std::string text = ipc::encode(reply);
    ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
}

void ScriptedAgent::Caller::fail(const std::string& error, agent::Json parameters) const {
    ipc::Reply reply;
    reply.error = "org.agentd.Agent." + error;
    reply.parameters = std::move(parameters);
    const std::string text = ipc::encode(reply);
    ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
}

bool ScriptedAgent::Caller::gone() const {
    pollfd one{fd_, POLLRDHUP, 0};
    return ::poll(&one, 1, 5) > 0;
}

ScriptedAgent::ScriptedAgent(const std::string& runtime_dir)
    : path_(runtime_dir + "/agentd/agent.sock") {
    ::mkdir((runtime_dir + "/agentd").c_str(), 0700);
    ::unlink(path_.c_str());
    listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 16) != 0)
        throw std::runtime_error("cannot listen at " + path_);
    acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedAgent::~ScriptedAgent() {
    stop();
}

void ScriptedAgent::stop() {
    if (stopping_.exchange(true)) return;
    ::unlink(path_.c_str());
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join(); // after this no new thread appears
    {
        const std::lock_guard lock(mutex_);
        for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

void ScriptedAgent::on(const std::string& method, Handler handler) {
    const std::lock_guard lock(mutex_);
    handlers_["org.agentd.Agent." + method] = std::move(handler);
}

void ScriptedAgent::answer(const std::string& method, agent::Json parameters) {
    on(method, [parameters](const ipc::Call&, const Caller& caller) { caller.reply(parameters); });
}

std::vector<agent::Json> ScriptedAgent::calls(const std::string& method) const {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find("org.agentd.Agent." + method);
    return found == calls_.end() ? std::vector<agent::Json>() : found->second;
}

void ScriptedAgent::accept_all() {
    for (;;) {
        const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        const std::lock_guard lock(mutex_);
        open_.push_back(fd);
        threads_.emplace_back([this, fd] { serve(fd); });
    }
}

void ScriptedAgent::serve(int fd) {
    ipc::MessageSplitter splitter(1 << 20);
    char bytes[4096];
    for (;;) {
        const ssize_t n = ::recv(fd, bytes, sizeof bytes, 0);
        if (n <= 0) break;
        splitter.feed(std::string_view(bytes, static_cast<std::size_t>(n)));
        for (auto message = splitter.next(); message && message->has_value();
             message = splitter.next()) {
            const auto call = ipc::decode_call(**message);
            if (!call) break;
            Handler handler;
            {
                const std::lock_guard lock(mutex_);
                calls_[call->method].push_back(call->parameters);
                handler = handlers_[call->method];
            }
            if (handler)
                handler(*call, Caller(fd));
            else
                Caller(fd).fail("Internal",
                                {{"message", "the test has no answer to " + call->method}});
        }
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    ::close(fd);
}

agent::Json a_proxy(const std::string& name) {
    auto parsed = agent::parse_json(
        R"({"state":"ready","reason":"","since":"2026-01-02T03:04:05Z","address":"127.0.0.1","port":4711,
            "socket_path":"/run/x.sock","pid":7,"cluster":"http://127.0.0.1:9200","session_id":"s_abcdefghij",
            "target_id":"ttcp_abcdefghij","host_id":"","endpoint":"tcp://10.0.0.1:5432","protocol":"tcp",
            "expiration":"2026-01-02T11:04:05.25Z","connection_limit":-1,"connections_left":-1,"connections_open":0,
            "connections_total":0,"connections_failed":0,"last_failure":"","bytes_up":0,"bytes_down":0,
            "authorized_here":true})");
    (*parsed)["name"] = name;
    return *parsed;
}

} // namespace agentctl::test
