#include "agentctl/api/typed_value.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace agentctl;

namespace {

std::string typed(const std::vector<std::pair<ValueType, std::string>>& words) {
    std::vector<TypedValue> values;
    for (const auto& [type, text] : words) values.push_back({type, agent::Secret(text)});
    const auto object = object_of(values);
    return object ? agent::dump_json(*object) : object.error().message;
}

std::string any(const std::vector<std::string>& words) {
    std::vector<std::pair<ValueType, std::string>> values;
    values.reserve(words.size());
    for (const auto& text : words) values.emplace_back(ValueType::any, text);
    return typed(values);
}

} // namespace

TEST_CASE("typed value: -attr guesses null, true, numbers, JSON and texts") {
    CHECK(any({"n=5", "m=-7", "f=1.50", "y=true", "x=false", "region=us", "e="}) ==
          R"({"n":5,"m":-7,"f":1.5,"y":true,"x":false,"region":"us","e":""})");
    CHECK(any({"z", "w=null"}) == R"({"z":null,"w":null})");
    CHECK(any({"l=[1,2]", R"(o={"a":{}})"}) == R"({"l":[1,2],"o":{"a":{}}})");
    CHECK(any({"big=1e5", "p=1.", "q=.5", "v=1.2.3", "d=-", "h=0x10"}) ==
          R"({"big":"1e5","p":"1.","q":".5","v":"1.2.3","d":"-","h":"0x10"})");
    CHECK(any({R"(s="5")"}) == R"({"s":"5"})");
}

TEST_CASE("typed value: keys with dots nest, and what is given again becomes a list") {
    CHECK(any({"a.b=true", "a.c=1"}) == R"({"a":{"b":true,"c":1}})");
    CHECK(any({"d=1", "d=2", "d=3"}) == R"({"d":[1,2,3]})");
    CHECK(any({"l=[1]", "l=2"}) == R"({"l":[[1],2]})");
    CHECK(typed({{ValueType::text, "a=1"},
                 {ValueType::number, "a=2"},
                 {ValueType::truth, "b=true"}}) == R"({"a":["1",2],"b":true})");
}

TEST_CASE("typed value: what cannot be meant is refused by its key, never by its value") {
    for (const auto& [type, words] :
         std::vector<std::pair<ValueType, std::string>>{{ValueType::number, "n=hush"},
                                                        {ValueType::number, "n"},
                                                        {ValueType::truth, "n=hush"},
                                                        {ValueType::truth, "n"},
                                                        {ValueType::any, "n={hush"},
                                                        {ValueType::any, "n=[hush"}}) {
        const std::string said = typed({{type, words}});
        CHECK(said.starts_with("Error evaluating attribute flags to: n: "));
        CHECK(said.find("hush") == std::string::npos);
    }
    for (const char* key : {"", "=1", "1a=1", "a..b=1", ".a=1", "a.=1", "a b=1", "a\x1b=1"})
        CHECK(any({key}).starts_with("Error evaluating attribute flags to: "));
    CHECK(any({"a=1", "a.b=2"}).starts_with("Error evaluating attribute flags to: a.b"));
}
