#include "ipc/socket/wire_error.hpp"

#include "support/catch.hpp"

using namespace ipc;

TEST_CASE("wire error: every code, hop, message and hint survives the way to the caller") {
    for (const auto& row : agent::errc_table()) {
        auto error =
            agent::fail(row.code, agent::Hop::worker, "dial 10.0.0.7:9202: refused", "try another");
        const Reply reply = error_reply(error, "org.agentd.Agent");
        CHECK(reply.error == "org.agentd.Agent." + std::string(row.name));
        const auto back = error_from_reply(reply);
        CHECK(back.code == row.code);
        CHECK(back.hop == agent::Hop::worker);
        CHECK(back.message == error.message);
        CHECK(back.hint == error.hint);
    }
}

TEST_CASE(
    "wire error: the controller's status and body travel with its error, an empty body as null") {
    auto error = agent::fail(agent::Errc::controller_error, agent::Hop::controller, "not found");
    error.status = 404;
    error.body = R"({"kind":"NotFound","message":"Resource not found."})";
    const Reply reply = error_reply(error, "org.agentd.Agent");
    CHECK(reply.parameters["status_code"] == 404);
    CHECK(error_from_reply(reply).body == error.body);
    CHECK(error_from_reply(reply).status == 404);
    error.body.clear();
    CHECK(error_reply(error, "org.agentd.Agent").parameters["body"].is_null());
}

TEST_CASE("wire error: the protocol's own errors become ours") {
    CHECK(error_from_reply(method_not_found("org.agentd.Agent.Fly")).message ==
          "the agent does not know org.agentd.Agent.Fly");
    CHECK(error_from_reply(invalid_parameter("id", "id is missing")).message == "id is missing");
    CHECK(error_from_reply(invalid_parameter("id", "id is missing")).code ==
          agent::Errc::invalid_argument);
}

TEST_CASE("wire error: what a controller answered travels with every error that has it") {
    for (const auto code : {agent::Errc::controller_error, agent::Errc::login_needed,
                            agent::Errc::authentication_failed}) {
        agent::Error error = agent::fail(code, agent::Hop::login, "Forbidden.", "log in");
        error.status = 403;
        error.body = R"({"kind":"PermissionDenied"})";
        const auto back = ipc::error_from_reply(ipc::error_reply(error, "org.agentd.Agent"));
        CHECK(back.code == code);
        CHECK(back.hop == agent::Hop::login);
        CHECK(back.hint == "log in");
        CHECK(back.status == 403);
        CHECK(back.body == error.body);
    }
    const auto ours = agent::fail(agent::Errc::login_needed, agent::Hop::login, "none");
    const auto back = ipc::error_from_reply(ipc::error_reply(ours, "org.agentd.Agent"));
    CHECK(back.status == 0);
    CHECK(back.body.empty());
}
