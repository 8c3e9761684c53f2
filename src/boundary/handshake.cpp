#include "boundary/handshake.hpp"

#include "boundary/timestamp.hpp"
#include "boundary/utf8.hpp"

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace agent::boundary {
namespace {

using protozero::pbf_wire_type;
using protozero::tag_and_type;

struct HandshakeField {
    enum : protozero::pbf_tag_type {
        tofu_token = 10,
        command = 20,
        expiration = 10,
        connection_limit = 20,
        connections_left = 30,
    };
};

Error malformed(std::string_view message, std::string_view why) {
    return fail(Errc::worker_refused, Hop::worker,
                std::string(message) + " does not decode: " + std::string(why));
}

} // namespace

std::string encode_client_handshake(const ClientHandshake& handshake) {
    std::string message;
    protozero::pbf_writer writer(message);
    const auto token = handshake.tofu_token.reveal();
    if (!token.empty()) writer.add_string(HandshakeField::tofu_token, token.data(), token.size());
    if (handshake.command != HandshakeCommand::open)
        writer.add_enum(HandshakeField::command, static_cast<std::int32_t>(handshake.command));
    return message;
}

Result<ClientHandshake> decode_client_handshake(std::string_view message) try {
    ClientHandshake handshake;
    protozero::pbf_reader reader(message.data(), message.size());
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case tag_and_type(HandshakeField::tofu_token, pbf_wire_type::length_delimited): {
            const auto token = reader.get_view();
            if (!is_utf8({token.data(), token.size()}))
                return malformed("ClientHandshake", "token is not UTF-8");
            handshake.tofu_token = Secret(std::string(token.data(), token.size()));
            break;
        }
        case tag_and_type(HandshakeField::command, pbf_wire_type::varint):
            // Commands we do not know open a connection, as an unset one does.
            handshake.command =
                reader.get_enum() == 1 ? HandshakeCommand::session_cancel : HandshakeCommand::open;
            break;
        default:
            reader.skip();
        }
    }
    return handshake;
} catch (const protozero::exception& e) {
    return malformed("ClientHandshake", e.what());
}

std::string encode_handshake_result(const HandshakeResult& result) {
    std::string message;
    protozero::pbf_writer writer(message);
    if (result.expiration)
        writer.add_message(HandshakeField::expiration, encode_timestamp(*result.expiration));
    if (result.connection_limit != 0)
        writer.add_int32(HandshakeField::connection_limit, result.connection_limit);
    if (result.connections_left != 0)
        writer.add_int32(HandshakeField::connections_left, result.connections_left);
    return message;
}

Result<HandshakeResult> decode_handshake_result(std::string_view message) try {
    HandshakeResult result;
    protozero::pbf_reader reader(message.data(), message.size());
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case tag_and_type(HandshakeField::expiration, pbf_wire_type::length_delimited): {
            const auto view = reader.get_view();
            result.expiration = decode_timestamp({view.data(), view.size()});
            if (!result.expiration) return malformed("HandshakeResult", "expiration out of range");
            break;
        }
        case tag_and_type(HandshakeField::connection_limit, pbf_wire_type::varint):
            result.connection_limit = reader.get_int32();
            break;
        case tag_and_type(HandshakeField::connections_left, pbf_wire_type::varint):
            result.connections_left = reader.get_int32();
            break;
        default:
            reader.skip();
        }
    }
    return result;
} catch (const protozero::exception& e) {
    return malformed("HandshakeResult", e.what());
}

} // namespace agent::boundary
