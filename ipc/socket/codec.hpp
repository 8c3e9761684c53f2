#pragma once
// Varlink's framing without sockets: JSON objects ended by NUL bytes, their envelopes, and the
// cutter that finds them in a stream of bytes. Used by the server and by both clients.

#include "base/json.hpp"
#include "base/secret.hpp"
#include "base/unique_fd.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipc {

using agent::Json;
using agent::wipe;

struct Call {
    std::string method; ///< "org.agentd.Agent.Status"
    Json parameters = Json::object();
    bool more = false;
    bool oneway = false;
    bool upgrade = false;
    std::vector<agent::UniqueFd> descriptors; ///< beside it: see descriptors.hpp
};

struct Reply {
    Json parameters = Json::object();
    bool continues = false;
    std::string error; ///< qualified name; empty: success
    std::vector<agent::UniqueFd> descriptors;
};

/// The message's text with its terminating NUL.
std::string encode(const Call& call);
std::string encode(const Reply& reply);

/// A reply's text in pieces. What has been given out is wiped and freed, so a long list is never
/// there twice.
class ReplyPieces {
  public:
    explicit ReplyPieces(Reply reply);
    ReplyPieces(const ReplyPieces&) = delete;
    ReplyPieces& operator=(const ReplyPieces&) = delete;
    ~ReplyPieces() { wipe(reply_.parameters); }
    /// At least `size` bytes while there are so many; empty at the end.
    std::string next(std::size_t size);

  private:
    enum class Place : std::uint8_t { head, members, elements, end };
    void step(std::string& out);
    void member(std::string& out);
    void element(std::string& out);
    static void give(std::string& out, Json& value);

    Reply reply_;
    Place place_ = Place::head;
    Json::iterator member_;
    std::size_t element_ = 0;
};

/// One message without its NUL. Errc::invalid_argument for what is not JSON in UTF-8, nests too
/// deep, or is no envelope.
agent::Result<Call> decode_call(std::string_view text);
agent::Result<Reply> decode_reply(std::string_view text);

/// Cuts messages out of what a socket delivers. What it held is wiped: requests carry passwords and
/// tokens.
class MessageSplitter {
  public:
    explicit MessageSplitter(std::size_t max_message_bytes)
        : max_message_bytes_(max_message_bytes) {}
    MessageSplitter(MessageSplitter&&) = default;
    MessageSplitter& operator=(MessageSplitter&&) = default;
    ~MessageSplitter();

    void feed(std::string_view bytes);
    /// The next complete message without its NUL; nullopt until more bytes arrive.
    /// Errc::limit_exceeded is final.
    agent::Result<std::optional<std::string>> next();
    /// Bytes of a message that has no end yet.
    bool in_message() const { return begin_ < buffer_.size(); }

  private:
    std::size_t max_message_bytes_;
    std::string buffer_;
    std::size_t begin_ = 0;   // start of the first message not yet given out
    std::size_t scanned_ = 0; // no NUL before this place
};

} // namespace ipc
