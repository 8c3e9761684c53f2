#include "ipc/socket/codec.hpp"

#include "base/result.hpp"
#include "ipc/socket/limits.hpp"

#include <string.h> // explicit_bzero

#include <algorithm>

namespace ipc {
namespace {

using agent::Errc;
using agent::fail;
using agent::Hop;

std::string finish(const Json& envelope) {
    std::string text = agent::dump_json(envelope);
    text.push_back('\0');
    return text;
}

agent::Error no_envelope(std::string what) {
    return fail(Errc::invalid_argument, Hop::local, std::move(what));
}

agent::Result<bool> flag(const Json& envelope, std::string_view name) {
    const Json* member = agent::find_member(envelope, name);
    if (member == nullptr) return false;
    if (!member->is_boolean()) return no_envelope(std::string(name) + " must be true or false");
    return member->get<bool>();
}

agent::Result<Json> parameters_of(Json& envelope) {
    const auto found = envelope.find("parameters");
    if (found == envelope.end() || found->is_null()) return Json::object();
    if (!found->is_object()) return no_envelope("parameters must be an object");
    return std::move(*found);
}

agent::Result<Json> parse_object(std::string_view text) {
    auto json = agent::parse_json(text);
    if (!json) return json.error();
    if (!json->is_object()) return no_envelope("a message must be a JSON object");
    return json;
}

/// Grows by hand, so that the copy that is outgrown is wiped: it may hold a secret.
void append(std::string& buffer, std::string_view more) {
    if (buffer.capacity() - buffer.size() < more.size()) {
        std::string larger;
        larger.reserve(std::max<std::size_t>(2 * (buffer.size() + more.size()), 64));
        larger.append(buffer);
        wipe(buffer);
        buffer = std::move(larger);
    }
    buffer.append(more);
}

} // namespace

std::string encode(const Call& call) {
    Json envelope = Json::object();
    envelope.get_ref<Json::object_t&>().reserve(
        5); // a larger one would leave its parameters behind, secrets and all
    envelope["method"] = call.method;
    if (!call.parameters.empty()) envelope["parameters"] = call.parameters;
    if (call.more) envelope["more"] = true;
    if (call.oneway) envelope["oneway"] = true;
    if (call.upgrade) envelope["upgrade"] = true;
    std::string text = finish(envelope);
    wipe(envelope);
    return text;
}

std::string encode(const Reply& reply) {
    Reply copy;
    copy.parameters = reply.parameters;
    copy.continues = reply.continues;
    copy.error = reply.error;
    return ReplyPieces(std::move(copy)).next(std::string::npos);
}

ReplyPieces::ReplyPieces(Reply reply)
    : reply_(std::move(reply)), member_(reply_.parameters.begin()) {}

std::string ReplyPieces::next(std::size_t size) {
    std::string out;
    while (out.size() < size && place_ != Place::end) step(out);
    return out;
}

void ReplyPieces::step(std::string& out) {
    switch (place_) {
    case Place::head:
        append(out, "{");
        if (!reply_.error.empty())
            append(out, "\"error\":" + agent::dump_json(Json(reply_.error)) + ",");
        append(out, "\"parameters\":{");
        place_ = Place::members;
        return;
    case Place::members:
        member(out);
        return;
    case Place::elements:
        element(out);
        return;
    case Place::end:
        return;
    }
}

void ReplyPieces::member(std::string& out) {
    if (member_ == reply_.parameters.end()) {
        append(out, reply_.continues ? "},\"continues\":true}" : "}}");
        append(out, std::string_view("\0", 1));
        place_ = Place::end;
        return;
    }
    if (member_ != reply_.parameters.begin()) append(out, ",");
    append(out, agent::dump_json(Json(member_.key())) + ":");
    if (member_->is_array()) {
        append(out, "[");
        element_ = 0;
        place_ = Place::elements;
        return;
    }
    give(out, *member_);
    ++member_;
}

void ReplyPieces::element(std::string& out) {
    if (element_ == member_->size()) {
        append(out, "]");
        ++member_;
        place_ = Place::members;
        return;
    }
    if (element_ > 0) append(out, ",");
    give(out, (*member_)[element_++]);
}

void ReplyPieces::give(std::string& out, Json& value) {
    std::string text = agent::dump_json(value);
    wipe(value);
    value = nullptr;
    if (out.empty() && text.size() > write_piece_bytes)
        out = std::move(text);
    else
        append(out, text);
    wipe(text);
}

agent::Result<Call> decode_call(std::string_view text) {
    auto envelope = parse_object(text);
    if (!envelope) return envelope.error();
    Call call;
    call.method = agent::string_member(*envelope, "method");
    if (call.method.empty()) return no_envelope("a call must name its method");
    auto parameters = parameters_of(*envelope);
    if (!parameters) return parameters.error();
    call.parameters = std::move(*parameters);
    for (auto [name, member] : {std::pair{"more", &call.more}, std::pair{"oneway", &call.oneway},
                                std::pair{"upgrade", &call.upgrade}}) {
        const auto value = flag(*envelope, name);
        if (!value) return value.error();
        *member = *value;
    }
    return call;
}

agent::Result<Reply> decode_reply(std::string_view text) {
    auto envelope = parse_object(text);
    if (!envelope) return envelope.error();
    Reply reply;
    const Json* error = agent::find_member(*envelope, "error");
    if (error != nullptr && (!error->is_string() || error->get<std::string>().empty()))
        return no_envelope("error must be a name");
    if (error != nullptr) reply.error = error->get<std::string>();
    auto parameters = parameters_of(*envelope);
    if (!parameters) return parameters.error();
    reply.parameters = std::move(*parameters);
    const auto continues = flag(*envelope, "continues");
    if (!continues) return continues.error();
    reply.continues = *continues;
    return reply;
}

MessageSplitter::~MessageSplitter() {
    wipe(buffer_);
}

void MessageSplitter::feed(std::string_view bytes) {
    if (begin_ == buffer_.size()) { // nothing left of earlier messages
        wipe(buffer_);
        buffer_.clear();
        begin_ = scanned_ = 0;
    } else if (begin_ > 0) {
        std::string rest = buffer_.substr(begin_);
        wipe(buffer_);
        buffer_ = std::move(rest);
        scanned_ -= begin_;
        begin_ = 0;
    }
    append(buffer_, bytes);
}

agent::Result<std::optional<std::string>> MessageSplitter::next() {
    const std::size_t end = buffer_.find('\0', std::max(scanned_, begin_));
    const std::size_t length = (end == std::string::npos ? buffer_.size() : end) - begin_;
    if (length > max_message_bytes_)
        return fail(Errc::limit_exceeded, Hop::limit,
                    "a message is longer than " + std::to_string(max_message_bytes_) + " bytes");
    if (end == std::string::npos) {
        scanned_ = buffer_.size();
        return std::optional<std::string>();
    }
    std::optional<std::string> message(buffer_.substr(begin_, length));
    ::explicit_bzero(buffer_.data() + begin_, length);
    begin_ = scanned_ = end + 1;
    return message;
}

} // namespace ipc
