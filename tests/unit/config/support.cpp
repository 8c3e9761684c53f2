#include "unit/config/support.hpp"

#include "support/catch.hpp"

agent::config::AgentConfig accepted(const std::string& text) {
    auto config = agent::config::parse_agent_config(text, "c.toml");
    INFO(text << (config ? std::string() : config.error().message));
    REQUIRE(config.has_value());
    return std::move(*config);
}

std::string refusal(const std::string& text) {
    const auto config = agent::config::parse_agent_config(text, "c.toml");
    INFO(text);
    REQUIRE_FALSE(config.has_value());
    CHECK(config.error().code == agent::Errc::invalid_argument);
    return config.error().message;
}
