#include "boundary/session_authorization.hpp"

#include "boundary/base58.hpp"
#include "boundary/protocol.hpp"
#include "boundary/timestamp.hpp"
#include "boundary/utf8.hpp"

#include <fmt/format.h>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include <string.h> // explicit_bzero

#include <algorithm>
#include <stdexcept>

namespace agent::boundary {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::tag_and_type;

enum Field : protozero::pbf_tag_type {
    session_id = 10,
    target_id = 20,
    scope = 30,
    created_time = 40,
    type = 80,
    connection_limit = 90,
    endpoint_port = 102,
    expiration = 105,
    certificate = 120,
    private_key = 130,
    host_id = 140,
    endpoint = 141,
    worker_info = 150,
    default_client_port = 160,
};
enum ScopeField : protozero::pbf_tag_type {
    scope_id = 1,
    scope_type = 2,
    scope_name = 3,
    scope_description = 4,
    scope_parent_id = 5,
};
constexpr protozero::pbf_tag_type worker_address = 10;
constexpr std::size_t max_workers = 64;

constexpr auto text_of(protozero::pbf_tag_type field) {
    return tag_and_type(field, pbf_wire_type::length_delimited);
}
constexpr auto number_of(protozero::pbf_tag_type field) {
    return tag_and_type(field, pbf_wire_type::varint);
}

Error invalid(std::string message) {
    return fail(Errc::invalid_authorization, Hop::local, std::move(message));
}

/// What a message breaks protobuf's own rules with, when protozero did not notice.
class BadField : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string_view take_bytes(pbf_reader& reader) {
    const auto view = reader.get_view();
    return {view.data(), view.size()};
}

std::string take_text(pbf_reader& reader) {
    const auto view = take_bytes(reader);
    if (!is_utf8(view)) throw BadField("a string is not UTF-8");
    return std::string(view);
}

WallTime take_time(pbf_reader& reader) {
    const auto time = decode_timestamp(take_bytes(reader));
    if (!time) throw BadField("a time is out of range");
    return *time;
}

AuthorizedScope take_scope(pbf_reader message) {
    AuthorizedScope scope;
    while (message.next()) {
        switch (message.tag_and_type()) {
        case text_of(ScopeField::scope_id):
            scope.id = take_text(message);
            break;
        case text_of(ScopeField::scope_type):
            scope.type = take_text(message);
            break;
        case text_of(ScopeField::scope_name):
            scope.name = take_text(message);
            break;
        case text_of(ScopeField::scope_description):
            scope.description = take_text(message);
            break;
        case text_of(ScopeField::scope_parent_id):
            scope.parent_scope_id = take_text(message);
            break;
        default:
            message.skip();
        }
    }
    return scope;
}

std::string take_worker(pbf_reader message) {
    std::string address;
    while (message.next()) {
        if (message.tag_and_type() == text_of(worker_address))
            address = take_text(message);
        else
            message.skip();
    }
    return address;
}

SessionAuthorization read_message(std::string_view bytes) {
    SessionAuthorization out;
    pbf_reader message(bytes.data(), bytes.size());
    while (message.next()) {
        switch (message.tag_and_type()) {
        case text_of(Field::session_id):
            out.session_id = take_text(message);
            break;
        case text_of(Field::target_id):
            out.target_id = take_text(message);
            break;
        case text_of(Field::scope):
            out.scope = take_scope(message.get_message());
            break;
        case text_of(Field::created_time):
            out.created_time = take_time(message);
            break;
        case text_of(Field::type):
            out.type = take_text(message);
            break;
        case number_of(Field::connection_limit):
            out.connection_limit = message.get_int32();
            break;
        case number_of(Field::endpoint_port):
            out.endpoint_port = message.get_uint32();
            break;
        case text_of(Field::expiration):
            out.expiration = take_time(message);
            break;
        case text_of(Field::certificate):
            out.certificate = take_bytes(message);
            break;
        case text_of(Field::private_key):
            out.private_key = Secret(std::string(take_bytes(message)));
            break;
        case text_of(Field::host_id):
            out.host_id = take_text(message);
            break;
        case text_of(Field::endpoint):
            out.endpoint = take_text(message);
            break;
        case text_of(Field::worker_info):
            if (out.workers.size() == max_workers) throw BadField("too many workers");
            out.workers.push_back(take_worker(message.get_message()));
            break;
        case number_of(Field::default_client_port):
            out.default_client_port = message.get_uint32();
            break;
        default:
            message.skip();
        }
    }
    return out;
}

/// Printed and dialled later, so nothing but visible ASCII.
bool is_address(std::string_view text) {
    return !text.empty() && text.size() <= 300 &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

Status check_complete(const SessionAuthorization& authorization) {
    if (!is_session_id(authorization.session_id))
        return invalid("authorization token holds no session id");
    if (authorization.workers.empty()) return invalid("authorization token names no worker");
    if (!std::ranges::all_of(authorization.workers, is_address))
        return invalid("authorization token names a worker without a usable address");
    if (authorization.certificate.empty())
        return invalid("authorization token holds no certificate");
    if (authorization.private_key.reveal().size() != private_key_bytes)
        return invalid(
            fmt::format("authorization token holds a private key of {} bytes instead of {}",
                        authorization.private_key.reveal().size(), private_key_bytes));
    return {};
}

void add_text(protozero::pbf_writer& writer, protozero::pbf_tag_type field, std::string_view text) {
    if (!text.empty()) writer.add_string(field, text.data(), text.size());
}

std::string encode_scope(const AuthorizedScope& scope) {
    std::string message;
    protozero::pbf_writer writer(message);
    add_text(writer, ScopeField::scope_id, scope.id);
    add_text(writer, ScopeField::scope_type, scope.type);
    add_text(writer, ScopeField::scope_name, scope.name);
    add_text(writer, ScopeField::scope_description, scope.description);
    add_text(writer, ScopeField::scope_parent_id, scope.parent_scope_id);
    return message;
}

/// More than a token will have, so that the message never moves and leaves a copy of the key
/// behind.
std::size_t room_for(const SessionAuthorization& authorization) {
    constexpr std::size_t numbers_and_tags = 512, each = 16;
    const auto& scope = authorization.scope;
    std::size_t room = numbers_and_tags;
    for (const auto* text :
         {&authorization.session_id, &authorization.target_id, &authorization.type,
          &authorization.certificate, &authorization.host_id, &authorization.endpoint, &scope.id,
          &scope.type, &scope.name, &scope.description, &scope.parent_scope_id})
        room += text->size() + each;
    room += authorization.private_key.reveal().size();
    for (const auto& worker : authorization.workers) room += worker.size() + each;
    return room;
}

std::string encode_worker(std::string_view address) {
    std::string message;
    protozero::pbf_writer writer(message);
    add_text(writer, worker_address, address);
    return message;
}

} // namespace

Result<SessionAuthorization> decode_authorization_token(std::string_view token) {
    if (token.empty()) return invalid("empty authorization token");
    auto decoded = base58_decode(token);
    if (!decoded)
        return invalid("unable to base58-decode authorization token: " + decoded.error().message);
    const Secret bytes(std::move(*decoded)); // holds the session's key: wiped on the way out
    try {
        auto authorization = read_message(bytes.reveal());
        if (auto complete = check_complete(authorization); !complete) return complete.error();
        return authorization;
    } catch (const protozero::exception& e) {
        return invalid(std::string("unable to read the authorization token as protobuf: ") +
                       e.what());
    } catch (const BadField& e) {
        return invalid(std::string("unable to read the authorization token as protobuf: ") +
                       e.what());
    }
}

std::string encode_authorization_token(const SessionAuthorization& authorization) {
    std::string message;
    message.reserve(room_for(authorization));
    protozero::pbf_writer writer(message);
    add_text(writer, Field::session_id, authorization.session_id);
    add_text(writer, Field::target_id, authorization.target_id);
    writer.add_message(Field::scope, encode_scope(authorization.scope));
    if (authorization.created_time)
        writer.add_message(Field::created_time, encode_timestamp(*authorization.created_time));
    add_text(writer, Field::type, authorization.type);
    if (authorization.connection_limit != 0)
        writer.add_int32(Field::connection_limit, authorization.connection_limit);
    if (authorization.endpoint_port != 0)
        writer.add_uint32(Field::endpoint_port, authorization.endpoint_port);
    if (authorization.expiration)
        writer.add_message(Field::expiration, encode_timestamp(*authorization.expiration));
    add_text(writer, Field::certificate, authorization.certificate);
    add_text(writer, Field::private_key, authorization.private_key.reveal());
    add_text(writer, Field::host_id, authorization.host_id);
    add_text(writer, Field::endpoint, authorization.endpoint);
    for (const auto& worker : authorization.workers)
        writer.add_message(Field::worker_info, encode_worker(worker));
    if (authorization.default_client_port != 0)
        writer.add_uint32(Field::default_client_port, authorization.default_client_port);
    auto token = base58_encode(message);
    ::explicit_bzero(message.data(), message.size());
    return token;
}

Status check_not_expired(const SessionAuthorization& authorization, WallTime now) {
    if (!authorization.expiration || now < *authorization.expiration) return {};
    return fail(Errc::session_over, Hop::expiry,
                fmt::format("session {} expired at {}", authorization.session_id,
                            format_rfc3339(*authorization.expiration)),
                "Authorize the target again for a new token.");
}

} // namespace agent::boundary
