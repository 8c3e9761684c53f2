#pragma once
// Questions to the kernel that it answers while they are asked: sock_diag, and single routes. The
// socket stays open, a question is one send and one recv, or a few where the answer is a list.

#include "base/unique_fd.hpp"

#include <linux/netlink.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>

namespace agent::net {

struct NetlinkAnswer {
    std::uint16_t type = 0;          ///< NLMSG_ERROR: the kernel has no such thing, or cannot say
    std::span<const std::byte> body; ///< behind the message's header; good until the next question

    /// The body's first part; nullopt where it is shorter.
    template <class T> std::optional<T> as() const {
        T value;
        if (body.size() < sizeof value) return std::nullopt;
        std::memcpy(&value, body.data(), sizeof value);
        return value;
    }
};

class NetlinkQuestions {
  public:
    explicit NetlinkQuestions(int protocol) : protocol_(protocol) {}

    /// `question`: a message whose type, flags and body are set. nullopt: the kernel refuses such
    /// sockets, or there is no descriptor or memory for one.
    template <class Message> std::optional<NetlinkAnswer> ask(Message& question) {
        nlmsghdr& header = question.header;
        header.nlmsg_len = sizeof question;
        header.nlmsg_seq = ++number_;
        return send_and_receive(&question, sizeof question);
    }

    /// The same for a question whose answer is a list (NLM_F_DUMP is set here). false: there is no
    /// answer, or it breaks off; `each` may have been called by then.
    template <class Message>
    bool ask_all(Message& question, const std::function<void(const NetlinkAnswer&)>& each) {
        nlmsghdr& header = question.header;
        header.nlmsg_len = sizeof question;
        header.nlmsg_flags |= NLM_F_DUMP;
        header.nlmsg_seq = ++number_;
        return send_and_receive_all(&question, sizeof question, each);
    }

  private:
    bool send(const void* question, std::size_t size);
    std::optional<NetlinkAnswer> send_and_receive(const void* question, std::size_t size);
    bool send_and_receive_all(const void* question, std::size_t size,
                              const std::function<void(const NetlinkAnswer&)>& each);
    /// What the kernel sent at once; empty where there is nothing to read.
    std::span<const std::byte> receive();

    int protocol_;
    UniqueFd socket_;
    std::uint32_t number_ = 0;
    alignas(nlmsghdr) std::array<std::byte, 8192> buffer_;
};

} // namespace agent::net
