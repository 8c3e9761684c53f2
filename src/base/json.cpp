#include "base/json_text.hpp"

#include "base/secret.hpp"

#include <nlohmann/json.hpp>

#include <string.h> // explicit_bzero

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace agent {
namespace {

/// A full table of members would be copied into a larger one, and what was copied left behind: it
/// may be a secret.
void make_room(Json::object_t& members) {
    if (members.size() < members.capacity()) return;
    Json::object_t larger;
    larger.reserve(std::max<std::size_t>(4, members.size() * 2));
    for (auto& [name, value] : members)
        static_cast<Json::object_t::Container&>(larger).emplace_back(name, std::move(value));
    members.swap(larger);
}

// Builds the tree as nlohmann's own DOM parser does, with a depth bound and exact numbers.
class Builder : public nlohmann::json_sax<Json> {
  public:
    Builder(std::size_t max_depth, std::size_t max_nodes)
        : max_depth_(max_depth), nodes_left_(max_nodes) {}

    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t value, const string_t& text) override {
        char written[64]; // as dump() writes it, without setting up a serializer
        const char* const end =
            nlohmann::detail::to_chars(written, written + sizeof written, value);
        if (text == std::string_view(written, static_cast<std::size_t>(end - written)))
            return add(value);
        return add(Json::binary(std::vector<std::uint8_t>(text.begin(), text.end())));
    }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool key(string_t& name) override {
        key_ = std::move(name);
        return true;
    }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception&) override {
        // nlohmann's own text quotes the input, which may hold a secret
        problem = "not JSON at byte " + std::to_string(position);
        return false;
    }

    Json root;
    std::string problem;

  private:
    template <class Value> Json* place(Value&& value) {
        if (open_.empty()) {
            root = std::forward<Value>(value);
            return &root;
        }
        Json& parent = *open_.back();
        if (parent.is_array()) {
            parent.push_back(std::forward<Value>(value));
            return &parent.back();
        }
        make_room(parent.get_ref<Json::object_t&>());
        return &(parent[std::move(key_)] = std::forward<Value>(value));
    }
    template <class Value> bool add(Value&& value) {
        if (!counted()) return false;
        place(std::forward<Value>(value));
        return true;
    }
    bool counted() {
        if (nodes_left_-- > 0) return true;
        problem = "more values than are taken";
        return false;
    }
    bool open(Json value) {
        if (open_.size() == max_depth_) {
            problem = "nested deeper than " + std::to_string(max_depth_) + " levels";
            return false;
        }
        if (!counted()) return false;
        // A parent's storage only grows while it is the innermost open one, so the pointers below
        // it stay valid.
        open_.push_back(place(std::move(value)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::size_t max_depth_;
    std::size_t nodes_left_;
    std::vector<Json*> open_;
    std::string key_;
};

bool is_plain(char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

void write_escaped(std::string& out, char c) {
    constexpr std::string_view named = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (std::size_t i = 0; i < named.size(); i += 2)
        if (named[i] == c) {
            out += '\\';
            out += named[i + 1];
            return;
        }
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u00";
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 0xfU];
}

// nlohmann's dump() would set up a serializer for each text, with copies of it that nobody wipes:
// only what is not ASCII goes there.
void write_text(std::string& out, const std::string& text) {
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x7f; })) {
        out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
        return;
    }
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        const auto plain =
            std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_plain);
        const auto end = static_cast<std::size_t>(plain - text.begin());
        out.append(text, at, end - at);
        at = end;
        if (at < text.size()) write_escaped(out, text[at++]);
    }
    out += '"';
}

/// At least as long as its text will be. A string that grew would leave behind what it held, and
/// that may be a secret.
std::size_t room_for(const std::string& text) {
    constexpr std::size_t longest_escape = 6; // \u0001
    const auto escaped = std::ranges::count_if(text, [](char c) { return !is_plain(c); });
    return 2 + text.size() + static_cast<std::size_t>(escaped) * (longest_escape - 1);
}

std::size_t room_for(const Json& value) {
    constexpr std::size_t number_or_word = 32;
    if (value.is_string()) return room_for(value.get_ref<const std::string&>());
    if (value.is_binary()) return value.get_binary().size();
    if (!value.is_structured()) return number_or_word;
    std::size_t room = 2;
    if (value.is_object())
        for (const auto& [key, member] : value.items())
            room += room_for(key) + 2 + room_for(member);
    else
        for (const auto& element : value) room += 1 + room_for(element);
    return room;
}

void write(std::string& out, const Json& value) {
    if (value.is_object()) {
        char separator = '{';
        for (const auto& [key, member] : value.items()) {
            out += separator;
            write_text(out, key);
            out += ':';
            write(out, member);
            separator = ',';
        }
        out += separator == '{' ? "{}" : "}";
    } else if (value.is_array()) {
        char separator = '[';
        for (const auto& element : value) {
            out += separator;
            write(out, element);
            separator = ',';
        }
        out += separator == '[' ? "[]" : "]";
    } else if (value.is_string()) {
        write_text(out, value.get_ref<const std::string&>());
    } else if (value.is_number_unsigned()) {
        out += std::to_string(value.get<std::uint64_t>());
    } else if (value.is_number_integer()) {
        out += std::to_string(value.get<std::int64_t>());
    } else if (value.is_binary()) {
        const auto& text = value.get_binary();
        out.append(reinterpret_cast<const char*>(text.data()), text.size());
    } else {
        out += value.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
}

} // namespace

namespace {
Result<Json> parse(std::string_view text, std::size_t max_depth, std::size_t max_nodes) {
    Builder builder(max_depth, max_nodes);
    if (!Json::sax_parse(text.begin(), text.end(), &builder))
        return fail(Errc::invalid_argument, Hop::local,
                    builder.problem.empty() ? std::string("not JSON") : builder.problem);
    return std::move(builder.root);
}
} // namespace

Result<Json> parse_json(std::string_view text, std::size_t max_depth) {
    return parse(text, max_depth, std::numeric_limits<std::size_t>::max());
}

Result<Json> parse_json_within(std::string_view text, std::size_t max_nodes) {
    return parse(text, max_json_depth, max_nodes);
}

Json raw_json(std::string_view text) {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    return Json::binary(std::vector<std::uint8_t>(bytes, bytes + text.size()));
}

std::string dump_json(const Json& value) {
    std::string out;
    out.reserve(room_for(value) + 1); // and a terminating NUL
    write(out, value);
    return out;
}

void wipe(Json& value) {
    if (value.is_string())
        wipe(value.get_ref<std::string&>());
    else if (value.is_binary())
        ::explicit_bzero(value.get_binary().data(), value.get_binary().size());
    else if (value.is_structured())
        for (auto& child : value) wipe(child);
}

SecretJson::SecretJson(Json value) : value_(std::make_unique<Json>(std::move(value))) {}
SecretJson::SecretJson(SecretJson&&) noexcept = default;
SecretJson::~SecretJson() {
    if (value_) wipe(*value_);
}

Result<SecretJson> parse_secret_json(std::string_view text) {
    auto parsed = parse_json(text);
    if (!parsed) return parsed.error();
    return SecretJson(std::move(*parsed));
}

const Json* find_member(const Json& value, std::string_view key) {
    if (!value.is_object()) return nullptr;
    const auto found = value.find(std::string(key));
    return found == value.end() || found->is_null() ? nullptr : &*found;
}

std::string string_member(const Json& value, std::string_view key, std::string otherwise) {
    const Json* member = find_member(value, key);
    return member != nullptr && member->is_string() ? member->get<std::string>()
                                                    : std::move(otherwise);
}

} // namespace agent
